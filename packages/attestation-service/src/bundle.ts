/** The four documents of one kind of platform as one collateral: what a quote is verified with. */

import { createHash } from 'node:crypto'
import { type Collateral, collateralHash } from '@enigma/attestation'
import { bytesToHex, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import type { CollateralCache } from './collateral-cache.ts'
import type { Tee } from './document.ts'

export type PlatformKind = { readonly tee: Tee; readonly fmspc: string; readonly ca: 'platform' | 'processor' }
export type Bundle = { readonly collateral: Collateral; readonly hash: Hex; readonly validUntil: number }

export async function fetchBundle(
  { get }: Pick<CollateralCache, 'get'>,
  { tee, fmspc, ca }: PlatformKind,
): Promise<Bundle> {
  // The platform's own first: an unknown one then costs one question.
  const tcbInfo = await get({ kind: 'tcbInfo', tee, fmspc, edition: 'standard' })
  const [qeIdentity, pckCrl, rootCaCrl] = await Promise.all([
    get({ kind: 'qeIdentity', tee, edition: 'standard' }),
    get({ kind: 'pckCrl', ca }),
    get({ kind: 'rootCaCrl' }),
  ])
  const collateral: Collateral = {
    tcbInfo: tcbInfo.document.content,
    tcbInfoSignature: tcbInfo.document.signature,
    tcbInfoIssuerChain: tcbInfo.document.issuerChain,
    qeIdentity: qeIdentity.document.content,
    qeIdentitySignature: qeIdentity.document.signature,
    qeIdentityIssuerChain: qeIdentity.document.issuerChain,
    rootCaCrl: rootCaCrl.document.content,
    pckCrl: pckCrl.document.content,
    pckCrlIssuerChain: pckCrl.document.issuerChain,
  }
  const validUntil = Math.min(...[tcbInfo, qeIdentity, pckCrl, rootCaCrl].map((held) => held.validUntil))
  return { collateral, hash: collateralHash(collateral), validUntil }
}

/** SHA-256 of each part: of a list's DER, of the other parts' text. */
export function partHashes(collateral: Collateral): Readonly<Record<string, Hex>> {
  const { pckCertificateChain: _, tcbInfoSignature: __, qeIdentitySignature: ___, ...parts } = collateral
  return Object.fromEntries(
    Object.entries(parts).map(([name, text]) => [
      name,
      sha256(name.endsWith('Crl') ? hexToBytes(`0x${text}`) : utf8(text)),
    ]),
  )
}

function sha256(bytes: Uint8Array): Hex {
  return bytesToHex(createHash('sha256').update(bytes).digest())
}
