/** Fetches documents from Intel's PCS, a PCCS, or whatever answers like them. Believes nothing: the cache verifies. */
import { bytesToHex } from '@enigma/protocol'
import { INTEL_PCS } from './config.ts'
import { chainHeaders, type Document, type DocumentName, pathOf, unwrapJson } from './document.ts'
import { ProblemError } from './problem.ts'

/** What is asked: a URL to a response, as `fetch` does it. */
export type Fetch = (url: URL, init: { signal: AbortSignal; redirect: 'error' }) => Promise<Response>
export type FetchDocument = (name: DocumentName) => Promise<Document>

/** Intel serves the root's list elsewhere than a PCCS does. */
const INTEL_ROOT_CRL = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der'
const TIMEOUT_MS = 10_000
/** Intel's longest answer, a TCB info, has 10 KB. */
const MAX_BYTES = 256 * 1024

export function createUpstream(pcs: string, fetch: Fetch, signal: AbortSignal): FetchDocument {
  return async (name) => {
    const response = await ask(urlOf(pcs, name), fetch, signal)
    const body = await readBounded(response)
    const chain = name.kind === 'rootCaCrl' ? '' : decodeChain(response.headers.get(chainHeaders[name.kind]))
    if (name.kind === 'rootCaCrl' || name.kind === 'pckCrl') {
      return { content: toDerHex(body), signature: '', issuerChain: chain }
    }
    const unwrapped = unwrapJson(name.kind, new TextDecoder().decode(body))
    if (!unwrapped) throw new ProblemError('COLLATERAL_REFUSED', { detail: 'Its wrapping is not as Intel has it.' })
    return { ...unwrapped, issuerChain: chain }
  }
}

function urlOf(pcs: string, name: DocumentName): URL {
  const base = pcs.replace(/\/+$/, '')
  return new URL(name.kind === 'rootCaCrl' && base === INTEL_PCS ? INTEL_ROOT_CRL : base + pathOf(name))
}

async function ask(url: URL, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      redirect: 'error',
    })
  } catch (cause) {
    throw new ProblemError('COLLATERAL_UNAVAILABLE', { cause })
  }
  if (response.status === 404) throw new ProblemError('UNKNOWN_PLATFORM')
  if (!response.ok) throw new ProblemError('COLLATERAL_UNAVAILABLE', { detail: `It answered ${response.status}.` })
  return response
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > MAX_BYTES) throw new ProblemError('COLLATERAL_REFUSED', { detail: 'It is too large.' })
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause
    throw new ProblemError('COLLATERAL_UNAVAILABLE', { cause })
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** Intel answers with DER, whose first byte is 0x30; a PCCS with its hex, whose first character is '3'. */
function toDerHex(body: Uint8Array): string {
  if (body[0] === 0x30) return bytesToHex(body).slice(2)
  return new TextDecoder().decode(body).trim()
}

function decodeChain(header: string | null): string {
  try {
    return decodeURIComponent(header ?? '')
  } catch (cause) {
    throw new ProblemError('COLLATERAL_REFUSED', { detail: "The issuer's chain is not percent-encoded.", cause })
  }
}
