/** Docs are run: code on a page stands in a file that the tests execute, and what a page names exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = path.join(import.meta.dirname, '..')
const BLOCK = /^```(solidity|ts)(?: (\S+))?\n(.*?)^```$/gms
const GUIDE = 'docs/writing-a-dapp.md'

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')
const pages = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...['docs', 'examples', 'packages'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
      .map((file) => path.join(folder, file)),
  ),
]

/** A sketch shows how parts fit, with values from nowhere; what it imports must be there under that name. */
async function expectNamesToExist(language: string | undefined, code: string): Promise<void> {
  const imports = [...code.matchAll(/^import \{ ([^}]+) \} from '([^']+)'$/gm)]
  expect(imports.length, `a ${language} block without its file and without imports`).toBeGreaterThan(0)
  for (const [, names = '', specifier = ''] of imports) {
    expect(Object.keys(await import(specifier)), specifier).toEqual(expect.arrayContaining(names.split(', ')))
  }
}

describe.each(pages)('%s', (page) => {
  test('shows code that stands in the repository to the letter, or a sketch of names that exist', async () => {
    for (const [, language, file, code = ''] of read(page).matchAll(BLOCK)) {
      if (file === undefined) await expectNamesToExist(language, code)
      else expect(read(file), file).toContain(code)
    }
  })

  test('links to files that exist', () => {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      expect(existsSync(path.join(ROOT, path.dirname(page), target)), target).toBe(true)
    }
  })
})

test('every error code in the guide is one that the client or what it stands on throws', () => {
  const thrown = new Set(
    ['packages/client/src', 'packages/protocol/src'].flatMap((folder) =>
      readdirSync(path.join(ROOT, folder))
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .flatMap((file) => [...read(path.join(folder, file)).matchAll(/code = '([A-Z_]+)'/g)].map(([, code]) => code)),
    ),
  )
  const [, table = ''] = read(GUIDE).split('| `code` |')
  const named = [...(table.split('\n\n')[0] ?? '').matchAll(/`([A-Z_]{5,})`/g)].map(([, code]) => code)
  expect(named.length).toBeGreaterThan(20)
  for (const code of named) expect(thrown, code).toContain(code)
})
