/**
 * What this observer has signed, on disk: it must outlive a restart, or the observer could contradict itself.
 */
import type { Database } from '@enigma/process'
import type { CompactSignature, Hex } from '@enigma/protocol'

export const SIGNED_HEADERS_SCHEMA =
  'CREATE TABLE signed_header (number TEXT PRIMARY KEY, hash TEXT NOT NULL, r TEXT NOT NULL, vs TEXT NOT NULL) STRICT'

export type SignedHeader = { hash: Hex; signature: CompactSignature }
export type SignedHeaders = ReturnType<typeof openSignedHeaders>

export function openSignedHeaders(db: Database) {
  const select = db.prepare('SELECT hash, r, vs FROM signed_header WHERE number = ?')
  const last = db.prepare('SELECT number FROM signed_header ORDER BY length(number) DESC, number DESC LIMIT 1')
  const insert = db.prepare('INSERT OR REPLACE INTO signed_header VALUES (?, ?, ?, ?)')
  return {
    find(number: bigint): SignedHeader | undefined {
      const row = select.get(String(number)) as { hash: Hex; r: Hex; vs: Hex } | undefined
      return row && { hash: row.hash, signature: { r: row.r, vs: row.vs } }
    },
    /** The highest number that was ever signed. Looks at all. */
    newest(): bigint | undefined {
      const row = last.get() as { number: string } | undefined
      return row && BigInt(row.number)
    },
    /** Once this returns it is on disk; only then may the signature leave. */
    put(number: bigint, { hash, signature: { r, vs } }: SignedHeader): void {
      insert.run(String(number), hash, r, vs)
    },
  }
}
