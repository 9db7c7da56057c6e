/** The one file that an enclave runs: the same each time, with nothing beside it, and a Core all the same. */
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CoreClient, launchCore } from '../packages/core/src/launch.ts'
import { ATTEST } from '../packages/core/src/testing/core-in-process.ts'
import { adderRequest, configOf, runToReceipt } from '../packages/core/src/testing/world.ts'
import { bundleCore } from './bundle-core.ts'

const ROOT = path.join(import.meta.dirname, '..')
const MANIFEST = path.join(ROOT, 'packages/core/gramine/core.manifest.template')

let folder: string
let file: string
let code: string

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'bundle-'))
  file = path.join(folder, 'core.mjs')
  code = await bundleCore()
  writeFileSync(file, code)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Node's arguments of the manifest, without the program. */
function manifestArguments(): string[] {
  const [, list = ''] = /^loader\.argv = \[([^\]]*)\]/m.exec(readFileSync(MANIFEST, 'utf8')) ?? []
  const [, ...args] = [...list.matchAll(/"([^"]+)"/g)].map(([, argument = '']) => argument)
  return args.map((argument) => argument.replace('/app/core.mjs', file))
}

/** A program as `--core-program` wants one, that runs the bundle with these arguments. */
function program(name: string, args: readonly string[], before = ':'): string {
  const script = path.join(folder, name)
  writeFileSync(
    script,
    `#!/bin/sh\n${before}\nexec '${process.execPath}' ${args.map((argument) => `'${argument}'`).join(' ')}\n`,
  )
  chmodSync(script, 0o755)
  return script
}

type Use = (core: CoreClient<'worker'>) => Promise<void>

async function withCore(args: readonly string[], use: Use, before?: string): Promise<void> {
  const core = await launchCore({ ...configOf(), role: 'worker' }, { program: program('core.sh', args, before) })
  try {
    await use(core)
  } finally {
    await core.stop()
  }
}

const computes: Use = async (core) => {
  const { inputKey } = await core.attest(ATTEST)
  expect(await runToReceipt(core, await adderRequest(inputKey))).toMatchObject({ status: 0 })
}

test('is the same file each time', async () => {
  expect(await bundleCore()).toBe(code)
})

test('imports nothing but Node, and names no folder of the machine that made it', () => {
  const imported = [...code.matchAll(/^(?:import|export) .*? from "([^"]+)";$/gm)].map(([, name = '']) => name)
  expect(imported.length).toBeGreaterThan(3)
  expect(imported.filter((name) => !isBuiltin(name))).toEqual([])
  expect(code).not.toContain(ROOT)
})

describe('a bundled Core', () => {
  test('runs with the manifest’s arguments: it attests, computes, signs, and its measurement is the file’s', async () => {
    await withCore(manifestArguments(), async (core) => {
      const { measurement } = await core.info()
      expect(measurement).toBe(`0x${createHash('sha256').update(code).digest('hex')}`)
      const { quote } = await core.attest(ATTEST)
      expect(`0x${Buffer.from(quote.subarray(112, 144)).toString('hex')}`).toBe(measurement)
      await computes(core)
    })
  })

  test('has room for its machine in the address space of the manifest’s enclave', async () => {
    expect(readFileSync(MANIFEST, 'utf8')).toContain('sgx.enclave_size = "4G"')
    await withCore(manifestArguments(), computes, `ulimit -v ${4 * 2 ** 20}`)
  })

  test('that is told of an enclave, and is in none, ends with a code and its hint', async () => {
    const config = { ...configOf(), role: 'worker', platform: 'gramine-sgx' } as const
    const { platformName: _, ...real } = { ...config, network: { ...config.network, simulated: false } }
    const launching = launchCore(real, { program: program('none.sh', manifestArguments()) })
    await expect(launching).rejects.toMatchObject({
      message: expect.stringContaining('PLATFORM_NOT_THERE'),
      hint: expect.stringContaining('--core-program'),
    })
  })
})

describe('the manifest', () => {
  const manifest = readFileSync(MANIFEST, 'utf8').replaceAll(/^#.*$/gm, '')

  test('is of a production enclave that attests by DCAP and takes nothing from its host', () => {
    expect(manifest).toContain('sgx.debug = false')
    expect(manifest).toContain('sgx.remote_attestation = "dcap"')
    expect(manifest).not.toMatch(/insecure|allowed_files|passthrough|file_check_policy|encrypted/)
  })

  test('measures every file that it mounts', () => {
    const mounted = [...manifest.matchAll(/uri = "(file:[^"]+)"/g)].map(([, uri = '']) => uri)
    const [, list = ''] = /^sgx\.trusted_files = \[([^\]]*)\]/m.exec(manifest) ?? []
    const trusted = [...list.matchAll(/"(file:[^"]+)"/g)].map(([, uri = '']) => uri.replace(/\/$/, ''))
    expect(mounted.length).toBeGreaterThan(4)
    expect(mounted.filter((uri) => !trusted.includes(uri))).toEqual([])
  })
})
