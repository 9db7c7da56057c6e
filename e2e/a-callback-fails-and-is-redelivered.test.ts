import path from 'node:path'
import { writeNetworkFile } from '@enigma/cli/localnet'
import { type ProgressEvent, ResultNotDeliveredError } from '@enigma/client'
import type { Hex } from '@enigma/protocol'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockedAbi, lockedBytecode } from '../packages/client/src/testing/locked-dapp.ts'
import { enigma } from './support/command-line.ts'

const WEI_PER_GWEI = 1_000_000_000n
const PREPAID_GWEI = 50_000_000n

let network: TestNetwork
let dApp: Hex
beforeAll(async () => {
  network = await startNetwork({ workers: 2 })
  await writeNetworkFile(path.join(network.data, '.enigma'), network.network)
  dApp = await network.deploy({ abi: lockedAbi, bytecode: lockedBytecode })
})
afterAll(() => network?.stop())

const run = (...args: string[]) => enigma(network.data, ...args).finished

test('S22: a callback fails, a stranger delivers the result later, the next is given up, and no wei goes astray', async () => {
  const alice = network.enigma('alice')
  const owner = network.account('alice').address
  const { enigma: contract } = network.network
  const [aliceWei, contractWei, creditGwei] = await Promise.all([balanceOf(owner), balanceOf(contract), credits()])
  const spent = [(await alice.fund({ slot: 0, amountGwei: PREPAID_GWEI })).txHash]

  const first = await undelivered('alice', [2n, 40n], spent)
  expect(first).toMatchObject({ value: 42n, reason: { errorName: 'Locked' } })
  expect(await sum()).toBe(0n)
  expect(await run('task', 'show', first.taskId)).toMatchObject({
    code: 0,
    answer: { ending: { state: 'settled', status: 0, delivered: false } },
  })

  // Nobody can while the dApp is locked, and nobody but her may give it up so soon.
  expect(await run('task', 'redeliver', first.taskId, '--account', 'bob')).toMatchObject({
    code: 1,
    answer: { error: { code: 'RESULT_NOT_DELIVERED' } },
  })
  expect(await run('task', 'abandon', first.taskId, '--account', 'bob')).toMatchObject({
    code: 1,
    answer: { error: { code: 'REFUSED', message: expect.stringContaining('AbandonTooEarly') } },
  })
  expect(await slot()).toMatchObject({ pending: false, undelivered: true })

  await write('unlock')
  expect(await run('task', 'redeliver', first.taskId, '--account', 'bob')).toMatchObject({
    code: 0,
    answer: { taskId: first.taskId, dApp },
  })
  expect(await sum()).toBe(42n)
  expect(await run('task', 'redeliver', first.taskId, '--account', 'bob')).toMatchObject({
    code: 1,
    answer: { error: { code: 'NOT_UNDELIVERED' } },
  })
  expect(await run('task', 'show', first.taskId)).toMatchObject({
    answer: { ending: { delivered: false, afterwards: { state: 'redelivered' } } },
  })
  const firstFeeGwei = PREPAID_GWEI - (await slot()).balanceGwei
  expect(await slot()).toMatchObject({ undelivered: false, seq: 1n })
  expect(firstFeeGwei).toBe((await credits()) - creditGwei)

  await write('lock')
  const second = await undelivered('alice', [1n, 1n], spent)
  const given = await run('task', 'abandon', second.taskId, '--account', 'alice')
  expect(given).toMatchObject({ code: 0, answer: { taskId: second.taskId, requester: owner, slot: 0 } })
  spent.push(given.answer.txHash)
  await write('unlock')
  await expect(alice.redeliver(second)).rejects.toMatchObject({ code: 'NOT_UNDELIVERED' })
  expect(await sum()).toBe(42n)
  expect(await run('task', 'show', second.taskId)).toMatchObject({
    answer: { ending: { delivered: false, afterwards: { state: 'abandoned' } } },
  })

  const { balanceGwei, seq } = await slot()
  expect(seq).toBe(2n)
  expect(String(balanceGwei)).toBe(given.answer.restGwei)
  spent.push((await alice.withdraw({ slot: 0 })).txHash)
  const feesGwei = (await credits()) - creditGwei
  expect(feesGwei).toBe(PREPAID_GWEI - balanceGwei)
  expect(feesGwei).toBeGreaterThan(firstFeeGwei)
  const gasWei = (await Promise.all(spent.map(gasOf))).reduce((total, wei) => total + wei, 0n)
  expect(aliceWei - (await balanceOf(owner)) - gasWei).toBe(feesGwei * WEI_PER_GWEI)
  expect((await balanceOf(contract)) - contractWei).toBe(feesGwei * WEI_PER_GWEI)
})

test('a call that asks for it delivers by itself what had too little gas', async () => {
  const events: string[] = []
  const onProgress = ({ type }: ProgressEvent) => void events.push(type)
  const call = { address: dApp, abi: lockedAbi, functionName: 'add', args: [3n, 4n], callbackGas: 1 } as const
  expect(await network.enigma('carol').call({ ...call, redeliver: true, onProgress })).toBe(7n)
  expect(events).toContain('redelivering')
  expect(await sum()).toBe(7n)
})

/** A call whose callback fails; its request is added to `spent`. */
async function undelivered(name: string, args: readonly [bigint, bigint], spent: Hex[]) {
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'requested') spent.push(event.txHash)
  }
  const call = network.enigma(name).call({ address: dApp, abi: lockedAbi, functionName: 'add', args, onProgress })
  const error = await call.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ResultNotDeliveredError)
  return error as ResultNotDeliveredError
}

/** By the dApp's owner. */
async function write(functionName: 'lock' | 'unlock') {
  const client = network.client('deployer')
  const hash = await client.writeContract({ address: dApp, abi: lockedAbi, functionName, chain: null })
  await client.waitForTransactionReceipt({ hash })
}

function sum(): Promise<bigint> {
  return network.client('deployer').readContract({ address: dApp, abi: lockedAbi, functionName: 'sum' })
}

function slot() {
  return network.contract.read.slot([network.account('alice').address, 0])
}

function balanceOf(address: Hex): Promise<bigint> {
  return network.client('deployer').getBalance({ address })
}

/** Of all seats together, in gwei. */
async function credits(): Promise<bigint> {
  const ids = Array.from({ length: network.workers.length }, (_, id) => BigInt(id))
  const seats = await Promise.all(ids.map((id) => network.contract.read.seat([id])))
  return seats.reduce((total, { creditGwei }) => total + creditGwei, 0n)
}

async function gasOf(hash: Hex): Promise<bigint> {
  const { gasUsed, effectiveGasPrice } = await network.client('deployer').getTransactionReceipt({ hash })
  return gasUsed * effectiveGasPrice
}
