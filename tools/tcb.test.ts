/** The count of what Core is made of: each file once, each line in its column, and nothing among others' that was not chosen. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { linesOf, type Tcb, tcbOf, tcbOfCore, tcbText } from './tcb.ts'

test('counts lines that say something, and comments apart', () => {
  const text = ['/**', ' * What for?', ' */', '', 'const a = 1 // one', '// two', '/* three */', '  ', 'a()'].join('\n')
  expect(linesOf(text)).toEqual({ files: 1, code: 2, comments: 5 })
})

test('adds up own files by package, with the assembly for the bytes built of it, and others’ by version', () => {
  const bundled = [
    { file: 'packages/protocol/src/limits.ts', code: '' },
    { file: 'packages/protocol/src/lane.ts', code: '' },
    { file: 'packages/evm/src/wasm-bytes.ts', code: 'a' },
    { file: 'node_modules/@noble/hashes/sha3.js', code: 'a\n\nb\n// c' },
    { file: 'node_modules/@noble/hashes/sha2.js', code: 'a' },
    { file: '\0helper.js', code: 'a' },
  ]
  const { own, ownTotal, others, othersTotal, bundleBytes } = tcbOf(bundled, 7)
  expect(own.map(({ name }) => name).sort()).toEqual(['packages/evm/assembly', 'packages/protocol'])
  expect(own.find(({ name }) => name === 'packages/protocol')?.files).toBe(2)
  expect(ownTotal.code).toBe(own.reduce((total, { code }) => total + code, 0))
  expect(others).toEqual([
    { name: '@noble/hashes 2.4.0', files: 2, code: 3, comments: 1 },
    { name: 'the bundler’s own helper', files: 1, code: 1, comments: 0 },
  ])
  expect([othersTotal, bundleBytes]).toEqual([{ files: 3, code: 4, comments: 1 }, 7])
})

test('says how far the budget is missed, or what is left of it', () => {
  const lines = { files: 1, code: 6_000, comments: 0 }
  const tcb: Tcb = { budget: 6_000, own: [], ownTotal: lines, others: [], othersTotal: lines, bundleBytes: 1 }
  expect(tcbText(tcb)).toContain('6,000 lines: 0 are left.')
  expect(tcbText({ ...tcb, ownTotal: { ...lines, code: 7_234 } })).toContain('over budget by 1,234.')
})

test('of others, Core holds noble, one schema library, and nothing else', async () => {
  const { own, others } = await tcbOfCore()
  const names = others.map(({ name }) => name.split(' ')[0])
  expect(names.filter((name) => name !== 'the').sort()).toEqual(['@noble/curves', '@noble/hashes', 'valibot'])
  expect(own.map(({ name }) => name).sort()).toEqual(
    ['attestation', 'core', 'evm', 'evm/assembly', 'protocol'].map((name) => `packages/${name}`),
  )
})

test('the README counts every part of it, to 5 %', async () => {
  const { own, ownTotal, others, othersTotal } = await tcbOfCore()
  const parts = [...own, ...others].filter(({ name }) => !name.startsWith('the '))
  const counted = new Map(parts.map(({ name, code }) => [name.split(' ')[0], code]))
  counted.set('**our own**', ownTotal.code).set('**others’**', othersTotal.code)
  const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  const [, table = ''] = /\| lines of code \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(readme) ?? []
  const rows = [...table.matchAll(/^\| (.+) \| ([\d,]+) \|$/gm)]
  expect(rows.map(([, name]) => name).sort()).toEqual([...counted.keys()].sort())
  for (const [, name, lines = ''] of rows) {
    const found = counted.get(name) ?? 0
    expect(Math.abs(Number(lines.replaceAll(',', '')) - found) / found, `${name}: ${found}`).toBeLessThan(0.05)
  }
})
