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
import { BATCH_SCHEMA, JOURNAL_SCHEMA, type Journal, openJournal, type TaskRow } from './journal.ts'
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
/** What Core says to a batch instead of signing it. */
let batchFails: Error | undefined
let estimateFails: Error | undefined
let estimated: number
/** Core answers a batch when this is over. */
let signing: Promise<void>
/** How often the lottery was told to look anew. */
let forgotten: number

beforeEach(() => begin())

/** A worker of a network whose observers wait for `depth` blocks. */
function begin(depth = 0): void {
  journal = openJournal(openDatabase(':memory:', [JOURNAL_SCHEMA, BATCH_SCHEMA]))
  log = createRecordedLog('surface')
  ranks = new Map()
  computed = []
  sent = new Map()
  dropped = []
  compute = async () => {}
  coreFails = undefined
  batchFails = undefined
  estimateFails = undefined
  estimated = 0
  signing = Promise.resolve()
  forgotten = 0
  beforeStoring = () => {}
  const batch = async () => {
    await signing
    if (batchFails) throw batchFails
    return { r: hashOf(3), vs: hashOf(4) }
  }
  const coreHost = {
    core: async () => {
      if (coreFails) throw coreFails
      return { batch }
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
    estimate: async () => {
      estimated++
      if (estimateFails) throw estimateFails
    },
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

describe('when several tasks are ready at the same time', () => {
  const batches = () => [...sent.keys()].filter((topic) => topic.startsWith('batch:'))
  const alone = () => [...sent.keys()].filter((topic) => topic.startsWith('settle:'))

  test('they go out in one transaction, and one that is alone goes at once and alone', async () => {
    const ids = [see(1, 0), see(2, 0), see(3, 0)]
    await at(100n)
    expect(ids.map(stateOf)).toEqual(['SENT', 'SENT', 'SENT'])
    expect([batches().length, alone().length]).toEqual([1, 0])
    for (const id of ids) expect(journal.find(id)?.batch).toBe(batches()[0])
    const lone = see(4, 0)
    await at(100n)
    expect([stateOf(lone), batches().length, alone().length]).toEqual(['SENT', 1, 1])
  })

  test('one that is ready waits for those that are being computed, but not beyond the next block', async () => {
    const [quick, slow] = [see(1, 0), see(2, 0)]
    const { promise, resolve } = Promise.withResolvers<void>()
    compute = (slot) => (slot === 2 ? promise : Promise.resolve())
    work.kick(blockAt(100n))
    await expect.poll(() => stateOf(quick)).toBe('EXECUTED')
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    expect(sent.size).toBe(0)
    work.kick(blockAt(101n))
    await expect.poll(() => stateOf(quick)).toBe('SENT')
    expect([stateOf(slow), alone().length]).toEqual(['SEEN', 1])
    resolve()
    await expect.poll(() => stateOf(slow)).toBe('SENT')
    expect([batches().length, alone().length]).toEqual([0, 2])
  })

  test('what waited in vain until its windows were over is not sent', async () => {
    signing = new Promise(() => {})
    const ids = [see(1, 0), see(2, 0)]
    work.kick(blockAt(101n))
    await expect.poll(() => ids.map(stateOf)).toEqual(['EXECUTED', 'EXECUTED'])
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    await at(111n)
    await at(111n)
    expect(sent.size).toBe(0)
    for (const id of ids) expect(journal.find(id)).toMatchObject({ state: 'LOST', reason: 'window-over' })
  })

  test('one waits for no other near the end of its windows', async () => {
    const [quick] = [see(1, 0), see(2, 0)]
    const { promise, resolve } = Promise.withResolvers<void>()
    compute = (slot) => (slot === 2 ? promise : Promise.resolve())
    work.kick(blockAt(109n))
    await expect.poll(() => stateOf(quick)).toBe('SENT')
    expect(alone()).toHaveLength(1)
    resolve()
    await expect.poll(() => work.isIdle()).toBe(true)
  })

  test('S20: where Core has forgotten one of them, or the contract would refuse, each goes alone', async () => {
    batchFails = failing('UNKNOWN_RECEIPT')
    const forgotten = [see(1, 0), see(2, 0)]
    await at(101n)
    expect([...forgotten.map(stateOf), batches().length, alone().length]).toEqual(['SENT', 'SENT', 0, 2])
    batchFails = undefined
    estimateFails = failing('CONTRACT_REFUSED')
    const refused = [see(3, 0), see(4, 0)]
    await at(101n)
    expect([...refused.map(stateOf), batches().length, alone().length]).toEqual(['SENT', 'SENT', 0, 4])
    expect(log.events().filter((event) => event === 'batch-not-sent')).toHaveLength(2)
  })

  test('the contract is not asked in the block of the tasks themselves, where it knows no anchor', async () => {
    see(1, 0)
    see(2, 0)
    await at(100n)
    expect([batches().length, estimated]).toEqual([1, 0])
    see(3, 0)
    see(4, 0)
    await at(101n)
    expect([batches().length, estimated]).toEqual([2, 1])
  })

  test('a Core that is busy with a long task holds them up for no longer than a block', async () => {
    signing = new Promise(() => {})
    const ids = [see(1, 0), see(2, 0)]
    work.kick(blockAt(100n))
    await expect.poll(() => ids.map(stateOf)).toEqual(['EXECUTED', 'EXECUTED'])
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    work.kick(blockAt(101n))
    await expect.poll(() => ids.map(stateOf)).toEqual(['SENT', 'SENT'])
    expect([batches().length, alone().length]).toEqual([0, 2])
  })

  test('S20: a batch that fails is sent again as single settlements', async () => {
    const ids = [see(1, 0), see(2, 0)]
    await at(100n)
    for (const topic of batches()) sent.set(topic, 'reverted')
    await at(101n)
    for (const id of ids) expect(journal.find(id)).toMatchObject({ state: 'SENT', attempt: 1, batch: undefined })
    expect([batches().length, alone().length]).toEqual([1, 2])
  })

  test('S20: no batch is stored with a task that a reorganisation takes just then; the others go alone', async () => {
    const { id, packed } = sampleTask(1, { epoch: 1, createdBlock: 101n })
    ranks.set(1, 0)
    journal.see({ id, anchor: ANCHOR, block: 101n, packed, inputs: '0x01', seenMs: 0 })
    const other = see(2, 0)
    beforeStoring = () => void journal.rollback(100n)
    await at(101n)
    expect([stateOf(id), stateOf(other), batches().length, alone().length]).toEqual([undefined, 'SENT', 0, 1])
  })

  test('a batch is dropped when the last of its tasks is over', async () => {
    const late = sampleTask(2, { epoch: 2, createdBlock: 101n })
    ranks.set(2, 0)
    journal.see({ id: late.id, anchor: ANCHOR, block: 101n, packed: late.packed, inputs: '0x01', seenMs: 0 })
    const early = see(1, 0)
    await at(101n)
    expect(batches()).toHaveLength(1)
    await at(111n)
    expect([journal.find(early)?.reason, stateOf(late.id), dropped]).toEqual(['window-over', 'SENT', []])
    await at(112n)
    expect([journal.find(late.id)?.reason, dropped]).toEqual(['window-over', batches()])
  })
})
