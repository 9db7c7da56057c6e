import { PassThrough } from 'node:stream'
import { networkHash } from '@enigma/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../program.ts'
import { DELAY_SECONDS, type GovernedNetwork, startGovernedNetwork } from '../testing/governed.ts'
import { commands } from './index.ts'

const OBSERVERS = [`0x${'b2'.repeat(20)}`, `0x${'a1'.repeat(20)}`] as const

let network: GovernedNetwork
beforeAll(async () => {
  network = await startGovernedNetwork()
})
afterAll(() => network?.stop())

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram(['network', ...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd: network.cwd, env: {}, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, ...JSON.parse(String(stdout.read())), said: String(stderr.read() ?? '') }
}

const announce = (list: string, ...more: string[]) =>
  run('announce-observers', '--observers', list, '--threshold', '2', '--depth', '1', '--epoch', '1000', ...more)

/** Once the timelock lets it through. */
async function execute({ operation }: { operation: { id: string } }) {
  await network.wind(DELAY_SECONDS)
  expect(await run('execute', operation.id)).toMatchObject({ code: 0 })
}

describe('enigma network announce-observers', () => {
  test('schedules the change, and once it is made status tells operators how to run', async () => {
    expect((await run('status')).observers).toEqual({ serial: 0, announced: null })
    const scheduled = await announce(OBSERVERS.join(', '))
    const { enigma } = network
    const hash = networkHash({
      ...{ observers: OBSERVERS, threshold: 2, depth: 1, serial: 1 },
      ...{ chainId: 31_337n, enigma, simulated: true },
    })
    expect(scheduled).toMatchObject({ code: 0, networkHash: hash })
    expect(scheduled.said).toContain('Enigma.announceObservers(')
    expect((await run('status')).observers.announced).toBe(null)

    await execute(scheduled)
    const { observers, measurements, said } = await run('status')
    const announced = { networkHash: hash, switchEpoch: 1000, serial: 1, threshold: 2, depth: 1 }
    expect(observers).toMatchObject({ serial: 0, announced })
    expect(observers.announced.observers.map((one: string) => one.toLowerCase())).toEqual(OBSERVERS.toSorted())
    expect(measurements).toHaveLength(2)
    expect(said).toContain('--threshold 2 --depth 1 --serial 1')
  })

  test('says what a second one would be refused for', async () => {
    const { said } = await announce(OBSERVERS.join())
    expect(said).toContain('As things stand the call would fail then. The contract refuses: ChangeAnnounced(')
  })

  test('S24: a stranger schedules none', async () => {
    const refused = { code: 1, error: { code: 'REFUSED', message: expect.stringContaining('OnlyOwner(') } }
    expect(await announce(OBSERVERS.join(), '--account', 'alice')).toMatchObject(refused)
    expect(await run('call-off-observers', '--account', 'keeper')).toMatchObject(refused)
  })

  test.each([
    ['what is no address', 'me', 2, 'USAGE'],
    [
      'an address named twice',
      `${OBSERVERS[0]},${OBSERVERS[0].toUpperCase().replace('X', 'x')}`,
      1,
      'INVALID_OBSERVERS',
    ],
    ['fewer than the threshold', OBSERVERS[0], 1, 'INVALID_OBSERVERS'],
  ])('refuses %s', async (_, list, code, error) => {
    expect(await announce(list)).toMatchObject({ code, error: { code: error } })
  })

  test('refuses an epoch that is none', async () => {
    expect(await announce(OBSERVERS.join(), '--epoch', 'soon')).toMatchObject({ code: 2, error: { code: 'USAGE' } })
  })
})

test('enigma network call-off-observers schedules the end of it', async () => {
  const scheduled = await run('call-off-observers')
  expect(scheduled.said).toContain('Enigma.callOffObservers()')
  await execute(scheduled)
  const { observers, measurements } = await run('status')
  expect(observers).toEqual({ serial: 0, announced: null })
  expect(measurements).toMatchObject([{ isRevoked: false }, { isRevoked: true }])
})
