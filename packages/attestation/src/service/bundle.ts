/** The four documents of one kind of platform as one collateral: what a quote is verified with. */
import type { Hex } from '@enigma/protocol'
import { type Collateral, collateralHash } from '../collateral.ts'
import type { CollateralCache } from './collateral-cache.ts'

export type PlatformKind = {
  readonly tee: 'sgx' | 'tdx'
  readonly fmspc: string
  readonly ca: 'platform' | 'processor'
}
export type Bundle = { readonly collateral: Collateral; readonly hash: Hex; readonly validUntil: number }

export async function fetchBundle({ get }: CollateralCache, { tee, fmspc, ca }: PlatformKind): Promise<Bundle> {
  // The platform's own first: an unknown one then costs one question.
  const tcbInfo = await get({ kind: 'tcbInfo', tee, fmspc })
  const [qeIdentity, pckCrl, rootCaCrl] = await Promise.all([
    get({ kind: 'qeIdentity', tee }),
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
  }
  const validUntil = Math.min(...[tcbInfo, qeIdentity, pckCrl, rootCaCrl].map((held) => held.validUntil))
  return { collateral, hash: collateralHash(collateral), validUntil }
}
