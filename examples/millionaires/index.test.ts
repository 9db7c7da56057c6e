import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { type Hex, parseEventLogs } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { millionairesAbi, millionairesBytecode } from './abi.ts'

const MEMBERS = ['dave', 'erin', 'frank'] as const

let network: TestNetwork
let millionaires: { address: Hex; abi: typeof millionairesAbi }
beforeAll(async () => {
  const dApps = { millionaires: { abi: millionairesAbi, bytecode: millionairesBytecode } }
  network = await startNetwork({ workers: 3, dApps })
  millionaires = { address: network.network.dApps.millionaires ?? '0x', abi: millionairesAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: who is the richest, and an answer that only she can read', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(stdout.split('\n')).toHaveLength(7)
  expect(readme).toContain(stdout)
})

test('S26: nobody but a member has the fortunes compared, and nobody before all are in', async () => {
  const club = await open()
  await enter('dave', club, 0x5ec2e701n)
  await expect(compare('grace', club)).rejects.toMatchObject({ reason: { errorName: 'NotAMember' } })
  await expect(compare('dave', club)).rejects.toMatchObject({ reason: { errorName: 'RoundNotFull' } })
})

test('S26: a fortune that was sealed for one club opens in no other, also where its owner stores it himself', async () => {
  const [here, elsewhere] = [await open(), await open()]
  const sealed = await seal('frank', elsewhere, 1_000_000n)
  await store('frank', here, sealed)
  await enter('dave', here, 5n)
  await enter('erin', here, 7n)
  const outcome = await compare('dave', here)
  expect(outcome.richest.toLowerCase()).toBe(network.account('erin').address)
  expect(outcome.counted).toBe(2n)
})

test('nothing that was sealed stands on chain', async () => {
  const club = await open()
  const fortunes = [0x5ec2e701n, 0x5ec2e702n, 0x5ec2e703n] as const
  for (const [i, name] of MEMBERS.entries()) await enter(name, club, fortunes[i] ?? 0n)
  await compare('dave', club)
  const client = network.client('dave')
  const last = await client.getBlockNumber()
  for (let number = last; number > last - 12n; number--) {
    const { transactions } = await client.getBlock({ blockNumber: number, includeTransactions: true })
    const logs = await client.getLogs({ fromBlock: number, toBlock: number })
    const all = [...transactions.map(({ input }) => input), ...logs.map(({ data }) => data)].join()
    for (const fortune of fortunes) expect(all).not.toContain(fortune.toString(16))
  }
})

async function open(): Promise<bigint> {
  const client = network.client('dave')
  const args = [MEMBERS.map((name) => network.account(name).address)] as const
  const hash = await client.writeContract({ ...millionaires, functionName: 'open', args, chain: null })
  const { logs } = await client.waitForTransactionReceipt({ hash })
  const [opened] = parseEventLogs({ abi: millionairesAbi, eventName: 'Opened', logs })
  if (!opened) throw new Error('The club was not opened.')
  return opened.args.club
}

async function enter(name: string, club: bigint, fortune: bigint): Promise<void> {
  await store(name, club, await seal(name, club, fortune))
}

async function seal(name: string, club: bigint, value: bigint): Promise<Hex> {
  const args = [club, 1n] as const
  const label = await network.client(name).readContract({ ...millionaires, functionName: 'roundLabel', args })
  const contract = millionaires.address
  return network.enigma(name).seal({ contract, label, value, abiType: 'uint256', requestKey: true })
}

async function store(name: string, club: bigint, sealed: Hex): Promise<void> {
  const client = network.client(name)
  const { publicKey } = await network.enigma(name).replyKeyPair()
  const args = [club, 1n, sealed, publicKey] as const
  const hash = await client.writeContract({ ...millionaires, functionName: 'enter', args, chain: null })
  await client.waitForTransactionReceipt({ hash })
}

async function compare(name: string, club: bigint) {
  const client = network.client(name)
  const { entriesHash } = await client.readContract({ ...millionaires, functionName: 'clubOf', args: [club] })
  return network.enigma(name).call({ ...millionaires, functionName: 'compare', args: [club, entriesHash] })
}
