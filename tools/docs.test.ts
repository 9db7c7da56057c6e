import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = path.join(import.meta.dirname, '../..')
const PAGE = path.join(ROOT, 'docs/writing-a-dapp.md')
const BLOCK = /^```(?:solidity|ts) (\S+)\n(.*?)^```$/gms

test('the code in docs/writing-a-dapp.md stands in the examples, to the letter', async () => {
  const page = await readFile(PAGE, 'utf8')
  const blocks = [...page.matchAll(BLOCK)]
  expect(blocks).toHaveLength((page.split('\n```').length - 1) / 2)
  for (const [, file = '', code = ''] of blocks) {
    expect(await readFile(path.join(ROOT, file), 'utf8'), file).toContain(code)
  }
})

test('every error code in docs/writing-a-dapp.md is one that the client or what it stands on throws', async () => {
  const sources = await Promise.all(
    ['packages/client/src', 'packages/protocol/src'].map(async (folder) => {
      const files = await readdir(path.join(ROOT, folder))
      const own = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      return Promise.all(own.map((file) => readFile(path.join(ROOT, folder, file), 'utf8')))
    }),
  )
  const thrown = new Set(
    [
      ...sources
        .flat()
        .join('\n')
        .matchAll(/code = '([A-Z_]+)'/g),
    ].map(([, code]) => code),
  )
  const page = await readFile(PAGE, 'utf8')
  const [, table = ''] = page.split('| `code` |')
  const named = [...(table.split('\n\n')[0] ?? '').matchAll(/`([A-Z_]{5,})`/g)].map(([, code]) => code)
  expect(named.length).toBeGreaterThan(20)
  for (const code of named) expect(thrown, code).toContain(code)
})
