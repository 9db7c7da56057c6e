/** The life of a network secret among real workers, on the real contracts: only what is inside Core is played. */
import { afterEach, describe, expect, test } from 'vitest'
import { EPOCH_BLOCKS, LIFE_BLOCKS, type SecretWorld, startSecretWorld, type Worker } from './testing/secret-world.ts'

let world: SecretWorld
afterEach(() => world.stop())

const holds = (worker: Worker, ...generations: number[]) => {
  const { secret } = worker.status()
  return JSON.stringify(secret?.held) === JSON.stringify(generations) && secret?.missing.length === 0
}
const final = (generation: number) => async () => (await world.state()).generation === generation
const sent = (worker: Worker) =>
  worker.log.lines.filter(({ event }) => event === 'key-transaction-sent').map(({ action }) => action)

async function threeWithASecret(): Promise<[Worker, Worker, Worker]> {
  const [a, b] = [await world.start('a'), await world.start('b')]
  await world.mineUntil(final(1), 'the first generation')
  const c = await world.start('c')
  await world.mineUntil(() => holds(a, 1) && holds(b, 1) && holds(c, 1), 'three holders')
  return [a, b, c]
}

describe('a network', () => {
  test('of one worker makes a secret and uses it once a second one holds it; a third pays, waits and is given it', async () => {
    world = await startSecretWorld()
    const a = await world.start('a')
    await world.mineUntil(() => holds(a, 1), 'the commitment')
    expect(await world.state()).toMatchObject({ generation: 0, openGeneration: 1 })
    const b = await world.start('b')
    await world.mineUntil(final(1), 'the second holder')
    const c = await world.start('c')
    await world.mineUntil(() => c.status().seatState === 'waiting-for-grant', 'the third seat')
    await world.mineUntil(() => holds(c, 1) && c.status().seatState === 'live', 'the third holder')
    expect([sent(a), sent(b), sent(c)].flat().sort()).toEqual(['commit', 'confirm', 'grant', 'grant', 'join', 'join'])
    expect((await world.events()).map(({ name }) => name).sort()).toEqual(
      [
        ...['GenerationCommitted', 'GenerationFinal', 'GenerationOpened', 'MinGenerationRaised'],
        ...['JoinRequested', 'JoinRequested', 'KeyGranted', 'KeyGranted'],
      ].sort(),
    )
  })
})

describe('a rotation', () => {
  test('is carried by one who makes the secret and those who ask for it, each once', async () => {
    world = await startSecretWorld()
    const workers = await threeWithASecret()
    const before = workers.map(sent)
    await world.govern('openGeneration')
    await world.mineUntil(() => workers.every((worker) => holds(worker, 1, 2)), 'all having the second')
    await world.mineUntil(final(2), 'the second generation')
    const since = workers.flatMap((worker, i) => sent(worker).slice(before[i]?.length))
    expect(since.sort()).toEqual(['commit', 'confirm', 'grant', 'grant', 'join', 'join'])
    expect(await world.wasted()).toBe(0)
  })

  test('goes on when the one who made the secret dies with it: another makes one in its place', async () => {
    world = await startSecretWorld()
    const [a, b, c] = await threeWithASecret()
    await Promise.all([b.stop(), c.stop()])
    await world.govern('openGeneration')
    await world.mineUntil(() => holds(a, 1, 2), 'the commitment')
    await a.stop()
    await Promise.all([b.restart(), c.restart()])
    await world.mineUntil(final(2), 'the second generation')
    const made = (await world.events()).filter(
      ({ name, args }) => name === 'GenerationCommitted' && args.generation === 2,
    )
    expect(made.map(({ args }) => args.seat)).toHaveLength(2)
  })

  test('goes on with the secret of one who comes back after a while: nobody makes another before he was asked', async () => {
    world = await startSecretWorld()
    const [a, b, c] = await threeWithASecret()
    await Promise.all([b.stop(), c.stop()])
    await world.govern('openGeneration')
    await world.mineUntil(() => holds(a, 1, 2), 'the commitment')
    await a.stop()
    await world.anvil.mine(3 * EPOCH_BLOCKS)
    await Promise.all([a.restart(), b.restart(), c.restart()])
    await world.mineUntil(final(2), 'the second generation')
    const made = (await world.events()).filter(({ name }) => name === 'GenerationCommitted')
    expect(made).toHaveLength(2)
  })

  test('does not wait for the worker whose turn is first', async () => {
    world = await startSecretWorld()
    const [a, b, c] = await threeWithASecret()
    await a.stop()
    await world.govern('openGeneration')
    await world.mineUntil(final(2), 'the second generation')
    expect([sent(b), sent(c)].flat().filter((action) => action === 'commit')).toHaveLength(1)
  })
})

