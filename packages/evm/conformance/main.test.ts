import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { account, vmFixture } from './testing/fixtures.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'enigma-conformance-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const good = vmFixture('0x6001600201', { gas: '0x018697' })

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

function run(...args: string[]) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
  return { status, lines: stdout.trim().split('\n'), stderr }
}

test('runs a folder whatever its files are called, and ends with the sum', () => {
  write('good/a/one.json', { good })
  write('good/two.json', { good, other: good })
  write('good/three.json', [{ file: 'one.json' }])
  expect(run(path.join(folder, 'good'))).toMatchObject({
    status: 0,
    lines: ['skipped 1: a file without tests', '3 passed, 0 failed, 1 skipped'],
  })
})

test('names each failure and exits with 1', () => {
  const altered = { ...good, post: { [good.exec.address]: account({ storage: { '0x00': '0x01' } }) } }
  const file = write('altered.json', { good, altered })
  const { status, lines } = run(file)
  expect(status).toBe(1)
  expect(lines[0]).toMatch(`FAILED ${file}: altered: storage`)
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped')
})

test('counts a file that is no JSON as a failure, and runs the others', () => {
  write('broken/a.json', '{"cut": ')
  write('broken/b.json', { good })
  const { status, lines } = run(path.join(folder, 'broken'))
  expect(status).toBe(1)
  expect(lines[0]).toMatch(/a\.json is no JSON/)
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped')
})

test('counts fixtures that lack a part as failures', () => {
  write('parts/a.json', { part: { ...good, exec: {} } })
  write('parts/b.json', { part: { env: {}, pre: {}, transaction: {}, post: null } })
  const { status, lines } = run(path.join(folder, 'parts'))
  expect([status, lines.at(-1)]).toEqual([1, '0 passed, 2 failed, 0 skipped'])
})

test('says so where there is nothing', () => {
  const missing = path.join(folder, 'missing')
  expect(run(missing)).toMatchObject({ status: 2, stderr: `There is nothing at ${missing}.\n` })
})

test('says so where a folder has no JSON', () => {
  fs.mkdirSync(path.join(folder, 'empty'))
  expect(run(path.join(folder, 'empty'))).toMatchObject({ status: 2, stderr: expect.stringContaining('No JSON files') })
})

test('shows its use without a path', () => {
  expect(run()).toMatchObject({ status: 2, lines: expect.arrayContaining([expect.stringContaining('PATH')]) })
})
