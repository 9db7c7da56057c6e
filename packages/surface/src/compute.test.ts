import type { CallParams, Step } from '@enigma/core/calls'
import type { Block } from '@enigma/process'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import { createComputer } from './compute.ts'
import type { StateSource } from './node.ts'
import { addressOf, hashOf, sampleRow } from './testing/tasks.ts'

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
const row = sampleRow(1, { anchor: ANCHOR })
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
beforeEach(() => {
  trips = []
  node = {
    code: async (_, blockHash) => {
      trips.push(`code@${blockHash === ANCHOR}`)
      return '0x6000'
    },
    state: async ({ accounts, slots, blockHashes }, blockHash) => {
      trips.push(`${accounts.length} accounts, ${slots.length} slots@${blockHash === ANCHOR}`)
      return {
        accounts: accounts.map((address) => ({ address, nonce: 0n, balance: 1n, code: '0x00' as const })),
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
  expect(bytesToHex(asked[0]?.code as Uint8Array)).toBe('0x6000')
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
