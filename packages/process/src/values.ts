/**
 * Small facts of a daemon that must survive it: a table of JSON values by name, in the daemon's own database.
 */
import type { Database } from './sqlite.ts'

export const VALUES_SCHEMA = 'CREATE TABLE value (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT'

export type Values = {
  get<T>(name: string): T | undefined
  set(name: string, value: unknown): void
  delete(name: string): void
}

/** The table is written by this program alone, so what comes out has the type that went in. */
export function openValues(db: Database): Values {
  const select = db.prepare('SELECT json FROM value WHERE name = ?')
  return {
    get<T>(name: string): T | undefined {
      const row = select.get(name)
      return row === undefined ? undefined : (JSON.parse(String(row.json)) as T)
    },
    set(name, value) {
      db.prepare('INSERT INTO value VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET json = excluded.json').run(
        name,
        JSON.stringify(value),
      )
    },
    delete(name) {
      db.prepare('DELETE FROM value WHERE name = ?').run(name)
    },
  }
}
