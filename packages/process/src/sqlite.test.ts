import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readFileIfThere, writeFileDurably } from './files.ts'
import { lockFolder, openDatabase, openForReading, transaction } from './sqlite.ts'
import { openValues, VALUES_SCHEMA } from './values.ts'

const folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('openDatabase', () => {
  const path = join(folder, 'a', 'x.db')

  test('brings a file up to date once, and refuses one of a later version', () => {
    const first = openDatabase(path, ['CREATE TABLE a (x INTEGER) STRICT'])
    first.exec('INSERT INTO a VALUES (1)')
    first.close()
    const second = openDatabase(path, ['CREATE TABLE a (x INTEGER) STRICT', 'ALTER TABLE a ADD COLUMN y INTEGER'])
    expect({ ...second.prepare('SELECT x, y FROM a').get() }).toEqual({ x: 1, y: null })
    second.close()
    expect(() => openDatabase(path, ['CREATE TABLE a (x INTEGER) STRICT'])).toThrow('has schema 2')
  })

  test('S20: a commit that returned is on the disk', () => {
    const db = openDatabase(path, ['', ''])
    expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 })
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    db.close()
  })

  test('can be read while it is in use and after it was closed', () => {
    const db = openDatabase(path, ['', ''])
    const reader = openForReading(path)
    expect(reader.prepare('SELECT count(*) AS n FROM a').get()).toMatchObject({ n: 1 })
    reader.close()
    db.close()
    const later = openForReading(path)
    expect(later.prepare('SELECT count(*) AS n FROM a').get()).toMatchObject({ n: 1 })
    expect(() => later.exec('INSERT INTO a VALUES (2, 2)')).toThrow()
    later.close()
  })
})

test('a transaction leaves all or nothing, and joins the one around it', () => {
  const db = openDatabase(':memory:', ['CREATE TABLE a (x INTEGER) STRICT'])
  const insert = (x: number) => db.prepare('INSERT INTO a VALUES (?)').run(x)
  const failing = () =>
    transaction(db, () => {
      insert(1)
      transaction(db, () => insert(2))
      throw new Error('taken back')
    })
  expect(failing).toThrow('taken back')
  expect(db.prepare('SELECT count(*) AS n FROM a').get()).toMatchObject({ n: 0 })
  expect(transaction(db, () => insert(3).changes)).toBe(1)
})

test('a data directory is taken by one process at a time', () => {
  const unlock = lockFolder(join(folder, 'taken'))
  expect(() => lockFolder(join(folder, 'taken'))).toThrow(expect.objectContaining({ code: 'DATA_DIR_IN_USE' }))
  unlock()
  lockFolder(join(folder, 'taken'))()
})

test('values keep what was put last', () => {
  const values = openValues(openDatabase(':memory:', [VALUES_SCHEMA]))
  expect(values.get('a')).toBeUndefined()
  values.set('a', { b: [1] })
  values.set('a', { b: [2] })
  expect(values.get('a')).toEqual({ b: [2] })
  values.delete('a')
  expect(values.get('a')).toBeUndefined()
})

test('a file is replaced whole', () => {
  const path = join(folder, 'deep', 'key')
  expect(readFileIfThere(path)).toBeUndefined()
  writeFileDurably(path, Uint8Array.of(1, 2))
  writeFileDurably(path, Uint8Array.of(3))
  expect(new Uint8Array(readFileIfThere(path) as Uint8Array)).toEqual(Uint8Array.of(3))
})
