/** A Core of other code that behaves alike: what the next version is, or one that somebody built himself. */
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { buildCore } from '../../tools/bundle-core.ts'

export type OtherCore = {
  /** For the worker's option `coreProgram`. */
  program: string
  measurement: Hex
  remove(): Promise<void>
}

/** Core's bundle with one line more, and what else `patch` makes of it; and a program that runs it. */
export async function buildOtherCore(line: string, patch = (code: string) => code): Promise<OtherCore> {
  const { code } = await buildCore()
  const folder = await mkdtemp(path.join(tmpdir(), 'enigma-core-'))
  const bundle = `${patch(code)}\n// ${line}\n`
  const [file, program] = [path.join(folder, 'core.mjs'), path.join(folder, 'core')]
  await writeFile(file, bundle)
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${file}"\n`)
  await chmod(program, 0o755)
  return {
    program,
    // As a simulated machine measures a bundle: the file that runs.
    measurement: bytesToHex(createHash('sha256').update(bundle).digest()),
    remove: () => rm(folder, { recursive: true }),
  }
}
