/**
 * What became of each task, on disk: the memory that lets `kill -9` come at any moment (claim S20).
 *
 *   SEEN ──► EXECUTED(result, signature) ──► SENT ──► DONE
 *     └──► SKIPPED(reason)     └───────────────┴────► LOST(reason)
 *
 * Every change names the state it leaves (compare and swap), so that a step that was overtaken, by a reorganisation or by
 * another step, changes nothing. Every step may be done again: Core computes the same, and a transaction's topic is unique.
 */
import type { Database } from '@enigma/process'
import { type Hex, type PackedTask, type Task, unpackTask } from '@enigma/protocol'

export const JOURNAL_SCHEMA = `
  CREATE TABLE task (
    id TEXT PRIMARY KEY, anchor TEXT NOT NULL, block INTEGER NOT NULL, packed TEXT NOT NULL, inputs TEXT,
    state TEXT NOT NULL DEFAULT 'SEEN' CHECK (state IN ('SEEN', 'EXECUTED', 'SENT', 'DONE', 'LOST', 'SKIPPED')),
    reason TEXT, rank INTEGER, seat INTEGER, status INTEGER, output TEXT, r TEXT, vs TEXT,
    attempt INTEGER NOT NULL DEFAULT 0, kills INTEGER NOT NULL DEFAULT 0,
    end_block INTEGER, state_before TEXT, seen_ms INTEGER NOT NULL, executed_ms INTEGER, sent_ms INTEGER
  ) STRICT;
  CREATE INDEX task_state ON task(state);
  CREATE INDEX task_block ON task(block)`
/** The transaction that a task shares with others. */
export const BATCH_SCHEMA = 'ALTER TABLE task ADD COLUMN batch TEXT'

export type TaskState = 'SEEN' | 'EXECUTED' | 'SENT' | 'DONE' | 'LOST' | 'SKIPPED'
/** What Core signed. */
export type TaskResult = { status: number; output: Hex; r: Hex; vs: Hex }
export type TaskRow = {
  id: Hex
  /** Hash of the block that carries the task. */
  anchor: Hex
  task: Task
  packed: PackedTask
  inputs: Hex
  state: TaskState
  reason: string | undefined
  /** Which of the selected workers we are, and by which seat; undefined until that is computed. */
  selected: { rank: number; seat: number } | undefined
  result: TaskResult | undefined
  /** Counts settlements that failed. */
  attempt: number
  /** Topic of the transaction that settles it together with others; undefined where it has one of its own. */
  batch: string | undefined
  /** How often Core had to be killed over this task. */
  kills: number
  seenMs: number
  executedMs: number | undefined
  sentMs: number | undefined
}
/** The block that a task's state is read from. */
export const anchorOf = ({ task, anchor }: Pick<TaskRow, 'task' | 'anchor'>) => ({
  number: task.createdBlock,
  hash: anchor,
})
export type SeenTask = { id: Hex; anchor: Hex; block: bigint; packed: PackedTask; inputs: Hex; seenMs: number }
export type Journal = ReturnType<typeof openJournal>

