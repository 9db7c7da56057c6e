import { createSimulatedPki } from '@enigma/attestation/simulated'
import { createManualClock, until } from '@enigma/process/testing'
import { hexToBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import type { DocumentName } from './document.ts'
import { createUpstream, type Fetch, INTEL_PCS } from './upstream.ts'

const tcbInfo: DocumentName = { kind: 'tcbInfo', tee: 'sgx', fmspc: '00606a000000', edition: 'standard' }
const rootCrl: DocumentName = { kind: 'rootCaCrl' }
const collateral = createSimulatedPki({ now: Date.UTC(2026, 0, 1) / 1000 }).collateral()

function createWorld(answers: readonly (Response | Error)[], options: { url?: string; rootCrlUrl?: string } = {}) {
  const clock = createManualClock()
  const asked: string[] = []
  const left = [...answers]
  const fetch: Fetch = (url) => {
    asked.push(url.href)
    const answer = left.shift() ?? new Error('nobody there')
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  const stopping = new AbortController()
  const url = options.url ?? 'http://pcs.test/'
  const fetchDocument = createUpstream({ ...options, url, fetch, clock, random: () => 0.5, signal: stopping.signal })
  /** Lets time pass once the upstream waits for it. */
  async function wind(ms: number): Promise<void> {
    await until(() => clock.sleeping() > 0, 'a pause')
    await clock.advance(ms)
  }
  return { clock, wind, asked, fetchDocument }
}

const wrapped = `{"tcbInfo":${collateral.tcbInfo},"signature":"${collateral.tcbInfoSignature}"}`
const good = () =>
  new Response(wrapped, { headers: { 'TCB-Info-Issuer-Chain': encodeURIComponent(collateral.tcbInfoIssuerChain) } })
const status = (code: number, headers: Record<string, string> = {}) => new Response('', { status: code, headers })
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fetched',
    (error: { code: string }) => error.code,
  )

describe('the upstream', () => {
  test('cuts the document out of the answer, with its chain from the header', async () => {
    const { fetchDocument, asked } = createWorld([good()])
    expect(await fetchDocument(tcbInfo)).toEqual({
      content: collateral.tcbInfo,
      signature: collateral.tcbInfoSignature,
      issuerChain: collateral.tcbInfoIssuerChain,
    })
    expect(asked).toEqual(['http://pcs.test/sgx/certification/v4/tcb?fmspc=00606a000000'])
  })

  test.each([
    [{ ...tcbInfo, edition: 'early' }, '/sgx/certification/v4/tcb?fmspc=00606a000000&update=early'],
    [
      { ...tcbInfo, tee: 'tdx', edition: 17 },
      '/tdx/certification/v4/tcb?fmspc=00606a000000&tcbEvaluationDataNumber=17',
    ],
    [{ kind: 'qeIdentity', tee: 'tdx', edition: 'standard' }, '/tdx/certification/v4/qe/identity'],
    [{ kind: 'qeIdentity', tee: 'sgx', edition: 'early' }, '/sgx/certification/v4/qe/identity?update=early'],
    [{ kind: 'pckCrl', ca: 'processor' }, '/sgx/certification/v4/pckcrl?ca=processor&encoding=der'],
    [rootCrl, '/sgx/certification/v4/rootcacrl'],
  ] as const)('asks for %o as Intel has it', async (name, path) => {
    const { fetchDocument, asked } = createWorld([status(404)])
    await outcome(fetchDocument(name as DocumentName))
    expect(asked).toEqual([`http://pcs.test${path}`])
  })

  test.each([
    [{ url: INTEL_PCS }, 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der'],
    [{ url: INTEL_PCS, rootCrlUrl: 'http://mirror.test/root' }, 'http://mirror.test/root'],
  ])('finds the root’s list where it is: %o', async (options, url) => {
    const { fetchDocument, asked } = createWorld(
      [new Response(hexToBytes(`0x${collateral.rootCaCrl}`) as never)],
      options,
    )
    expect((await fetchDocument(rootCrl)).content).toBe(collateral.rootCaCrl)
    expect(asked).toEqual([url])
  })

  test('reads a list in hex, as a PCCS answers', async () => {
    const { fetchDocument } = createWorld([new Response(`${collateral.rootCaCrl.toUpperCase()}\n`)])
    expect((await fetchDocument(rootCrl)).content).toBe(collateral.rootCaCrl)
  })

  test('tries three times, with growing pauses', async () => {
    const { wind, fetchDocument, asked } = createWorld([new Error('reset'), status(500), good()])
    const fetching = outcome(fetchDocument(tcbInfo))
    await wind(249)
    expect(asked).toHaveLength(1)
    await wind(1)
    expect(asked).toHaveLength(2)
    await wind(499)
    expect(asked).toHaveLength(2)
    await wind(1)
    expect(await fetching).toBe('fetched')
  })

  test('gives up after the third', async () => {
    const { wind, fetchDocument, asked } = createWorld([status(500), new Error('reset'), status(502), good()])
    const fetching = outcome(fetchDocument(tcbInfo))
    await wind(250)
    await wind(500)
    expect([await fetching, asked.length]).toEqual(['COLLATERAL_UNAVAILABLE', 3])
  })

  test('S18: is silent for as long as a 429 asks, whoever asks for whatever', async () => {
    const { clock, wind, fetchDocument, asked } = createWorld([status(429, { 'retry-after': '120' }), good()])
    const first = outcome(fetchDocument(tcbInfo))
    await wind(60_000)
    expect(await first).toBe('COLLATERAL_UNAVAILABLE')
    await expect(fetchDocument(rootCrl)).rejects.toMatchObject({ retryAfterSeconds: 60 })
    expect(asked).toHaveLength(1)
    await clock.advance(60_000)
    expect(await outcome(fetchDocument(tcbInfo))).toBe('fetched')
  })

  test('waits out a short Retry-After', async () => {
    const { wind, fetchDocument } = createWorld([status(429, { 'retry-after': '2' }), good()])
    const fetching = outcome(fetchDocument(tcbInfo))
    await wind(250)
    await wind(1_750)
    expect(await fetching).toBe('fetched')
  })

  test.each([
    [404, 'UNKNOWN_PLATFORM'],
    [400, 'UNKNOWN_PLATFORM'],
    [410, 'EVALUATION_GONE'],
  ])('does not repeat a question that was answered with %d', async (code, expected) => {
    const { fetchDocument, asked } = createWorld([status(code), good()])
    expect([await outcome(fetchDocument(tcbInfo)), asked.length]).toEqual([expected, 1])
  })

  test.each([
    [
      'an answer without end',
      () => new Response(new ReadableStream({ pull: (it) => it.enqueue(new Uint8Array(65_536)) })),
    ],
    ['another wrapping', () => new Response('{"enclaveIdentity":{}}')],
    ['a chain that is not percent-encoded', () => new Response(wrapped, { headers: { 'TCB-Info-Issuer-Chain': '%' } })],
  ])('S18: takes nothing of %s', async (_what, answer) => {
    const { fetchDocument } = createWorld([answer()])
    expect(await outcome(fetchDocument(tcbInfo))).toBe('COLLATERAL_REFUSED')
  })
})
