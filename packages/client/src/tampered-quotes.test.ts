/** Whatever RPC and Attestation service make of a quote or of what vouches for it: refused, and nothing is sent. */
import { type Collateral, leafOf } from '@enigma/attestation'
import { type CollateralOptions, createSimulatedPki, type QuoteRequest } from '@enigma/attestation/simulated'
import { enigmaAbi } from '@enigma/contracts'
import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import fc from 'fast-check'
import { concat, slice } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import type { ProgressEvent, RejectedWorker } from './index.ts'
import { add, MEASUREMENT, renewSeat } from './testing/fake-worker.ts'
import {
  all,
  alterEvent,
  alterLeafBlocks,
  alterLeaves,
  alterSeats,
  type RpcLog,
  refusalsOf,
  type SeatEvent,
} from './testing/lies.ts'
import { startWorld, type World } from './testing/world.ts'

/** Seat 0 showed its platform's record when it renewed, seat 1 its certificate again; seat 2 has not renewed. */
let world: World
beforeAll(async () => {
  world = await startWorld()
  const [first, second, third] = world.workers
  if (!first || !second || !third) throw new Error('no workers')
  world.workers = [await renewSeat(world, first, 'record'), await renewSeat(world, second, 'leaf'), third]
})
afterAll(() => world?.stop())

const DAY = 86_400
const pki = (name?: string) => createSimulatedPki({ now: world.nowSeconds(), ...(name ? { name } : {}) })
const leafFor = (maker: string | undefined, request: Partial<QuoteRequest> = {}) => {
  const reportData = new Uint8Array(64)
  const quote = pki(maker).quote({ platformName: 'elsewhere', measurement: MEASUREMENT, reportData, ...request })
  return bytesToHex(leafOf(quote))
}
const flip = (hex: Hex, at: number): Hex => {
  const bytes = hexToBytes(hex)
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return bytesToHex(bytes)
}
const reasons = () => {
  const rejected: RejectedWorker[] = []
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'rejected') rejected.push(event.worker)
  }
  return { rejected, onProgress }
}

describe('a worker that renewed', () => {
  test('is verified by the certificate of an earlier event, and sealed to by its new key', async () => {
    const { enigma } = await world.enigma()
    const call = { address: world.addition, abi: additionAbi, functionName: 'add', args: [3n, 4n] } as const
    const workers = await enigma.verifyWorkers({ dApp: world.addition })
    const keys = new Map(workers.map(({ seat, inputKey }) => [seat, inputKey]))
    expect(world.workers.map(({ seat }) => keys.get(seat))).toEqual(
      world.workers.map(({ inputKeys }) => inputKeys.publicKey),
    )
    const task = await enigma.requestTask(await enigma.encrypt({ ...call, workers }))
    await world.serve(task.taskId, add)
    expect(await enigma.waitForResult(task)).toBe(7n)
  })

  test('costs one more question than others, and only where it showed a record', async () => {
    const { enigma, wire } = await world.enigma()
    await enigma.verifyWorkers({ dApp: world.addition })
    expect(wire.asked.filter((method) => method === 'eth_getLogs')).toHaveLength(4)
  })

  test.each([
    ['the block of its record', async () => (await seatView(0)).quoteBlock],
    ['the block of another seat', async () => (await seatView(2)).quoteBlock],
    ['a block without events', async () => 0n],
    ['a block to come', async () => 10n ** 9n],
  ])('S18: is left out alone where an RPC places its certificate in %s', async (_what, leafBlock) => {
    const { enigma, wire } = await world.enigma()
    alterLeafBlocks(wire, await leafBlock())
    const { rejected, onProgress } = reasons()
    const workers = await enigma.verifyWorkers({ dApp: world.addition, onProgress })
    expect(workers.map(({ seat }) => seat).toSorted()).toEqual([1, 2])
    expect(rejected).toMatchObject([{ seat: 0, error: { code: 'NO_CERTIFICATE' } }])
  })

  test('S18: is left out alone where an RPC has dropped the block of its certificate', async () => {
    const { enigma, wire } = await world.enigma()
    const { leafBlock } = await seatView(0)
    wire.before('eth_getLogs', (params) => {
      const [{ fromBlock }] = params as [{ fromBlock: Hex }]
      if (BigInt(fromBlock) === leafBlock) throw Object.assign(new Error('pruned'), { code: -32_000 })
    })
    const { rejected, onProgress } = reasons()
    expect(await enigma.verifyWorkers({ dApp: world.addition, onProgress })).toHaveLength(2)
    expect(rejected).toMatchObject([{ seat: 0, error: { code: 'NO_CERTIFICATE' } }])
  })
})

