import { createSimulatedPki } from '@enigma/attestation/simulated'
import { enigmaAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import { padHex, toFunctionSelector } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EnigmaNetwork, ProgressEvent, RejectedWorker } from './index.ts'
import { networkHashOf } from './network.ts'
import { all, alterSeats, refusalsOf, type SeatEvent } from './testing/lies.ts'
import type { Wire } from './testing/wire.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const collateral = () => JSON.stringify(createSimulatedPki({ now: world.nowSeconds() }).collateral())

/** The RPC answers for the contract as if it were that of `network`. */
function lieOf(network: EnigmaNetwork): (wire: Wire) => void {
  const answers: Record<Hex, Hex> = {
    [toFunctionSelector('simulated()')]: padHex(network.simulated ? '0x1' : '0x0'),
    [toFunctionSelector('networkHash()')]: networkHashOf(network),
  }
  return (wire) => wire.alter('eth_call', (answer, params) => answers[(params as [{ data: Hex }])[0].data] ?? answer)
}

describe('verifyWorkers', () => {
  test('returns the workers that the lottery selects, in the order of their turns', async () => {
    const { enigma, wire } = await world.enigma()
    const workers = await enigma.verifyWorkers({ dApp: world.addition })
    const { epoch, lane } = workers[0]?.draw ?? { epoch: 0, lane: 0 }
    for (const { rank, seat, signer } of workers) {
      const args = [BigInt(epoch), world.addition, BigInt(lane), BigInt(rank)] as const
      const [expectedSeat, expectedSigner] = await world.client.readContract({
        address: world.network.enigma,
        abi: enigmaAbi,
        functionName: 'selected',
        args,
      })
      expect([BigInt(seat), signer]).toEqual([expectedSeat, expectedSigner.toLowerCase()])
    }
    expect(workers.map(({ verdict }) => verdict.measurement)).toEqual(workers.map(() => world.network.measurements[0]))
    expect(wire.sent).toEqual([])
  })

  test('S17: refuses an input key that the quote does not vouch for', async () => {
    const swap = () => ({ inputKey: padHex('0x09') })
    expect(await refusalsOf(world, (wire) => alterSeats(wire, swap))).toEqual(all('WRONG_REPORT_DATA'))
  })

  test('refuses a quote of another time: the hash of its block stands in it', async () => {
    const later = ({ identityBlock }: SeatEvent) => ({ identityBlock: identityBlock + 1n })
    expect(await refusalsOf(world, (wire) => alterSeats(wire, later))).toEqual(all('WRONG_REPORT_DATA'))
    const otherBranch = (block: unknown) => {
      const { number } = block as { number: Hex }
      return BigInt(number) < 50n ? { ...(block as object), hash: padHex(number) } : block
    }
    expect(await refusalsOf(world, (wire) => wire.alter('eth_getBlockByNumber', otherBranch))).toEqual(
      all('WRONG_REPORT_DATA'),
    )
  })

  test('refuses an event of another signer or operator than the seat', async () => {
    const swap = () => ({ operator: padHex('0x09', { size: 20 }) })
    expect(await refusalsOf(world, (wire) => alterSeats(wire, swap))).toEqual(all('WRONG_SEAT'))
  })

  test('refuses where the RPC shows no quote', async () => {
    expect(await refusalsOf(world, (wire) => wire.alter('eth_getLogs', () => []))).toEqual(all('NO_QUOTE'))
  })

  test('refuses a build of Core that is not pinned', async () => {
    const network = { ...world.network, measurements: [padHex('0x01')] }
    expect(await refusalsOf(world, undefined, { network })).toEqual(all('MRENCLAVE_UNKNOWN'))
  })

  test('S15: refuses a quote under another root than the network’s', async () => {
    const other = createSimulatedPki({ now: world.nowSeconds(), name: 'another' })
    const fetch = async () => new Response(JSON.stringify(other.collateral()))
    const codes = await refusalsOf(world, undefined, { fetch })
    expect(codes).toHaveLength(3)
  })

  test('S15: refuses simulated hardware where a lying RPC calls the network a real one', async () => {
    const network = { ...world.network, simulated: false }
    const codes = await refusalsOf(world, lieOf(network), { network, allowSimulated: false })
    expect(codes).toHaveLength(3)
    for (const code of codes) expect(code).toMatch(/^ROOT_/)
  })

  test('S25: refuses workers whose Core was started with other observers, whatever the RPC says of the contract', async () => {
    const network = { ...world.network, observers: [`0x${'0b'.repeat(20)}` as const] }
    expect(await refusalsOf(world, lieOf(network), { network })).toEqual(all('WRONG_REPORT_DATA'))
  })

  test('refuses a platform that the policy denies', async () => {
    const policy = { tcbStatuses: [] }
    expect(await refusalsOf(world, undefined, { policy })).toEqual(all('TCB_STATUS_REFUSED'))
  })

  test.each([
    ['is down', async () => Promise.reject(new TypeError('fetch failed'))],
    ['answers an error', async () => new Response(collateral(), { status: 503 })],
    ['answers no JSON', async () => new Response('<html>')],
    ['sends without end', async () => new Response(collateral() + ' '.repeat(2 ** 20))],
  ])('S18: refuses when the Attestation service %s', async (_, fetch) => {
    expect(await refusalsOf(world, undefined, { fetch })).toEqual(all('COLLATERAL_UNAVAILABLE'))
  })

  test('refuses collateral that is none', async () => {
    expect(await refusalsOf(world, undefined, { fetch: async () => new Response('{}') })).toEqual(
      all('COLLATERAL_FORMAT'),
    )
  })
})

