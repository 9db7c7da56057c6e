/**
 * The worker's one database file: every table in it, and how it got there.
 */
import { TRANSACTIONS_SCHEMA, VALUES_SCHEMA } from '@enigma/process'
import { FOLLOWER_SCHEMA } from './follower.ts'
import { BATCH_SCHEMA, JOURNAL_SCHEMA } from './journal.ts'

export const DATABASE_NAME = 'surface.db'
export const SEALED_NAME = 'core.sealed'

/** Appended to, never changed: each runs once in a file's life. */
export const MIGRATIONS: readonly string[] = [
  [FOLLOWER_SCHEMA, JOURNAL_SCHEMA, TRANSACTIONS_SCHEMA, VALUES_SCHEMA].join(';'),
  BATCH_SCHEMA,
]
