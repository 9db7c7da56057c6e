import { type Block, openDatabase, type Sender, VALUES_SCHEMA } from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import { encodeAbiParameters, pad, toEventSelector, toHex } from 'viem'
import { expect, test } from 'vitest'
import { createIntake } from './intake.ts'
import { BATCH_SCHEMA, JOURNAL_SCHEMA, openJournal } from './journal.ts'
import type { SeatKeeper } from './seat-keeper.ts'
import { topicOf } from './settlement.ts'
import { DOMAIN, hashOf, sampleTask } from './testing/tasks.ts'

test('S20: a reorganisation drops the settlements of the tasks that it takes, of every attempt, and no others', () => {
  const db = openDatabase(':memory:', [JOURNAL_SCHEMA, BATCH_SCHEMA, VALUES_SCHEMA])
  const journal = openJournal(db)
  const dropped: string[] = []
  const { handler } = createIntake({
    journal,
    lottery: { forget: () => {} },
    sender: { rollback: () => {}, drop: (topic: string) => dropped.push(topic) } as unknown as Sender,
    keeper: { rollback: () => {} } as unknown as SeatKeeper,
    watch: { observe: () => {}, rollback: () => {} },
    domain: DOMAIN,
    clock: createManualClock(),
    log: createRecordedLog(),
  })
  const [stays, goes] = [sampleTask(1), sampleTask(2)]
  const anchor = hashOf(2)
  for (const [block, { id, packed }] of [
    [100n, stays],
    [101n, goes],
  ] as const) {
    journal.see({ id, anchor, block, packed, inputs: '0x01', seenMs: 0 })
    journal.select(id, anchor, { rank: 0, seat: 1 })
    journal.executed(id, anchor, { status: 0, output: '0x', r: hashOf(3), vs: hashOf(4) }, 0)
    journal.sent(id, anchor)
    journal.retry(id, anchor)
    journal.sent(id, anchor)
  }
  handler.apply({ number: 102n, hash: hashOf(5) } as Block, [])
  handler.rollback(100n)
  expect(dropped).toEqual([0, 1].map((attempt) => topicOf({ id: goes.id, anchor, attempt })))
  expect(journal.open()).toEqual([stays.id])
})

test('S16: a revocation of a seat or of code makes the lottery be read anew, whosever it was; another end does not', () => {
  const db = openDatabase(':memory:', [JOURNAL_SCHEMA, BATCH_SCHEMA, VALUES_SCHEMA])
  let forgotten = 0
  const { handler } = createIntake({
    journal: openJournal(db),
    lottery: { forget: () => void forgotten++ },
    sender: {} as Sender,
    keeper: { observe: () => {} } as unknown as SeatKeeper,
    watch: { observe: () => {}, rollback: () => {} },
    domain: DOMAIN,
    clock: createManualClock(),
    log: createRecordedLog(),
  })
  const ended = (revoked: boolean) => ({
    ...{ address: DOMAIN.enigma, blockHash: hashOf(5), blockNumber: 100n, transactionHash: hashOf(6), logIndex: 0 },
    topics: [toEventSelector('SeatEnded(uint256,uint256,bool)'), pad(toHex(9), { size: 32 })],
    data: encodeAbiParameters([{ type: 'uint256' }, { type: 'bool' }], [5n, revoked]),
  })
  handler.apply({ number: 100n, hash: hashOf(5) } as Block, [ended(false)])
  expect(forgotten).toBe(0)
  handler.apply({ number: 101n, hash: hashOf(6) } as Block, [ended(true)])
  expect(forgotten).toBe(1)
  const revoked = {
    ...{ ...ended(true), data: hashOf(7) },
    topics: [toEventSelector('MeasurementRevoked(uint8,bytes32)'), pad(toHex(0), { size: 32 })],
  }
  handler.apply({ number: 102n, hash: hashOf(7) } as Block, [revoked])
  expect(forgotten).toBe(2)
})
