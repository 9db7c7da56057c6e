import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { formatTrace, simulate } from '@enigma/client/simulate'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loanAbi, loanBytecode, priceFeedAbi, priceFeedBytecode, vaultAbi, vaultBytecode } from './abi.ts'

const TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
  collateralBps: 5_000,
  maxPriceAgeSeconds: 86_400,
}
const PRICE = [8, 2_500_00000000n]

const ANY_ADDRESS = /0x[0-9a-fA-F]{40}/g

let network: TestNetwork
let loan: { address: `0x${string}`; abi: typeof loanAbi }
beforeAll(async () => {
  const dApps = {
    loan: { abi: loanAbi, bytecode: loanBytecode, args: [TERMS, { at: 'priceFeed' }, { at: 'vault' }] },
    priceFeed: { abi: priceFeedAbi, bytecode: priceFeedBytecode, args: PRICE, isPlain: true },
    vault: { abi: vaultAbi, bytecode: vaultBytecode, isPlain: true },
  }
  network = await startNetwork({ workers: 3, dApps })
  loan = { address: network.network.dApps.loan ?? '0x', abi: loanAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: two offers, one refusal, and the contract knows the offer alone', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(stdout.split('\n')).toHaveLength(4)
  expect(readme.replace(ANY_ADDRESS, '0x…')).toContain(stdout.replace(ANY_ADDRESS, '0x…'))
})

test('collateral counts at the price that the feed reported last, in a block of its own', async () => {
  const client = network.client('dave')
  const { priceFeed = '0x', vault = '0x' } = network.network.dApps
  const lock = { address: vault, abi: vaultAbi, functionName: 'lock', value: parseEther('2'), chain: null } as const
  await client.waitForTransactionReceipt({ hash: await client.writeContract(lock) })
  const offered = async () => {
    const terms = await client.readContract({ ...loan, functionName: 'termsVersion' })
    const args = [1_000n, 0n, [{ amount: 10n, daysLate: 0 }], terms] as const
    const [, amount] = await network.enigma('dave').call({ ...loan, functionName: 'score', args })
    return amount
  }
  expect(await offered()).toBe(24_000n + 2_500n)
  const reporter = network.client('deployer')
  const hash = await reporter.writeContract({
    address: priceFeed,
    abi: priceFeedAbi,
    functionName: 'report',
    args: [3_000_00000000n],
    chain: null,
  })
  await reporter.waitForTransactionReceipt({ hash })
  expect(await offered()).toBe(24_000n + 3_000n)
})

test('a simulation says beforehand what the network then computes, and what its operator will see', async () => {
  const client = network.client('erin')
  const terms = await client.readContract({ ...loan, functionName: 'termsVersion' })
  const application = {
    ...loan,
    functionName: 'score',
    args: [4_200n, 3_000n, [{ amount: 350n, daysLate: 2 }], terms],
  } as const

  const simulation = await simulate({ client, ...application })
  const { outcome, gasUsed, reads } = simulation
  // Class 0 is enough, and cheaper than the 6 that a call has by itself.
  expect(gasUsed).toBeLessThan(1n << 16n)
  // What an operator sees tells of the applicant, and of none of his figures.
  const { vault } = network.network.dApps
  expect(new Set(reads.map(({ address }) => address))).toEqual(new Set([loan.address, vault]))
  expect(formatTrace(simulation)).toContain('.score(4200, 3000, [{ amount: 350, daysLate: 2 }], ')

  // The last of its outputs is the block's time, and the network computes in a later block.
  const computed = await network.enigma('erin').call(application)
  expect(outcome).toMatchObject({ kind: 'returned', result: [...computed.slice(0, -1), expect.anything()] })
})

test('nothing that was sealed stands on chain: not the income, not the debts, not the history', async () => {
  const client = network.client('bob')
  const terms = await client.readContract({ ...loan, functionName: 'termsVersion' })
  const income = 0x5ec2e701n
  const debts = 0x5ec2e702n
  const amount = 0x5ec2e703n
  await network.enigma('bob').call({
    ...loan,
    functionName: 'score',
    args: [income, debts, [{ amount, daysLate: 0 }], terms],
  })
  const last = await client.getBlockNumber()
  for (let number = last; number > last - 10n; number--) {
    const { transactions } = await client.getBlock({ blockNumber: number, includeTransactions: true })
    const logs = await client.getLogs({ fromBlock: number, toBlock: number })
    const all = [...transactions.map(({ input }) => input), ...logs.map(({ data }) => data)].join()
    for (const figure of [income, debts, amount]) expect(all).not.toContain(figure.toString(16))
  }
})

test('S27: an application is not scored by terms that the applicant had not seen', async () => {
  const client = network.client('carol')
  const seen = await client.readContract({ ...loan, functionName: 'termsVersion' })
  const lender = network.client('deployer')
  const hash = await lender.writeContract({
    ...loan,
    functionName: 'setTerms',
    args: [{ ...TERMS, worstRateBps: 1_980 }],
    chain: null,
  })
  await lender.waitForTransactionReceipt({ hash })
  const call = network.enigma('carol').call({
    ...loan,
    functionName: 'score',
    args: [5_000n, 0n, [{ amount: 10n, daysLate: 0 }], seen],
  })
  await expect(call).rejects.toMatchObject({ reason: { errorName: 'StateChanged' } })
  const [amount] = await client.readContract({
    ...loan,
    functionName: 'offers',
    args: [network.account('carol').address],
  })
  expect(amount).toBe(0n)
})
