/** One applicant's way through the loan: an encrypted application in, a public offer out, nothing else. */
import { createEnigma, type ProgressEvent, parseNetwork, type VerifiedWorker } from '@enigma/client'
import type { Hex } from '@enigma/protocol'
import { createClient, http, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { loanAbi } from '../examples.ts'
import type { Account } from '../localnet/accounts.ts'
import type { NetworkFile } from '../network-file.ts'
import type { Application } from './applicants.ts'

type Offer = { amount: bigint; rateBps: bigint }

/** What became of one application, with everything that was heard on the way. */
export type Applied = {
  name: string
  applicant: Hex
  offer: Offer
  workers: readonly VerifiedWorker[]
  events: readonly ProgressEvent[]
}

const POLL_MS = 100

/** Applies for a loan as `account`. Its figures leave this process only sealed to enclaves that it has verified. */
export async function applyForLoan(
  {
    network,
    loan,
    account,
    application,
  }: { network: NetworkFile; loan: Hex; account: Account; application: Application },
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<Applied> {
  const client = createClient({
    account: privateKeyToAccount(account.privateKey),
    transport: http(network.rpcUrl),
    pollingInterval: POLL_MS,
  })
  const enigma = createEnigma({
    client,
    network: parseNetwork(network),
    allowSimulated: true,
    pollIntervalMs: POLL_MS,
  })
  const expectedTerms = await client
    .extend(publicActions)
    .readContract({ address: loan, abi: loanAbi, functionName: 'termsVersion' })
  const events: ProgressEvent[] = []
  const workers: VerifiedWorker[] = []
  const { monthlyIncome, debts, history } = application
  const [, amount, rateBps] = await enigma.call({
    address: loan,
    abi: loanAbi,
    functionName: 'score',
    args: [monthlyIncome, debts, history, expectedTerms],
    signal,
    onProgress: (event) => {
      events.push(event)
      if (event.type === 'verified') workers.push(event.worker)
      onProgress(event)
    },
  })
  return { name: account.name, applicant: account.address, offer: { amount, rateBps }, workers, events }
}
