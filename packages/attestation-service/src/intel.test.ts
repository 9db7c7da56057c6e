/** The service in front of Intel's own documents, in Intel's own form: real collateral, at the time when it was in force. */
import { platformOf, trustRootOf, verifyQuote } from '@enigma/attestation'
import { parsePem, toPem } from '@enigma/attestation/documents'
import { openDatabase } from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import { hexToBytes } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { parseQuote } from '../../attestation/src/quote.ts'
import { loadVector, type Vector, vectors, whereVectorsBelong } from '../../attestation/src/testing/vectors.ts'
import { fetchBundle } from './bundle.ts'
import { createCollateralCache } from './collateral-cache.ts'
import { DOCUMENTS_SCHEMA, openDocuments } from './document-store.ts'
import { createUpstream, type Fetch, INTEL_PCS } from './upstream.ts'

/** Answers as Intel's PCS did: JSON with its chain in a header, lists in DER, the root's from its own host. */
function intelAt(vector: Vector): Fetch {
  const { quote, collateral } = loadVector(vector)
  const chain = new TextDecoder().decode(parseQuote(quote).certification.data)
  const [, ca, root] = parsePem(chain) ?? []
  const caChain = [ca, root].map((certificate) => toPem(certificate ?? new Uint8Array())).join('')
  const answers: Record<string, () => Response> = {
    tcb: () =>
      json(`{"tcbInfo":${collateral.tcbInfo},"signature":"${collateral.tcbInfoSignature}"}`, {
        'TCB-Info-Issuer-Chain': collateral.tcbInfoIssuerChain,
      }),
    identity: () =>
      json(`{"enclaveIdentity":${collateral.qeIdentity},"signature":"${collateral.qeIdentitySignature}"}`, {
        'SGX-Enclave-Identity-Issuer-Chain': collateral.qeIdentityIssuerChain,
      }),
    pckcrl: () => der(collateral.pckCrl, { 'SGX-PCK-CRL-Issuer-Chain': caChain }),
    'IntelSGXRootCA.der': () => der(collateral.rootCaCrl),
  }
  return async (url) => answers[url.pathname.split('/').at(-1) ?? '']?.() ?? new Response(null, { status: 404 })
}

const encoded = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, encodeURIComponent(value)]))
const json = (body: string, headers: Record<string, string>) => new Response(body, { headers: encoded(headers) })
const der = (hex: string, headers: Record<string, string> = {}) =>
  new Response(hexToBytes(`0x${hex}`).slice() as Uint8Array<ArrayBuffer>, { headers: encoded(headers) })

const good = vectors.filter(({ expected, trustRoot }) => expected.accept && trustRoot.startsWith('intel_'))

if (good.length === 0) test.skip(`Intel's documents are not on this machine: ${whereVectorsBelong}`, () => {})

test.each(good)(
  "Intel's documents, $name: fetched, verified and served, they give the expected verdict",
  async (vector) => {
    const { quote, trustRoot: root } = loadVector(vector)
    const trustRoot = trustRootOf(root)
    const clock = createManualClock(vector.verifyAt * 1000)
    const random = () => 0.5
    const { signal } = new AbortController()
    const cache = createCollateralCache({
      fetchDocument: createUpstream({ url: INTEL_PCS, fetch: intelAt(vector), clock, random, signal }),
      store: openDocuments(openDatabase(':memory:', [DOCUMENTS_SCHEMA])),
      ...{ trustRoot, clock, random, refreshSeconds: 86_400, log: createRecordedLog() },
    })
    const { collateral } = await fetchBundle(cache, platformOf(quote))
    const verdict = verifyQuote(quote, collateral, { at: vector.verifyAt, trustRoot, policy: 'report-only' })
    expect(verdict.tcbStatus).toBe(vector.expected.status)
    await cache.refreshDue()
    expect(cache.lastFetchedAt()).toBe(vector.verifyAt)
  },
)
