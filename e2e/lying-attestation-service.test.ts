import { bareQuote, type Collateral, leafOf } from '@enigma/attestation'
import {
  type CollateralOptions,
  createSimulatedPki,
  type QuoteRequest,
  simulatedKind,
} from '@enigma/attestation/simulated'
import { createMemoryCache, syncCollateral } from '@enigma/attestation-service'
import { NoVerifiedWorkerError } from '@enigma/client'
import { dcapVerifierAbi, enigmaAbi } from '@enigma/contracts'
import { Secret, silentLogger } from '@enigma/process'
import { bytesToHex, type Hex, utf8 } from '@enigma/protocol'
import { refusalOf, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LyingService, startLyingService } from './support/lying-service.ts'
import { ADDITION, addition, sumOf, taskLogs } from './support/story.ts'

const DAY = 86_400

let network: TestNetwork
let liar: LyingService
let dApp: Hex
let honest: Collateral
beforeAll(async () => {
  network = await startNetwork({ workers: 3 })
  liar = await startLyingService()
  dApp = await network.deploy(ADDITION)
  const url = new URL('/v1/collateral', network.network.attestationUrl)
  url.search = `${new URLSearchParams({ fmspc: simulatedKind.fmspc, ca: 'platform' })}`
  honest = (await (await fetch(url)).json()) as Collateral
})
afterAll(async () => {
  await liar?.stop()
  await network?.stop()
})

const nowSeconds = () => Math.floor(network.hardware.clock.nowMs() / 1000)
/** What the hardware's maker has signed, or another by his side. */
const signed = (options: CollateralOptions = {}, name?: string): Collateral =>
  createSimulatedPki({ now: nowSeconds(), ...(name && { name }) }).collateral(options)
const json = (collateral: object) => JSON.stringify(collateral)

describe('S16: a service that lies', () => {
  test.each<[lie: string, code: string, body: () => string]>([
    [
      'an altered TCB info',
      'TCB_INFO_SIGNATURE',
      () => json({ ...honest, tcbInfo: honest.tcbInfo.replace('"OutOfDate"', '"UpToDate"') }),
    ],
    [
      'an altered identity of the quoting enclave',
      'QE_IDENTITY_SIGNATURE',
      () => json({ ...honest, qeIdentity: honest.qeIdentity.replace('"isvsvn":8', '"isvsvn":1') }),
    ],
    [
      'a revocation list with one serial cut out',
      'PCK_CRL_SIGNATURE',
      () => json({ ...honest, pckCrl: alterTail(honest.pckCrl) }),
    ],
    ['what was true two months ago', 'ROOT_CRL_EXPIRED', () => json(signed({ issuedAt: nowSeconds() - 60 * DAY }))],
    [
      'a TCB info of two months ago among what is of today',
      'TCB_INFO_EXPIRED',
      () => json({ ...honest, ...tcbInfoOf(signed({ issuedAt: nowSeconds() - 60 * DAY })) }),
    ],
    [
      'what the maker says of another kind of platform',
      'TCB_INFO_MISMATCH',
      () => json({ ...honest, ...tcbInfoOf(signed({ tcbInfo: { fmspc: '00906ED50000' } })) }),
    ],
    ['what another maker says', 'ROOT_CRL_SIGNATURE', () => json(signed({}, 'another maker'))],
    ['nothing of the issuers', 'COLLATERAL_INCOMPLETE', () => json({ ...honest, pckCrlIssuerChain: undefined })],
    ['an object of its own', 'COLLATERAL_FORMAT', () => '{"accept":true}'],
    ['a page', 'COLLATERAL_UNAVAILABLE', () => '<html>All is well.</html>'],
    ['more than anybody would read', 'COLLATERAL_UNAVAILABLE', () => 'x'.repeat(2 << 20)],
  ])('serves %s: the client refuses every worker and sends nothing', async (_lie, code, body) => {
    liar.serve({ body: body() })
    const client = network.client('alice')
    const { address } = network.account('alice')
    const before = [await client.getBalance({ address }), await client.getTransactionCount({ address })]
    const refused = await network
      .enigma('alice', liar.url)
      .call(addition(dApp, 1n, 1n))
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(NoVerifiedWorkerError)
    expect((refused as NoVerifiedWorkerError).rejected.map(({ error }) => error.code)).toEqual([code, code, code])
    expect([await client.getBalance({ address }), await client.getTransactionCount({ address })]).toEqual(before)
    expect((await taskLogs(network)).requested).toEqual([])
  })

  test('feeds a keeper with it: nothing reaches the chain', async () => {
    const { rpcUrl, attestationVerifier: verifier } = network.network
    const signal = new AbortController().signal
    const sync = () =>
      syncCollateral(
        {
          rpcUrl,
          verifier,
          key: new Secret(network.account('bob').privateKey),
          kinds: { fmspcs: [simulatedKind.fmspc], cas: ['platform'] },
        },
        {
          cacheFor: (trustRoot) =>
            createMemoryCache(
              { url: liar.url, trustRoot, signal },
              { clock: network.hardware.clock, log: silentLogger },
            ),
          clock: network.hardware.clock,
          log: silentLogger,
        },
      )
    for (const body of ['<html>All is well.</html>', json(honest), bytesToHex(utf8('collateral')).slice(2)]) {
      liar.serve({ body })
      const parts = await sync()
      expect(parts.length).toBeGreaterThan(0)
      for (const part of parts)
        expect(part).toMatchObject({ state: 'unavailable', code: expect.stringMatching(/^COLLATERAL_/) })
    }
    expect(await network.client('bob').getTransactionCount({ address: network.account('bob').address })).toBe(0)
  })

  test('brings it to the contract itself: each part is refused by the check that the client makes too', async () => {
    const old = signed({ issuedAt: nowSeconds() - 60 * DAY })
    const forged = honest.tcbInfo.replace('"OutOfDate"', '"UpToDate"')
    expect(await trySet('setTcbInfo', forged, honest.tcbInfoSignature)).toBe('TCB_INFO_SIGNATURE')
    expect(await trySet('setTcbInfo', old.tcbInfo, old.tcbInfoSignature)).toMatch(/^TCB_INFO_(EXPIRED|ROLLBACK)$/)
    expect(await trySet('setQeIdentity', honest.tcbInfo, honest.tcbInfoSignature)).toMatch(/^QE_IDENTITY_/)
    const other = signed({}, 'another maker')
    expect(await trySet('setTcbInfo', other.tcbInfo, other.tcbInfoSignature)).toBe('TCB_INFO_SIGNATURE')
  })
})

