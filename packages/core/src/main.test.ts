import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { utf8 } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, FrameReader } from './channel.ts'
import { confinedCommand } from './confinement.ts'
import type { PlatformKind } from './platform/platform.ts'
import { dApp } from './testing/assemble.ts'
import { ATTEST } from './testing/core-in-process.ts'
import { configOf, endlessRequest, NETWORK, request } from './testing/world.ts'

/** A Core whose every byte the test sees. */
function rawCore(config: unknown = configOf()) {
  const { program, args } = confinedCommand()
  const child = spawn(program, args, { env: {}, cwd: '/' })
  child.stdin.write(encodeFrame(config))
  const out: Buffer[] = []
  const err: Buffer[] = []
  const frames = new FrameReader()
  const answers: { id: number; result?: Record<string, string>; error?: number }[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk)
    answers.push(...(frames.push(chunk) as typeof answers))
    child.emit('answered')
  })
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([exitCode]) => exitCode as number | null)
  return {
    write: (bytes: Uint8Array) => child.stdin.write(bytes),
    end: () => child.stdin.end(),
    ended,
    answers,
    /** Waits for the answer with this id. */
    answer: async (id: number) => {
      for (;;) {
        const found = answers.find((answer) => answer.id === id)
        if (found) return found
        await once(child, 'answered')
      }
    },
    stdout: () => Buffer.concat(out),
    stderr: () => Buffer.concat(err).toString('latin1'),
  }
}

const NOT_THERE = 'PLATFORM_NOT_THERE'

const configFor = (platform: PlatformKind, simulated: boolean) => ({
  role: 'worker',
  network: { ...NETWORK, simulated },
  platform,
  ...(platform === 'simulated' && { platformName: 'test' }),
})

describe('Core’s process', () => {
  test('ends with its stdin', async () => {
    const core = rawCore()
    core.write(encodeFrame({ id: 1, call: 'info', params: {} }))
    expect(await core.answer(1)).toMatchObject({ result: { role: 'worker' } })
    core.end()
    expect(await core.ended).toBe(0)
    expect(core.stderr()).toBe('')
  })

  test.each([
    ['no configuration', { canary: 'secret' }, 'CORE_BAD_CONFIG'],
    ['a simulated machine without a name', { ...configOf(), platformName: undefined }, 'CORE_BAD_CONFIG'],
    ['a named machine that is real', { ...configOf(), platform: 'tdx' }, 'CORE_BAD_CONFIG'],
    ['a platform that nobody knows', { ...configOf(), platform: 'auto' }, 'CORE_BAD_CONFIG'],
    ['S15: real hardware for a simulated network', configFor('tdx', true), 'WRONG_PLATFORM'],
    ['S15: simulated hardware for a real network', configFor('simulated', false), 'WRONG_PLATFORM'],
    ['S15: an enclave where there is none, instead of anything simulated', configFor('gramine-sgx', false), NOT_THERE],
    ['S15: a trust domain where there is none, likewise', configFor('tdx', false), NOT_THERE],
  ])('does not start on %s', async (_, config, code) => {
    const core = rawCore(config)
    core.write(encodeFrame({ id: 1, call: 'info', params: {} }))
    expect(await core.ended).toBe(1)
    expect(core.stdout()).toHaveLength(0)
    expect(core.stderr()).toBe(`${code}\n`)
  })

  test('ends with its stdin even while it computes, and signs nothing', async () => {
    const core = rawCore()
    core.write(encodeFrame({ id: 1, call: 'attest', params: ATTEST }))
    const inputKey = (await core.answer(1)).result?.inputKey as `0x${string}`
    core.write(encodeFrame({ id: 2, call: 'execute', params: await endlessRequest(inputKey) }))
    core.end()
    expect(await core.ended).toBe(0)
    expect(core.answers.map(({ id }) => id)).toEqual([1])
  })

  test.each([
    ['a frame too large', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'FRAME_TOO_LARGE'],
    ['an empty frame', Buffer.alloc(4), 'FRAME_EMPTY'],
    ['half a frame', Buffer.from([0, 0, 0, 9, 0x7b]), 'FRAME_TRUNCATED'],
    ['no JSON', Buffer.from([0, 0, 0, 1, 0x7b]), 'FRAME_NOT_JSON'],
    ['no request', encodeFrame({ call: 'info', canary: 'secret' }), 'CORE_BAD_REQUEST'],
  ])('S18: answers nothing to %s, and ends', async (_, bytes, code) => {
    const core = rawCore()
    core.write(bytes)
    core.end()
    expect(await core.ended).toBe(1)
    expect(core.stdout()).toHaveLength(0)
    expect(core.stderr()).toBe(`${code}\n`)
  })

  test('S18: meets random bytes with one of its codes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const core = rawCore()
        core.write(bytes)
        core.end()
        expect(await core.ended).toBe(1)
        expect(core.stdout()).toHaveLength(0)
        expect(core.stderr()).toMatch(/^(FRAME_[A-Z0-9_]+|CORE_BAD_REQUEST)\n$/)
      }),
      { numRuns: 8 },
    )
  })
})

describe('S21: what a user sealed leaves Core', () => {
  const CANARY = 'net worth: 12345 canaries'

  /** Whether `bytes` hold the canary in some spelling. */
  const sings = (bytes: Buffer): boolean => {
    const canary = Buffer.from(CANARY)
    const text = bytes.toString('latin1')
    // A cut at each end, since base64 of a part depends on where it begins.
    return [
      CANARY,
      canary.toString('hex'),
      ...[0, 1, 2].map((at) =>
        canary
          .subarray(at, at + 18)
          .toString('base64')
          .slice(0, 20),
      ),
    ].some((spelling) => text.includes(spelling))
  }

  test('in no failure, error or last word', async () => {
    const core = rawCore()
    core.write(encodeFrame({ id: 1, call: 'attest', params: ATTEST }))
    const inputKey = (await core.answer(1)).result?.inputKey as `0x${string}`
    const copyArgs = '0x04 CALLDATASIZE SUB 0x04 PUSH0 CALLDATACOPY 0x04 CALLDATASIZE SUB PUSH0'
    const code = dApp({ 'reverts()': `${copyArgs} REVERT`, 'breaks()': 'INVALID', 'leaks()': `${copyArgs} RETURN` })
    const ask = async (id: number, callable: string, outputCap: number) => {
      const wish = { code, callable, args: utf8(CANARY), recipients: [inputKey], task: { outputCap } }
      const { params } = await request(wish)
      core.write(encodeFrame({ id, call: 'execute', params }))
      return core.answer(id)
    }
    expect(await ask(2, 'reverts()', 1_024)).toMatchObject({ result: { status: 1, output: '0x' } })
    expect(await ask(3, 'breaks()', 1_024)).toMatchObject({ result: { status: 1, output: '0x' } })
    expect(await ask(4, 'leaks()', 8)).toMatchObject({ result: { status: 1, output: '0x' } })
    core.write(encodeFrame({ id: 5, call: 'execute', params: { canary: CANARY } }))
    expect(await core.answer(5)).toEqual({ id: 5, error: 2 })
    expect(sings(core.stdout())).toBe(false)

    // The one way out that the dApp's author chose: what its function returns.
    expect(await ask(6, 'leaks()', 1_024)).toMatchObject({ result: { status: 0 } })
    expect(sings(core.stdout())).toBe(true)

    core.write(encodeFrame(CANARY))
    expect(await core.ended).toBe(1)
    expect(core.stderr()).toBe('CORE_BAD_REQUEST\n')
  })
})