describe('a quote', () => {
  test.each([
    ['version', 0, 'QUOTE_VERSION'],
    ['vendor', 13, 'QE_VENDOR'],
    ['measurement', 48 + 64, 'QUOTE_SIGNATURE'],
    ['attributes', 48 + 48, 'QUOTE_SIGNATURE'],
    ['report data', 48 + 320, 'QUOTE_SIGNATURE'],
    ['signature', 440, 'QUOTE_SIGNATURE'],
    ['attestation key', 500, 'QE_REPORT_DATA'],
    ['QE report', 600, 'QE_REPORT_SIGNATURE'],
    ["QE report's signature", 950, 'QE_REPORT_SIGNATURE'],
    ["authentication data's length", 1012, 'QUOTE_TRUNCATED'],
    ['authentication data', 1040, 'QE_REPORT_DATA'],
  ])('S17: is refused with a bit of its %s flipped', async (_what, at, code) => {
    const lie = ({ quote }: SeatEvent) => ({ quote: flip(quote, at) })
    expect(await refusalsOf(world, (wire) => alterSeats(wire, lie))).toEqual(all(code))
  })

  test.each([
    ['empty', () => '0x', 'QUOTE_TRUNCATED'],
    ['cut', (quote: Hex) => slice(quote, 0, 500), 'QUOTE_TRUNCATED'],
    ['lengthened', (quote: Hex) => concat([quote, '0x00']), 'AUTH_SIZE'],
    ['too long for any', (quote: Hex) => longest(quote), 'QUOTE_TOO_LARGE'],
  ] as const)('S17: is refused when it is %s', async (_what, change, code) => {
    const lie = ({ quote }: SeatEvent) => ({ quote: change(quote) as Hex })
    expect(await refusalsOf(world, (wire) => alterSeats(wire, lie))).toEqual(all(code))
  })

  test('of two in one block the later counts, and only those of the contract itself', async () => {
    const { enigma, wire } = await world.enigma()
    const spoiled = (log: RpcLog) => alterEvent(log, () => ({ quote: '0x' }))
    const elsewhere = (log: RpcLog) => ({ ...spoiled(log), address: world.addition })
    wire.alter('eth_getLogs', (logs) => (logs as RpcLog[]).flatMap((log) => [spoiled(log), log, elsewhere(log)]))
    expect(await enigma.verifyWorkers({ dApp: world.addition })).toHaveLength(3)
    wire.alter('eth_getLogs', (logs) => (logs as RpcLog[]).flatMap((log) => [log, spoiled(log)]))
    await expect(enigma.verifyWorkers({ dApp: world.addition })).rejects.toMatchObject({ code: 'NO_VERIFIED_WORKER' })
  })

  test('that an RPC fails to show is no fault of its worker', async () => {
    const { enigma, wire } = await world.enigma()
    wire.before('eth_getLogs', () => {
      throw Object.assign(new Error('internal'), { code: -32_603 })
    })
    await expect(enigma.verifyWorkers({ dApp: world.addition })).rejects.toMatchObject({ code: 'CHAIN' })
  })

  /** As much authentication data as its length can say. */
  const longest = (quote: Hex) => concat([slice(quote, 0, 1012), '0xffff', `0x${'00'.repeat(65_535)}`])
})