test('S17: “accepted”, says the service of a bad quote; the contract does not ask it, and nobody gets a seat', async () => {
  liar.serve({ body: json(honest) })
  expect(await tryTakeSeat({})).toBe('WrongIdentity')
  expect(await tryTakeSeat({ debug: true })).toBe('DEBUG_ENCLAVE')
  expect(await tryTakeSeat({ firmware: { pceSvn: 1 } })).toBe('TCB_STATUS_REFUSED')
  expect(await tryTakeSeat({}, 'another maker')).toMatch(/^PCK_/)
  expect(await tryTakeSeat({ measurement: `0x${'66'.repeat(32)}` })).toBe('UnknownMeasurement')
  expect(await network.contract.read.seatCount()).toBe(3n)
})

test('S17: workers serve on, whatever it serves, and nobody ever asked for its verdict', async () => {
  liar.serve({ status: 500, body: '' })
  expect(await network.enigma('alice').call(addition(dApp, 3n, 4n))).toBe(7n)
  expect(await sumOf(network, dApp)).toBe(7n)
  expect(liar.judged()).toBe(0)
})

function tcbInfoOf({ tcbInfo, tcbInfoSignature, tcbInfoIssuerChain }: Collateral) {
  return { tcbInfo, tcbInfoSignature, tcbInfoIssuerChain }
}

/** Another last byte of a signature, in hex. */
function alterTail(hex: string): string {
  return `${hex.slice(0, -2)}${hex.endsWith('00') ? '01' : '00'}`
}

/** What the verifier says of a document. */
async function trySet(functionName: 'setTcbInfo' | 'setQeIdentity', text: string, signature: string): Promise<string> {
  const client = network.client('bob')
  const [r, s]: Hex[] = [`0x${signature.slice(0, 64)}`, `0x${signature.slice(64)}`]
  return client
    .simulateContract({
      address: network.network.attestationVerifier,
      abi: dcapVerifierAbi,
      functionName,
      args: [bytesToHex(utf8(text)), r as Hex, s as Hex],
      account: client.account,
    })
    .then(() => 'taken', refusalOf)
}

/** What the Enigma contract says of a quote. */
async function tryTakeSeat(request: Partial<QuoteRequest>, maker?: string): Promise<string> {
  const client = network.client('bob')
  const { enigma, measurements } = network.network
  const [measurement = '0x'] = measurements
  const { number } = await client.getBlock()
  const priceGwei = await client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'seatPriceGwei' })
  const quote = createSimulatedPki(maker === undefined ? {} : { name: maker }).quote({
    ...{ platformName: 'bob’s machine', measurement, reportData: new Uint8Array(64) },
    ...request,
  })
  return client
    .simulateContract({
      address: enigma,
      abi: enigmaAbi,
      functionName: 'takeSeat',
      args: [
        0n,
        client.account.address,
        `0x${'11'.repeat(32)}`,
        number,
        bytesToHex(bareQuote(quote)),
        bytesToHex(leafOf(quote)),
      ],
      value: priceGwei * 1_000_000_000n,
      account: client.account,
    })
    .then(() => 'taken', refusalOf)
}
