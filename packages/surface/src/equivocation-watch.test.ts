import { enigmaAbi } from '@enigma/contracts'
import type { Block, Intent } from '@enigma/process'
import { createRecordedLog } from '@enigma/process/testing'
import {
  batchDigest,
  bytesToHex,
  concatBytes,
  type Hex,
  hexToBytes,
  keccak256,
  receiptDigest,
  receiptHash,
  type Status,
  signDigest,
  signerAddress,
} from '@enigma/protocol'
import { decodeFunctionData, encodeFunctionData, numberToBytes } from 'viem'
import { beforeEach, describe, expect, test } from 'vitest'
import { ContractRefusedError } from './chain.ts'
import { createEquivocationWatch, type EquivocationWatch } from './equivocation-watch.ts'
import { addressOf, DOMAIN, hashOf, type SampleTask, sampleTask } from './testing/tasks.ts'

const KEY = new Uint8Array(32).fill(7)
const OTHER_KEY = new Uint8Array(32).fill(8)
const ANCHOR = hashOf(2)
const WINDOW = 4

let blocks: Map<bigint, Hex[]>
let seats: { signer: string }[]
let drawn: Set<string>
let submitted: Intent[]
let dropped: string[]
let estimate: () => Promise<bigint>
let watch: EquivocationWatch

beforeEach(() => {
  blocks = new Map()
  seats = [{ signer: addressOf(3) }, { signer: signerAddress(KEY) }, { signer: signerAddress(KEY) }]
  drawn = new Set([signerAddress(KEY), signerAddress(OTHER_KEY)])
  submitted = []
  dropped = []
  estimate = async () => 50_000n
  watch = createEquivocationWatch({
    calldataOf: async (number) => blocks.get(number) ?? [],
    chain: {
      enigma: DOMAIN.enigma,
      estimateGas: () => estimate(),
      seatCount: async () => seats.length,
      seats: async () => seats as never,
    },
    lottery: { rankOf: async (_task, signer) => (drawn.has(signer) ? { rank: 0, seat: 1 } : undefined) },
    sender: {
      address: addressOf(1),
      submit: async (intent: Intent) => void submitted.push(intent),
      drop: (topic: string) => void dropped.push(topic),
    } as never,
    domain: DOMAIN,
    windowBlocks: WINDOW,
    log: createRecordedLog(),
  })
})

const blockAt = (number: bigint) => ({ number, hash: ANCHOR }) as Block
const requested = ({ id, packed }: SampleTask) =>
  watch.observe({ name: 'TaskRequested', taskId: id, task: packed, inputs: '0x' }, blockAt(100n))

function receiptOf({ id, task }: SampleTask, output: Hex, status: Status = 0) {
  const { codeHash, inputsHash } = task
  return { taskId: id, anchor: ANCHOR, codeHash, inputsHash, outputHash: keccak256(hexToBytes(output)), status }
}

function settle(task: SampleTask, output: Hex, key = KEY): Hex {
  const { r, vs } = signDigest(receiptDigest(DOMAIN, receiptOf(task, output)), key)
  const args = [task.packed, 0, 0, output, r, vs] as const
  return encodeFunctionData({ abi: enigmaAbi, functionName: 'settle', args })
}

function settleBatch(tasks: readonly SampleTask[], output: Hex, key = KEY): Hex {
  const { r, vs } = signDigest(
    batchDigest(
      DOMAIN,
      tasks.map((task) => receiptHash(receiptOf(task, output))),
    ),
    key,
  )
  const word = (value: bigint) => numberToBytes(value, { size: 32 })
  const members = tasks.map(({ packed: { ref, target, terms, inputsHash } }) => {
    const bytes = hexToBytes(output)
    const head = concatBytes(word(ref), word(target), word(terms), hexToBytes(inputsHash))
    return concatBytes(head, new Uint8Array([0, 0]), numberToBytes(bytes.length, { size: 2 }), bytes)
  })
  const args = [1n, BigInt(tasks.length), bytesToHex(concatBytes(...members)), r, vs] as const
  return encodeFunctionData({ abi: enigmaAbi, functionName: 'settleBatch', args })
}

function slashed() {
  return submitted.map(({ data }) => {
    const { functionName, args } = decodeFunctionData({ abi: enigmaAbi, data })
    return { functionName, args }
  })
}

