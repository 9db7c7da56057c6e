import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const DAEMON = fileURLToPath(new URL('./testing/daemon.ts', import.meta.url))

function start(how: string): {
  child: ChildProcess
  ready: Promise<unknown>
  ended: Promise<number | null>
  said: () => string
} {
  const child = fork(DAEMON, [how], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const ready = new Promise((resolve) => child.once('message', resolve))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, ready, ended, said: () => said }
}

test('a daemon says when it is ready, and ends on SIGTERM and SIGINT', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, ready, ended } = start('serve')
    expect(await ready).toEqual({ type: 'ready', url: 'http://here' })
    child.kill(signal)
    expect(await ended).toBe(0)
  }
})

test('a daemon ends when its parent is gone, even while it starts', async () => {
  for (const how of ['serve', 'start-for-ever', 'late']) {
    const { child, ready, ended } = start(how)
    if (how === 'serve') await ready
    child.disconnect()
    expect(await ended).toBe(0)
  }
})

test('a daemon that breaks ends with 1, one that refuses to start with 2', async () => {
  const broken = start('break')
  expect(await broken.ended).toBe(1)
  const refused = start('refuse')
  expect(await refused.ended).toBe(2)
  expect(refused.said()).toContain('CONFIG')
  expect(refused.said()).toContain('Run with --help')
})

test('S21: an unexpected error is not printed, since its text may quote what it met', async () => {
  const broken = start('break')
  await broken.ended
  expect(broken.said()).not.toContain('canary')
})
