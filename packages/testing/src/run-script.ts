import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { writeNetworkFile } from '@enigma/cli/localnet'
import type { TestNetwork } from './network.ts'

/** Runs a script as its reader would, in a folder of its own whose .enigma/network.json is this network's; answers what it printed. */
export async function runScript({ network }: TestNetwork, script: string): Promise<string> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'enigma-script-'))
  try {
    await writeNetworkFile(path.join(cwd, '.enigma'), network)
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd })
    return stdout.trim()
  } finally {
    await rm(cwd, { recursive: true })
  }
}
