/**
 * The seeds that were drawn, on disk: what the Principal serves to whoever wants to post one.
 */
import { type Database, TRANSACTIONS_SCHEMA } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { SIGNED_HEADERS_SCHEMA } from './observer/signed-headers.ts'

export const MIGRATIONS: readonly string[] = [
  `${TRANSACTIONS_SCHEMA};
  CREATE TABLE seed (epoch INTEGER PRIMARY KEY, anchor TEXT NOT NULL, signature TEXT NOT NULL, seed TEXT NOT NULL) STRICT`,
  SIGNED_HEADERS_SCHEMA,
]

/** `anchor` is the hash of the epoch's boundary block; `seed` its 22 bytes. */
export type SeedRecord = { epoch: number; anchor: Hex; signature: Hex; seed: Hex }
export type SeedStore = ReturnType<typeof openSeeds>

export function openSeeds(db: Database) {
  const read = (row: Record<string, unknown> | undefined) => row && ({ ...row } as SeedRecord)
  return {
    find: (epoch: number) => read(db.prepare('SELECT * FROM seed WHERE epoch = ?').get(epoch)),
    latest: () => read(db.prepare('SELECT * FROM seed ORDER BY epoch DESC LIMIT 1').get()),
    /** A reorganisation may give an epoch another boundary block, and so another seed. */
    put({ epoch, anchor, signature, seed }: SeedRecord): void {
      db.prepare('INSERT OR REPLACE INTO seed VALUES (?, ?, ?, ?)').run(epoch, anchor, signature, seed)
    },
  }
}
