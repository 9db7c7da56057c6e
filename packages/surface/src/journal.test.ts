import { openDatabase } from '@enigma/process'
import { type Hex, packTask } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { BATCH_SCHEMA, JOURNAL_SCHEMA, type Journal, openJournal, type TaskState } from './journal.ts'

const hash = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`
const packed = packTask({
  requester: `0x${'01'.repeat(20)}`,
  slot: 1,
  seq: 2n,
  dApp: `0x${'02'.repeat(20)}`,
  callable: '0x11223344',
  callbackGas: 1,
  outputCap: 2,
  gasClass: 3,
  feeGwei: 4n,
  restGwei: 5n,
  createdBlock: 10n,
  epoch: 6,
  lane: 7,
  codeHash: hash(8),
  inputsHash: hash(9),
})
const [ID, ANCHOR] = [hash(1), hash(2)]
const RESULT = { status: 0, output: '0x12' as Hex, r: hash(3), vs: hash(4) }
const seen = (block = 10n, anchor = ANCHOR) => ({ id: ID, anchor, block, packed, inputs: '0x0102' as Hex, seenMs: 1 })

let journal: Journal
beforeEach(() => {
  journal = openJournal(openDatabase(':memory:', [JOURNAL_SCHEMA, BATCH_SCHEMA]))
})

const STEPS: readonly [TaskState, () => boolean][] = [
  ['SEEN', () => journal.select(ID, ANCHOR, { rank: 1, seat: 5 })],
  ['EXECUTED', () => journal.executed(ID, ANCHOR, RESULT, 2)],
  ['SENT', () => journal.sent(ID, ANCHOR)],
]
function bringTo(state: TaskState): void {
  journal.see(seen())
  for (const [reached, step] of STEPS) {
    step()
    if (reached === state) return
  }
}

describe('the journal', () => {
  test('gives back what was put in', () => {
    bringTo('EXECUTED')
    expect(journal.find(ID)).toMatchObject({
      id: ID,
      anchor: ANCHOR,
      packed,
      inputs: '0x0102',
      selected: { rank: 1, seat: 5 },
      result: RESULT,
      task: { createdBlock: 10n, callable: '0x11223344' },
    })
    expect(journal.open()).toHaveLength(1)
    expect(journal.counts()).toMatchObject({ EXECUTED: 1, SEEN: 0 })
  })

  test('S20: each step is taken once: a second time it changes nothing', () => {
    journal.see(seen())
    for (const [, step] of STEPS) {
      expect(step()).toBe(true)
      expect(step()).toBe(false)
    }
    journal.see(seen())
    expect(journal.find(ID)?.state).toBe('SENT')
  })

  test('S20: nothing that was found out on another branch is taken', () => {
    const elsewhere = hash(77)
    journal.see(seen())
    expect(journal.select(ID, elsewhere, { rank: 0, seat: 6 })).toBe(false)
    expect(journal.skip(ID, elsewhere, 'not-selected')).toBe(false)
    bringTo('SENT')
    expect(journal.retry(ID, elsewhere)).toBe(false)
    expect(journal.lose(ID, elsewhere, 'settlement-failed')).toBe(false)
    expect(journal.find(ID)).toMatchObject({ state: 'SENT', selected: { rank: 1, seat: 5 } })
  })

  test('S20: a result that was computed on another branch is not taken', () => {
    journal.see(seen())
    expect(journal.executed(ID, hash(77), RESULT, 2)).toBe(false)
    expect(journal.find(ID)?.state).toBe('SEEN')
  })

  test('a task settled by our seat is done, by another’s or cancelled it is lost, in whatever state it was', () => {
    for (const state of ['SEEN', 'EXECUTED', 'SENT'] as const) {
      for (const [seat, end] of [
        [5, 'DONE'],
        [6, 'LOST'],
        [undefined, 'LOST'],
      ] as const) {
        journal = openJournal(openDatabase(':memory:', [JOURNAL_SCHEMA, BATCH_SCHEMA]))
        bringTo(state)
        journal.ended(ID, seat, 12n)
        expect(journal.find(ID)?.state, `${state} by ${seat}`).toBe(end)
        expect(journal.open()).toHaveLength(0)
      }
    }
  })

  test('S20: a reorganisation takes back the end of a task, and the state before it returns', () => {
    bringTo('SENT')
    journal.ended(ID, 5, 12n)
    journal.rollback(11n)
    expect(journal.find(ID)).toMatchObject({ state: 'SENT', reason: undefined })
    journal.ended(ID, 6, 13n)
    journal.rollback(13n)
    expect(journal.find(ID)).toMatchObject({ state: 'LOST', reason: 'settled-by-another' })
  })

  test('S20: a reorganisation of its block forgets a task, and the same task of another block starts anew', () => {
    bringTo('SENT')
    journal.rollback(9n)
    expect(journal.find(ID)).toBeUndefined()
    journal.see(seen(10n, hash(33)))
    expect(journal.find(ID)).toMatchObject({ state: 'SEEN', anchor: hash(33), result: undefined })
  })

  test('a task that was given up and then settled by us after all is done', () => {
    bringTo('SENT')
    journal.lose(ID, ANCHOR, 'window-over')
    journal.ended(ID, 5, 12n)
    expect(journal.find(ID)?.state).toBe('DONE')
  })

  test('a failed settlement leads back to the result, with another attempt', () => {
    bringTo('SENT')
    expect(journal.retry(ID, ANCHOR)).toBe(true)
    expect(journal.find(ID)).toMatchObject({ state: 'EXECUTED', attempt: 1 })
  })

  test('tasks of others are forgotten sooner', () => {
    journal.see(seen())
    journal.skip(ID, ANCHOR, 'not-selected')
    journal.prune(0n, 10n)
    expect(journal.find(ID)).toBeDefined()
    journal.prune(0n, 11n)
    expect(journal.find(ID)).toBeUndefined()
  })

  test('old tasks are forgotten, open ones never', () => {
    bringTo('SENT')
    journal.prune(1_000n, 1_000n)
    expect(journal.find(ID)).toBeDefined()
    journal.ended(ID, 5, 12n)
    journal.prune(1_000n, 1_000n)
    expect(journal.find(ID)).toBeUndefined()
  })
})
