import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { type Hex, numberToHex, parseEventLogs } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenAbi, tokenBytecode, votingAbi, votingBytecode } from './abi.ts'

const SUPPLY = 1_000_000n * 10n ** 18n
const HOUR_SECONDS = 3_600

let network: TestNetwork
let voting: { address: Hex; abi: typeof votingAbi }
let token: { address: Hex; abi: typeof tokenAbi }
beforeAll(async () => {
  const dApps = {
    token: { abi: tokenAbi, bytecode: tokenBytecode, args: [SUPPLY], isPlain: true },
    voting: { abi: votingAbi, bytecode: votingBytecode, args: [{ at: 'token' }] },
  }
  network = await startNetwork({ workers: 3, mining: 'every-second', dApps })
  voting = { address: network.network.dApps.voting ?? '0x', abi: votingAbi }
  token = { address: network.network.dApps.token ?? '0x', abi: tokenAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: the winner, and nothing else', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(stdout.split('\n')).toHaveLength(5)
  expect(readme).toContain(stdout)
})

test('a poll that shows totals counts what was locked, and a ballot for none of the choices counts nothing', async () => {
  const { poll, endsAt } = await open(15)
  await vote('erin', poll, 70n, 1)
  await vote('frank', poll, 30n, 0)
  await vote('grace', poll, 50n, 2)
  const client = network.client('alice')
  await expect.poll(async () => (await client.getBlock()).timestamp > endsAt, { timeout: 30_000 }).toBe(true)

  const [, winner, counted, votes] = await tally('alice', poll)
  expect([winner, counted, votes]).toEqual([1, 2n, [30n, 70n]])
  expect(await client.readContract({ ...voting, functionName: 'pollOf', args: [poll] })).toMatchObject({
    isCounted: true,
    winner: 1,
  })
})

test('S26: while the poll runs, no task tells anything of the ballots', async () => {
  const { poll } = await open(HOUR_SECONDS)
  await vote('erin', poll, 70n, 1)
  await expect(tally('erin', poll)).rejects.toMatchObject({ reason: { errorName: 'PollRunning' } })
})

function tally(name: string, poll: bigint) {
  return network.enigma(name).call({ ...voting, functionName: 'tally', args: [poll] })
}

async function open(seconds: number) {
  const client = network.client('alice')
  const args = ['A question', 2, seconds, 1n, true] as const
  const hash = await client.writeContract({ ...voting, functionName: 'open', args, chain: null })
  const { logs } = await client.waitForTransactionReceipt({ hash })
  const [opened] = parseEventLogs({ abi: votingAbi, eventName: 'Opened', logs })
  if (!opened) throw new Error('The poll was not opened.')
  return opened.args
}

async function vote(name: string, poll: bigint, weight: bigint, choice: number): Promise<void> {
  const client = network.client(name)
  const handing = [network.account(name).address, weight] as const
  await mined(
    network.client('deployer').writeContract({ ...token, functionName: 'transfer', args: handing, chain: null }),
  )
  const approving = [voting.address, weight] as const
  await mined(client.writeContract({ ...token, functionName: 'approve', args: approving, chain: null }))
  const sealed = await network.enigma(name).seal({
    contract: voting.address,
    label: numberToHex(poll, { size: 32 }),
    value: choice,
    abiType: 'uint8',
    requestKey: true,
  })
  await mined(client.writeContract({ ...voting, functionName: 'vote', args: [poll, weight, sealed], chain: null }))
}

async function mined(sent: Promise<Hex>): Promise<void> {
  await network.client('deployer').waitForTransactionReceipt({ hash: await sent })
}
