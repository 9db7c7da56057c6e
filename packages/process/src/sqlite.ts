/**
 * One database file per daemon, durable through a power cut.
 *
 * node:sqlite: no native build. WAL with synchronous=FULL: a commit that returned is on the disk, which the journal relies on
 * (the raw transaction is stored before it is broadcast).
 */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EnigmaError } from '@enigma/protocol'

export type Database = DatabaseSync
export { DatabaseSync }

/** Opens (and creates) the database of a daemon and brings it to the last of `migrations`, each run once, in order. */
export function openDatabase(path: string, migrations: readonly string[]): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(path, { timeout: 5_000 })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  const found = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0)
  if (found > migrations.length) {
    db.close()
    throw new NewerDatabaseError(path, found, migrations.length)
  }
  for (const [index, sql] of migrations.entries()) {
    if (index >= found) transaction(db, () => db.exec(`${sql}; PRAGMA user_version = ${index + 1}`))
  }
  return db
}

/** Opens a daemon's database for looking only; it may be in use. */
export function openForReading(path: string): Database {
  return new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
}

/**
 * Takes a data directory for this process alone: two daemons with one key would fight over nonces. The lock is the kernel's
 * (an exclusive transaction that is never ended), so `kill -9` frees it. Returns its release.
 */
export function lockFolder(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch {
    db.close()
    throw new FolderInUseError(dataDir)
  }
  return () => db.close()
}

/** Thrown when another process works on the same data directory. */
export class FolderInUseError extends EnigmaError {
  override readonly name = 'Sqlite.FolderInUseError'
  readonly code = 'DATA_DIR_IN_USE'
  constructor(dataDir: string) {
    super(`Another process works on ${dataDir}.`, {
      hint: 'Stop it first, or give this one a data directory of its own.',
    })
  }
}

/** Runs `change` as one transaction. Inside another one it simply joins in, so that steps compose. */
export function transaction<T>(db: Database, change: () => T): T {
  if (db.isTransaction) return change()
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = change()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Thrown when the file was written by a later version of this program. */
export class NewerDatabaseError extends EnigmaError {
  override readonly name = 'Sqlite.NewerDatabaseError'
  readonly code = 'DATABASE_NEWER'
  constructor(path: string, found: number, known: number) {
    super(`${path} has schema ${found}; this version knows up to ${known}.`, {
      hint: 'Run the version that wrote it, or give another data directory.',
    })
  }
}