describe('a certificate', () => {
  test.each([
    ['of another machine', () => leafFor(undefined), 'QE_REPORT_SIGNATURE'],
    [
      'of another kind of machine',
      () => leafFor(undefined, { firmware: { fmspc: '00906ed50000' } }),
      'TCB_INFO_MISMATCH',
    ],
    ['by another maker', () => leafFor('another'), 'PCK_SIGNATURE'],
    ['with a bit of its signature flipped', (leaf: Hex) => flip(leaf, -1), 'PCK_SIGNATURE'],
    ['with a bit of its first length flipped', (leaf: Hex) => flip(leaf, 3), 'CERT_FORMAT'],
    ['that is empty', () => '0x', 'CERT_FORMAT'],
    ['that is noise', () => `0x${'5a'.repeat(1000)}`, 'CERT_FORMAT'],
    ['that is endless', () => `0x${'30'.repeat(300_000)}`, 'CERT_FORMAT'],
    ['that is the root’s', () => bytesToHex(pki().trustRoot.certificate), 'SGX_EXT_MISSING'],
    ['that is a record', () => world.workers[0]?.record ?? '0x', 'NO_CERTIFICATE'],
  ] as const)('S17: %s is refused', async (_what, change, code) => {
    expect(await refusalsOf(world, (wire) => alterLeaves(wire, (leaf) => change(leaf) as Hex))).toEqual(all(code))
  })

  test('S17: of another worker is refused, genuine as it is', async () => {
    const swap = (_leaf: Hex, { seat }: SeatEvent) =>
      leafFor(undefined, { platformName: `machine ${(Number(seat) + 1) % 3}` })
    expect(await refusalsOf(world, (wire) => alterLeaves(wire, swap))).toEqual(all('QE_REPORT_SIGNATURE'))
  })
})

test('S17: any bit flipped in a quote or certificate is a worker refused', async () => {
  const { enigma, wire } = await world.enigma()
  const fault = fc.tuple(fc.constantFrom('quote', 'evidence'), fc.nat(), fc.nat({ max: 7 }))
  const property = fc.asyncProperty(fault, async ([part, position, bit]) => {
    alterSeats(wire, (event) => {
      const bytes = hexToBytes(event[part])
      const isRecord = bytes.length === 192
      // Four bytes of a bare quote say how long its signature data is; nothing signs them, and they are written anew.
      const free = Array.from(bytes.keys()).filter((at) => part === 'evidence' || at < 432 || at >= 436)
      const at = free[position % free.length] ?? 0
      if (!isRecord) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      return { [part]: bytesToHex(bytes) }
    })
    await expect(enigma.verifyWorkers({ dApp: world.addition })).rejects.toMatchObject({ code: 'NO_VERIFIED_WORKER' })
  })
  await fc.assert(property, { numRuns: 40 })
  expect(wire.sent).toEqual([])
})

