import { afterEach, describe, expect, test } from 'vitest'
import { ChildEndedError, type LogSink } from './child.ts'
import { createSupervisor, type Supervised, type Supervisor } from './supervisor.ts'

let supervisor: Supervisor | undefined
afterEach(() => supervisor?.stop())

/** A supervisor whose lines are kept. */
function world() {
  const lines: string[] = []
  const log: LogSink = (name, line) => void lines.push(`${name}: ${line}`)
  supervisor = createSupervisor(log)
  return { supervisor, lines }
}

/** A process that runs `code`, and then waits to be told to end. */
function program(name: string, code = '', extra: Partial<Supervised> = {}): Supervised {
  const source = `${code}; process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); setInterval(() => {}, 1e6); process.send({ type: 'ready', name: '${name}' })`
  return { name, kind: 'node', command: process.execPath, args: ['-e', source], layer: 1, onCrash: 'fail', ...extra }
}

describe('a supervisor', () => {
  test('hears what a process tells of itself when it is ready', async () => {
    const { supervisor } = world()
    expect(await supervisor.start(program('one')).ready).toMatchObject({ name: 'one' })
    expect(supervisor.current('one')?.hasExited).toBe(false)
  })

  test('stops the upper layers before the lower ones, whatever came first', async () => {
    const { supervisor, lines } = world()
    const specs = [program('worker', '', { layer: 2 }), program('chain', '', { layer: 0 }), program('service')]
    await Promise.all(specs.map((spec) => supervisor.start(spec).ready))
    await supervisor.stop()
    expect(lines).toEqual(['worker: bye', 'service: bye', 'chain: bye'])
  })

  test('kills a process that does not end by itself', async () => {
    const { supervisor } = world()
    const stubborn = supervisor.start({
      ...program('stubborn'),
      args: ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); process.send({ type: 'ready' })"],
    })
    await stubborn.ready
    expect(await stubborn.stop(50)).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('says that the network broke when a process that all need ends unasked', async () => {
    const { supervisor, lines } = world()
    const child = supervisor.start(program('chain'))
    await child.ready
    void child.crash()
    await expect(supervisor.failed).rejects.toMatchObject({ code: 'PROCESS_CRASHED' })
    expect(lines).toContain('localnet: chain ended unexpectedly (SIGKILL)')
  })

  test('starts a worker that crashed again, and gives up when that does not help', async () => {
    const { supervisor, lines } = world()
    const worker = supervisor.start(program('worker', '', { onCrash: 'restart' }))
    await worker.ready
    await worker.crash()
    expect(lines).toEqual(['localnet: worker ended unexpectedly (SIGKILL); starting it again'])
    const again = supervisor.current('worker')
    expect(again?.pid).not.toBe(worker.pid)
    await again?.ready

    const hopeless = supervisor.start({ ...program('hopeless', 'process.exit(3)', { onCrash: 'restart' }) })
    await expect(hopeless.ready).rejects.toBeInstanceOf(ChildEndedError)
    await expect(supervisor.failed).rejects.toMatchObject({ message: expect.stringContaining('exit code 3') })
    expect(lines.filter((line) => line.includes('hopeless ended')).length).toBe(4)
  })

  test('does not call an end a crash that it asked for', async () => {
    const { supervisor, lines } = world()
    await supervisor.start(program('worker')).ready
    await supervisor.stopOne('worker')
    expect(lines).toEqual(['worker: bye'])
    expect(await supervisor.restart('worker').ready).toMatchObject({ name: 'worker' })
  })

  test('gives the last words of a process that ended before it was ready', async () => {
    const { supervisor } = world()
    const child = supervisor.start(program('chatty', "console.error('no such option'); process.exit(2)"))
    await expect(child.ready).rejects.toMatchObject({ message: expect.stringContaining('no such option') })
  })

  test('starts nothing once it is stopping', async () => {
    const { supervisor } = world()
    await supervisor.stop()
    expect(() => supervisor.start(program('late'))).toThrow('being stopped')
  })
})
