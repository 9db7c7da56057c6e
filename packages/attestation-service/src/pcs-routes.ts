/** The paths of Intel's PCS and PCCS, so that a stock quote provider library may point here for collateral. */
import { hexToBytes } from '@enigma/protocol'
import { chainHeaders, type Document, type DocumentName, type Edition, wrapJson } from './document.ts'
import type { Handler, Reply, Route } from './http.ts'
import { ProblemError } from './problem.ts'

/** Where documents come from: the cache, or the simulated PCS. */
export type DocumentSource = { get(name: DocumentName): Promise<{ readonly document: Document }> }
type NameOf = (query: URLSearchParams) => DocumentName

export function createPcsRoutes(source: DocumentSource): (readonly [path: string, route: Route])[] {
  const route = (path: string, name: string, handle: Handler) =>
    [`/${path}`, { name, method: 'GET', handle }] as const satisfies [string, Route]
  const json =
    (nameOf: NameOf) =>
    ({ query }: { query: URLSearchParams }) =>
      serveJson(nameOf(query), source)
  return [
    ...(['sgx', 'tdx'] as const).flatMap((tee) => [
      route(
        `${tee}/certification/v4/tcb`,
        `${tee}-tcb`,
        json((query) => ({ kind: 'tcbInfo', tee, fmspc: fmspcOf(query), edition: editionOf(query) })),
      ),
      route(
        `${tee}/certification/v4/qe/identity`,
        `${tee}-qe-identity`,
        json((query) => ({ kind: 'qeIdentity', tee, edition: editionOf(query) })),
      ),
    ]),
    route('sgx/certification/v4/pckcrl', 'pckcrl', ({ query }) => servePckCrl(query, source)),
    route('sgx/certification/v4/rootcacrl', 'rootcacrl', async () => ({
      headers: { 'content-type': 'text/plain' },
      body: (await source.get({ kind: 'rootCaCrl' })).document.content,
    })),
    route('sgx/certification/v4/crl', 'crl', ({ query }) => serveCrl(query, source)),
    route('sgx/certification/v4/pckcert', 'pckcert', refusePckCertificate),
    route('sgx/certification/v4/pckcerts', 'pckcerts', refusePckCertificate),
  ]
}

async function serveJson(name: DocumentName, source: DocumentSource): Promise<Reply> {
  const { document } = await source.get(name)
  if (name.kind !== 'tcbInfo' && name.kind !== 'qeIdentity') throw new ProblemError('NOT_FOUND')
  const chain = { [chainHeaders[name.kind]]: encodeURIComponent(document.issuerChain) }
  return { headers: { 'content-type': 'application/json', ...chain }, body: wrapJson(name.kind, document) }
}

/** DER where it is asked for, as Intel's service and newer libraries do; else hex, as a PCCS answers older ones. */
async function servePckCrl(query: URLSearchParams, source: DocumentSource): Promise<Reply> {
  const encoding = query.get('encoding')?.toLowerCase()
  if (encoding === 'pem') throw malformed('encoding is der, or left out for hex.')
  const { document } = await source.get({ kind: 'pckCrl', ca: caOf(query) })
  const chain = { [chainHeaders.pckCrl]: encodeURIComponent(document.issuerChain) }
  if (encoding !== 'der') return { headers: { 'content-type': 'text/plain', ...chain }, body: document.content }
  return { headers: { 'content-type': 'application/pkix-crl', ...chain }, body: hexToBytes(`0x${document.content}`) }
}

/** The root's list by its distribution point, in DER: how the quote provider library asks since PCCS API 3.1. */
async function serveCrl(query: URLSearchParams, source: DocumentSource): Promise<Reply> {
  // Whatever the host's name: what is answered is the list of the one root that this service trusts.
  if (
    !/^https?:\/\/[^/]+\/(?:IntelSGXRootCA\.(?:der|crl)|sgx\/certification\/v\d\/rootcacrl)$/.test(
      query.get('uri') ?? '',
    )
  ) {
    throw malformed("uri is the distribution point of the root's revocation list.")
  }
  const { document } = await source.get({ kind: 'rootCaCrl' })
  return { headers: { 'content-type': 'application/pkix-crl' }, body: hexToBytes(`0x${document.content}`) }
}

function refusePckCertificate(): never {
  throw new ProblemError('PCK_NOT_SERVED')
}

/** `update` or an evaluation number, not both (PCS API v4). */
function editionOf(query: URLSearchParams): Edition {
  const [update, number] = [query.get('update')?.toLowerCase(), query.get('tcbEvaluationDataNumber')]
  if (number === null) {
    if (update === undefined || update === 'standard') return 'standard'
    if (update === 'early') return 'early'
    throw malformed('update is standard or early.')
  }
  if (update !== undefined) throw malformed('Give update or tcbEvaluationDataNumber, not both.')
  if (!/^[1-9]\d{0,5}$/.test(number)) throw malformed('tcbEvaluationDataNumber is a whole number above 0.')
  return Number(number)
}

export function fmspcOf(query: URLSearchParams): string {
  const fmspc = query.get('fmspc')?.toLowerCase().replace(/^0x/, '') ?? ''
  if (!/^[0-9a-f]{12}$/.test(fmspc)) throw malformed('fmspc is 6 bytes in hex.')
  return fmspc
}

export function caOf(query: URLSearchParams): 'platform' | 'processor' {
  const ca = query.get('ca')?.toLowerCase()
  if (ca === 'platform' || ca === 'processor') return ca
  throw malformed('ca is platform or processor.')
}

export function malformed(detail: string): ProblemError {
  return new ProblemError('MALFORMED_REQUEST', { detail })
}
