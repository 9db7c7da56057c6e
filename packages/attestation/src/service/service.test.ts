import { request as httpRequest } from 'node:http'
import { bytesToHex, keccak256, recoverSigner } from '@enigma/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCollateral } from '../collateral.ts'
import { platformOf } from '../pck.ts'
import { createSimulatedPki, type QuoteRequest } from '../simulated/index.ts'
import { trustRoots } from '../trust-roots.ts'
import type { VerdictJson } from '../verdict.ts'
import { verifyQuote } from '../verify.ts'
import { createCollateralCache } from './collateral-cache.ts'
import { parseConfig } from './config.ts'
import { verdictDigest } from './evidence.ts'
import { startHttp } from './http.ts'
import { createLog } from './log.ts'
import { createRoutes } from './routes.ts'
import { type AttestationService, startAttestationService } from './service.ts'
import { simulatedPcs } from './simulated-pcs.ts'
import { createUpstream, type Fetch } from './upstream.ts'

const START = Date.UTC(2026, 5, 1, 12) / 1000
const verifier = `0x${'22'.repeat(20)}` as const
const secret = `0x${'c0ffee'.repeat(10)}abcd`
const base = { chainId: '31337', verifier, attesterKey: secret, port: '0' }
const request: QuoteRequest = {
  platformName: 'm',
  measurement: `0x${'5a'.repeat(32)}`,
  reportData: new Uint8Array(64).fill(7),
}
const quote = createSimulatedPki().quote(request)
const noFetch: Fetch = () => Promise.reject(new Error('no network in tests'))

const now = START
const lines: string[] = []
const parts = {
  now: () => now,
  log: createLog(
    (line) => void lines.push(line),
    () => now,
  ),
  fetch: noFetch,
}
let service: AttestationService

beforeAll(async () => {
  service = await startAttestationService(parseConfig({ ...base, pcs: 'simulated' }), parts)
})
afterAll(() => service.stop())

const get = (path: string, init: RequestInit = {}) => fetch(service.url + path, init)
const attest = (body: string) => get('/v1/attestations', { method: 'POST', body })
const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as { status: number; code: string; title: string; detail: string }
  expect(problem.status).toBe(response.status)
  expect(problem.title && problem.detail).toBeTruthy()
  return `${problem.status} ${problem.code}`
}

