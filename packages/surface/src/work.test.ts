import {
  type Block,
  type Intent,
  openDatabase,
  RpcError,
  type Sender,
  type Transaction,
  type TransactionState,
} from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Computer } from './compute.ts'
import type { CoreHost } from './core-host.ts'
import { JOURNAL_SCHEMA, type Journal, openJournal } from './journal.ts'
import type { Lottery } from './lottery.ts'
import { addressOf, hashOf, sampleTask } from './testing/tasks.ts'
import { createWork, type Work } from './work.ts'

const ANCHOR = hashOf(2)
const blockAt = (number: bigint): Block => ({ number, hash: hashOf(Number(number)) }) as Block

let journal: Journal
let work: Work
let log: ReturnType<typeof createRecordedLog>
/** Rank by slot. */
let ranks: Map<number, number | Error>
let compute: (slot: number) => Promise<void>
let computed: number[]
let sent: Map<string, TransactionState>
let dropped: string[]
let coreFails: Error | undefined

beforeEach(() => {
  journal = openJournal(openDatabase(':memory:', [JOURNAL_SCHEMA]))
  log = createRecordedLog('surface')
  ranks = new Map()
  computed = []
  sent = new Map()
  dropped = []
  compute = async () => {}
  coreFails = undefined
  const coreHost = {
    core: async () => {
      if (coreFails) throw coreFails
      return {}
    },
    noteWell: () => {},
    stop: async () => {},
  } as unknown as CoreHost
  const sender = {
    submit: async (intent: Intent, _head: unknown, together?: () => void) => {
      if (!sent.has(intent.topic)) sent.set(intent.topic, 'pending')
      together?.()
      return { nonce: 1 } as Transaction
    },
    find: (topic: string) => (sent.has(topic) ? ({ topic, state: sent.get(topic) } as Transaction) : undefined),
    drop: (topic: string) => void dropped.push(topic),
  } as unknown as Sender
  work = createWork({
    journal,
    lottery: {
      rankOf: async ({ epoch }: { epoch: number }) => {
        const rank = ranks.get(epoch)
        if (rank instanceof Error) throw rank
        return rank === undefined ? undefined : { rank, seat: 7 }
      },
    } as unknown as Lottery,
    computer: {
      compute: async (_core: unknown, row: { id: Hex; task: { slot: number } }) => {
        computed.push(row.task.slot)
        await compute(row.task.slot)
        return {
          kind: 'receipt',
          taskId: row.id,
          status: 0,
          output: new Uint8Array(),
          digest: hashOf(1),
          r: hashOf(3),
          vs: hashOf(4),
        }
      },
    } as unknown as Computer,
    coreHost,
    sender,
    blockOf: async () => blockAt(100n),
    enigma: addressOf(9),
    windowBlocks: 4,
    signer: () => addressOf(5),
    tasksAtOnce: 2,
    clock: createManualClock(),
    log,
  })
})

/** The epoch of a sample task tells its rank here. */
function see(slot: number, rank: number | Error | undefined): Hex {
  const { id, packed } = sampleTask(slot, { epoch: slot })
  if (rank !== undefined) ranks.set(slot, rank)
  journal.see({ id, anchor: ANCHOR, block: 100n, packed, inputs: '0x01', seenMs: 0 })
  return id
}

async function at(head: bigint): Promise<void> {
  work.kick(blockAt(head))
  await expect.poll(() => work.isIdle()).toBe(true)
}
const stateOf = (id: Hex) => journal.find(id)?.state
const failing = (code: string) => Object.assign(new Error('no text of Core'), { code })

