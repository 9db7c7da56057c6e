import { describe, expect, test } from 'vitest'
import { type CollateralOptions, createSimulatedPki } from '../simulated/index.ts'
import { trustRoots } from '../trust-roots.ts'
import { verifyQuote } from '../verify.ts'
import { fetchBundle } from './bundle.ts'
import { createCollateralCache } from './collateral-cache.ts'
import type { Document, DocumentName } from './document.ts'
import { ProblemError } from './problem.ts'

const DAY = 86_400
const START = Date.UTC(2026, 5, 1, 12) / 1000
const kind = { tee: 'sgx', fmspc: '00606a000000', ca: 'platform' } as const

/** A cache over a source that the test winds: its time, its faults, whether it answers at all. */
function createWorld() {
  const world = {
    now: START,
    /** The time at which the source issues; undefined: it is down. */
    issuing: START as number | undefined,
    faults: {} as CollateralOptions,
    name: 'local-network',
    asked: [] as string[],
    events: [] as string[],
  }
  async function fetchDocument(name: DocumentName): Promise<Document> {
    world.asked.push(name.kind)
    if (world.issuing === undefined) throw new ProblemError('COLLATERAL_UNAVAILABLE')
    if (name.kind === 'tcbInfo' && name.fmspc !== kind.fmspc) throw new ProblemError('UNKNOWN_PLATFORM')
    const pki = createSimulatedPki({ now: world.issuing, name: world.name })
    const all = pki.collateral(world.faults)
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
    trustRoot: trustRoots.simulated,
    now: () => world.now,
    refreshSeconds: DAY,
    log: (_level, event, { code } = {}) => void world.events.push(code ? `${event}: ${code}` : event),
  })
  return { world, cache, bundle: () => fetchBundle(cache, kind) }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'served',
    (error: { code: string; reason?: string }) => error.code,
  )

describe('the collateral cache', () => {
  test('serves a bundle that verifies a quote, fetched once', async () => {
    const { world, bundle } = createWorld()
    const { collateral, validUntil } = await bundle()
    const quote = createSimulatedPki().quote({
      platformName: 'm',
      measurement: `0x${'00'.repeat(32)}`,
      reportData: new Uint8Array(64),
    })
    const verdict = verifyQuote(quote, collateral, {
      at: world.now,
      trustRoot: trustRoots.simulated,
      policy: 'report-only',
    })
    expect(verdict.validUntil).toBe(validUntil)
    await Promise.all([bundle(), bundle()])
    expect(world.asked.sort()).toEqual(['pckCrl', 'qeIdentity', 'rootCaCrl', 'tcbInfo'])
  })

  test('asks the source once for callers that come together', async () => {
    const { world, bundle } = createWorld()
    await Promise.all([bundle(), bundle(), bundle()])
    expect(world.asked).toHaveLength(4)
  })

  test('fetches again once collateral is of age', async () => {
    const { world, bundle } = createWorld()
    const first = await bundle()
    world.now += DAY + 1
    world.issuing = world.now
    expect((await bundle()).validUntil).toBe(first.validUntil + DAY)
  })

  test('S16: keeps the last good while the source is down, and serves nothing past its end', async () => {
    const { world, bundle } = createWorld()
    const { validUntil, hash } = await bundle()
    world.issuing = undefined
    world.now += 3 * DAY
    expect((await bundle()).hash).toBe(hash)
    world.now = validUntil
    expect((await bundle()).hash).toBe(hash)
    world.now = validUntil + 1
    expect(await codeOf(bundle())).toBe('COLLATERAL_STALE')
    world.issuing = world.now
    world.now += 61
    expect(await codeOf(bundle())).toBe('served')
  })

  test('S16: leaves a source that is down alone for a minute while it can', async () => {
    const { world, bundle } = createWorld()
    await bundle()
    world.issuing = undefined
    world.now += 2 * DAY
    await bundle()
    const asked = world.asked.length
    world.now += 59
    await bundle()
    expect(world.asked).toHaveLength(asked)
  })

  test('S16: takes nothing that has expired already', async () => {
    const { world, bundle } = createWorld()
    world.issuing = START - 60 * DAY
    expect(await codeOf(bundle())).toBe('COLLATERAL_STALE')
  })

  test('S16: goes back to nothing that was issued before what it holds', async () => {
    const { world, bundle } = createWorld()
    const { hash } = await bundle()
    world.now += DAY + 1
    world.issuing = START - 5 * DAY
    expect((await bundle()).hash).toBe(hash)
    expect(world.events).toContain('collateral not refreshed: COLLATERAL_REFUSED')
  })

  test('S16: goes back to no earlier TCB evaluation, even in a newer document', async () => {
    const { world, bundle } = createWorld()
    await bundle()
    world.now += DAY + 1
    world.issuing = world.now
    world.faults = { tcbInfo: { tcbEvaluationDataNumber: 16 } }
    expect((await bundle()).collateral.tcbInfo).toContain('"tcbEvaluationDataNumber":17')
  })

  test('S16: stops serving what a signer signed as soon as the root revokes the signer', async () => {
    const { world, bundle } = createWorld()
    await bundle()
    world.now += DAY + 1
    world.issuing = world.now
    world.faults = { revokedByRoot: ['signer'] }
    expect(await codeOf(bundle())).toBe('COLLATERAL_REFUSED')
    world.faults = { revokedByRoot: ['ca'] }
    const fresh = createWorld()
    fresh.world.faults = world.faults
    expect(await codeOf(fresh.bundle())).toBe('COLLATERAL_REFUSED')
  })

  test('S16: keeps nothing of another root, of another platform or of nobody', async () => {
    const { world, cache, bundle } = createWorld()
    world.name = 'another'
    expect(await codeOf(bundle())).toBe('COLLATERAL_REFUSED')
    world.name = 'local-network'
    world.faults = { tcbInfo: { fmspc: '000000000000' } }
    expect(await codeOf(bundle())).toBe('COLLATERAL_REFUSED')
    expect(await codeOf(fetchBundle(cache, { ...kind, fmspc: '000000000001' }))).toBe('UNKNOWN_PLATFORM')
    expect(await codeOf(fetchBundle(cache, { ...kind, ca: 'processor' }))).toBe('COLLATERAL_REFUSED')
    expect(await codeOf(fetchBundle(cache, { ...kind, tee: 'tdx' }))).toBe('COLLATERAL_REFUSED')
  })

  test('says that the source is down when it has nothing yet', async () => {
    const { world, bundle } = createWorld()
    world.issuing = undefined
    expect(await codeOf(bundle())).toBe('COLLATERAL_UNAVAILABLE')
  })
})
