/** A change of observers, for clients that pinned it and for clients that did not. */
import { enigmaAbi } from '@enigma/contracts'
import { type Hex, networkHash, signerAddress } from '@enigma/protocol'
import { decodeFunctionData, decodeFunctionResult, encodeAbiParameters, encodeFunctionResult } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import type { ProgressEvent, RejectedWorker } from './index.ts'
import { type Answer, add, takeSeat } from './testing/fake-worker.ts'
import type { Wire } from './testing/wire.ts'
import { EPOCH_BLOCKS, startWorld, type World } from './testing/world.ts'

const observersOf = (n: number) => [signerAddress(new Uint8Array(32).fill(n))]
const NEXT = { observers: observersOf(7), threshold: 1, depth: 0 }
const OTHERS = { ...NEXT, observers: observersOf(8) }

let world: World
let switchEpoch: number
let nextHash: Hex
beforeAll(async () => {
  world = await startWorld({ workers: 2 })
  const { enigma, chainId, simulated } = world.network
  nextHash = networkHash({ ...NEXT, enigma, simulated, chainId: BigInt(chainId), serial: 1 })
  switchEpoch = (await currentEpoch()) + 12
  await world.write(world.deployer, { functionName: 'announceObservers', args: [NEXT, BigInt(switchEpoch)] })
  for (const index of [2, 3]) {
    await world.send(world.deployer, world.account(20 + index).address, '0x', 10n ** 19n)
    world.workers.push(await takeSeat({ ...world, networkHash: nextHash }, index))
  }
  // By now the seats of both are active: only the mask keeps those of the next ones out.
  await world.startEpoch((await currentEpoch()) + 2)
})
afterAll(() => world?.stop())

async function currentEpoch(): Promise<number> {
  const { enigma: address } = world.network
  return Number(await world.client.readContract({ address, abi: enigmaAbi, functionName: 'currentEpoch' }))
}

const addition = () =>
  ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [2n, 40n], timeoutMs: 10_000 }) as const
const serving = (compute: (args: Hex) => Answer) => (event: ProgressEvent) => {
  if (event.type === 'requested') void world.serve(event.taskId, compute)
}
const clientOf = (next?: typeof NEXT, own = world.network) =>
  // The chain is wound ahead of the clock on the wall.
  world.enigma({ network: { ...own, ...(next && { next }) }, maxClockSkewSeconds: 7_200 })

/** Has the RPC say that no measurement is left out of an epoch. */
function forgetMask(wire: Wire): void {
  wire.alter('eth_call', (answer, params) => {
    const [{ data }] = params as [{ data: Hex }]
    try {
      if (decodeFunctionData({ abi: enigmaAbi, data }).functionName !== 'epoch') return answer
    } catch {
      return answer
    }
    const view = decodeFunctionResult({ abi: enigmaAbi, functionName: 'epoch', data: answer as Hex })
    return encodeFunctionResult({ abi: enigmaAbi, functionName: 'epoch', result: { ...view, revokedMask: 0 } })
  })
}

/** What the workers of a call are sealed to and what is left out. */
async function sealedTo(prepare: (wire: Wire) => void, next?: typeof NEXT) {
  const { enigma, wire } = await clientOf(next)
  prepare(wire)
  const rejected: RejectedWorker[] = []
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'rejected') rejected.push(event.worker)
  }
  const workers = await enigma.verifyWorkers({ dApp: world.addition, onProgress })
  return { enigma, workers, codes: rejected.map(({ error }) => error.code) }
}

describe('before the change', () => {
  test.each([
    ['pinned it', NEXT],
    ['did not pin it', undefined],
  ])('a client that %s is served', async (_, next) => {
    const { enigma } = await clientOf(next)
    expect(await enigma.call({ ...addition(), onProgress: serving(add) })).toBe(42n)
  })

  test('S25: nothing is sealed to two networks at once, whatever the RPC says of the lottery', async () => {
    const { workers, codes } = await sealedTo(forgetMask, NEXT)
    expect(new Set(workers.map(({ networkHash }) => networkHash)).size).toBe(1)
    expect(workers.length + codes.length).toBe(3)
    expect(new Set(codes)).toEqual(new Set(['OTHER_OBSERVERS']))
  })

  test('S25: nothing is sealed to those that are announced and were not pinned', async () => {
    const { workers, codes } = await sealedTo(forgetMask)
    expect(workers.every(({ seat }) => seat < 2)).toBe(true)
    expect(new Set(codes)).toEqual(new Set(['WRONG_REPORT_DATA']))
  })
})

describe('after the change', () => {
  beforeAll(async () => {
    const missing = world.genesisBlock + BigInt(switchEpoch * EPOCH_BLOCKS) - (await world.client.getBlockNumber())
    if (missing > 0n) await world.mine(Number(missing))
    await world.startEpoch(switchEpoch)
    // From now on the test plays workers of the next network.
    Object.assign(world, { networkHash: nextHash })
  })

  test('a client that pinned it is served by the new workers, and opens what they sealed', async () => {
    const { enigma } = await clientOf(NEXT)
    const seats: number[] = []
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verified') seats.push(event.worker.seat)
      serving(add)(event)
    }
    expect(await enigma.call({ ...addition(), onProgress })).toBe(42n)
    expect(seats.every((seat) => seat >= 2)).toBe(true)
    const reason = encodeAbiParameters([{ type: 'uint256' }], [7n])
    const failed = enigma.call({ ...addition(), onProgress: serving(() => ({ status: 1, reason })) })
    await expect(failed).rejects.toMatchObject({ code: 'PRIVATE_FUNCTION_FAILED', reason: { data: reason } })
  })

  test('one that pins the new observers alone is served too', async () => {
    const { enigma } = await clientOf(undefined, { ...world.network, ...NEXT, serial: 1 })
    expect(await enigma.call({ ...addition(), onProgress: serving(add) })).toBe(42n)
  })

  test.each([
    ['none', undefined],
    ['others', OTHERS],
  ])('S25: one that pinned %s sends nothing', async (_, next) => {
    const { enigma, wire } = await clientOf(next)
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'NETWORK_MISMATCH' })
    expect(wire.sent).toEqual([])
  })
})
