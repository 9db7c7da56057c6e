/** What a page downloads: bundled and minified as for production, then gzip. */
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import type { Figure } from './figure.ts'

const ENTRY = 'virtual:entry'
/** What a page verifies with; the rest of the package is left to the bundler to leave out. */
const VERIFIER = "export { defaultPolicy, trustRoots, verifyQuote } from '@enigma/attestation'"
const CLIENT = "export * from '@enigma/client'"

export async function measureSizes(progress: (line: string) => void): Promise<Figure[]> {
  progress('bundling …')
  return [
    figure('verifier, gzip', await gzipBytes(VERIFIER), 45),
    figure('client beyond viem, gzip', await gzipBytes(CLIENT, [/^viem($|\/)/]), 60),
  ]
}

async function gzipBytes(source: string, external: RegExp[] = []): Promise<number> {
  const output = (await build({
    root: path.resolve(import.meta.dirname, '..'),
    configFile: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) => (id === ENTRY ? source : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rolldownOptions: { input: ENTRY, external, preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput
  const code = output.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
  return gzipSync(code, { level: 9 }).length
}

function figure(name: string, bytes: number, target: number): Figure {
  return { name, value: Math.round(bytes / 100) / 10, unit: 'kB', target, better: 'lower' }
}
