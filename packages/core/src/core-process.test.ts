import { describe, expect, test } from 'vitest'
import { encodeFrame } from './channel.ts'
import { CoreProcess } from './core-process.ts'

const DEADLINE_MS = 30_000

/** A process in Core's place that answers its first request with these bytes. */
function impostor(...frames: Uint8Array[]): CoreProcess {
  const hex = Buffer.concat(frames).toString('hex')
  const script = `process.stdin.once('data', () => process.stdout.write(Buffer.from('${hex}', 'hex')))`
  return new CoreProcess({ program: process.execPath, args: ['-e', script] }, () => {})
}

const seed = { epoch: 1, header: new Uint8Array(0), signatures: [] }

describe('S18: the host kills a Core that', () => {
  test.each([
    ['answers what was never asked', encodeFrame({ id: 9, result: {} })],
    ['writes no frame', Buffer.from('hello')],
    ['writes no answer', encodeFrame({ id: 1, result: {}, error: 3 })],
    ['gives an error no number', encodeFrame({ id: 1, error: 'BUSY' })],
    ['gives a result of another form', encodeFrame({ id: 1, result: { signature: '0x', seed: '1' } })],
    ['answers a second time', Buffer.concat([encodeFrame({ id: 1, error: 3 }), encodeFrame({ id: 1, error: 3 })])],
  ])('%s', async (_, bytes) => {
    const core = impostor(bytes)
    const ended = new Promise((resolve) => core.onExit(resolve))
    await expect(core.call('seed', seed, DEADLINE_MS)).rejects.toThrow()
    expect(await ended).toMatchObject({ reason: 'CORE_MALFORMED_ANSWER', signal: 'SIGKILL' })
  })
})

test('S21: text on a Core’s stderr is dropped, codes are heard', async () => {
  const heard: string[] = []
  const script = `process.stderr.write('CORE_DEFECT\\nsecret: 12345\\nError: secret\\n')`
  const core = new CoreProcess({ program: process.execPath, args: ['-e', script] }, (code) => heard.push(code))
  await new Promise((resolve) => core.onExit(resolve))
  expect(heard).toEqual(['CORE_DEFECT'])
})

describe('a program that runs Core as a child of its own', () => {
  /** As a script does that forgets its `exec`: the child holds the pipe, hears no end of stdin, and answers nothing. */
  const wrapped = () => new CoreProcess({ program: '/bin/sh', args: ['-c', 'sleep 1000 & wait'] }, () => {})

  test('S19: is killed with it by the watchdog', async () => {
    const core = wrapped()
    await expect(core.call('info', {}, 200)).rejects.toMatchObject({ code: 'CORE_KILLED' })
  })

  test('is stopped with it', async () => {
    await expect(wrapped().stop()).resolves.toBeUndefined()
  })
})

test('a call to a Core that cannot be started says so', async () => {
  const core = new CoreProcess({ program: '/no/such/program', args: [] }, () => {})
  await expect(core.call('info', {}, DEADLINE_MS)).rejects.toMatchObject({ code: 'CORE_DID_NOT_START' })
  await core.stop()
})
