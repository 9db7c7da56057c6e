import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '@enigma/process'
import { ANVIL_KEYS, createRecordedLog, startAnvil, startFaultProxy, until } from '@enigma/process/testing'
import { type Hex, hexToBytes, seedMessage, verifySeed } from '@enigma/protocol'
import { privateKeyToAddress } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BEACON_SECRET, startWorld, type World } from '../../surface/src/testing/world.ts'
import { principalTable } from './config.ts'
import { type Principal, startPrincipal } from './principal.ts'
import type { SeedRecord } from './seeds.ts'
import { createFakeBeacons } from './testing/fake-beacon.ts'

const KEY = ANVIL_KEYS[3]

let world: World
let running: Principal[]
beforeEach(async () => {
  world = await startWorld()
  running = []
})
afterEach(async () => {
  for (const principal of running) await principal.stop()
  await world.stop()
})

function configOf(given: Record<string, string> = {}) {
  const options = { DATA_DIR: join(world.folder, 'principal'), OPERATOR_KEY: KEY, PORT: '0', ...given }
  return readConfig(principalTable, { argv: [], env: world.environment(options) })
}

async function start(given: Record<string, string> = {}, beacons = createFakeBeacons(BEACON_SECRET)) {
  const log = createRecordedLog('principal')
  const principal = await startPrincipal(configOf(given), { launch: beacons.launch, log })
  running.push(principal)
  return { ...principal, log, beacons }
}

const seedOnChain = (epoch: number) =>
  world.read<{ seed: bigint; seatCount: bigint; isFallback: boolean }>('epoch', [BigInt(epoch)]).catch(() => undefined)
const isStarted = (epoch: number) =>
  until(async () => (await seedOnChain(epoch)) !== undefined, `the seed of epoch ${epoch}`)
const transactions = async () =>
  Number(await world.anvil.rpc.call('eth_getTransactionCount', [privateKeyToAddress(KEY), 'latest']))
const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, body: await response.json() }
}
async function mineTo(block: bigint): Promise<void> {
  const missing = block - (await world.height())
  if (missing > 0n) await world.anvil.mine(Number(missing))
}

describe('the Principal', () => {
  test('gives each epoch its seed in the block after the boundary, and publishes the proof', async () => {
    const { url, beaconKey } = await start()
    await world.takeSeat()
    // None left out: while a node mines past an epoch without its seed, the Principal may post it there.
    for (const epoch of [1, 2, 3]) {
      const boundary = world.boundaryOf(epoch)
      await mineTo(boundary)
      await isStarted(epoch)
      await until(async () => (await world.height()) > boundary)
      expect(await world.height()).toBe(boundary + 1n)
      const { body } = await get(`${url}/v1/seeds/${epoch}`)
      const record = body as SeedRecord
      const message = seedMessage({ ...world.network, epoch, anchor: record.anchor })
      expect(verifySeed(message, hexToBytes(record.signature), hexToBytes(beaconKey))).toBe(true)
      expect(BigInt(record.seed)).toBe((await seedOnChain(epoch))?.seed)
      expect((await get(`${url}/v1/seeds/latest`)).body).toEqual(record)
    }
    expect(await transactions()).toBe(3)
  })

  test('leaves a seed alone that somebody else posted', async () => {
    await world.takeSeat()
    await world.startEpoch(2)
    const { log, url } = await start()
    await until(() => log.events().includes('epoch-started'))
    expect((await get(`${url}/v1/seeds/2`)).status).toBe(200)
    expect(await transactions()).toBe(0)
  })

  test('spends nothing on an epoch without seats, and still publishes its seed', async () => {
    const { log, url } = await start()
    await mineTo(world.boundaryOf(1) + 2n)
    await until(() => log.lines.some((line) => line.event === 'epoch-without-seats' && line.epoch === 1))
    expect((await get(`${url}/v1/seeds/1`)).status).toBe(200)
    expect(await transactions()).toBe(0)
  })

  test('S6: signs anew for the boundary block that a reorganisation leaves, and for no other', async () => {
    const { url } = await start()
    await world.takeSeat()
    const boundary = world.boundaryOf(2)
    await mineTo(boundary - 1n)
    await world.anvil.rpc.call('evm_setAutomine', [false])
    await world.anvil.mine()
    const drawn = () => get(`${url}/v1/seeds/2`).then(({ body }) => (body as Partial<SeedRecord>).anchor)
    await until(async () => (await drawn()) !== undefined)
    const first = await drawn()
    await world.anvil.rpc.call('anvil_reorg', [1, []])
    await until(async () => (await drawn()) !== first, 'another anchor')
    await world.anvil.rpc.call('evm_setAutomine', [true])
    await until(async () => {
      await world.anvil.mine()
      return (await seedOnChain(2)) !== undefined
    })
    const { hash } = await world.user.getBlock({ blockNumber: boundary })
    expect(await drawn()).toBe(hash)
  })

  test('S6: after the cut it sends and draws no seed, says so once, and starts the epoch with a fallback', async () => {
    world.observer.mode = 'silent'
    const { url, log } = await start()
    await world.takeSeat()
    const cut = world.boundaryOf(2) + BigInt(world.cutBlocks)
    await mineTo(cut - 1n)
    await until(() => log.lines.some(({ event, epoch }) => event === 'boundary-not-observed' && epoch === 2))
    expect(log.events()).not.toContain('seed-missed')
    world.observer.mode = 'signs'
    const rpc = world.anvil.rpc
    await rpc.call('evm_setAutomine', [false])
    await mineTo(cut)
    await until(() => log.events().includes('fallback-sent'))
    await world.anvil.mine()
    await until(() => log.events().includes('epoch-started-with-fallback'))
    expect(await seedOnChain(2)).toMatchObject({ isFallback: true })
    expect(log.lines.filter(({ event, epoch }) => event === 'seed-missed' && epoch === 2)).toHaveLength(1)
    expect(await transactions()).toBe(1)
    expect((await get(`${url}/v1/seeds/2`)).status).toBe(404)
    await rpc.call('evm_setAutomine', [true])
    await mineTo(world.boundaryOf(3))
    await isStarted(3)
    expect(await seedOnChain(3)).toMatchObject({ isFallback: false })
  })

  test('S6: draws no seed before observers vouch for the boundary block, and at once when they do', async () => {
    world.observer.mode = 'silent'
    const { url, log } = await start()
    await world.takeSeat()
    await mineTo(world.boundaryOf(2))
    await until(() => log.lines.some(({ event, epoch }) => event === 'boundary-not-observed' && epoch === 2))
    expect((await get(`${url}/v1/seeds/2`)).status).toBe(404)
    world.observer.mode = 'signs'
    await isStarted(2)
  })

  test('is an observer itself where it has a key for it', async () => {
    world.observer.mode = 'silent'
    const { url } = await start({ OBSERVER_KEY: `0x${'0b'.repeat(32)}`, OBSERVER_URLS: '-' })
    await world.takeSeat()
    await mineTo(world.boundaryOf(2))
    await isStarted(2)
    const number = String(world.boundaryOf(2))
    const { body } = await get(`${url}/v1/headers/${number}`)
    expect(body).toMatchObject({ chainId: '31337', number, observer: world.observer.address })
  })

  test('waits while its node is away, and posts the seed when it is back', async () => {
    const proxy = await startFaultProxy(world.anvil.port)
    const { log } = await start({ RPC_URL: proxy.url })
    await world.takeSeat()
    proxy.mode = 'refuse'
    await mineTo(world.boundaryOf(2))
    await until(() => log.events().includes('rpc-away'))
    proxy.mode = 'up'
    await isStarted(2)
    await until(() => log.events().includes('rpc-back'))
    await running.pop()?.stop()
    await proxy.stop()
  })

  test('keeps its key over a restart and over the death of its Core', async () => {
    const beacons = createFakeBeacons(BEACON_SECRET)
    const first = await start({}, beacons)
    await running.pop()?.stop()
    const second = await start({}, beacons)
    expect(second.beaconKey).toBe(first.beaconKey)
    expect(beacons.born).toBe(1)
    beacons.crash()
    await world.takeSeat()
    await mineTo(world.boundaryOf(2))
    await isStarted(2)
    expect(beacons.launched).toBe(3)
  })

  test('is refused on another chain, or for another network', async () => {
    await expect(start({ CHAIN_ID: '1' })).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
    const { log } = await start({ SIMULATED: 'false', DATA_DIR: join(world.folder, 'other') })
    await until(() => log.lines.some((line) => line.code === 'WRONG_NETWORK'))
  })

  test('answers only what it was asked: seeds, and whether it lives', async () => {
    const { url } = await start()
    expect((await get(`${url}/healthz`)).body).toEqual({ ok: true })
    for (const path of [
      '/',
      '/v1/seeds/',
      '/v1/seeds/-1',
      '/v1/seeds/1e3',
      '/v1/seeds/../key',
      `/v1/seeds/${'9'.repeat(20)}`,
      '/v1/seeds/77',
    ]) {
      expect((await get(`${url}${path}`)).status, path).toBe(404)
    }
    expect((await fetch(`${url}/v1/seeds/latest`, { method: 'POST' })).status).toBe(405)
  })
})

