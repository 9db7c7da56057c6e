/**
 * `npm run bundle:core`: Core as one file, `out/core/core.mjs`, for an enclave or a virtual machine.
 *
 * Inside, no compiler should stand between what is measured and what runs, and what is measured should be one thing with
 * one hash. Nothing is minified: whoever audits the hash wants to read the file. The same sources and the same
 * node_modules give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, type Rolldown } from 'vite'

const ROOT = path.join(import.meta.dirname, '..')

/** The bundle's text. */
export async function bundleCore(): Promise<string> {
  return (await buildCore()).code
}

/** The bundle, with what each source file gave to it. */
export async function buildCore(): Promise<Rolldown.OutputChunk> {
  const built = await build({
    root: ROOT,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: path.join(ROOT, 'packages/core/src/main.ts'),
      write: false,
      minify: false,
      target: 'node24',
      rolldownOptions: { output: { format: 'es', entryFileNames: 'core.mjs', codeSplitting: false } },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((result) =>
    'output' in result ? result.output : [],
  )
  const [chunk, ...others] = outputs
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error(`One file was expected, not ${outputs.length}.`)
  return chunk
}

if (import.meta.main) {
  const code = await bundleCore()
  const file = path.join(ROOT, 'out/core/core.mjs')
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, code)
  const hash = createHash('sha256').update(code).digest('hex')
  console.log(`${path.relative(process.cwd(), file)}: ${Buffer.byteLength(code)} bytes, SHA-256 ${hash}`)
}