describe('S23: two results of one task and one signer', () => {
  const task = sampleTask(1)
  beforeEach(() => requested(task))

  test('are reported with what proves them, once for each of its seats', async () => {
    blocks.set(101n, [settle(task, '0x01')])
    await watch.tick(blockAt(101n))
    expect(submitted).toEqual([])
    blocks.set(103n, [settle(task, '0x02')])
    await watch.tick(blockAt(103n))
    const outputs = [receiptOf(task, '0x01'), receiptOf(task, '0x02')].map(({ outputHash }) => ({ outputHash }))
    for (const [index, seat] of [1n, 2n].entries()) {
      expect(slashed()[index]).toMatchObject({ functionName: 'slash', args: [seat, task.id, ANCHOR, ...outputs] })
    }
    expect(submitted).toHaveLength(2)
    expect(new Set(submitted.map(({ topic }) => topic)).size).toBe(2)
    await watch.tick(blockAt(104n))
    expect(submitted).toHaveLength(2)
  })

  test('are found in one block, and in batches', async () => {
    const other = sampleTask(2)
    requested(other)
    blocks.set(101n, [settleBatch([other, task], '0x01'), settle(task, '0x02')])
    await watch.tick(blockAt(101n))
    const [{ args } = { args: [] }] = slashed()
    const batch = [other, task].map((one) => receiptHash(receiptOf(one, '0x01')))
    expect(args).toMatchObject([1n, task.id, ANCHOR, { index: 1, batch }, { index: 0, batch: [] }])
  })

  test('are not the same result twice, alone and in a batch', async () => {
    blocks.set(101n, [settle(task, '0x01'), settle(task, '0x01'), settleBatch([task], '0x01')])
    await watch.tick(blockAt(101n))
    expect(submitted).toEqual([])
  })

  test('are not the results of two signers', async () => {
    blocks.set(101n, [settle(task, '0x01'), settle(task, '0x02', OTHER_KEY)])
    await watch.tick(blockAt(101n))
    expect(submitted).toEqual([])
  })

  test('are not those of somebody who was not drawn, who costs no memory either', async () => {
    drawn.clear()
    blocks.set(101n, [settle(task, '0x01'), settle(task, '0x02')])
    await watch.tick(blockAt(101n))
    expect(submitted).toEqual([])
  })

  test('are not found where a task, or a member of a batch, was never requested', async () => {
    const stranger = sampleTask(3)
    blocks.set(101n, [settle(stranger, '0x01'), settle(stranger, '0x02'), settle(task, '0x01')])
    blocks.set(102n, [
      settleBatch([stranger, task], '0x02'),
      '0x',
      '0x12345678',
      settle(task, '0x01').slice(0, 200) as Hex,
    ])
    await watch.tick(blockAt(102n))
    expect(submitted).toEqual([])
  })

  test('are not reported where the contract refuses it, and are again where the node was away', async () => {
    blocks.set(101n, [settle(task, '0x01'), settle(task, '0x02')])
    estimate = async () => {
      throw new Error('away')
    }
    await expect(watch.tick(blockAt(101n))).rejects.toThrow('away')
    estimate = async () => {
      throw new ContractRefusedError('NoBond')
    }
    await watch.tick(blockAt(102n))
    estimate = async () => 1n
    await watch.tick(blockAt(103n))
    expect(submitted).toEqual([])
  })

  test('are not paid for by the one who comes second', () => {
    watch.observe({ name: 'SeatSlashed', seat: 1, taskId: task.id }, blockAt(105n))
    expect(dropped).toEqual([`slash:1:${task.id}`])
  })

  test('S20: are found where a reorganisation brings the second one in blocks that were looked at', async () => {
    blocks.set(101n, [settle(task, '0x01')])
    await watch.tick(blockAt(103n))
    blocks.set(102n, [settle(task, '0x02')])
    await watch.tick(blockAt(103n))
    expect(submitted).toEqual([])
    watch.rollback(101n)
    await watch.tick(blockAt(103n))
    expect(submitted).toHaveLength(2)
  })
})

test('blocks are read only as long as a task is about', async () => {
  const read: bigint[] = []
  blocks.get = (number) => {
    read.push(number)
    return []
  }
  await watch.tick(blockAt(90n))
  expect(read).toEqual([])
  requested(sampleTask(1))
  await watch.tick(blockAt(101n))
  expect(read.at(-1)).toBe(101n)
  await watch.tick(blockAt(200n))
  expect(read.at(-1)).toBeLessThan(200n)
})

test('S18: what is remembered of tasks is bounded', async () => {
  const first = sampleTask(0)
  requested(first)
  for (let slot = 1; slot <= 4_096; slot++) {
    const { packed } = first
    const task = { ...packed, ref: packed.ref + (BigInt(slot) << 160n) }
    watch.observe({ name: 'TaskRequested', taskId: hashOf(1), task, inputs: '0x' }, blockAt(100n))
  }
  blocks.set(101n, [settle(first, '0x01'), settle(first, '0x02')])
  await watch.tick(blockAt(101n))
  expect(submitted).toEqual([])
})
