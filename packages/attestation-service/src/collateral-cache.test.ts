import { trustRoots, verifyQuote } from '@enigma/attestation'
import { type CollateralOptions, createSimulatedPki } from '@enigma/attestation/simulated'
import { openDatabase } from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import { describe, expect, test } from 'vitest'
import { fetchBundle, type PlatformKind } from './bundle.ts'
import { createCollateralCache } from './collateral-cache.ts'
import type { Document, DocumentName } from './document.ts'
import { DOCUMENTS_SCHEMA, openDocuments } from './document-store.ts'
import { ProblemError } from './problem.ts'

const DAY = 86_400
const START = Date.UTC(2026, 5, 1, 12) / 1000
const kind: PlatformKind = { tee: 'sgx', fmspc: '00606a000000', ca: 'platform' }
const tcbInfo: DocumentName = { kind: 'tcbInfo', tee: 'sgx', fmspc: kind.fmspc, edition: 'standard' }

/** A cache over a source that the test winds: its time, its faults, whether it answers at all. */
function createWorld({ db = openDatabase(':memory:', [DOCUMENTS_SCHEMA]), mostHeld = 256 } = {}) {
  const clock = createManualClock(START * 1000)
  const now = () => clock.nowMs() / 1000
  const log = createRecordedLog()
  const source = {
    /** The time at which the source issues; undefined: it is down. */
    issuing: START as number | undefined,
    faults: {} as CollateralOptions,
    name: 'local-network',
    asked: [] as string[],
    retryAfterSeconds: undefined as number | undefined,
  }
  async function fetchDocument(name: DocumentName): Promise<Document> {
    source.asked.push(name.kind)
    const { retryAfterSeconds } = source
    if (source.issuing === undefined) {
      throw new ProblemError('COLLATERAL_UNAVAILABLE', retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
    }
    if (name.kind === 'tcbInfo' && name.fmspc !== kind.fmspc) throw new ProblemError('UNKNOWN_PLATFORM')
    const pki = createSimulatedPki({ now: source.issuing, name: source.name })
    const all = pki.collateral(source.faults)
    switch (name.kind) {
      case 'tcbInfo':
        return { content: all.tcbInfo, signature: all.tcbInfoSignature, issuerChain: all.tcbInfoIssuerChain }
      case 'qeIdentity':
        return { content: all.qeIdentity, signature: all.qeIdentitySignature, issuerChain: all.qeIdentityIssuerChain }
      case 'pckCrl':
        return { content: all.pckCrl, signature: '', issuerChain: pki.pckCrlIssuerChain }
      case 'rootCaCrl':
        return { content: all.rootCaCrl, signature: '', issuerChain: '' }
    }
  }
  const cache = createCollateralCache({
    fetchDocument,
    store: openDocuments(db),
    trustRoot: trustRoots.simulated,
    clock,
    random: () => 1,
    refreshSeconds: DAY,
    mostHeld,
    log,
  })
  return { clock, now, log, source, cache, db, bundle: () => fetchBundle(cache, kind) }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'served',
    (error: { code: string }) => error.code,
  )

describe('the collateral cache', () => {
  test('serves a bundle that verifies a quote, fetched once', async () => {
    const { now, source, bundle } = createWorld()
    const { collateral, validUntil } = await bundle()
    const quote = createSimulatedPki().quote({
      platformName: 'm',
      measurement: `0x${'00'.repeat(32)}`,
      reportData: new Uint8Array(64),
    })
    const options = { at: now(), trustRoot: trustRoots.simulated, policy: 'report-only' } as const
    expect(verifyQuote(quote, collateral, options).validUntil).toBe(validUntil)
    expect(collateral.pckCrlIssuerChain).toContain('BEGIN CERTIFICATE')
    await Promise.all([bundle(), bundle()])
    expect(source.asked.sort()).toEqual(['pckCrl', 'qeIdentity', 'rootCaCrl', 'tcbInfo'])
  })

  test('asks the source once for callers that come together', async () => {
    const { source, bundle } = createWorld()
    await Promise.all([bundle(), bundle(), bundle()])
    expect(source.asked).toHaveLength(4)
  })

  test('fetches again in the background what is of age, the root’s list first', async () => {
    const { clock, source, cache, bundle } = createWorld()
    const first = await bundle()
    await cache.refreshDue()
    expect(source.asked).toHaveLength(4)
    await clock.advance((DAY + 1) * 1000)
    source.issuing = START + DAY
    await cache.refreshDue()
    expect(source.asked.slice(4).sort()).toEqual(['pckCrl', 'qeIdentity', 'rootCaCrl', 'tcbInfo'])
    expect(source.asked[4]).toBe('rootCaCrl')
    expect((await bundle()).validUntil).toBe(first.validUntil + DAY)
  })

  test('fetches earlier where less than three refreshes of life are left', async () => {
    const { clock, source, cache, bundle } = createWorld()
    source.issuing = START - 28 * DAY
    await bundle()
    const asked = source.asked.length
    await clock.advance(0.2 * DAY * 1000)
    await cache.refreshDue()
    expect(source.asked.length).toBe(asked + 4)
  })

  test('fetches everything again as soon as the root’s list is another', async () => {
    const { clock, source, cache, bundle } = createWorld()
    await cache.get({ kind: 'rootCaCrl' })
    await clock.advance(0.5 * DAY * 1000)
    await bundle()
    const asked = source.asked.length
    await clock.advance((0.5 * DAY + 1) * 1000)
    source.issuing = START + DAY
    await cache.refreshDue()
    expect(source.asked.slice(asked).sort()).toEqual(['pckCrl', 'qeIdentity', 'rootCaCrl', 'tcbInfo'])
  })

  test('S18: holds no more than its bound, and lets go what was asked for longest ago', async () => {
    const { clock, source, cache } = createWorld({ mostHeld: 3 })
    cache.keep({ kind: 'rootCaCrl' })
    for (const edition of [17, 18, 19]) {
      source.faults = { tcbInfo: { tcbEvaluationDataNumber: edition } }
      await cache.get({ ...tcbInfo, edition })
      await clock.advance(1_000)
      if (edition === 18) await cache.get({ ...tcbInfo, edition: 17 })
    }
    expect(cache.status().map(({ label }) => label)).toEqual([
      'rootCaCrl',
      'tcbInfo-sgx-00606a000000-17',
      'tcbInfo-sgx-00606a000000-19',
    ])
  })

  test('holds what it is to hold before anybody asks, and forgets what nobody wants', async () => {
    const { clock, source, cache } = createWorld()
    cache.keep({ kind: 'rootCaCrl' })
    cache.keep(tcbInfo)
    await cache.refreshDue()
    expect(source.asked).toEqual(['rootCaCrl', 'tcbInfo'])
    await cache.get({ kind: 'pckCrl', ca: 'platform' })
    for (let day = 1; day <= 16; day++) {
      await clock.advance(DAY * 1000)
      source.issuing = START + day * DAY
      await cache.refreshDue()
    }
    expect(cache.status().map(({ label }) => label)).toEqual(['rootCaCrl', 'tcbInfo-sgx-00606a000000'])
  })

  test('S16: keeps the last good while the source is down, and serves nothing past its end', async () => {
    const { clock, source, cache, bundle } = createWorld()
    const { validUntil, hash } = await bundle()
    source.issuing = undefined
    await clock.advance(3 * DAY * 1000)
    await cache.refreshDue()
    expect((await bundle()).hash).toBe(hash)
    await clock.advance(validUntil * 1000 - clock.nowMs())
    expect((await bundle()).hash).toBe(hash)
    await clock.advance(1_000)
    expect(await codeOf(bundle())).toBe('COLLATERAL_STALE')
    const asked = source.asked.length
    expect([await codeOf(bundle()), source.asked.length]).toEqual(['COLLATERAL_STALE', asked])
    await clock.advance(7_200_000)
    source.issuing = clock.nowMs() / 1000
    expect(await codeOf(bundle())).toBe('served')
  })

  test('S18: leaves a source that is down alone, for longer each time', async () => {
    const { clock, source, cache, bundle } = createWorld()
    await bundle()
    source.issuing = undefined
    await clock.advance(2 * DAY * 1000)
    const asked: number[] = []
    for (const seconds of [0, 59, 1, 119, 1, 239, 1]) {
      await clock.advance(seconds * 1000)
      const before = source.asked.length
      await cache.refreshDue()
      asked.push(source.asked.length - before)
    }
    expect(asked).toEqual([4, 0, 4, 0, 4, 0, 4])
  })

  test('S18: leaves a source alone for as long as it asks', async () => {
    const { clock, source, bundle } = createWorld()
    source.issuing = undefined
    source.retryAfterSeconds = 600
    expect(await codeOf(bundle())).toBe('COLLATERAL_UNAVAILABLE')
    await clock.advance(599_000)
    expect(await codeOf(bundle())).toBe('COLLATERAL_UNAVAILABLE')
    expect(source.asked).toHaveLength(1)
    source.issuing = START
    await clock.advance(1_000)
    expect(await codeOf(bundle())).toBe('served')
  })

  test('S18: leaves it alone for as long as it asks with what it holds, too', async () => {
    const { clock, source, cache, bundle } = createWorld()
    await bundle()
    source.issuing = undefined
    source.retryAfterSeconds = 600
    await clock.advance(2 * DAY * 1000)
    await cache.refreshDue()
    const asked = source.asked.length
    await clock.advance(599_000)
    await cache.refreshDue()
    expect(source.asked).toHaveLength(asked)
  })

  test('S18: passes a stranger’s unknown platform on once an hour', async () => {
    const { clock, source, cache } = createWorld()
    const unknown = () => codeOf(fetchBundle(cache, { ...kind, fmspc: '000000000001' }))
    expect([await unknown(), await unknown()]).toEqual(['UNKNOWN_PLATFORM', 'UNKNOWN_PLATFORM'])
    expect(source.asked.filter((asked) => asked === 'tcbInfo')).toHaveLength(1)
    await clock.advance(3_600_000)
    await unknown()
    expect(source.asked.filter((asked) => asked === 'tcbInfo')).toHaveLength(2)
  })

  test('S18: passes on no more than its budget of strangers’ questions, and still serves what it holds', async () => {
    const { source, cache, bundle } = createWorld()
    await bundle()
    const codes: string[] = []
    for (let fmspc = 1; fmspc <= 60; fmspc++) {
      codes.push(await codeOf(cache.get({ ...tcbInfo, fmspc: fmspc.toString(16).padStart(12, '0') })))
    }
    expect(codes.filter((code) => code === 'BUSY').length).toBeGreaterThan(30)
    expect(source.asked.length).toBeLessThanOrEqual(30)
    expect(await codeOf(bundle())).toBe('served')
  })

  test('S18: asks for what this program needs itself, however much strangers ask for', async () => {
    const { source, cache, bundle } = createWorld()
    await bundle()
    for (let fmspc = 1; fmspc <= 60; fmspc++) {
      await codeOf(cache.get({ ...tcbInfo, fmspc: fmspc.toString(16).padStart(12, '0') }))
    }
    source.faults = { tcbInfo: { tcbEvaluationDataNumber: 18 } }
    expect(await codeOf(cache.get({ ...tcbInfo, edition: 18 }))).toBe('BUSY')
    expect((await cache.getOwn({ ...tcbInfo, edition: 18 })).evaluationNumber).toBe(18)
  })

  test('holds what is wanted for now until something else is', async () => {
    const { cache } = createWorld()
    const standing = () => cache.status().flatMap(({ label, isStanding }) => (isStanding ? [label] : []))
    cache.keep({ kind: 'rootCaCrl' })
    cache.want([tcbInfo, { ...tcbInfo, edition: 18 }])
    await cache.refreshDue()
    cache.want([tcbInfo])
    expect(standing()).toEqual(['rootCaCrl', 'tcbInfo-sgx-00606a000000'])
  })

  test('S16: takes nothing that has expired already', async () => {
    const { source, bundle } = createWorld()
    source.issuing = START - 60 * DAY
    expect(await codeOf(bundle())).toBe('COLLATERAL_STALE')
  })

  test('S16: goes back to nothing that was issued before what it holds', async () => {
    const { clock, source, cache, log, bundle } = createWorld()
    const { hash } = await bundle()
    await clock.advance((DAY + 1) * 1000)
    source.issuing = START - 5 * DAY
    await cache.refreshDue()
    expect((await bundle()).hash).toBe(hash)
    expect(
      log.lines.filter(({ event, code }) => `${event} ${code}` === 'collateral-not-fetched COLLATERAL_REFUSED'),
    ).toHaveLength(4)
  })

  test('S16: goes back to no earlier TCB evaluation, even in a newer document', async () => {
    const { clock, source, cache, bundle } = createWorld()
    await bundle()
    await clock.advance((DAY + 1) * 1000)
    source.issuing = START + DAY
    source.faults = { tcbInfo: { tcbEvaluationDataNumber: 16 } }
    await cache.refreshDue()
    expect((await bundle()).collateral.tcbInfo).toContain('"tcbEvaluationDataNumber":17')
  })

  test('S16: stops serving what a signer signed as soon as the root revokes the signer', async () => {
    const { clock, source, cache, bundle } = createWorld()
    await bundle()
    await clock.advance((DAY + 1) * 1000)
    source.issuing = START + DAY
    source.faults = { revokedByRoot: ['signer'] }
    await cache.refreshDue()
    expect(await codeOf(bundle())).toBe('COLLATERAL_REFUSED')
    const fresh = createWorld()
    fresh.source.faults = { revokedByRoot: ['ca'] }
    expect(await codeOf(fresh.bundle())).toBe('COLLATERAL_REFUSED')
  })

  test('S15, S16: keeps nothing of another root, of another platform or of nobody', async () => {
    const first = createWorld()
    first.source.name = 'another'
    expect(await codeOf(first.bundle())).toBe('COLLATERAL_REFUSED')
    const { source, cache, bundle } = createWorld()
    source.faults = { tcbInfo: { fmspc: '000000000000' } }
    expect(await codeOf(bundle())).toBe('COLLATERAL_REFUSED')
    expect(await codeOf(cache.get({ kind: 'pckCrl', ca: 'processor' }))).toBe('COLLATERAL_REFUSED')
    expect(await codeOf(cache.get({ kind: 'qeIdentity', tee: 'tdx', edition: 'standard' }))).toBe('COLLATERAL_REFUSED')
    expect(await codeOf(cache.get({ kind: 'qeIdentity', tee: 'sgx', edition: 16 }))).toBe('COLLATERAL_REFUSED')
    expect(cache.status().map(({ label }) => label)).toEqual(['rootCaCrl'])
  })
})

describe('the collateral cache after a restart', () => {
  test('S16: serves what a former run has left, without its source', async () => {
    const { bundle, db } = createWorld()
    const { hash } = await bundle()
    const next = createWorld({ db })
    next.source.issuing = undefined
    next.cache.load()
    expect([(await next.bundle()).hash, next.source.asked]).toEqual([hash, []])
    expect(next.cache.lastFetchedAt()).toBe(START)
  })

  test('S16: verifies it again, and drops what somebody changed', async () => {
    const { bundle, db } = createWorld()
    await bundle()
    db.exec(`UPDATE document SET content = replace(content, 'UpToDate', 'OutOfDate') WHERE label LIKE 'tcbInfo%'`)
    const next = createWorld({ db })
    next.cache.load()
    expect(next.log.lines).toMatchObject([{ event: 'collateral-dropped', code: 'COLLATERAL_REFUSED' }])
    expect((await next.bundle()).collateral.tcbInfo).toContain('"UpToDate"')
    expect(next.source.asked).toEqual(['tcbInfo'])
  })

  test('S16: serves nothing while its clock is behind, and loses nothing by that', async () => {
    const { bundle, db } = createWorld()
    const { hash } = await bundle()
    const next = createWorld({ db })
    next.source.issuing = undefined
    const behind = { ...next.clock, nowMs: () => 0 }
    const early = createCollateralCache({
      ...{ fetchDocument: () => Promise.reject(new ProblemError('COLLATERAL_UNAVAILABLE')), store: openDocuments(db) },
      ...{ trustRoot: trustRoots.simulated, clock: behind, random: () => 1, refreshSeconds: DAY, log: next.log },
    })
    early.load()
    expect(await codeOf(early.get(tcbInfo))).not.toBe('served')
    next.cache.load()
    expect((await next.bundle()).hash).toBe(hash)
  })

  test('S16: remembers how old what it held was, though that has expired', async () => {
    const { bundle, db } = createWorld()
    await bundle()
    const next = createWorld({ db })
    await next.clock.advance(30 * DAY * 1000)
    next.cache.load()
    next.source.issuing = START - DAY
    expect(await codeOf(next.bundle())).toBe('COLLATERAL_STALE')
    next.source.issuing = START + 30 * DAY
    await next.clock.advance(3_600_000)
    expect(await codeOf(next.bundle())).toBe('served')
  })
})
