/**
 * Which files are Core?
 *
 * Core's own package and, by their declared dependencies, all packages that it can import. The same list is what a
 * launched Core may read (`launch.ts`) and what its measurement covers: code that is not measured cannot be loaded.
 * Read anew at each start, since a cache would have to lie where the host can write.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { bytesToHex, type Hex } from '@enigma/protocol'

export type CodePackage = { name: string; directory: string }

/** What Node would execute or resolve by; tests are no part of a product, nor are the sources of what is compiled. */
const CODE = /\.(?:[cm]?js|ts|json|node|wasm)$/
const NOT_CODE = /\.(?:d\.[cm]?ts|test\.ts)$/
const SKIPPED = new Set(['node_modules', 'vectors', 'testing', 'conformance', 'assembly'])

/** What a simulated machine measures: the files above, or the one file that a bundle of Core is. */
export function measureCore(): Hex {
  const { filename } = import.meta
  if (filename.endsWith('.ts')) return measureCode()
  return bytesToHex(createHash('sha256').update(readFileSync(filename)).digest())
}

/** Core's package and everything below it in the dependency graph, sorted by name. */
export function codePackages(): CodePackage[] {
  const found = new Map<string, CodePackage>()
  const open = [join(import.meta.dirname, '../../package.json')]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const directory = dirname(file)
    if (found.has(directory)) continue
    const { name, dependencies = {} }: { name: string; dependencies?: object } = JSON.parse(readFileSync(file, 'utf8'))
    found.set(directory, { name, directory })
    for (const dependency of Object.keys(dependencies)) {
      const next = findPackageJSON(dependency, file)
      if (next === undefined) throw new Error(`${name} cannot find ${dependency}.`)
      open.push(next)
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** SHA-256 over package name, path and content of each file, every part preceded by its length. */
export function measureCode(packages: readonly CodePackage[] = codePackages()): Hex {
  const hash = createHash('sha256')
  const add = (part: Uint8Array): void => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    hash.update(length).update(part)
  }
  for (const { name, directory } of packages) {
    for (const path of codeFiles(directory)) {
      add(Buffer.from(name))
      add(Buffer.from(path))
      add(readFileSync(join(directory, path)))
    }
  }
  return bytesToHex(hash.digest())
}

/** Paths relative to `directory`, in an order that no file system decides. */
export function codeFiles(directory: string): string[] {
  const files: string[] = []
  const walk = (relative: string): void => {
    for (const entry of readdirSync(join(directory, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(path)
      } else if (CODE.test(entry.name) && !NOT_CODE.test(entry.name)) files.push(path)
    }
  }
  walk('')
  return files.sort()
}
