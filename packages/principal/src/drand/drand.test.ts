import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drandBeaconAbi, drandBeaconBytecode } from '@enigma/contracts'
import { markdownTable, readConfig, systemClock } from '@enigma/process'
import { ANVIL_KEYS, createRecordedLog, until } from '@enigma/process/testing'
import { beaconPublicKey, bytesToHex, type Hex } from '@enigma/protocol'
import { encodeDeployData } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../../surface/src/testing/world.ts'
import { type FakeDrand, startFakeDrand } from '../testing/fake-drand.ts'
import { drandRelayTable } from './config.ts'
import { type DrandRelay, startDrandRelay } from './daemon.ts'

const KEY = ANVIL_KEYS[3]
const SECRET = new Uint8Array(32).fill(5)
const CHAIN_HASH: Hex = `0x${'d4'.repeat(32)}`
const [GENESIS, PERIOD, DELAY] = [1_000_000, 3, 30]
/** By which every round of the chain's time is out. */
const LATER = { nowMs: () => Date.now() + 86_400_000, sleep: systemClock.sleep }

let world: World
let drand: FakeDrand
let running: DrandRelay[]
beforeEach(async () => {
  const publicKey = bytesToHex(beaconPublicKey(SECRET))
  const beaconCode = (enigma: Hex) =>
    encodeDeployData({
      abi: drandBeaconAbi,
      bytecode: drandBeaconBytecode,
      args: [enigma, publicKey, BigInt(GENESIS), PERIOD, DELAY],
    })
  world = await startWorld({ beaconCode })
  drand = await startFakeDrand(CHAIN_HASH, SECRET)
  running = []
})
afterEach(async () => {
  for (const relay of running) await relay.stop()
  await Promise.all([world.stop(), drand.stop()])
})

async function start(given: Record<string, string> = {}, clock = LATER) {
  const { RPC_URL, CHAIN_ID, ENIGMA } = bare(world.environment())
  const options = { RPC_URL, CHAIN_ID, ENIGMA, OPERATOR_KEY: KEY, PORT: '0', POLL_MS: '10', ...given }
  const named = {
    DATA_DIR: join(world.folder, 'relay'),
    DRAND_URL: drand.url,
    DRAND_CHAIN: CHAIN_HASH.slice(2),
    ...options,
  }
  const env = Object.fromEntries(Object.entries(named).map(([name, value]) => [`ENIGMA_${name}`, value]))
  const log = createRecordedLog('drand-relay')
  const relay = await startDrandRelay(readConfig(drandRelayTable, { argv: [], env }), { clock, log })
  running.push(relay)
  return { ...relay, log }
}

const bare = (env: Record<string, string>) =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name.replace(/^ENIGMA_/, ''), value]))
const seedOnChain = (epoch: number) => world.read<{ seed: bigint }>('epoch', [BigInt(epoch)]).catch(() => undefined)
const isStarted = (epoch: number) =>
  until(async () => (await seedOnChain(epoch)) !== undefined, `the seed of epoch ${epoch}`)
const transactions = async () =>
  Number(await world.anvil.rpc.call('eth_getTransactionCount', [privateKeyToAddress(KEY), 'latest']))
async function mineTo(block: bigint): Promise<void> {
  const missing = block - (await world.height())
  if (missing > 0n) await world.anvil.mine(Number(missing))
}
/** What the contract's rule says of a block's time. */
async function roundOf(epoch: number): Promise<number> {
  const { timestamp } = await world.user.getBlock({ blockNumber: world.boundaryOf(epoch) })
  return Math.ceil((Number(timestamp) + DELAY - GENESIS) / PERIOD) + 1
}

describe('the drand relay', () => {
  test('gives each epoch the seed of its round, and publishes the signature', async () => {
    const { url } = await start()
    await world.takeSeat()
    const seeds = new Set<string>()
    for (const epoch of [1, 2, 3]) {
      await mineTo(world.boundaryOf(epoch))
      await isStarted(epoch)
      expect(drand.asked.at(-1)).toBe(await roundOf(epoch))
      const record = await (await fetch(`${url}/v1/seeds/${epoch}`)).json()
      expect(BigInt(record.seed)).toBe((await seedOnChain(epoch))?.seed)
      seeds.add(record.seed)
    }
    // The chain of this test makes an epoch in less than a round.
    expect(seeds.size).toBe(3)
    expect(await transactions()).toBe(3)
  })

  test('waits for a round that drand does not have yet', async () => {
    drand.mode = 'early'
    const { log } = await start()
    await world.takeSeat()
    await mineTo(world.boundaryOf(2))
    await until(() => log.lines.some(({ event, epoch }) => event === 'round-not-there' && epoch === 2))
    expect(log.lines.find(({ epoch }) => epoch === 2)).toMatchObject({ reason: 'REFUSED' })
    drand.mode = 'signs'
    await isStarted(2)
  })

  test('asks for no round before its time', async () => {
    const { log } = await start({}, { nowMs: () => 0, sleep: systemClock.sleep })
    await world.takeSeat()
    await mineTo(world.boundaryOf(2))
    let looks = 0
    const { call } = world.anvil.rpc
    await until(async () => (await call('eth_blockNumber', [])) !== undefined && ++looks > 20)
    expect(drand.asked).toEqual([])
    expect(log.events()).not.toContain('seed-drawn')
  })

  test('S6: spends nothing on a signature of another round, and takes the next endpoint’s', async () => {
    drand.mode = 'lies'
    const honest = await startFakeDrand(CHAIN_HASH, SECRET)
    const { log } = await start({ DRAND_URL: `${drand.url},${honest.url}` })
    await world.takeSeat()
    honest.mode = 'early'
    await mineTo(world.boundaryOf(2))
    await until(() => log.lines.some(({ epoch, reason }) => epoch === 2 && reason === 'NONSENSE'))
    expect(await transactions()).toBe(0)
    honest.mode = 'signs'
    await isStarted(2)
    await running.pop()?.stop()
    await honest.stop()
  })

  test('needs an endpoint to ask, and drand’s network by its hash', async () => {
    await expect(start({ DRAND_URL: '-' })).rejects.toMatchObject({
      message: expect.stringContaining('names no endpoint'),
    })
    await expect(start({ DRAND_CHAIN: 'ab' })).rejects.toMatchObject({ message: expect.stringContaining('32 bytes') })
  })

  test('is refused on another chain', async () => {
    await expect(start({ CHAIN_ID: '1' })).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
  })
})

test('a network whose seeds come from a Principal is refused', async () => {
  const other = await startWorld()
  const { log } = await start({ RPC_URL: other.anvil.url, ENIGMA: other.enigma })
  await other.takeSeat()
  await until(() => log.lines.some(({ code }) => code === 'NO_DRAND_BEACON'))
  expect(drand.asked).toEqual([])
  await running.pop()?.stop()
  await other.stop()
})

test('docs/running-a-node.md says of every option what the table says', () => {
  const page = readFileSync(new URL('../../../../docs/running-a-node.md', import.meta.url), 'utf8')
  expect(page).toContain(markdownTable(drandRelayTable))
})
