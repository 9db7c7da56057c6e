/**
 * The verdict as a token: an Entity Attestation Result (draft-ietf-rats-ear) in a JWT signed with ES256.
 *
 * A convenience for who trusts this service; nobody needs to, since the quote and its collateral are public.
 */
import { type Verdict, verdictToJson } from '@enigma/attestation'
import type { Hex } from '@enigma/protocol'
import { SignJWT } from 'jose'
import manifest from '../package.json' with { type: 'json' }
import type { TokenKey } from './token-key.ts'

export type TokenContent = {
  readonly verdict: Verdict
  readonly nonce: string | undefined
  readonly collateralHash: Hex
  readonly collateralHashes: Readonly<Record<string, Hex>>
  /** keccak256 over the policy's JSON. */
  readonly policyHash: Hex
}

const PROFILE = 'tag:github.com,2023:veraison/ear'
const MOST_SECONDS = 300

/** `now` in unix seconds. */
export function signToken(content: TokenContent, { privateKey, jwk }: TokenKey, now: number): Promise<string> {
  const { verdict, nonce, collateralHash, collateralHashes, policyHash } = content
  const appraisal = {
    'ear.status': statusOf(verdict),
    'ear.trustworthiness-vector': vectorOf(verdict),
    'ear.appraisal-policy-id': policyHash,
    'enigma.verdict': verdictToJson(verdict),
    'enigma.collateral-hash': collateralHash,
    'enigma.collateral-hashes': collateralHashes,
  }
  return new SignJWT({
    eat_profile: PROFILE,
    ...(nonce === undefined ? {} : { eat_nonce: nonce }),
    'ear.verifier-id': { developer: manifest.name, build: manifest.version },
    submods: { enclave: appraisal },
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: jwk.kid })
    .setIssuedAt(now)
    .setExpirationTime(Math.min(now + MOST_SECONDS, verdict.validUntil))
    .sign(privateKey)
}

/** What a policy accepts beyond the default's statuses is accepted with a warning. */
function statusOf({ tcbStatus }: Verdict): 'affirming' | 'warning' {
  return tcbStatus === 'UpToDate' || tcbStatus === 'SWHardeningNeeded' ? 'affirming' : 'warning'
}

/** Claims of AR4SI: 2 affirms, 32 warns. What was not looked at, such as the file system, has none. */
function vectorOf(verdict: Verdict): Readonly<Record<string, number>> {
  const tier = statusOf(verdict) === 'affirming' ? 2 : 32
  return { 'instance-identity': 2, hardware: tier, configuration: tier, 'runtime-opaque': 2 }
}
