/** One member of the club: an account with a client of its own, and a fortune that nobody else is shown. */
import { createEnigma, type Enigma, parseNetwork } from '@enigma/client'
import { EnigmaError, type Hex } from '@enigma/protocol'
import { createClient, http, type Log, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { accountOf } from '../localnet/accounts.ts'
import type { NetworkFile } from '../network-file.ts'

const POLL_MS = 100

/** What a plain transaction did. */
export type Mined = { block: bigint; gas: bigint; logs: Log[] }
export type Person = ReturnType<typeof personOf>

export function personOf(network: NetworkFile, name: string, fortune: bigint) {
  const account = privateKeyToAccount(accountOf(network.accounts, name).privateKey)
  const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: POLL_MS, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const enigma: Enigma = createEnigma({
    client,
    network: parseNetwork(network),
    allowSimulated: true,
    pollIntervalMs: POLL_MS,
  })
  const address = account.address.toLowerCase() as Hex
  const mined = async (hash: Hex): Promise<Mined> => {
    const { blockNumber, gasUsed, logs, status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new RevertedError(name, hash)
    return { block: blockNumber, gas: gasUsed, logs }
  }
  return { name, fortune, address, client, enigma, mined }
}

/** Thrown when a person's plain transaction was mined and undone. */
export class RevertedError extends EnigmaError {
  override readonly name = 'Demo.RevertedError'
  readonly code = 'REVERTED'
  constructor(person: string, transaction: Hex) {
    super(`${person}'s transaction ${transaction} reverted.`)
  }
}