describe('collateral', () => {
  const serve = (change: (collateral: Collateral) => unknown, options?: CollateralOptions) => ({
    fetch: async () => new Response(JSON.stringify(change(pki().collateral(options)))),
  })
  const other = () => pki('another').collateral()
  const outOfDate = { components: Array<number>(16).fill(0), pceSvn: 0, status: 'OutOfDate' }

  test.each([
    ['a better level', (it) => ({ ...it, tcbInfo: it.tcbInfo.replace('OutOfDate', 'UpToDate') }), 'TCB_INFO_SIGNATURE'],
    ['another signature', (it) => ({ ...it, tcbInfoSignature: it.qeIdentitySignature }), 'TCB_INFO_SIGNATURE'],
    [
      'a later evaluation',
      (it) => ({ ...it, qeIdentity: it.qeIdentity.replace(':17', ':18') }),
      'QE_IDENTITY_SIGNATURE',
    ],
    ['another signer', (it) => ({ ...it, tcbInfoIssuerChain: other().tcbInfoIssuerChain }), 'TCB_INFO_ROOT_UNTRUSTED'],
    ['another root’s list', (it) => ({ ...it, rootCaCrl: other().rootCaCrl }), 'ROOT_CRL_SIGNATURE'],
    ['another CA’s list', (it) => ({ ...it, pckCrl: it.rootCaCrl }), 'PCK_CRL_ISSUER'],
    ['a list altered', (it) => ({ ...it, pckCrl: flip(`0x${it.pckCrl}`, -1).slice(2) }), 'PCK_CRL_SIGNATURE'],
    ['no list', (it) => ({ ...it, pckCrl: '' }), 'CRL_FORMAT'],
    ['other issuers', (it) => ({ ...it, pckCrlIssuerChain: other().pckCrlIssuerChain }), 'PCK_ROOT_UNTRUSTED'],
    ['another CA', (it) => ({ ...it, pckCrlIssuerChain: it.tcbInfoIssuerChain }), 'PCK_CA_CN'],
    ['empty issuers', (it) => ({ ...it, pckCrlIssuerChain: '' }), 'PCK_CHAIN'],
    ['issuers that are noise', (it) => ({ ...it, pckCrlIssuerChain: 'hello' }), 'PCK_CHAIN'],
    ['no issuers', ({ pckCrlIssuerChain: _, ...it }) => it, 'COLLATERAL_INCOMPLETE'],
  ] as readonly (readonly [string, (collateral: Collateral) => unknown, string])[])(
    'S17: is refused with %s',
    async (_what, change, code) => {
      expect(await refusalsOf(world, undefined, serve(change))).toEqual(all(code))
    },
  )

  test.each([
    ['has expired', { issuedAt: 0 }, 'ROOT_CRL_EXPIRED'],
    ['is from the future', { issuedAt: 2 }, 'ROOT_CRL_NOT_YET_VALID'],
  ])('S16: is refused when it %s', async (_what, { issuedAt }, code) => {
    const at = world.nowSeconds() + (issuedAt - 1) * 60 * DAY
    expect(await refusalsOf(world, undefined, { fetch: world.fetchCollateral(at) })).toEqual(all(code))
  })

  test.each([
    ['the CA', { revokedByRoot: ['ca'] }, 'PCK_CA_REVOKED'],
    ['the signer of levels', { revokedByRoot: ['signer'] }, 'TCB_INFO_SIGNER_REVOKED'],
    ['every machine', { revokedPlatforms: [0, 1, 2].map((at) => ({ platformName: `machine ${at}` })) }, 'PCK_REVOKED'],
    ['the level of every machine', { levels: [outOfDate] }, 'TCB_STATUS_REFUSED'],
  ] as const)('S16: refuses workers once the maker takes back %s', async (_what, options, code) => {
    expect(
      await refusalsOf(
        world,
        undefined,
        serve((it) => it, options),
      ),
    ).toEqual(all(code))
  })

  test('S16: leaves out the one worker whose machine is revoked', async () => {
    const revoked = serve((it) => it, { revokedPlatforms: [{ platformName: 'machine 0' }] })
    const { enigma } = await world.enigma(revoked)
    const { rejected, onProgress } = reasons()
    expect(await enigma.verifyWorkers({ dApp: world.addition, onProgress })).toHaveLength(2)
    expect(rejected).toMatchObject([{ seat: 0, error: { code: 'PCK_REVOKED' } }])
  })

  test('says what is wrong with a server that leaves the issuers out', async () => {
    const { enigma } = await world.enigma(serve(({ pckCrlIssuerChain: _, ...it }) => it))
    const { rejected, onProgress } = reasons()
    const error = await enigma.verifyWorkers({ dApp: world.addition, onProgress }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'NO_VERIFIED_WORKER' })
    expect(rejected[0]?.error).toMatchObject({ hint: expect.stringContaining('attestationUrl') })
  })
})

async function seatView(seat: number) {
  const call = { address: world.network.enigma, abi: enigmaAbi, functionName: 'seat', args: [BigInt(seat)] } as const
  return world.client.readContract(call)
}
