import type { CallParams, Step } from '@enigma/core/calls'
import type { Block } from '@enigma/process'
import { bytesToHex, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { createComputer } from './compute.ts'
import type { StateSource } from './node.ts'
import { addressOf, hashOf, sampleRow, sampleTask } from './testing/tasks.ts'

const ANCHOR = hashOf(2)
const BLOCK = {
  number: 100n,
  hash: ANCHOR,
  timestamp: 1n,
  baseFeeWei: 2n,
  gasLimit: 3n,
  coinbase: addressOf(1),
  prevRandao: hashOf(4),
  excessBlobGas: undefined,
} as Block
const CODE: Hex = '0x6000'
const row = sampleRow(1, { ...sampleTask(1, { codeHash: keccak256(hexToBytes(CODE)) }), anchor: ANCHOR })
const { id, task } = row
const slotAt = (byte: number) => ({ address: task.dApp, slot: hashOf(byte) })
const receipt = (taskId: Hex = id): Step => ({
  kind: 'receipt',
  taskId,
  status: 0,
  output: new Uint8Array(),
  digest: hashOf(5),
  r: hashOf(6),
  vs: hashOf(7),
})
const miss = (byte: number): Step => ({
  kind: 'miss',
  execution: 3,
  accounts: [addressOf(byte)],
  slots: [slotAt(byte)],
  blockHashes: [],
})

let trips: string[]
let node: StateSource
let codeOfDapp: Hex
let codeOfOthers: Hex
beforeEach(() => {
  trips = []
  codeOfDapp = CODE
  codeOfOthers = '0x00'
  node = {
    code: async (_, blockHash) => {
      trips.push(`code@${blockHash === ANCHOR}`)
      return codeOfDapp
    },
    state: async ({ accounts, slots, blockHashes }, blockHash) => {
      trips.push(`${accounts.length} accounts, ${slots.length} slots@${blockHash === ANCHOR}`)
      return {
        accounts: accounts.map((address) => ({ address, nonce: 0n, balance: 1n, code: codeOfOthers })),
        slots: slots.map((slot) => ({ ...slot, value: hashOf(1) })),
        blockHashes: blockHashes.map((number) => ({ number, hash: hashOf(1) })),
      }
    },
  }
})

test('Core is asked with the block’s own header and code, and told what it misses of exactly that block', async () => {
  const asked: CallParams<'execute'>[] = []
  const answers: CallParams<'state'>[] = []
  const core = {
    execute: async (params: CallParams<'execute'>) => {
      asked.push(params)
      return miss(1)
    },
    state: async (params: CallParams<'state'>) => {
      answers.push(params)
      return answers.length < 2 ? miss(2) : receipt()
    },
  }
  expect(await createComputer(node).compute(core, row, BLOCK)).toMatchObject({ taskId: id })
  expect(asked[0]).toMatchObject({ task, header: { number: 100n, hash: ANCHOR, baseFeePerGas: 2n } })
  expect(bytesToHex(asked[0]?.code as Uint8Array)).toBe(CODE)
  expect(answers.map((answer) => answer.slots)).toEqual([
    [{ ...slotAt(1), value: hashOf(1) }],
    [{ ...slotAt(2), value: hashOf(1) }],
  ])
  expect(trips).toEqual(['code@true', '1 accounts, 1 slots@true', '1 accounts, 1 slots@true'])
})

test('what a function read last time is brought along, and its code is not fetched twice', async () => {
  const computer = createComputer(node)
  let brought: unknown
  const first = { execute: async () => miss(1), state: async () => receipt() }
  await computer.compute(first, row, BLOCK)
  trips = []
  const second = {
    execute: async (params: CallParams<'execute'>) => {
      brought = params.facts
      return receipt()
    },
    state: async () => receipt(),
  }
  await computer.compute(second, row, BLOCK)
  expect(brought).toMatchObject({ slots: [slotAt(1)], accounts: [{ address: addressOf(1) }] })
  expect(trips).toEqual(['1 accounts, 1 slots@true'])
})

test('a receipt of another task, and a Core that asks for ever, are refused', async () => {
  const wrong = { execute: async () => receipt(hashOf(99)), state: async () => receipt() }
  await expect(createComputer(node).compute(wrong, row, BLOCK)).rejects.toMatchObject({ code: 'WRONG_RECEIPT' })
  const endless = { execute: async () => miss(1), state: async () => miss(1) }
  await expect(createComputer(node).compute(endless, row, BLOCK)).rejects.toMatchObject({ code: 'ENDLESS_TASK' })
})

test('S20: code that is not the task’s is an outage, and the right one is taken when it comes', async () => {
  const core = { execute: async () => receipt(), state: async () => receipt() }
  const computer = createComputer(node)
  codeOfDapp = '0x'
  await expect(computer.compute(core, row, BLOCK)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
  codeOfDapp = CODE
  expect(await computer.compute(core, row, BLOCK)).toMatchObject({ taskId: id })
})

describe('facts brought ahead', () => {
  const asking: Step = { kind: 'miss', execution: 3, accounts: [], slots: [], blockHashes: [] }
  const accounts = Array.from({ length: 20 }, (_, index) => addressOf(index + 10))

  test('hold no more code than fits a frame', async () => {
    codeOfOthers = `0x${'5b'.repeat(24_576)}`
    const brought: number[] = []
    const core = {
      execute: async ({ facts }: CallParams<'execute'>): Promise<Step> => {
        brought.push(facts?.accounts.length ?? 0)
        return facts ? receipt() : { ...asking, accounts }
      },
      state: async () => receipt(),
    }
    const computer = createComputer(node)
    await computer.compute(core, row, BLOCK)
    await computer.compute(core, row, BLOCK)
    expect(brought).toEqual([0, 10])
  })

  test('are left out, and forgotten, where they do not fit all the same', async () => {
    let brought = 0
    const core = {
      execute: async ({ facts }: CallParams<'execute'>): Promise<Step> => {
        if (!facts) return { ...asking, accounts }
        brought++
        throw Object.assign(new Error(), { code: 'FRAME_TOO_LARGE' })
      },
      state: async () => receipt(),
    }
    const computer = createComputer(node)
    await computer.compute(core, row, BLOCK)
    expect(await computer.compute(core, row, BLOCK)).toMatchObject({ taskId: id })
    expect(brought).toBe(1)
  })
})

test('a task whose windows are over is left at Core’s next question', async () => {
  const core = { execute: async () => miss(1), state: async () => miss(1) }
  let questions = 0
  const computing = createComputer(node).compute(core, row, BLOCK, () => ++questions > 3)
  await expect(computing).rejects.toMatchObject({ code: 'WINDOW_OVER' })
})