describe('a worker that fails', () => {
  /** Spoils the quotes of these seats. */
  const spoil = (wire: Wire, seats: readonly number[]) =>
    alterSeats(wire, ({ seat }) => (seats.includes(Number(seat)) ? { quote: '0x' } : {}))

  test('is left out and reported; the ranks that remain serve', async () => {
    const { enigma, wire } = await world.enigma()
    const [first, second, third] = await enigma.verifyWorkers({ dApp: world.addition })
    const rejected: RejectedWorker[] = []
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'rejected') rejected.push(event.worker)
    }
    spoil(wire, [first?.seat ?? -1])
    const workers = await enigma.verifyWorkers({ dApp: world.addition, onProgress })
    expect(workers.map(({ rank, seat }) => [rank, seat])).toEqual([
      [1, second?.seat],
      [2, third?.seat],
    ])
    expect(rejected).toMatchObject([{ rank: 0, seat: first?.seat, error: { code: 'QUOTE_TRUNCATED' } }])
  })

  test('by sharing its key with another is left out', async () => {
    const twins = await startWorld({ workers: 2, keyName: 'one for both' })
    try {
      const { enigma } = await twins.enigma()
      const codes: string[] = []
      const onProgress = (event: ProgressEvent) => {
        if (event.type === 'rejected') codes.push(event.worker.error.code)
      }
      const workers = await enigma.verifyWorkers({ dApp: twins.addition, onProgress })
      expect(workers.map(({ rank }) => rank)).toEqual([0])
      expect(codes).toEqual(['SHARED_KEY'])
    } finally {
      await twins.stop()
    }
  })

  test('at rank 0 makes the client take a slot of another lane', async () => {
    const { enigma, wire } = await world.enigma()
    const [first] = await enigma.verifyWorkers({ dApp: world.lanes })
    spoil(wire, [first?.seat ?? -1])
    const lanes: number[] = []
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verifying') lanes.push(event.lane)
    }
    const workers = await enigma.verifyWorkers({ dApp: world.lanes, onProgress })
    // Another lane whose rank 0 is another seat; were there none, the ranks behind would serve.
    expect(new Set(lanes).size).toBe(lanes.length)
    if (workers[0]?.rank === 0) expect(workers[0].seat).not.toBe(first?.seat)
    expect(lanes.length).toBeGreaterThan(1)
  })
})