describe('a join', () => {
  test('is answered by the next donor where the first is away', async () => {
    world = await startSecretWorld()
    const [a, b, c] = await threeWithASecret()
    const before = [b, c].map(grantsOf)
    await a.stop()
    const d = await world.start('d')
    await world.mineUntil(() => holds(d, 1), 'the grant')
    expect([b, c].map(grantsOf)).toEqual([(before[0] ?? 0) + 1, before[1]])
    expect(await world.wasted()).toBe(0)
  })

  test('S14: that every Core refuses costs nothing, is said once, and is tried again in the next epoch', async () => {
    world = await startSecretWorld()
    const workers = await threeWithASecret()
    for (const { cores } of workers) cores.refuses.add(3)
    const before = workers.map(({ cores }) => cores.grantsAsked)
    const sentBefore = workers.map(sent)
    const firstEpoch = await world.epochNow()
    const d = await world.start('d')
    await world.mineUntil(() => workers.every(({ log }) => log.events().includes('key-work-failed')), 'the refusals')
    for (let block = 0; block < 20; block++) await world.mine()
    const said = workers.map(({ log }) => log.lines.filter(({ code }) => code === 'JOIN_REFUSED'))
    expect(said.map((lines) => lines.length)).toEqual([1, 1, 1])
    expect(said[0]).toMatchObject([{ event: 'key-work-failed', action: 'grant', seat: 3 }])
    expect(workers.map(sent)).toEqual(sentBefore)
    expect(d.status()).toMatchObject({ seatState: 'waiting-for-grant', secret: { held: [], missing: [1] } })
    // Once, and once in each of the epochs that began since.
    const asked = workers.map(({ cores }, i) => cores.grantsAsked - (before[i] ?? 0))
    expect(Math.max(...asked)).toBeLessThanOrEqual(1 + (await world.epochNow()) - firstEpoch)
    for (const { cores } of workers) cores.refuses.clear()
    await world.mineUntil(() => holds(d, 1), 'the grant')
  })

  test('S20: whose grant a reorganisation takes back is served all the same, by the same transaction', async () => {
    world = await startSecretWorld()
    const workers = await threeWithASecret()
    const before = workers.map(grantsOf)
    const d = await world.start('d')
    const granted = async () =>
      (await world.events()).filter(({ name, args }) => name === 'KeyGranted' && args.seat === 3n).length
    await world.mineUntil(async () => (await granted()) > 0, 'the grant')
    await world.mineUntil(() => d.status().seatState === 'waiting', 'the seat knowing of it')
    await world.anvil.rpc.call('anvil_reorg', [3, []])
    expect(await granted()).toBe(0)
    await world.mineUntil(async () => holds(d, 1) && (await granted()) === 1, 'the grant again')
    await world.mineUntil(() => d.status().seatState === 'live', 'the seat')
    expect(sumOf(workers.map(grantsOf)) - sumOf(before)).toBe(1)
  })

  test('S20: starts anew with a Core that starts anew, whose key is gone', async () => {
    world = await startSecretWorld()
    const workers = await threeWithASecret()
    const d = await world.start('d')
    d.cores.diesAfter = 'join'
    await world.mineUntil(() => holds(d, 1), 'the grant')
    expect(sent(d)).toEqual(['join', 'join'])
    expect(d.log.lines.filter(({ event }) => event === 'key-work-failed')).toEqual([])
    expect(workers.every((worker) => holds(worker, 1))).toBe(true)
  })

  test('S20: has been kept on disk when Core dies with what it was given', async () => {
    world = await startSecretWorld()
    await threeWithASecret()
    const d = await world.start('d')
    d.cores.diesAfter = 'accept'
    await world.mineUntil(() => holds(d, 1), 'the grant')
    expect(d.cores.launched).toBe(2)
    expect(sent(d)).toEqual(['join'])
  })
})

