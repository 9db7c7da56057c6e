import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import type { Collateral } from './collateral.ts'
import { verifyWithNoble } from './p256.ts'
import { createSimulatedPki } from './simulated/index.ts'
import { nodeP256 } from './testing/node-p256.ts'
import { askOracle } from './testing/oracle.ts'
import { loadVector, type Vector, vectors, whereVectorsBelong } from './testing/vectors.ts'
import { trustRootOf, trustRoots } from './trust-roots.ts'
import { verifyQuote } from './verify.ts'

const seconds = (iso: string) => Date.parse(iso) / 1000

function outcome(vector: Vector, changes: { at?: number; trustRoot?: Uint8Array; verifyP256?: typeof nodeP256 } = {}) {
  const { quote, collateral, trustRoot } = loadVector(vector)
  try {
    return verifyQuote(quote, collateral, {
      at: changes.at ?? vector.verifyAt,
      trustRoot: trustRootOf(changes.trustRoot ?? trustRoot),
      policy: 'report-only',
      verifyP256: changes.verifyP256 ?? nodeP256,
    })
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

if (vectors.length === 0) test.skip(`real quotes are not on this machine: ${whereVectorsBelong}`, () => {})

describe.runIf(vectors.length > 0)('real quotes', () => {
  test.each(vectors)('$name: gets the verdict that others reached', (vector) => {
    const { accept, error, status, advisoryIds, fmspc, tcbEvaluationDataNumber, validFrom, validUntil } =
      vector.expected
    const found = outcome(vector, { verifyP256: verifyWithNoble })
    if (!accept) return expect(found).toBe(error)
    expect(found).toMatchObject({
      tcbStatus: status,
      ...(advisoryIds && { advisoryIds }),
      ...(fmspc && { fmspc: `0x${fmspc}` }),
      ...(tcbEvaluationDataNumber && { tcbEvaluationDataNumber }),
      ...(validFrom && { validFrom: seconds(validFrom) }),
      ...(validUntil && { validUntil: seconds(validUntil) }),
    })
  })

  test.each(vectors)('S16: $name: is refused with the collateral of another year', (vector) => {
    expect(outcome(vector, { at: Date.UTC(2035, 0, 1) / 1000 })).toMatch(/_EXPIRED$/)
    expect(outcome(vector, { at: Date.UTC(2018, 5, 1) / 1000 })).toMatch(/_NOT_YET_VALID$/)
  })

  test.each(vectors)('S15: $name: is refused under every other root', (vector) => {
    const { trustRoot } = loadVector(vector)
    const others = [trustRoots.intel.certificate, createSimulatedPki().trustRoot.certificate].filter(
      (other) => trustRootOf(other) !== trustRootOf(trustRoot),
    )
    for (const other of others) expect(outcome(vector, { trustRoot: other })).toMatch(/^ROOT_/)
  })

  test('S15: only Intel’s root makes a verdict say Intel', () => {
    for (const vector of vectors) {
      const found = outcome(vector)
      if (typeof found === 'string') continue
      expect(found.trustRoot).toBe(vector.trustRoot === 'intel_sgx_root_ca.der' ? 'intel' : 'custom')
    }
  })
})

/** The oracle refuses TDX 1.5 domains that were migrated (a non-zero mr_service_td), and TCB info of version 2. */
const KNOWN_GAPS = ['tdx-v5-up-to-date', 'sgx-v3-custom-root-intel-sample']

function ours(quote: Uint8Array, collateral: Collateral, root: Uint8Array, at: number): string {
  try {
    const options = { at, trustRoot: trustRootOf(root), policy: 'report-only', verifyP256: nodeP256 } as const
    const verdict = verifyQuote(quote, collateral, options)
    return `${verdict.tcbStatus} ${verdict.advisoryIds.join()}`
  } catch (error) {
    if (error instanceof AttestationError) return 'refused'
    throw error
  }
}

describe('a second implementation', () => {
  test.runIf(vectors.length > 0).each(vectors.filter(({ name }) => !KNOWN_GAPS.includes(name)))(
    '$name: says the same',
    (vector) => {
      const { quote, collateral, trustRoot } = loadVector(vector)
      expect(ours(quote, collateral, trustRoot, vector.verifyAt)).toBe(
        askOracle(quote, collateral, trustRoot, vector.verifyAt),
      )
    },
  )

  const now = Date.UTC(2026, 5, 1, 12) / 1000
  const pki = createSimulatedPki({ now })
  const request = { platformName: 'm', measurement: `0x${'5a'.repeat(32)}`, reportData: new Uint8Array(64) } as const
  const outOfDate = { components: [12, 14, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], pceSvn: 11 }
  test.each([
    ['an up-to-date platform', pki.quote(request)],
    ['a platform that is out of date', pki.quote({ ...request, firmware: outOfDate })],
    ['a platform below every level', pki.quote({ ...request, firmware: { pceSvn: 0 } })],
    ['a quoting enclave that is out of date', pki.quote({ ...request, quotingEnclave: { isvSvn: 6 } })],
    ['a rogue quoting enclave', pki.quote({ ...request, quotingEnclave: { mrSigner: new Uint8Array(32) } })],
    ['a debuggable enclave', pki.quote({ ...request, debug: true })],
    ['a cut quote', pki.quote(request).subarray(0, 900)],
  ])('says the same of %s', (_what, quote) => {
    const collateral = pki.collateral()
    const { certificate } = pki.trustRoot
    expect(ours(quote, collateral, certificate, now)).toBe(askOracle(quote, collateral, certificate, now))
  })
})
