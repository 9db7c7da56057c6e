import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileIfThere } from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCoreHost } from './core-host.ts'
import { createFakeCores, type FakeCores } from './testing/fake-core.ts'
import { addressOf, DOMAIN, hashOf } from './testing/tasks.ts'

const network = { ...DOMAIN, observers: [addressOf(9)], threshold: 1, depth: 0, simulated: true, serial: 0 }
const config = { role: 'worker', network, platform: 'simulated', platformName: 'machine-1' } as const
const request = { operator: DOMAIN.enigma, identityBlock: 1n, identityBlockHash: hashOf(1) }

let folder: string
let cores: FakeCores
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-host-'))
  cores = createFakeCores(network)
})
afterEach(() => rmSync(folder, { recursive: true }))

function hostWith(launch = cores.launch, clock = createManualClock()) {
  const log = createRecordedLog()
  const sealedPath = join(folder, 'core.sealed')
  return { sealedPath, log, ...createCoreHost({ config, sealedPath, launch, clock, log }) }
}

test('starts one Core, however many ask for it at once', async () => {
  const host = hostWith()
  const all = await Promise.all([host.core(), host.core(), host.core()])
  expect(new Set(all).size).toBe(1)
  expect(cores.launched).toBe(1)
})

test('S20: the sealed keys are on the disk before anybody can rely on them, and a new Core gets them back', async () => {
  const host = hostWith()
  const { signer } = await host.attest(request)
  expect(readFileIfThere(host.sealedPath)).toBeDefined()
  cores.crash()
  host.noteWell()
  const core = await host.core()
  expect(cores.launched).toBe(2)
  expect((await core.info()).signer).toBe(signer)
})

test('a Core that keeps dying is not started in a tight loop', async () => {
  const clock = createManualClock()
  const host = hostWith(cores.launch, clock)
  await host.core()
  cores.crash()
  await Promise.resolve()
  const again = host.core()
  await expect.poll(() => clock.sleeping()).toBe(1)
  expect(cores.launched).toBe(1)
  await clock.advance(10_000)
  await again
  expect(cores.launched).toBe(2)
})

test('keys that do not open in this Core are reported as such, and Core is stopped', async () => {
  await hostWith().attest(request)
  let stopped = false
  const other = hostWith(async (given) => ({
    ...(await cores.launch(given)),
    restore: async () => {
      throw Object.assign(new Error(), { code: 'SEALED_DOES_NOT_OPEN' })
    },
    stop: async () => {
      stopped = true
    },
  }))
  await expect(other.core()).rejects.toMatchObject({
    code: 'SEALED_DOES_NOT_OPEN',
    hint: expect.stringContaining('new seat'),
  })
  expect(stopped).toBe(true)
})

test('a Core that is still being launched when the host is stopped is stopped too, before the stop is over', async () => {
  const [asked, launching] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let isStopped = false
  const host = hostWith(async (given) => {
    asked.resolve()
    await launching.promise
    return {
      ...(await cores.launch(given)),
      stop: async () => {
        isStopped = true
      },
    }
  })
  const core = host.core()
  const refused = expect(core).rejects.toMatchObject({ code: 'CORE_STOPPED' })
  await asked.promise
  const stopped = host.stop().then(() => isStopped)
  launching.resolve()
  await refused
  expect(await stopped).toBe(true)
})

test('a host that is being stopped starts no Core any more', async () => {
  const host = hostWith()
  await host.core()
  await host.stop()
  await Promise.resolve()
  await expect(host.core()).rejects.toMatchObject({ code: 'CORE_STOPPED' })
})

test('keys that no platform seals are refused, and nothing is on the disk that looks like them', async () => {
  const host = hostWith(async (given) => {
    const core = await cores.launch(given)
    return { ...core, attest: async (asked) => ({ ...(await core.attest(asked)), sealed: null }) }
  })
  await expect(host.attest(request)).rejects.toMatchObject({ code: 'KEYS_NOT_SEALED' })
  expect(host.hasKeys()).toBe(false)
})