test('a Core that cannot start says why in the Principal’s log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'principal-'))
  const program = join(folder, 'core.sh')
  writeFileSync(program, '#!/bin/sh\necho PLATFORM_NO_QUOTE >&2\n', { mode: 0o755 })
  const env = {
    ENIGMA_DATA_DIR: folder,
    ENIGMA_RPC_URL: 'http://127.0.0.1:1',
    ENIGMA_CHAIN_ID: '31337',
    ENIGMA_ENIGMA: `0x${'12'.repeat(20)}`,
    ENIGMA_OPERATOR_KEY: KEY,
    ENIGMA_CORE_PROGRAM: program,
    ENIGMA_OBSERVERS: `0x${'13'.repeat(20)}`,
  }
  const log = createRecordedLog()
  const starting = startPrincipal(readConfig(principalTable, { argv: [], env }), { log })
  await expect(starting).rejects.toMatchObject({ hint: expect.stringContaining('quoting service') })
  expect(log.lines).toMatchObject([{ event: 'core-said', code: 'PLATFORM_NO_QUOTE' }])
  rmSync(folder, { recursive: true })
})

test('the Principal is ready before any contract exists, since the beacon contract names its key', async () => {
  const anvil = await startAnvil()
  const folder = mkdtempSync(join(tmpdir(), 'principal-'))
  const env: Record<string, string> = {
    ENIGMA_DATA_DIR: folder,
    ENIGMA_RPC_URL: anvil.url,
    ENIGMA_CHAIN_ID: '31337',
    ENIGMA_ENIGMA: `0x${'12'.repeat(20)}`,
    ENIGMA_OPERATOR_KEY: KEY,
    ENIGMA_OBSERVERS: `0x${'13'.repeat(20)}`,
    ENIGMA_PORT: '0',
  }
  const { launch } = createFakeBeacons(BEACON_SECRET)
  const principal = await startPrincipal(readConfig(principalTable, { argv: [], env }), {
    launch,
    log: createRecordedLog(),
  })
  expect(hexToBytes(principal.beaconKey as Hex)).toHaveLength(256)
  expect((await get(`${principal.url}/v1/seeds/latest`)).status).toBe(404)
  await principal.stop()
  await anvil.stop()
  rmSync(folder, { recursive: true })
})
