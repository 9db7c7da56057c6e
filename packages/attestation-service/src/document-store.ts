/** What the cache holds, on disk: so that a restart needs nobody. Whatever comes out is verified again before it is served. */
import type { Database } from '@enigma/process'
import type { Document, DocumentName } from './document.ts'
import type { Facts } from './verify-document.ts'

export const DOCUMENTS_SCHEMA = `
  CREATE TABLE document (
    label TEXT PRIMARY KEY, name TEXT NOT NULL, content TEXT NOT NULL, signature TEXT NOT NULL, issuer_chain TEXT NOT NULL,
    issued_at INTEGER NOT NULL, valid_until INTEGER NOT NULL, evaluation_number INTEGER NOT NULL, fetched_at INTEGER NOT NULL
  ) STRICT`

export type Stored = {
  readonly name: DocumentName
  readonly document: Document
  readonly facts: Facts
  /** Unix seconds. */
  readonly fetchedAt: number
}

export type DocumentStore = ReturnType<typeof openDocuments>

export function openDocuments(db: Database) {
  return {
    all(): Stored[] {
      return db.prepare('SELECT * FROM document').all().map(readRow)
    },
    put(label: string, { name, document, facts, fetchedAt }: Stored): void {
      const { content, signature, issuerChain } = document
      const { issuedAt, validUntil, evaluationNumber } = facts
      db.prepare('INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
        ...[label, JSON.stringify(name), content, signature, issuerChain],
        ...[issuedAt, validUntil, evaluationNumber, fetchedAt],
      )
    },
    delete(label: string): void {
      db.prepare('DELETE FROM document WHERE label = ?').run(label)
    },
  }
}

/** This program alone writes the table, so what comes out has the type that went in; whether it is genuine is asked again. */
function readRow(row: Record<string, unknown>): Stored {
  return {
    name: JSON.parse(String(row.name)) as DocumentName,
    document: {
      content: String(row.content),
      signature: String(row.signature),
      issuerChain: String(row.issuer_chain),
    },
    facts: {
      issuedAt: Number(row.issued_at),
      validUntil: Number(row.valid_until),
      evaluationNumber: Number(row.evaluation_number),
    },
    fetchedAt: Number(row.fetched_at),
  }
}
