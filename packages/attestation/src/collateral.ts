/**
 * Collateral: Intel's signed word about a kind of platform, as one JSON object.
 *
 * Kept as the strings that were signed: verification parses them itself, and whoever hands them on must not touch a byte.
 */
import { bytesToHex, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import * as v from 'valibot'
import { refuse } from './attestation-error.ts'

const json = v.pipe(v.string(), v.maxLength(128 * 1024))
const chain = v.pipe(v.string(), v.maxLength(16 * 1024))
const signature = v.pipe(v.string(), v.maxLength(256))
const derHex = v.pipe(v.string(), v.maxLength(512 * 1024))

const schema = v.object({
  /** The signed string itself, and so below. */
  tcbInfo: json,
  /** r ‖ s in hex. */
  tcbInfoSignature: signature,
  /** PEM: signer, root. */
  tcbInfoIssuerChain: chain,
  qeIdentity: json,
  qeIdentitySignature: signature,
  qeIdentityIssuerChain: chain,
  /** DER in hex. */
  rootCaCrl: derHex,
  pckCrl: derHex,
  /** PEM: PCK CA, root. Quotes bring it too; a contract that keeps collateral has it from here. */
  pckCrlIssuerChain: v.exactOptional(chain),
  /** PEM: leaf, CA, root. For quotes that do not carry it themselves. */
  pckCertificateChain: v.exactOptional(chain),
})

export type Collateral = Readonly<v.InferOutput<typeof schema>>

/** In the order in which they are hashed. */
export const collateralParts = Object.keys(schema.entries) as readonly (keyof Collateral)[]

/** Checks the shape and the size of collateral from outside; what its parts say is checked by `verifyQuote`. */
export function parseCollateral(value: unknown): Collateral {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  return refuse('COLLATERAL_FORMAT', describeIssues(parsed.issues))
}

/** SHA-256 over the parts in a fixed order, each with its length: what a cache or a log knows collateral by. */
export function collateralHash(collateral: Collateral): Hex {
  const hash = sha256.create()
  for (const key of collateralParts) {
    const part = utf8(collateral[key] ?? '')
    hash.update(utf8(`${key} ${part.length}\n`)).update(part)
  }
  return bytesToHex(hash.digest())
}

/** The bytes of one hex part, or undefined where it is not hex. */
export function decodeHex(text: string): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})*$/i.test(text) ? hexToBytes(`0x${text.toLowerCase()}`) : undefined
}

/** What a schema found wrong, in one line: at most three places, unless the values are the reader's own. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[], limit = 3): string {
  return issues
    .slice(0, limit)
    .map((issue) => `${v.getDotPath(issue) ?? 'value'}: ${issue.message.slice(0, 120)}`)
    .join('; ')
}