describe('a task', () => {
  test('of rank 0 is computed and sent as soon as it is seen', async () => {
    const id = see(1, 0)
    await at(100n)
    expect(stateOf(id)).toBe('SENT')
    expect(log.events()).toEqual(['selected', 'computed', 'sent'])
  })

  test('of a backup waits until one block before its window, uncomputed', async () => {
    const id = see(1, 1)
    for (const head of [100n, 101n, 102n]) await at(head)
    expect([stateOf(id), computed]).toEqual(['SEEN', []])
    await at(103n)
    expect(stateOf(id)).toBe('SENT')
  })

  test('of others is left alone, silently', async () => {
    const id = see(1, undefined)
    await at(100n)
    expect(journal.find(id)).toMatchObject({ state: 'SKIPPED', reason: 'not-selected' })
    expect(log.events()).toEqual([])
  })

  test('whose windows are over is not computed any more', async () => {
    const id = see(1, 0)
    await at(111n)
    expect(journal.find(id)).toMatchObject({ state: 'SKIPPED', reason: 'window-over' })
    expect(computed).toEqual([])
  })

  test('that another rank settled meanwhile is not computed', async () => {
    const id = see(1, 1)
    await at(100n)
    journal.ended(id, 3, 101n)
    await at(103n)
    expect([stateOf(id), computed]).toEqual(['LOST', []])
  })

  test('is given up when its settlement is still waiting at the end, and the transaction is dropped', async () => {
    const id = see(1, 0)
    await at(100n)
    await at(111n)
    expect(journal.find(id)).toMatchObject({ state: 'LOST', reason: 'window-over' })
    expect(dropped).toHaveLength(1)
  })

  test('is sent again, once, when its settlement fails or its nonce is lost', async () => {
    for (const [slot, end] of [
      [1, 'reverted'],
      [2, 'abandoned'],
    ] as const) {
      const id = see(slot, 0)
      await at(100n)
      for (const topic of sent.keys()) if (topic.includes(id)) sent.set(topic, end)
      await at(101n)
      expect(journal.find(id)).toMatchObject({ state: 'SENT', attempt: 1 })
      for (const topic of sent.keys()) if (topic.includes(id)) sent.set(topic, end)
      await at(102n)
      expect(journal.find(id)).toMatchObject({ state: 'LOST', reason: 'settlement-failed' })
      expect(computed.filter((computedSlot) => computedSlot === slot)).toHaveLength(1)
    }
  })
})

describe('S20: while the node is away', () => {
  test('nothing is given up, however often it is tried', async () => {
    const away = new RpcError('RPC_UNREACHABLE', 'gone')
    const unselected = see(1, away)
    const uncomputed = see(2, 0)
    compute = async () => {
      throw away
    }
    for (let time = 0; time < 20; time++) await at(100n)
    expect([stateOf(unselected), stateOf(uncomputed)]).toEqual(['SEEN', 'SEEN'])
    ranks.set(1, 0)
    compute = async () => {}
    await at(100n)
    expect([stateOf(unselected), stateOf(uncomputed)]).toEqual(['SENT', 'SENT'])
  })

  test('S20: a result that comes after a reorganisation of its block is thrown away', async () => {
    const id = see(1, 0)
    compute = async () => journal.rollback(99n)
    await at(100n)
    expect(stateOf(id)).toBeUndefined()
    expect(sent.size).toBe(0)
  })
})

describe('S19: when Core dies over a task', () => {
  test('the task is tried alone, and left after three times', async () => {
    const poison = see(1, 0)
    const innocent = see(2, 0)
    let alive = 0
    let together = 0
    compute = async (slot) => {
      alive++
      together = Math.max(together, alive)
      await new Promise((resolve) => setImmediate(resolve))
      alive--
      // The first time both are in Core, and both are lost.
      if (slot === 1 || computed.length <= 2) throw failing('CORE_KILLED')
    }
    await at(100n)
    expect(journal.find(poison)).toMatchObject({ state: 'SKIPPED', reason: 'poison', kills: 3 })
    expect(journal.find(innocent)).toMatchObject({ state: 'SENT', kills: 1 })
    expect(together).toBe(2)
  })

  test('no task is blamed for a Core that cannot be started', async () => {
    const id = see(1, 0)
    coreFails = failing('SEALED_DOES_NOT_OPEN')
    for (let time = 0; time < 10; time++) await at(100n)
    expect(journal.find(id)).toMatchObject({ state: 'SEEN', kills: 0 })
    coreFails = undefined
    await at(100n)
    expect(stateOf(id)).toBe('SENT')
  })
})

test('what Core refuses for good is skipped with its code, what may pass is tried a few times', async () => {
  const refused = see(1, 0)
  compute = async () => {
    throw failing('NOT_ADDRESSED')
  }
  await at(100n)
  expect(journal.find(refused)).toMatchObject({ state: 'SKIPPED', reason: 'NOT_ADDRESSED' })
  const failingTask = see(2, 0)
  compute = async () => {
    throw failing('INTERNAL')
  }
  for (let time = 0; time < 4; time++) await at(100n)
  expect(stateOf(failingTask)).toBe('SEEN')
  await at(100n)
  expect(journal.find(failingTask)).toMatchObject({ state: 'SKIPPED', reason: 'failing' })
})
