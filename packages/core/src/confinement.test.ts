import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { confinedCommand } from './confinement.ts'
import { isolation } from './isolation.ts'
import { codeFiles, codePackages, measureCode } from './platform/measured-code.ts'

const run = promisify(execFile)
const entry = (name: string) => join(import.meta.dirname, 'testing', name)

describe('in Core’s confinement', () => {
  let outcomes: Record<string, unknown>

  beforeAll(async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const argument = JSON.stringify({ file: '/etc/hostname', target: join(tmpdir(), 'written-by-core'), port })
    const { program, args } = confinedCommand(entry('confined-probe.ts'), argument)
    const { stdout } = await run(program, args, { env: {}, cwd: '/' })
    outcomes = JSON.parse(stdout)
    server.close()
  })

  test.each(['read', 'write', 'spawn', 'worker'])('%s fails', (what) => {
    expect(outcomes[what]).toBe('ERR_ACCESS_DENIED')
  })

  test('text is never run as code', () => {
    expect(outcomes.evaluate).toMatch(/Code generation from strings disallowed/)
  })

  test('there is no environment', () => {
    expect(outcomes.environment).toEqual([])
  })

  test('connect fails, or Core says that its isolation is partial', () => {
    expect(outcomes.connect === 'done' ? 'partial' : 'full').toBe(outcomes.isolation)
  })
})

describe('the measured code', () => {
  test('is what Core loads, its engine and its quotes included', async () => {
    const { program, args } = confinedCommand(entry('loaded-files.ts'))
    const { stdout } = await run(program, args, { env: {}, cwd: '/' })
    const loaded: string[] = JSON.parse(stdout)
    const measured = new Set(
      codePackages().flatMap(({ directory }) =>
        codeFiles(directory).map((path) => realpathSync(join(directory, path))),
      ),
    )
    expect(loaded.length).toBeGreaterThan(100)
    expect(loaded.filter((file) => !measured.has(file))).toEqual([])
  })

  test('names Core, what it is built on, and nothing of viem, ethereumjs or compilers', () => {
    const names = codePackages().map(({ name }) => name)
    const OURS = ['@enigma/core', '@enigma/evm', '@enigma/protocol', '@noble/curves', 'valibot']
    expect(names).toEqual(expect.arrayContaining(OURS))
    expect(names.filter((name) => /viem|ethereumjs|assemblyscript/.test(name))).toEqual([])
  })

  test('covers the machine as it runs, and not what it is compiled from or tested with', () => {
    const { directory = '' } = codePackages().find(({ name }) => name === '@enigma/evm') ?? {}
    const files = codeFiles(directory)
    expect(files).toEqual(expect.arrayContaining(['evm.wasm', 'src/wasm-bytes.ts', 'src/machine.ts']))
    expect(files.filter((file) => /^(assembly|conformance)|testing/.test(file))).toEqual([])
  })

  test('has one measurement, and another for other code', () => {
    const [first, ...rest] = codePackages()
    expect(measureCode()).toBe(measureCode())
    expect(measureCode(rest)).not.toBe(measureCode())
    expect(measureCode([{ name: 'other', directory: first?.directory ?? '' }, ...rest])).not.toBe(measureCode())
  })
})

test('a Core that is started outside of the confinement says so', () => {
  expect(isolation()).toBe('partial')
})
