import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCollateral, platformOf, trustRoots, type VerdictJson, verifyQuote } from '@enigma/attestation'
import { createSimulatedPki, type QuoteRequest } from '@enigma/attestation/simulated'
import { createManualClock, createRecordedLog, until } from '@enigma/process/testing'
import { bytesToHex } from '@enigma/protocol'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAttestationConfig } from './config.ts'
import { type AttestationService, startAttestationService } from './service.ts'
import { type SimulatedPcs, startSimulatedPcs } from './simulated-pcs.ts'

const START = Date.UTC(2026, 5, 1, 12)
const DAY = 86_400_000
const clock = createManualClock(START)
const log = createRecordedLog('attestation')
const folders: string[] = []
const request: QuoteRequest = {
  platformName: 'm',
  measurement: `0x${'5a'.repeat(32)}`,
  reportData: new Uint8Array(64).fill(7),
}
const quote = createSimulatedPki().quote(request)
const fmspc = '00606a000000'

let pcs: SimulatedPcs
let service: AttestationService

function configFor(upstream: string, changes: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'enigma-attestation-'))
  folders.push(dataDir)
  const given = { upstream, dataDir, port: 0, chainId: 31_337, trustRoot: 'simulated', fmspcs: fmspc, ...changes }
  const argv = Object.entries(given).flatMap(([key, value]) => [
    `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    `${value}`,
  ])
  return readAttestationConfig({ argv, env: {} })
}

beforeAll(async () => {
  pcs = await startSimulatedPcs({}, { clock })
  service = await startAttestationService(configFor(pcs.url), { clock, log })
})
afterAll(async () => {
  await service.stop()
  await pcs.stop()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

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
  test('answers with a verdict and the hashes of what it rests on', async () => {
    const response = await attest(JSON.stringify({ quote: bytesToHex(quote) }))
    const answer = (await response.json()) as { verdict: VerdictJson; collateralHash: string; collateralHashes: object }
    expect(answer.verdict).toMatchObject({ tcbStatus: 'UpToDate', trustRoot: 'simulated', debug: false })
    expect(answer.verdict).toMatchObject({
      reportData: bytesToHex(request.reportData),
      measurement: request.measurement,
    })
    expect(answer.collateralHash).toMatch(/^0x[0-9a-f]{64}$/)
    expect(Object.keys(answer.collateralHashes).sort()).toEqual([
      'pckCrl',
      'pckCrlIssuerChain',
      'qeIdentity',
      'qeIdentityIssuerChain',
      'rootCaCrl',
      'tcbInfo',
      'tcbInfoIssuerChain',
    ])
  })

  test('signs it as an EAR token that the published key verifies, for five minutes', async () => {
    const nonce = 'bm9uY2Utb2YtYS1jbGllbnQ='
    const { token } = (await (await attest(JSON.stringify({ quote: bytesToHex(quote), nonce }))).json()) as {
      token: string
    }
    const jwks = (await (await get('/.well-known/jwks.json')).json()) as Parameters<typeof createLocalJWKSet>[0]
    expect(jwks.keys[0]).not.toHaveProperty('d')
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { currentDate: new Date(START) })
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: jwks.keys[0]?.kid })
    expect(payload).toMatchObject({ eat_nonce: nonce, iat: START / 1000, exp: START / 1000 + 300 })
    expect(payload.submods).toMatchObject({
      enclave: { 'ear.status': 'affirming', 'enigma.verdict': { trustRoot: 'simulated' } },
    })
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
    ['a short nonce', '{"quote":"0x12","nonce":"1234567"}', '400 MALFORMED_REQUEST'],
    ['a nonce with a quotation mark', '{"quote":"0x12","nonce":"12345678\\""}', '400 MALFORMED_REQUEST'],
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
  const path = `/v1/collateral?fmspc=00606A000000&ca=platform`

  test('gives a page everything that a quote is verified with, from any origin', async () => {
    const response = await get(path)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const collateral = parseCollateral(await response.json())
    const options = { at: START / 1000, trustRoot: trustRoots.simulated, policy: 'report-only' } as const
    expect(verifyQuote(quote, collateral, options).tcbStatus).toBe('UpToDate')
    expect(collateral.pckCrlIssuerChain?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  })

  test('takes what platformOf says of a quote as its question', async () => {
    const query = new URLSearchParams(platformOf(quote)).toString()
    expect((await get(`/v1/collateral?${query}`)).status).toBe(200)
  })

  test('is known by its content', async () => {
    const response = await get(path)
    const etag = response.headers.get('etag') ?? ''
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600')
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect((await get(path, { headers: { 'if-none-match': tag } })).status).toBe(304)
    }
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
    const tcb = await get('/sgx/certification/v4/tcb?fmspc=00606A000000&update=standard')
    expect(await tcb.text()).toBe(`{"tcbInfo":${collateral.tcbInfo},"signature":"${collateral.tcbInfoSignature}"}`)
    expect(decodeURIComponent(tcb.headers.get('tcb-info-issuer-chain') ?? '')).toBe(collateral.tcbInfoIssuerChain)
    expect(tcb.headers.get('request-id')).toMatch(/^[0-9a-f]{32}$/)
    const identity = await get('/sgx/certification/v4/qe/identity')
    expect(await identity.text()).toContain(`{"enclaveIdentity":${collateral.qeIdentity},`)
    expect(identity.headers.get('sgx-enclave-identity-issuer-chain')).toContain('BEGIN%20CERTIFICATE')
    const crl = await get('/sgx/certification/v4/pckcrl?ca=platform&encoding=der')
    expect(bytesToHex(new Uint8Array(await crl.arrayBuffer()))).toBe(`0x${collateral.pckCrl}`)
    expect(crl.headers.get('content-type')).toBe('application/pkix-crl')
    expect(await (await get('/sgx/certification/v4/pckcrl?ca=PLATFORM')).text()).toBe(collateral.pckCrl)
    expect(await (await get('/sgx/certification/v4/rootcacrl')).text()).toBe(collateral.rootCaCrl)
    const uri = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der'
    const root = await get(`/sgx/certification/v4/crl?uri=${uri}`)
    expect(bytesToHex(new Uint8Array(await root.arrayBuffer()))).toBe(`0x${collateral.rootCaCrl}`)
  })

  test('pass on which TCB evaluation is asked for', async () => {
    const number = JSON.parse(
      await (await get(`/sgx/certification/v4/tcb?fmspc=${fmspc}&tcbEvaluationDataNumber=17`)).text(),
    ) as { tcbInfo: { tcbEvaluationDataNumber: number } }
    expect(number.tcbInfo.tcbEvaluationDataNumber).toBe(17)
    expect((await get('/sgx/certification/v4/qe/identity?update=early')).status).toBe(200)
    const gone = await get(`/sgx/certification/v4/tcb?fmspc=${fmspc}&tcbEvaluationDataNumber=16`)
    expect(await problemOf(gone)).toBe('410 EVALUATION_GONE')
  })

  test.each([
    [`tcb?fmspc=${fmspc}&update=late`, '400 MALFORMED_REQUEST'],
    [`tcb?fmspc=${fmspc}&update=early&tcbEvaluationDataNumber=17`, '400 MALFORMED_REQUEST'],
    [`tcb?fmspc=${fmspc}&tcbEvaluationDataNumber=-1`, '400 MALFORMED_REQUEST'],
    ['pckcrl', '400 MALFORMED_REQUEST'],
    ['pckcrl?ca=platform&encoding=pem', '400 MALFORMED_REQUEST'],
    ['pckcrl?ca=processor', '404 UNKNOWN_PLATFORM'],
    ['crl?uri=http://169.254.169.254/', '400 MALFORMED_REQUEST'],
    ['pckcert?qeid=00', '501 PCK_NOT_SERVED'],
  ])('S18: refuse %s', async (path, expected) => {
    expect(await problemOf(await get(`/sgx/certification/v4/${path}`))).toBe(expected)
  })

  test('S15: let another service use this one as its source, which pins Intel’s root and takes nothing simulated', async () => {
    const second = await startAttestationService(configFor(`${service.url}/`, { trustRoot: 'intel' }), { clock, log })
    const response = await fetch(`${second.url}/v1/collateral?fmspc=00606A000000`)
    const ready = await fetch(`${second.url}/readyz`)
    await second.stop()
    expect(await problemOf(response)).toBe('502 COLLATERAL_REFUSED')
    expect(ready.status).toBe(503)
  })
})

describe('the service', () => {
  test('says that it lives, and lets a page ask before it posts', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
    const head = await get('/healthz', { method: 'HEAD' })
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['15', ''])
    const preflight = await get('/v1/attestations', { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'POST, OPTIONS'])
    const refused = await get('/healthz', { method: 'DELETE' })
    expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect(await problemOf(refused)).toBe('405 METHOD_NOT_ALLOWED')
  })

  test('is ready while all that it is to hold holds for a week yet', async () => {
    const ready = await get('/readyz')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      ready: true,
      lastFetchedAt: START / 1000,
      documents: expect.arrayContaining([expect.objectContaining({ document: `tcbInfo-sgx-${fmspc}`, state: 'good' })]),
    })
  })

  test('S18: stays ready, and alerts nobody, when what a stranger asked for ends', async () => {
    const time = createManualClock(START)
    const source = await startSimulatedPcs({}, { clock: time })
    let goneAtMs = Number.POSITIVE_INFINITY
    const fetchUntilGone = (url: URL, init: RequestInit) =>
      time.nowMs() >= goneAtMs && url.search.includes('tcbEvaluationDataNumber')
        ? Promise.resolve(new Response('', { status: 410 }))
        : fetch(url, init)
    const second = await startAttestationService(configFor(source.url), { clock: time, log, fetch: fetchUntilGone })
    await until(async () => (await fetch(`${second.url}/readyz`)).ok, 'the first documents')
    const old = `${second.url}/sgx/certification/v4/qe/identity?tcbEvaluationDataNumber=17`
    expect((await fetch(old)).status).toBe(200)
    goneAtMs = time.nowMs() + DAY
    for (let day = 1; day <= 25; day++) {
      await time.advance(DAY / 2)
      await fetch(old)
      await until(async () => (await fetch(`${second.url}/readyz`)).ok, `day ${day}`)
      await time.advance(DAY / 2)
      await until(async () => (await fetch(`${second.url}/readyz`)).ok, `day ${day}`)
    }
    const metrics = await (await fetch(`${second.url}/metrics`)).text()
    await second.stop()
    await source.stop()
    expect(metrics).not.toContain('document_expires_seconds{document="qeIdentity-sgx-17"}')
  })

  test('tells Prometheus what it does', async () => {
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toContain('text/plain')
    const text = await response.text()
    expect(text).toMatch(/^enigma_attestation_requests_total\{route="attestations",status="422"\} [1-9]/m)
    expect(text).toMatch(/^enigma_attestation_upstream_fetches_total\{document="tcbInfo"\} [1-9]/m)
    expect(text).toMatch(/^enigma_attestation_document_expires_seconds\{document="rootCaCrl"\} 24\d{5}$/m)
    expect(text).toMatch(/^enigma_attestation_upstream_last_success_seconds 1780315200$/m)
  })

  test('S18: answers 429 to who asks too often, and probes all the same', async () => {
    const strict = await startAttestationService(configFor(pcs.url, { requestsPerMinute: '8' }), { clock, log })
    const statuses: number[] = []
    for (let n = 0; n < 3; n++) statuses.push((await fetch(`${strict.url}/v2`)).status)
    const refused = await fetch(`${strict.url}/v1/collateral?fmspc=${fmspc}`)
    expect([...statuses, refused.headers.get('retry-after')]).toEqual([404, 404, 429, '8'])
    expect(await problemOf(refused)).toBe('429 TOO_MANY_REQUESTS')
    const lines = log.lines.length
    expect((await fetch(`${strict.url}/healthz`)).status).toBe(200)
    await fetch(`${strict.url}/v2`)
    await strict.stop()
    // Nobody can fill the disk with what costs him nothing.
    expect(log.lines.slice(lines).filter(({ event }) => event === 'request')).toEqual([])
  })

  test('S18: cuts off a client that never ends its request', async () => {
    const { hostname, port } = new URL(service.url)
    const answer = await new Promise<string>((resolve) => {
      let said = ''
      const socket = connect(Number(port), hostname, () => socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n'))
      socket.on('data', (chunk) => {
        said += chunk.toString()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(said))
    })
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
  })

  test('S16: restarts without its source, keeps its token key, and serves nothing stale', async () => {
    const source = await startSimulatedPcs({}, { clock })
    const config = configFor(source.url)
    const kidOf = async (url: string) =>
      ((await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }).keys[0]?.kid
    const first = await startAttestationService(config, { clock, log })
    const before = await (await fetch(`${first.url}/v1/collateral?fmspc=${fmspc}`)).json()
    const kid = await kidOf(first.url)
    await first.stop()
    await source.stop()
    expect(statSync(join(config.dataDir, 'token-key.pem')).mode & 0o777).toBe(0o600)
    const later = createManualClock(START + DAY / 2)
    const second = await startAttestationService(config, { clock: later, log })
    expect(await (await fetch(`${second.url}/v1/collateral?fmspc=${fmspc}`)).json()).toEqual(before)
    expect(await kidOf(second.url)).toBe(kid)
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200)
    await second.stop()
    const nobody = () => Promise.resolve(new Response('', { status: 404 }))
    const muchLater = createManualClock(START + 31 * DAY)
    const stale = await startAttestationService(config, { clock: muchLater, log, fetch: nobody })
    const refused = await fetch(`${stale.url}/sgx/certification/v4/rootcacrl`)
    await stale.stop()
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await problemOf(refused)).toBe('503 COLLATERAL_STALE')
  })

  test('accepts what its policy file accepts, with a warning', async () => {
    const policy = join(folders[0] ?? '', 'policy.json')
    writeFileSync(policy, JSON.stringify({ tcbStatuses: ['OutOfDate'], advisoryIds: ['INTEL-SA-00615'] }))
    const lenient = await startAttestationService(configFor(pcs.url, { policy }), { clock, log })
    const outOfDate = createSimulatedPki().quote({ ...request, quotingEnclave: { isvSvn: 6 } })
    const response = await fetch(`${lenient.url}/v1/attestations`, {
      method: 'POST',
      body: JSON.stringify({ quote: bytesToHex(outOfDate) }),
    })
    const { token } = (await response.json()) as { token: string }
    await lenient.stop()
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(payload.submods.enclave['ear.status']).toBe('warning')
  })

  test('S21: logs one JSON object a line, without keys, bodies or paths that it does not know', async () => {
    await get('/c0ffee?c0ffee=1')
    await attest('{"c0ffee":1}')
    expect(log.lines.length).toBeGreaterThan(5)
    for (const line of log.lines) expect(line).toMatchObject({ component: 'attestation', event: expect.any(String) })
    expect(log.text()).not.toContain('c0ffee')
  })

  test('stops, and answers no more', async () => {
    const other = await startAttestationService(configFor(pcs.url), { clock, log })
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200)
    await other.stop()
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
  })

  test('refuses to start on a port or a directory that is taken', async () => {
    const { port } = new URL(service.url)
    const config = configFor(pcs.url, { port })
    await expect(startAttestationService(config, { clock, log })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const again = { ...configFor(pcs.url), dataDir: folders[0] ?? '' }
    await expect(startAttestationService(again, { clock, log })).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
  })
})
