import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { parseEventLogs } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenAbi, tokenBytecode, votingAbi, votingBytecode } from './abi.ts'
import { type Ballot, inOrder, signBallot } from './ballots.ts'

const SUPPLY = 1_000_000n * 10n ** 18n

let network: TestNetwork
let voting: { address: `0x${string}`; abi: typeof votingAbi }
let token: { address: `0x${string}`; abi: typeof tokenAbi }
beforeAll(async () => {
  const dApps = {
    token: { abi: tokenAbi, bytecode: tokenBytecode, args: [SUPPLY], isPlain: true },
    voting: { abi: votingAbi, bytecode: votingBytecode, args: [{ at: 'token' }] },
  }
  network = await startNetwork({ workers: 3, dApps })
  voting = { address: network.network.dApps.voting ?? '0x', abi: votingAbi }
  token = { address: network.network.dApps.token ?? '0x', abi: tokenAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: the totals, and that the list was the one that was counted', async () => {
  const cwd = await mkdtemp(path.join(tmpdir(), 'voting-'))
  try {
    await mkdir(path.join(cwd, '.enigma'))
    await writeFile(path.join(cwd, '.enigma/network.json'), JSON.stringify(network.network))
    const script = path.join(import.meta.dirname, 'index.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd })
    const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
    expect(stdout.trim().split('\n')).toHaveLength(3)
    expect(readme).toContain(stdout.trim())
  } finally {
    await rm(cwd, { recursive: true })
  }
})

test('a vote weighs what its voter holds in the block of the request, by the token’s own storage', async () => {
  await give('erin', 70n)
  const poll = await open('grace')
  const ballots = inOrder([await ballot('erin', poll, 1), await ballot('frank', poll, 0)])
  await give('frank', 5n)

  const [, votes] = await tally('grace', poll, ballots)
  expect(votes).toEqual([5n, 70n])
  expect(await network.client('bob').readContract({ ...voting, functionName: 'votesOf', args: [poll] })).toEqual(votes)
})

test.each<[string, (poll: bigint) => Promise<Ballot[]>]>([
  ['VotersNotAscending', async (poll) => [await ballot('erin', poll, 1), await ballot('erin', poll, 1)]],
  ['NotSignedByVoter', async (poll) => [{ ...(await ballot('erin', poll, 1)), choice: 0 }]],
  ['NotSignedByVoter', async (poll) => [await ballot('erin', poll + 1n, 1)]],
  ['NoSuchChoice', async (poll) => [await ballot('erin', poll, 2)]],
])('a tally of ballots that are not the voters’ fails with %s, which tells no choice', async (errorName, forge) => {
  const poll = await open('grace')
  await expect(tally('grace', poll, await forge(poll))).rejects.toMatchObject({ reason: { errorName } })
})

test('only the teller has a poll counted', async () => {
  const poll = await open('grace')
  await expect(tally('erin', poll, [])).rejects.toMatchObject({ reason: { errorName: 'OnlyTeller' } })
})

function tally(name: string, poll: bigint, ballots: Ballot[]) {
  return network.enigma(name).call({ ...voting, functionName: 'tally', args: [poll, ballots], callbackGas: 300_000 })
}

async function open(name: string): Promise<bigint> {
  const teller = network.client(name)
  const args = ['A question', 2] as const
  const hash = await teller.writeContract({ ...voting, functionName: 'open', args, chain: null })
  const { logs } = await teller.waitForTransactionReceipt({ hash })
  const [opened] = parseEventLogs({ abi: votingAbi, eventName: 'Opened', logs })
  if (!opened) throw new Error('The poll was not opened.')
  return opened.args.poll
}

async function give(name: string, amount: bigint): Promise<void> {
  const issuer = network.client('deployer')
  const args = [network.account(name).address, amount] as const
  const hash = await issuer.writeContract({ ...token, functionName: 'transfer', args, chain: null })
  await issuer.waitForTransactionReceipt({ hash })
}

function ballot(name: string, poll: bigint, choice: number): Promise<Ballot> {
  const voter = privateKeyToAccount(network.account(name).privateKey)
  return signBallot(voter, { voting: voting.address, chainId: network.network.chainId, poll, choice })
}
