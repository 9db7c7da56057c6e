/** A worker and the contract's own verifier, with hardware of which the test says what it is and what its maker thinks of it. */
import { simulatedKind } from '@enigma/attestation/simulated'
import { createRecordedLog, type RecordedLog, until } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { afterEach, expect, test } from 'vitest'
import { type Surface, startSurface } from './surface.ts'
import { createFakeCores, type FakeCores } from './testing/fake-core.ts'
import { EPOCH_BLOCKS, isLeaf, startWorld, type World } from './testing/world.ts'

let world: World
let cores: FakeCores
let surface: Surface
let log: RecordedLog

async function start(options: Parameters<typeof startWorld>[0] = {}, machine: FakeCores['machine'] = {}) {
  world = await startWorld(options)
  cores = createFakeCores(world.network)
  cores.machine = machine
  log = createRecordedLog('surface')
}
async function work(): Promise<void> {
  surface = await startSurface(world.config(), { launch: cores.launch, log })
}
afterEach(async () => {
  await surface?.stop()
  await world.stop()
})

const seat = () => surface.status().seat
const taken = () => until(() => seat() !== null, 'a seat')
const linesOf = (event: string) => log.lines.filter((line) => line.event === event)
const transactions = () => world.anvil.rpc.call('eth_getTransactionCount', [world.operator, 'latest']).then(Number)
const kindsShown = async () =>
  (await world.shown(0)).map(({ evidence }) => (isLeaf(evidence) ? 'certificate' : 'record'))

/** Versions one above what the simulated kind has: a platform that was updated. */
const UPDATED = { components: simulatedKind.components.map((svn, index) => (index === 0 ? svn + 1 : svn)) }
/** Nothing less is up to date any more. */
const STRICTER = {
  levels: [
    { components: UPDATED.components, pceSvn: simulatedKind.pceSvn, status: 'UpToDate' },
    { components: simulatedKind.components, pceSvn: simulatedKind.pceSvn, status: 'OutOfDate' },
  ],
}

test('a seat is taken with the platform’s certificate, renewed with its record, and with a certificate after a change', async () => {
  await start()
  await work()
  await until(() => seat()?.exitEpoch === 20, 'a seat')
  // The machine as it was, another quoting enclave, another microcode, and all of that as it was.
  const machines: FakeCores['machine'][] = [
    {},
    { quotingEnclave: { isvSvn: 9 } },
    { quotingEnclave: { isvSvn: 9 }, firmware: UPDATED },
    { quotingEnclave: { isvSvn: 9 }, firmware: UPDATED },
  ]
  for (const [index, machine] of machines.entries()) {
    cores.machine = machine
    await world.anvil.mine(EPOCH_BLOCKS * 13)
    await until(() => seat()?.exitEpoch === 33 + 13 * index, 'the renewal')
  }
  expect(await kindsShown()).toEqual(['certificate', 'record', 'certificate', 'certificate', 'record'])
  expect(linesOf('seat-transaction-failed')).toEqual([])
})

test('S16: without collateral on chain it says once what is needed, pays nothing, and takes a seat once it is there', async () => {
  await start({ hasCollateral: false })
  await work()
  await until(() => surface.status().seatTrouble?.code === 'ROOT_CRL_MISSING', 'the refusal')
  expect(surface.status().seatTrouble?.hint).toContain('enigma attestation sync')
  await world.publish()
  await taken()
  // While it is being brought, part after part may be the one that is missing.
  const reasons = linesOf('collateral-needed').map(({ reason }) => reason)
  expect(reasons[0]).toBe('ROOT_CRL_MISSING')
  expect(new Set(reasons).size).toBe(reasons.length)
  expect(await transactions()).toBe(1)
  await until(() => surface.status().seatTrouble === null)
})

