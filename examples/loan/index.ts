/** Applies for a loan without showing the lender a single figure, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { createEnigma, PrivateFunctionFailedError, parseNetwork } from '@enigma/client'
import { createClient, http, parseEther, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { loanAbi, vaultAbi } from './abi.ts'

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const { privateKey } = network.accounts.find(({ name }: { name: string }) => name === 'alice')
const account = privateKeyToAccount(privateKey)
const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: 100 })
  .extend(publicActions)
  .extend(walletActions)
const enigma = createEnigma({ client, network: parseNetwork(network), allowSimulated: true })
const loan = { address: network.dApps.loan, abi: loanAbi } as const

// What the applicant agrees to be scored by. Should the lender change it meanwhile, the application fails.
const terms = await client.readContract({ ...loan, functionName: 'termsVersion' })

const history = Array.from({ length: 12 }, (_, month) => ({ amount: 350n, daysLate: month === 2 ? 12 : 0 }))
await apply('on time, small debts', 4_200n, 3_000n)

// Ether in somebody else's vault, at the price of somebody else's feed: the private function reads both where they stand.
const locking = await client.writeContract({
  address: network.dApps.vault,
  abi: vaultAbi,
  functionName: 'lock',
  value: parseEther('4'),
  chain: null,
})
await client.waitForTransactionReceipt({ hash: locking })
await apply('the same with 4 ether locked', 4_200n, 3_000n)
await apply('debts of more than a year’s income', 4_200n, 60_000n)

async function apply(who: string, monthlyIncome: bigint, debts: bigint): Promise<void> {
  try {
    const [, amount, rateBps] = await enigma.call({
      ...loan,
      functionName: 'score',
      args: [monthlyIncome, debts, history, terms],
    })
    console.log(`${who}: offered ${amount} at ${Number(rateBps) / 100} %`)
  } catch (error) {
    if (!(error instanceof PrivateFunctionFailedError)) throw error
    const { reason } = error
    console.log(`${who}: refused, ${reason && 'errorName' in reason ? reason.errorName : 'without a reason'}`)
  }
}

const [amount, rateBps] = await client.readContract({ ...loan, functionName: 'offers', args: [account.address] })
console.log(`The contract knows: ${account.address} was offered ${amount} at ${rateBps / 100} %. Nothing else.`)