export function openJournal(db: Database) {
  const change = (sql: string, ...values: (string | number | bigint | null)[]): boolean =>
    db.prepare(`UPDATE task SET ${sql}`).run(...values).changes > 0
  return {
    /** Idempotent. */
    see({ id, anchor, block, packed, inputs, seenMs }: SeenTask): void {
      db.prepare(
        'INSERT INTO task (id, anchor, block, packed, inputs, seen_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(
        id,
        anchor,
        block,
        JSON.stringify(packed, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
        inputs,
        seenMs,
      )
    },
    find(id: Hex): TaskRow | undefined {
      const row = db.prepare('SELECT * FROM task WHERE id = ?').get(id)
      return row && readRow(row)
    },
    /** All that still needs something done, oldest first. */
    open(): Hex[] {
      const rows = db
        .prepare("SELECT id FROM task WHERE state IN ('SEEN', 'EXECUTED', 'SENT') ORDER BY block, rowid")
        .all()
      return rows.map((row) => row.id as Hex)
    },
    recent(count: number): TaskRow[] {
      return db
        .prepare("SELECT * FROM task WHERE reason IS NOT 'not-selected' ORDER BY block DESC, rowid DESC LIMIT ?")
        .all(count)
        .map(readRow)
    },
    counts(): Record<TaskState, number> {
      const none = { SEEN: 0, EXECUTED: 0, SENT: 0, DONE: 0, LOST: 0, SKIPPED: 0 }
      const rows = db
        .prepare("SELECT state, count(*) AS found FROM task WHERE reason IS NOT 'not-selected' GROUP BY state")
        .all()
      return Object.assign(none, Object.fromEntries(rows.map((row) => [row.state, Number(row.found)])))
    },
    /** Again, where a revoked seat has left the draw. */
    select: (id: Hex, anchor: Hex, { rank, seat }: { rank: number; seat: number }) =>
      change(
        "rank = ?, seat = ? WHERE id = ? AND anchor = ? AND state IN ('SEEN', 'EXECUTED') AND (rank IS NOT ? OR seat IS NOT ?)",
        rank,
        seat,
        id,
        anchor,
        rank,
        seat,
      ),
    skip: (id: Hex, anchor: Hex, reason: string) =>
      change(
        "state = 'SKIPPED', reason = ?, inputs = NULL WHERE id = ? AND anchor = ? AND state = 'SEEN'",
        reason,
        id,
        anchor,
      ),
    /** Only for the branch that was computed on. */
    executed: (id: Hex, anchor: Hex, { status, output, r, vs }: TaskResult, atMs: number) =>
      change(
        "state = 'EXECUTED', status = ?, output = ?, r = ?, vs = ?, executed_ms = ? WHERE id = ? AND anchor = ? AND state = 'SEEN'",
        status,
        output,
        r,
        vs,
        atMs,
        id,
        anchor,
      ),
    /** By a transaction of its own, or by that of a batch. */
    sent: (id: Hex, anchor: Hex, batch?: string) =>
      change("state = 'SENT', batch = ? WHERE id = ? AND anchor = ? AND state = 'EXECUTED'", batch ?? null, id, anchor),
    /** How many tasks still wait for this transaction. */
    waitingFor: (batch: string): number =>
      Number(db.prepare("SELECT count(*) AS found FROM task WHERE batch = ? AND state = 'SENT'").get(batch)?.found),
    /** When the settlement left for the node; for figures only. */
    noteSent: (id: Hex, atMs: number) => change('sent_ms = coalesce(sent_ms, ?) WHERE id = ?', atMs, id),
    /** The settlement failed and may be tried again. */
    retry: (id: Hex, anchor: Hex) =>
      change(
        "state = 'EXECUTED', batch = NULL, attempt = attempt + 1 WHERE id = ? AND anchor = ? AND state = 'SENT'",
        id,
        anchor,
      ),
    lose: (id: Hex, anchor: Hex, reason: string) =>
      change(
        "state = 'LOST', reason = ?, inputs = NULL WHERE id = ? AND anchor = ? AND state IN ('EXECUTED', 'SENT')",
        reason,
        id,
        anchor,
      ),
    killed: (id: Hex) => change('kills = kills + 1 WHERE id = ?', id),
    /** The chain says that the task ended: by the receipt of `seat`, or cancelled (undefined). */
    ended(id: Hex, seat: number | undefined, block: bigint): void {
      const state = seat === undefined ? "'LOST'" : "CASE WHEN seat = ? THEN 'DONE' ELSE 'LOST' END"
      const reason = seat === undefined ? "'cancelled'" : "CASE WHEN seat = ? THEN NULL ELSE 'settled-by-another' END"
      db.prepare(
        `UPDATE task SET state_before = state, state = ${state}, reason = ${reason}, end_block = ? WHERE id = ? AND state NOT IN ('SKIPPED', 'DONE')`,
      ).run(...(seat === undefined ? [] : [seat, seat]), block, id)
    },
    /** The blocks above `ancestor` are gone: so are their tasks, which are returned, and the ends that they told of. */
    rollback(ancestor: bigint): TaskRow[] {
      const gone = db.prepare('SELECT * FROM task WHERE block > ?').all(ancestor).map(readRow)
      db.prepare('DELETE FROM task WHERE block > ?').run(ancestor)
      db.prepare(
        'UPDATE task SET state = state_before, state_before = NULL, reason = NULL, end_block = NULL WHERE end_block > ?',
      ).run(ancestor)
      return gone
    },
    /** Forgets what ended before `block`; other people's tasks, which are most of all, already before `othersBlock`. */
    prune(block: bigint, othersBlock: bigint): void {
      db.prepare("DELETE FROM task WHERE block < ? AND state IN ('DONE', 'LOST', 'SKIPPED')").run(block)
      db.prepare("DELETE FROM task WHERE block < ? AND state = 'SKIPPED' AND reason = 'not-selected'").run(othersBlock)
    },
  }
}

function readRow(row: Record<string, unknown>): TaskRow {
  const { ref, target, terms, codeHash, inputsHash } = JSON.parse(row.packed as string) as Record<keyof PackedTask, Hex>
  const packed = { ref: BigInt(ref), target: BigInt(target), terms: BigInt(terms), codeHash, inputsHash }
  return {
    id: row.id as Hex,
    anchor: row.anchor as Hex,
    task: unpackTask(packed),
    packed,
    inputs: (row.inputs ?? '0x') as Hex,
    state: row.state as TaskState,
    reason: (row.reason ?? undefined) as string | undefined,
    selected: row.rank === null ? undefined : { rank: Number(row.rank), seat: Number(row.seat) },
    result:
      row.r === null
        ? undefined
        : { status: Number(row.status), output: row.output as Hex, r: row.r as Hex, vs: row.vs as Hex },
    attempt: Number(row.attempt),
    batch: (row.batch ?? undefined) as string | undefined,
    kills: Number(row.kills),
    seenMs: Number(row.seen_ms),
    executedMs: row.executed_ms === null ? undefined : Number(row.executed_ms),
    sentMs: row.sent_ms === null ? undefined : Number(row.sent_ms),
  }
}