test('S16: an outdated platform is told to be updated, and takes a seat once it was', async () => {
  await start(
    {},
    { firmware: { pceSvn: simulatedKind.pceSvn - 2, components: [12, ...simulatedKind.components.slice(1)] } },
  )
  await work()
  await until(() => surface.status().seatTrouble?.code === 'TCB_STATUS_REFUSED', 'the refusal')
  expect(linesOf('platform-refused')).toMatchObject([{ reason: 'TCB_STATUS_REFUSED' }])
  await surface.stop()
  cores.machine = {}
  await work()
  await taken()
  expect(await transactions()).toBe(1)
})

test('a machine that holds as many seats as it may takes no other', async () => {
  await start({ seatsPerPlatform: 1 })
  await world.takeSeat('machine-1')
  await work()
  await until(() => surface.status().seatTrouble?.code === 'PlatformFull', 'the refusal')
  expect(linesOf('platform-full')).toHaveLength(1)
  expect(await transactions()).toBe(0)
})

test('S16: a seat that a recheck ended for an outdated platform shows it, and is saved by a renewal after the update', async () => {
  await start()
  await work()
  await taken()
  await world.startEpoch(2)
  await world.publish(STRICTER)
  await world.recheck(0)
  await until(() => surface.status().seatState === 'ending', 'the end being known')
  expect(seat()).toMatchObject({ ended: 'refused', exitEpoch: 4 })
  await until(() => surface.status().seatTrouble?.code === 'TCB_STATUS_REFUSED', 'the refusal')
  await surface.stop()
  cores.machine = { firmware: UPDATED }
  await work()
  await until(() => surface.status().seatState === 'live' && seat()?.ended === undefined, 'the renewal')
  expect(seat()).toMatchObject({ id: 0, exitEpoch: 22 })
})

test('S16: a worker whose platform is revoked is out at once, says so, and spends nothing on another seat', async () => {
  await start()
  await work()
  await taken()
  await world.startEpoch(2)
  await until(() => surface.status().seatState === 'live')
  const before = await transactions()
  await world.publish({ revokedPlatforms: [{ platformName: 'machine-1' }] })
  await world.recheck(0)
  await until(() => surface.status().seatState === 'ended', 'the end')
  expect(seat()).toMatchObject({ ended: 'revoked', exitEpoch: 2 })
  expect(linesOf('seat-ended')).toMatchObject([{ seat: 0, reason: 'revoked' }])
  await until(() => surface.status().seatTrouble?.code === 'PCK_REVOKED', 'the refusal')
  await world.anvil.mine(EPOCH_BLOCKS * 4)
  await until(() => surface.status().epoch === 6)
  expect(await transactions()).toBe(before)
})

test('S16: where the seat before is revoked, its backup moves up and settles at once, in the rank that the contract gives it', async () => {
  await start({ windowBlocks: 18 })
  // A worker that nobody runs, on a machine of its own.
  await world.takeSeat('elsewhere')
  await work()
  await taken()
  await world.publish({ revokedPlatforms: [{ platformName: 'elsewhere' }] })
  await world.startEpoch(2)
  const task = await requestOfRank(1)
  const block = await world.height()
  await world.recheck(0)
  await until(() => stateOf(task)?.state === 'DONE', 'the settlement')
  expect(stateOf(task)).toMatchObject({ rank: 0, seat: 1 })
  expect((await world.height()) - block).toBeLessThan(18n)
  expect(linesOf('settlement-failed')).toEqual([])
})

const stateOf = (taskId: Hex) => surface.status().recentTasks.find((task) => task.taskId === taskId)

/** Asks until the worker is drawn for that rank; each dApp and lane has one draw in an epoch. */
async function requestOfRank(rank: number): Promise<Hex> {
  for (let epoch = 2; epoch < 18; epoch++) {
    if (epoch > 2) await world.startEpoch(epoch)
    const task = await world.request(epoch)
    await until(() => stateOf(task)?.rank !== undefined, 'the draw')
    if (stateOf(task)?.rank === rank) return task
  }
  throw new Error(`never drawn for rank ${rank}`)
}
