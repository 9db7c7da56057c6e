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
import { JOURNAL_SCHEMA, type Journal, openJournal, type TaskRow } from './journal.ts'
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
let beforeStoring: () => void
/** How often the lottery was told to look anew. */
let forgotten: number

beforeEach(() => begin())

/** A worker of a network whose observers wait for `depth` blocks. */
function begin(depth = 0): void {
  journal = openJournal(openDatabase(':memory:', [JOURNAL_SCHEMA]))
  log = createRecordedLog('surface')
  ranks = new Map()
  computed = []
  sent = new Map()
  dropped = []
  compute = async () => {}
  coreFails = undefined
  forgotten = 0
  beforeStoring = () => {}
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
      beforeStoring()
      together?.()
      if (!sent.has(intent.topic)) sent.set(intent.topic, 'pending')
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
      forget: () => void forgotten++,
    } as unknown as Lottery,
    computer: {
      compute: async (_core: unknown, row: TaskRow, isOver: () => boolean) => {
        computed.push(row.task.slot)
        await compute(row.task.slot)
        if (isOver()) throw failing('WINDOW_OVER')
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
    enigma: addressOf(9),
    windowBlocks: 4,
    depth,
    signer: () => addressOf(5),
    tasksAtOnce: 2,
    maxGasClass: 8,
    clock: createManualClock(),
    log,
  })
}

/** The epoch of a sample task tells its rank here. */
function see(slot: number, rank: number | Error | undefined, gasClass = 4): Hex {
  const { id, packed } = sampleTask(slot, { epoch: slot, gasClass })
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

  test('is not computed before its block is as deep as observers wait for', async () => {
    begin(2)
    const id = see(1, 0)
    for (const head of [100n, 101n]) await at(head)
    expect([stateOf(id), computed]).toEqual(['SEEN', []])
    await at(102n)
    expect(stateOf(id)).toBe('SENT')
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

describe('S16: when a seat that was drawn is revoked', () => {
  test('the ranks behind move up, and act when their new turn has come', async () => {
    const id = see(1, 2)
    await at(100n)
    expect(journal.find(id)?.selected).toEqual({ rank: 2, seat: 7 })
    ranks.set(1, 1)
    await at(101n)
    expect([journal.find(id)?.selected?.rank, stateOf(id)]).toEqual([1, 'SEEN'])
    ranks.set(1, 0)
    await at(102n)
    expect([journal.find(id)?.selected?.rank, stateOf(id)]).toEqual([0, 'SENT'])
  })

  test('its own worker leaves the task, and takes it up again if a reorganisation gives the seat back', async () => {
    const id = see(1, 1)
    await at(100n)
    ranks.delete(1)
    for (const head of [101n, 102n, 103n, 104n]) await at(head)
    expect([stateOf(id), computed]).toEqual(['SEEN', []])
    ranks.set(1, 1)
    await at(105n)
    expect(stateOf(id)).toBe('SENT')
  })

  test('a settlement that was on its way in the old rank fails, and goes out again in the new one', async () => {
    const id = see(1, 1)
    await at(103n)
    for (const topic of sent.keys()) sent.set(topic, 'reverted')
    ranks.set(1, 0)
    await at(105n)
    expect(journal.find(id)).toMatchObject({ state: 'SENT', attempt: 1, selected: { rank: 0 } })
    expect([forgotten, computed]).toEqual([1, [1]])
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

  test('S20: nor for a node that lags behind, until the windows are over', async () => {
    const behind = new RpcError('RPC_REFUSED', 'no', { rpcCode: -32_000, said: 'header not found' })
    const [unselected, uncomputed] = [see(1, behind), see(2, 0)]
    compute = async () => {
      throw behind
    }
    for (let head = 100n; head < 111n; head++) await at(head)
    expect([stateOf(unselected), stateOf(uncomputed)]).toEqual(['SEEN', 'SEEN'])
    await at(111n)
    expect(journal.find(uncomputed)).toMatchObject({ state: 'SKIPPED', reason: 'window-over' })
  })

  test.each(['HEADER_TOO_YOUNG', 'OBSERVERS_MISSING', 'OTHER_BRANCH', 'PROOF_WINDOW', 'RPC_NONSENSE'])(
    'S20: nor for a block that is not observed or not proven (%s), until the windows are over',
    async (code) => {
      const id = see(1, 0)
      compute = async () => {
        throw code === 'RPC_NONSENSE' ? new RpcError(code, 'no') : failing(code)
      }
      for (let head = 100n; head < 111n; head++) await at(head)
      expect([stateOf(id), log.events()]).toEqual(['SEEN', ['selected']])
      compute = async () => {}
      await at(110n)
      expect(journal.find(id)).toMatchObject({ state: 'SENT' })
    },
  )

  test('S20: a result that comes after a reorganisation of its block is thrown away', async () => {
    const id = see(1, 0)
    compute = async () => void journal.rollback(99n)
    await at(100n)
    expect(stateOf(id)).toBeUndefined()
    expect(sent.size).toBe(0)
  })
})

test('S20: no transaction is stored for a task that a reorganisation takes just then', async () => {
  see(1, 0)
  beforeStoring = () => void journal.rollback(99n)
  await at(100n)
  expect(sent.size).toBe(0)
  expect(log.events()).toEqual(['selected', 'computed'])
})

describe('S19: when Core dies over a task', () => {
  test('the task is tried alone, and left after the first time alone', async () => {
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
    expect(journal.find(poison)).toMatchObject({ state: 'SKIPPED', reason: 'poison', kills: 2 })
    expect(journal.find(innocent)).toMatchObject({ state: 'SENT', kills: 1 })
    expect(together).toBe(2)
  })

  test('S19: a task of a class above the highest is never given to Core', async () => {
    const [dear, highest] = [see(1, 0, 9), see(2, 0, 8)]
    await at(100n)
    expect(journal.find(dear)).toMatchObject({ state: 'SKIPPED', reason: 'gas-class', kills: 0 })
    expect([stateOf(highest), computed]).toEqual(['SENT', [2]])
  })

  test('S19: a task that outlasts its windows is left, and so is one that waited for its turn', async () => {
    const slow = [see(1, 0), see(2, 0), see(3, 0)]
    compute = async () => work.kick(blockAt(111n))
    await at(100n)
    for (const id of slow) expect(journal.find(id)).toMatchObject({ state: 'SKIPPED', reason: 'window-over' })
    expect(computed).toEqual([1, 2])
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
  // However often it is polled, a head counts once.
  for (const head of [100n, 100n, 100n, 100n, 100n, 101n, 102n, 103n]) await at(head)
  expect(stateOf(failingTask)).toBe('SEEN')
  await at(104n)
  expect(journal.find(failingTask)).toMatchObject({ state: 'SKIPPED', reason: 'failing' })
})
