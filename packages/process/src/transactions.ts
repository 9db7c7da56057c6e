/**
 * The transactions of one account, as rows: what was wanted, every version that was signed for it, and what became of it.
 *
 * A row and its raw bytes are on the disk before anybody else can know of the transaction; so after `kill -9` the same bytes
 * are broadcast again, and never a second transaction for the same purpose.
 */
import type { Address, Hex } from '@enigma/protocol'
import type { Fees } from './fees.ts'
import type { Database } from './sqlite.ts'

export const TRANSACTIONS_SCHEMA = `
  CREATE TABLE tx (
    topic TEXT PRIMARY KEY, nonce INTEGER NOT NULL UNIQUE,
    dest TEXT NOT NULL, data TEXT NOT NULL, value_wei TEXT NOT NULL, gas INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'mined', 'reverted', 'abandoned')),
    wanted INTEGER NOT NULL DEFAULT 1, broadcast INTEGER NOT NULL DEFAULT 0,
    sent_block INTEGER NOT NULL, missing_block INTEGER, mined_block INTEGER, mined_hash TEXT, gas_used INTEGER
  ) STRICT;
  CREATE TABLE attempt (
    hash TEXT PRIMARY KEY, topic TEXT NOT NULL REFERENCES tx(topic) ON DELETE CASCADE ON UPDATE CASCADE,
    raw TEXT NOT NULL, max_fee_wei TEXT NOT NULL, tip_wei TEXT NOT NULL, is_empty INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX attempt_topic ON attempt(topic);
  CREATE INDEX tx_state ON tx(state)`

/** What a transaction is for. The same topic is never sent twice. */
export type Intent = { topic: string; to: Address; data: Hex; valueWei: bigint; gas: bigint }
/** `abandoned`: its nonce went to another transaction, or to an empty one that replaced it. */
export type TransactionState = 'pending' | 'mined' | 'reverted' | 'abandoned'
export type Attempt = Fees & { hash: Hex; raw: Hex; isEmpty: boolean }
export type Transaction = Intent & {
  nonce: number
  state: TransactionState
  /** False once nobody needs it any more: its nonce is then freed by an empty transaction, if it does not get mined. */
  wanted: boolean
  broadcast: boolean
  sentBlock: bigint
  missingBlock: bigint | null
  minedHash: Hex | null
  gasUsed: bigint | null
}

export function openTransactions(db: Database) {
  const insertAttempt = db.prepare('INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?)')
  return {
    find(topic: string): Transaction | undefined {
      const row = db.prepare('SELECT * FROM tx WHERE topic = ?').get(topic)
      return row && readRow(row)
    },
    pending(): Transaction[] {
      return db.prepare("SELECT * FROM tx WHERE state = 'pending' ORDER BY nonce").all().map(readRow)
    },
    /** One above the highest nonce that a row holds. */
    nextNonce(): number {
      return Number(db.prepare('SELECT max(0, coalesce(max(nonce), -1) + 1) AS next FROM tx').get()?.next)
    },
    /** Nonces that are used up for certain: those of mined transactions, and all below. */
    minedNonces(): number {
      const sql = 'SELECT coalesce(max(nonce), -1) + 1 AS next FROM tx WHERE mined_block IS NOT NULL'
      return Number(db.prepare(sql).get()?.next)
    },
    insert(intent: Intent, nonce: number, head: bigint): void {
      db.prepare(
        'INSERT INTO tx (topic, nonce, dest, data, value_wei, gas, sent_block) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(intent.topic, nonce, intent.to, intent.data, String(intent.valueWei), intent.gas, head)
    },
    delete(topic: string): void {
      db.prepare('DELETE FROM tx WHERE topic = ?').run(topic)
    },
    addAttempt(topic: string, attempt: Attempt): void {
      const { hash, raw, maxFeeWei, tipWei, isEmpty } = attempt
      insertAttempt.run(hash, topic, raw, String(maxFeeWei), String(tipWei), isEmpty ? 1 : 0)
    },
    /** Oldest first. */
    attempts(topic: string): Attempt[] {
      const rows = db.prepare('SELECT * FROM attempt WHERE topic = ? ORDER BY rowid').all(topic)
      return rows.map((row) => ({
        hash: row.hash as Hex,
        raw: row.raw as Hex,
        maxFeeWei: BigInt(row.max_fee_wei as string),
        tipWei: BigInt(row.tip_wei as string),
        isEmpty: row.is_empty === 1,
      }))
    },
    /** Without a block, the time it has waited runs on. */
    markSent(topic: string, broadcast: boolean, block?: bigint): void {
      db.prepare('UPDATE tx SET broadcast = ?, sent_block = coalesce(?, sent_block) WHERE topic = ?').run(
        broadcast ? 1 : 0,
        block ?? null,
        topic,
      )
    },
    markWanted(topic: string, wanted: boolean): void {
      db.prepare('UPDATE tx SET wanted = ? WHERE topic = ?').run(wanted ? 1 : 0, topic)
    },
    markMissing(topic: string, block: bigint | null): void {
      db.prepare('UPDATE tx SET missing_block = ? WHERE topic = ?').run(block, topic)
    },
    finish(topic: string, state: TransactionState, mined: { hash: Hex; block: bigint; gasUsed: bigint }): void {
      db.prepare('UPDATE tx SET state = ?, mined_block = ?, mined_hash = ?, gas_used = ? WHERE topic = ?').run(
        state,
        mined.block,
        mined.hash,
        mined.gasUsed,
        topic,
      )
    },
    /** Its nonce went to somebody else's transaction. It keeps a number below zero, which is no nonce. */
    loseNonce(topic: string): void {
      db.prepare("UPDATE tx SET state = 'abandoned', nonce = -rowid WHERE topic = ?").run(topic)
    },
    /** What was mined above `ancestor` is not any more: broadcast it again, the same bytes. */
    rollback(ancestor: bigint): void {
      db.prepare(
        "UPDATE tx SET state = 'pending', broadcast = 0, missing_block = NULL, mined_block = NULL, mined_hash = NULL, gas_used = NULL WHERE mined_block > ?",
      ).run(ancestor)
    },
    /** Forgets what was mined before `block`, except the last, which holds the place of the next nonce. */
    prune(block: bigint): void {
      db.prepare(
        "DELETE FROM tx WHERE (mined_block < ? OR (state = 'abandoned' AND sent_block < ?)) AND nonce < (SELECT max(nonce) FROM tx)",
      ).run(block, block)
    },
  }
}

function readRow(row: Record<string, unknown>): Transaction {
  return {
    topic: String(row.topic),
    nonce: Number(row.nonce),
    to: row.dest as Address,
    data: row.data as Hex,
    valueWei: BigInt(row.value_wei as string),
    gas: BigInt(row.gas as number),
    state: row.state as TransactionState,
    wanted: row.wanted === 1,
    broadcast: row.broadcast === 1,
    sentBlock: BigInt(row.sent_block as number),
    missingBlock: row.missing_block === null ? null : BigInt(row.missing_block as number),
    minedHash: row.mined_hash as Hex | null,
    gasUsed: row.gas_used === null ? null : BigInt(row.gas_used as number),
  }
}
