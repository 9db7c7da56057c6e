import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { networkHash, recoverSigner, workerReportData } from '@enigma/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type CoreClient, launchCore } from './launch.ts'
import { ATTEST, sealedOf } from './testing/core-in-process.ts'
import { createSecretNetwork } from './testing/secret-network.ts'
import { adderRequest, configOf, endlessRequest, NETWORK, runToReceipt, seedRequest } from './testing/world.ts'

const started: CoreClient[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((core) => core.stop()))
})

async function launch<R extends 'worker' | 'principal'>(role: R, options = {}): Promise<CoreClient<R>> {
  const core = await launchCore({ ...configOf(), role }, options)
  started.push(core as CoreClient)
  return core
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a launched Core', () => {
  test('attests, runs a task and signs its receipt', async () => {
    const core = await launch('worker')
    const { signer, inputKey, quote } = await core.attest(ATTEST)
    const { measurement } = await core.info()
    const reportData = workerReportData({ networkHash: networkHash(NETWORK), ...ATTEST, signer, inputKey })
    // A DCAP v3 quote: MRENCLAVE at 48 + 64, report data at 48 + 320.
    expect(`0x${Buffer.from(quote.subarray(112, 144)).toString('hex')}`).toBe(measurement)
    expect(quote.slice(368, 432)).toEqual(reportData)

    const receipt = await runToReceipt(core, await adderRequest(inputKey))
    expect(receipt).toMatchObject({ status: 0 })
    expect(recoverSigner(receipt.digest, receipt)).toBe(signer)
  })

  test('restores what the same code sealed on the same machine', async () => {
    const core = await launch('worker')
    const attested = await core.attest(ATTEST)
    const { signer } = attested
    const sealed = sealedOf(attested)
    const next = await launch('worker')
    expect(await next.restore({ sealed })).toMatchObject({ signer })
  })

  test('hands the network’s secret to another one', async () => {
    const net = createSecretNetwork()
    const cores = [await launch('worker'), await launch('worker')] as const
    const { measurement } = await cores[0].info()
    net.books.measurements = [measurement]
    const [first, second] = [await net.member({ core: cores[0] }), await net.member({ core: cores[1] })]
    const { commitment } = await net.commit(first)
    expect(await net.accept(first, second, await net.grant(first, second))).toMatchObject({ generations: [1] })
    await net.confirm(second)
    expect(await cores[1].info()).toMatchObject({ commitments: [commitment] })
    const asked = { dApp: NETWORK.enigma, codeHash: measurement, generation: 1, ...net.observed() }
    expect(await cores[0].contractKey(asked)).toEqual(await cores[1].contractKey(asked))
  })

  test('answers calls that overlap, one after the other', async () => {
    const core = await launch('principal')
    const attested = core.attest(ATTEST)
    const seed = core.seed(seedRequest())
    expect((await attested).beaconKey).toEqual((await core.info()).beaconKey)
    expect((await seed).signature).toHaveLength(128)
  })

  test('gives its refusals as errors with code and number', async () => {
    const core = await launch('worker')
    const asked = core.seed(seedRequest())
    await expect(asked).rejects.toMatchObject({ code: 'WRONG_ROLE', number: 4 })
  })

  test('S19: is killed when a task passes the watchdog, and has signed nothing', async () => {
    const core = await launch('worker', { watchdogMs: 4_000 })
    const { inputKey } = await core.attest(ATTEST)
    const ended = new Promise((resolve) => core.onExit(resolve))
    await expect(core.execute(await endlessRequest(inputKey))).rejects.toMatchObject({ code: 'CORE_KILLED' })
    expect(await ended).toMatchObject({ reason: 'CORE_KILLED', signal: 'SIGKILL' })
    await expect(core.info()).rejects.toMatchObject({ code: 'CORE_KILLED' })
  })

  test('ends when it is stopped, even while it computes', async () => {
    const core = await launch('worker')
    const { inputKey } = await core.attest(ATTEST)
    const running = core.execute(await endlessRequest(inputKey))
    await Promise.all([expect(running).rejects.toMatchObject({ code: 'CORE_STOPPED' }), core.stop()])
    expect(isAlive(core.pid)).toBe(false)
  })

  test('does not outlive a host that is killed while Core computes', async () => {
    const host = spawn(process.execPath, [join(import.meta.dirname, 'testing/host.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(host.stdout, 'data')
    const pid = Number(line)
    expect(isAlive(pid)).toBe(true)
    host.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000, interval: 20 })
  })

  test('is told what is wrong with its configuration before it is of use', async () => {
    const codes: string[] = []
    const network = { ...NETWORK, observers: [...NETWORK.observers], threshold: 4 }
    await expect(
      launchCore({ ...configOf({ network }), role: 'worker' }, { log: (code) => codes.push(code) }),
    ).rejects.toMatchObject({ code: 'CORE_DID_NOT_START', message: expect.stringContaining('CORE_BAD_CONFIG') })
    expect(codes).toEqual(['CORE_BAD_CONFIG'])
  })
})