describe('POST /v1/attestations', () => {
  test('answers with a verdict, the hash of the collateral, and evidence that the attester signed', async () => {
    const response = await attest(JSON.stringify({ quote: bytesToHex(quote) }))
    const { verdict, collateralHash, evidence } = (await response.json()) as {
      verdict: VerdictJson
      collateralHash: string
      evidence: string
    }
    expect(verdict).toMatchObject({ tcbStatus: 'UpToDate', measurement: request.measurement, trustRoot: 'simulated' })
    expect(verdict).toMatchObject({ reportData: bytesToHex(request.reportData), debug: false })
    expect(collateralHash).toMatch(/^0x[0-9a-f]{64}$/)
    const digest = verdictDigest({ chainId: 31_337, verifier }, keccak256(quote), verdict.validUntil)
    const signature = { r: `0x${evidence.slice(66, 130)}`, vs: `0x${evidence.slice(130)}` } as const
    expect(recoverSigner(digest, signature)).toBe(service.attester)
  })

  test('S17: signs nothing for a quote that does not verify, and says why', async () => {
    const forged = quote.slice()
    forged[112] = (forged[112] ?? 0) ^ 1
    expect(await problemOf(await attest(JSON.stringify({ quote: bytesToHex(forged) })))).toBe('422 QUOTE_SIGNATURE')
    const debug = createSimulatedPki().quote({ ...request, debug: true })
    expect(await problemOf(await attest(JSON.stringify({ quote: bytesToHex(debug) })))).toBe('422 DEBUG_ENCLAVE')
    const outOfDate = createSimulatedPki().quote({ ...request, quotingEnclave: { isvSvn: 6 } })
    expect(await problemOf(await attest(JSON.stringify({ quote: bytesToHex(outOfDate) })))).toBe(
      '422 TCB_STATUS_REFUSED',
    )
    const stranger = createSimulatedPki({ name: 'another' }).quote(request)
    expect(await problemOf(await attest(JSON.stringify({ quote: bytesToHex(stranger) })))).toBe(
      '422 PCK_ROOT_UNTRUSTED',
    )
  })

  test.each([
    ['nothing', '', '400 MALFORMED_REQUEST'],
    ['no JSON', '{', '400 MALFORMED_REQUEST'],
    ['no quote', '{}', '400 MALFORMED_REQUEST'],
    ['a quote that is not hex', '{"quote":"hello"}', '400 MALFORMED_REQUEST'],
    ['half a byte', '{"quote":"0x123"}', '400 MALFORMED_REQUEST'],
    ['a field too many', '{"quote":"0x12","policy":{}}', '400 MALFORMED_REQUEST'],
    ['a list', '[]', '400 MALFORMED_REQUEST'],
    ['two bytes of a quote', '{"quote":"0x0300"}', '422 QUOTE_TRUNCATED'],
    ['more than 16 KB', `{"quote":"0x${'00'.repeat(9000)}"}`, '413 BODY_TOO_LARGE'],
  ])('S18: refuses %s', async (_what, body, expected) => {
    expect(await problemOf(await attest(body))).toBe(expected)
  })

  test('S18: stops reading a body whose length nobody told', async () => {
    const outcome = await new Promise<number | string>((resolve) => {
      const sent = httpRequest(`${service.url}/v1/attestations`, { method: 'POST' }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      for (let chunk = 0; chunk < 20; chunk++) sent.write('x'.repeat(1024))
    })
    expect(outcome).toBe(413)
  })
})

describe('GET /v1/collateral', () => {
  const path = '/v1/collateral?fmspc=00606A000000&ca=platform'

  test('gives a page everything that a quote is verified with, from any origin', async () => {
    const response = await get(path)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const collateral = parseCollateral(await response.json())
    const options = { at: now, trustRoot: trustRoots.simulated, policy: 'report-only' } as const
    expect(verifyQuote(quote, collateral, options).tcbStatus).toBe('UpToDate')
  })

  test('takes what platformOf says of a quote as its question', async () => {
    const query = new URLSearchParams(platformOf(quote)).toString()
    expect((await get(`/v1/collateral?${query}`)).status).toBe(200)
  })

  test('is known by its content', async () => {
    const etag = (await get(path)).headers.get('etag') ?? ''
    expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await get(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  test.each([
    ['/v1/collateral', '400 MALFORMED_REQUEST'],
    ['/v1/collateral?fmspc=00606A0000', '400 MALFORMED_REQUEST'],
    ['/v1/collateral?fmspc=00606A000000&ca=mine', '400 MALFORMED_REQUEST'],
    ['/v1/collateral?fmspc=00606A000000&tee=sev', '400 MALFORMED_REQUEST'],
    ['/v1/collateral?fmspc=00906ED50000', '404 UNKNOWN_PLATFORM'],
    ['/v2', '404 NOT_FOUND'],
    ['//', '404 NOT_FOUND'],
  ])('S18: refuses %s', async (bad, expected) => {
    expect(await problemOf(await get(bad))).toBe(expected)
  })
})

describe('the paths of Intel’s PCS', () => {
  test('serve the same documents, with their issuers’ chains in the headers', async () => {
    const collateral = parseCollateral(await (await get('/v1/collateral?fmspc=00606A000000')).json())
    const tcb = await get('/sgx/certification/v4/tcb?fmspc=00606A000000')
    expect(await tcb.text()).toBe(`{"tcbInfo":${collateral.tcbInfo},"signature":"${collateral.tcbInfoSignature}"}`)
    expect(decodeURIComponent(tcb.headers.get('tcb-info-issuer-chain') ?? '')).toBe(collateral.tcbInfoIssuerChain)
    const identity = await get('/sgx/certification/v4/qe/identity')
    expect(await identity.text()).toContain(`{"enclaveIdentity":${collateral.qeIdentity},`)
    expect(identity.headers.get('sgx-enclave-identity-issuer-chain')).toContain('BEGIN%20CERTIFICATE')
    const crl = await get('/sgx/certification/v4/pckcrl?ca=platform&encoding=der')
    expect(bytesToHex(new Uint8Array(await crl.arrayBuffer()))).toBe(`0x${collateral.pckCrl}`)
    expect(await (await get('/sgx/certification/v4/rootcacrl')).text()).toBe(collateral.rootCaCrl)
  })

  test('let another service use this one as its source', async () => {
    const upstream: string[] = []
    const through: Fetch = (url, init) => {
      upstream.push(url.pathname)
      return fetch(url, init)
    }
    // It pins Intel's root, so what it fetches here must not get past it: the path is proven, and S15 with it.
    const second = await startAttestationService(parseConfig({ ...base, pcs: `${service.url}/` }), {
      ...parts,
      fetch: through,
    })
    const response = await fetch(`${second.url}/v1/collateral?fmspc=00606A000000`)
    await second.stop()
    expect(upstream).toEqual(['/sgx/certification/v4/rootcacrl'])
    expect(await problemOf(response)).toBe('502 COLLATERAL_REFUSED')
  })
})

describe('the service', () => {
  test('says that it lives, and lets a page ask before it posts', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
    expect(await (await get('/healthz', { method: 'HEAD' })).text()).toBe('')
    const preflight = await get('/v1/attestations', { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST'])
    expect(await problemOf(await get('/healthz', { method: 'DELETE' }))).toBe('405 METHOD_NOT_ALLOWED')
  })

  test('S16: answers 503 and not with stale collateral when its source is down', async () => {
    let isDown = false
    let time = START
    const source = simulatedPcs(() => time)
    const failing: Fetch = (url, init) => (isDown ? Promise.reject(new Error('down')) : source(url, init))
    const fetchDocument = createUpstream('http://pcs.test', failing, new AbortController().signal)
    const trustRoot = trustRoots.simulated
    const shared = { trustRoot, now: () => time, log: parts.log }
    const cache = createCollateralCache({ ...shared, fetchDocument, refreshSeconds: 86_400 })
    const domain = { chainId: 31_337, verifier }
    const routes = createRoutes({ ...shared, cache, domain, attesterKey: new Uint8Array(32).fill(1) })
    const server = await startHttp({ host: '127.0.0.1', port: 0 }, routes, parts.log)
    const ask = () => fetch(`${server.url}/sgx/certification/v4/qe/identity`)
    expect((await ask()).status).toBe(200)
    isDown = true
    time += 31 * 86_400
    const refused = await ask()
    expect(await problemOf(refused)).toBe('503 COLLATERAL_STALE')
    expect(refused.headers.get('retry-after')).toBe('60')
    await server.stop()
  })

  test('S21: logs one JSON object a line, without keys, bodies or paths that it does not know', async () => {
    await get('/c0ffee?c0ffee=1')
    await attest('{"c0ffee":1}')
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(logged.length).toBeGreaterThan(5)
    for (const line of logged) expect(line).toMatchObject({ component: 'attestation', event: expect.any(String) })
    expect(lines.join('')).not.toContain('c0ffee')
  })

  test('stops, and answers no more', async () => {
    const other = await startAttestationService(parseConfig({ ...base, pcs: 'simulated' }), parts)
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200)
    await other.stop()
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
  })

  test('refuses to start on a port that is taken', async () => {
    const { port } = new URL(service.url)
    const config = parseConfig({ ...base, port, pcs: 'simulated' })
    await expect(startAttestationService(config, parts)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
