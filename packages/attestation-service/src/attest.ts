/** `POST /v1/attestations`: verifies a quote, and says what it makes of it. */
import {
  AttestationError,
  type Policy,
  platformOf,
  type TrustRoot,
  verdictToJson,
  verifyQuote,
} from '@enigma/attestation'
import type { Clock, Logger } from '@enigma/process'
import { hexToBytes, keccak256, utf8 } from '@enigma/protocol'
import * as v from 'valibot'
import { fetchBundle, partHashes } from './bundle.ts'
import type { CollateralCache } from './collateral-cache.ts'
import type { Reply, Request } from './http.ts'
import { ProblemError } from './problem.ts'
import { signToken } from './token.ts'
import type { TokenKey } from './token-key.ts'

export type AttestParts = {
  readonly cache: Pick<CollateralCache, 'get'>
  readonly trustRoot: TrustRoot
  readonly policy: Policy
  readonly tokenKey: TokenKey
  readonly clock: Clock
  readonly log: Logger
  readonly onVerdict?: (outcome: string) => void
}

const request = v.strictObject({
  quote: v.pipe(v.string(), v.regex(/^0x(?:[0-9a-fA-F]{2})+$/)),
  // As long as EAT has it (RFC 9711 §4.1).
  nonce: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/=_-]{8,88}$/))),
})

export function createAttest(parts: AttestParts): (request: Request) => Promise<Reply> {
  const { trustRoot, policy, clock, onVerdict } = parts
  const policyHash = keccak256(
    utf8(JSON.stringify(policy, (_key, item: unknown) => (item instanceof Uint8Array ? [...item] : item))),
  )

  async function judge(text: string): Promise<Reply> {
    const { quote: hex, nonce } = parseRequest(text)
    const quote = hexToBytes(hex.toLowerCase() as `0x${string}`)
    const { collateral, hash: collateralHash } = await fetchBundle(parts.cache, platformOf(quote))
    const now = Math.floor(clock.nowMs() / 1000)
    // No measurement is asked for here: contract and client hold the list.
    const verdict = verifyQuote(quote, collateral, { at: now, trustRoot, policy })
    const collateralHashes = partHashes(collateral)
    const content = { verdict, nonce, collateralHash, collateralHashes, policyHash }
    const token = await signToken(content, parts.tokenKey, now)
    onVerdict?.('accepted')
    parts.log.info('quote-verified', { measurement: verdict.measurement, tcbStatus: verdict.tcbStatus })
    const body = JSON.stringify({ verdict: verdictToJson(verdict), collateralHash, collateralHashes, token })
    return { headers: { 'content-type': 'application/json' }, body }
  }

  return async ({ body }) => {
    try {
      return await judge(await body())
    } catch (error) {
      if (error instanceof AttestationError) onVerdict?.(error.code)
      throw error
    }
  }
}

function parseRequest(text: string): v.InferOutput<typeof request> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ProblemError('MALFORMED_REQUEST', { detail: 'The body is not JSON.', cause })
  }
  const parsed = v.safeParse(request, json)
  if (parsed.success) return parsed.output
  throw new ProblemError('MALFORMED_REQUEST', { detail: 'Expected { "quote": "0x…", "nonce"?: 8 to 88 characters }.' })
}
