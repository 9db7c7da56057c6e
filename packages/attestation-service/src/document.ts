/** The four kinds of document that Intel's Provisioning Certification Service (PCS) serves, and what they travel in. */

export type Tee = 'sgx' | 'tdx'

/**
 * Which of Intel's TCB evaluations a document stems from: the one in force, the newest (published before it is in force), or
 * one by its number.
 */
export type Edition = 'standard' | 'early' | number

export type DocumentName =
  | { readonly kind: 'tcbInfo'; readonly tee: Tee; readonly fmspc: string; readonly edition: Edition }
  | { readonly kind: 'qeIdentity'; readonly tee: Tee; readonly edition: Edition }
  | { readonly kind: 'pckCrl'; readonly ca: 'platform' | 'processor' }
  | { readonly kind: 'rootCaCrl' }

/** One document as it was signed. */
export type Document = {
  /** The signed JSON, or a revocation list's DER in hex. */
  readonly content: string
  /** r ‖ s in hex; empty for a revocation list, which carries its own. */
  readonly signature: string
  /** PEM; empty for the root's revocation list, which the root itself issues. */
  readonly issuerChain: string
}

/** What a document is known by, here and in logs: `tcbInfo-sgx-00606a000000`, `pckCrl-platform`. */
export function labelOf(name: DocumentName): string {
  switch (name.kind) {
    case 'tcbInfo':
      return `tcbInfo-${name.tee}-${name.fmspc}${name.edition === 'standard' ? '' : `-${name.edition}`}`
    case 'qeIdentity':
      return `qeIdentity-${name.tee}${name.edition === 'standard' ? '' : `-${name.edition}`}`
    case 'pckCrl':
      return `pckCrl-${name.ca}`
    case 'rootCaCrl':
      return 'rootCaCrl'
  }
}

/** The path and query of a document, at Intel's service and at every cache of it (PCS API v4, PCCS API v4). */
export function pathOf(name: DocumentName): string {
  switch (name.kind) {
    case 'tcbInfo':
      return `/${name.tee}/certification/v4/tcb?${new URLSearchParams({ fmspc: name.fmspc, ...editionQuery(name) })}`
    case 'qeIdentity': {
      const query = new URLSearchParams(editionQuery(name)).toString()
      return `/${name.tee}/certification/v4/qe/identity${query && `?${query}`}`
    }
    case 'pckCrl':
      return `/sgx/certification/v4/pckcrl?ca=${name.ca}&encoding=der`
    case 'rootCaCrl':
      return '/sgx/certification/v4/rootcacrl'
  }
}

/** Nothing for the standard one, which every service gives unasked: caches of old know no `update`. */
function editionQuery({ edition }: { edition: Edition }): Record<string, string> {
  if (edition === 'standard') return {}
  return edition === 'early' ? { update: 'early' } : { tcbEvaluationDataNumber: `${edition}` }
}

/** The header in which the issuer's chain travels, percent-encoded. */
export const chainHeaders = {
  tcbInfo: 'TCB-Info-Issuer-Chain',
  qeIdentity: 'SGX-Enclave-Identity-Issuer-Chain',
  pckCrl: 'SGX-PCK-CRL-Issuer-Chain',
} as const

/** What the signed JSON is called in its wrapping. */
const wrappedAs = { tcbInfo: 'tcbInfo', qeIdentity: 'enclaveIdentity' } as const

export function wrapJson(kind: 'tcbInfo' | 'qeIdentity', { content, signature }: Document): string {
  return `{"${wrappedAs[kind]}":${content},"signature":"${signature}"}`
}

/**
 * Cuts the signed JSON out of its wrapping, byte for byte: parsing and writing it again would break the signature.
 * Returns undefined where the body is anything else.
 */
export function unwrapJson(kind: 'tcbInfo' | 'qeIdentity', body: string): Omit<Document, 'issuerChain'> | undefined {
  const opening = new RegExp(`^\\s*\\{\\s*"${wrappedAs[kind]}"\\s*:\\s*(?=\\{)`).exec(body)
  if (!opening) return undefined
  const start = opening[0].length
  const end = endOfObject(body, start)
  const closing =
    end === undefined ? null : /^\s*,\s*"signature"\s*:\s*"([0-9a-f]{128})"\s*\}\s*$/i.exec(body.slice(end))
  if (end === undefined || !closing?.[1]) return undefined
  return { content: body.slice(start, end), signature: closing[1].toLowerCase() }
}

/** The index behind the brace that closes the object which opens at `start`. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  let isInString = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (isInString) {
      if (character === '\\') at++
      else if (character === '"') isInString = false
    } else if (character === '"') isInString = true
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return at + 1
  }
  return undefined
}