test('S20: a Core that dies with a secret it has just made is given it back, and what was sent holds', async () => {
  world = await startSecretWorld()
  const a = await world.start('a')
  a.cores.diesAfter = 'commit'
  await world.mineUntil(() => holds(a, 1), 'the commitment')
  expect([a.cores.launched, sent(a)]).toEqual([2, ['commit']])
  const b = await world.start('b')
  await world.mineUntil(() => holds(b, 1), 'the second holder')
})

test('S14: while joins are frozen a newcomer waits, and says why; former holders carry a rotation', async () => {
  world = await startSecretWorld()
  const workers = await threeWithASecret()
  await world.govern('freezeJoins', [true])
  const d = await world.start('d')
  await world.mineUntil(() => d.status().secret?.trouble?.code === 'Frozen', 'the trouble')
  expect(d.status()).toMatchObject({ seatState: 'waiting-for-grant' })
  await world.govern('openGeneration')
  await world.mineUntil(() => workers.every((worker) => holds(worker, 1, 2)), 'the rotation')
  expect(sent(d)).toEqual([])
  await world.govern('freezeJoins', [false])
  await world.mineUntil(() => holds(d, 1, 2), 'the newcomer')
})

test('a network whose seats have all ended is brought back by one that still has the secret', async () => {
  world = await startSecretWorld()
  const workers = await threeWithASecret()
  for (const worker of workers) await worker.stop()
  await world.anvil.mine(LIFE_BLOCKS)
  const [a] = workers
  const before = sent(a).length
  await a.restart()
  await world.mineUntil(() => a.status().seatState === 'waiting-for-grant', 'the seat')
  await world.mineUntil(() => a.status().seatState === 'live', 'the seat being live')
  expect(sent(a).slice(before)).toEqual(['join', 'grant'])
  expect(holds(a, 1)).toBe(true)
})

test('a worker whose code is revoked is out at once, says so, and sends nothing more', async () => {
  world = await startSecretWorld()
  const [a] = await threeWithASecret()
  await world.revoke(0)
  await world.mineUntil(() => a.status().seatTrouble?.code === 'RevokedMeasurement', 'the trouble')
  expect(a.status()).toMatchObject({ seatState: 'ended', seat: { ended: 'revoked' }, secret: null })
  const before = sent(a).length
  await world.govern('openGeneration')
  for (let block = 0; block < 6; block++) await world.mine()
  expect(sent(a)).toHaveLength(before)
})

test('the key of a dApp that is asked for is published once', async () => {
  world = await startSecretWorld()
  const workers = await threeWithASecret()
  await world.askKey(world.dApp)
  await world.mineUntil(async () => (await world.events()).some(({ name }) => name === 'KeyPublished'), 'the key')
  for (let block = 0; block < 6; block++) await world.mine()
  expect(workers.flatMap(sent).filter((action) => action === 'publish')).toHaveLength(1)
  expect(await world.wasted()).toBe(0)
})

test('where observers wait for blocks on top, so do those who ask and those who hand on', async () => {
  world = await startSecretWorld({ depth: 2 })
  const workers = await threeWithASecret()
  await world.govern('openGeneration')
  await world.mineUntil(final(2), 'the second generation')
  await world.mineUntil(() => workers.every((worker) => holds(worker, 1, 2)), 'all having it')
  expect(await world.wasted()).toBe(0)
  expect(workers.flatMap(({ log }) => log.lines.filter(({ event }) => event === 'key-work-failed'))).toEqual([])
})

const grantsOf = (worker: Worker): number => sent(worker).filter((action) => action === 'grant').length
const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
