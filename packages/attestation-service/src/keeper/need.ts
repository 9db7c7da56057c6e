/** Whether a part should go on chain, and why: compares what is to be had with what the contract holds. */
import type { CollateralContract, CrlView } from './contract.ts'
import { type CertificatePart, type CrlPart, type DocumentPart, heldDocument, type Part } from './parts.ts'

/**
 * `missing`: nothing is held. `void`: what is held counts no more. `revoked`: somebody is revoked whom the contract does not
 * know of. `evaluation`: Intel judges anew. `behind`: the contract holds a later evaluation, of which nothing is to be had.
 * `ending`: what is held expires soon. `newer`: nothing of these, and yet newer.
 */
export type Reason = 'missing' | 'void' | 'revoked' | 'evaluation' | 'behind' | 'ending' | 'newer'

/** Codes by the label of the document they are about, or of the TCB info of the kind of platform. */
export type Faults = ReadonlyMap<string, string>

/** How long before its end what the chain holds is replaced. */
export const ENDING_SECONDS = 7 * 86_400

/**
 * Why the contract would refuse platforms of these kinds whatever they are, by its own judgement. No view tells whose
 * signature a document bears, and so whether it went void with him.
 */
export async function faultsOf(
  parts: readonly Part[],
  { faultOf }: Pick<CollateralContract, 'faultOf'>,
): Promise<Faults> {
  const faults = new Map<string, string>()
  const issuers = parts.flatMap((part) => (part.kind === 'pckCrl' ? [part.issuer] : []))
  for (const part of parts) {
    if (part.kind !== 'tcbInfo') continue
    let code: string | undefined
    for (const issuer of issuers) {
      code = await faultOf(issuer, part)
      // A CA whose list is not in order says nothing about the documents.
      if (!code?.startsWith('PCK_')) break
    }
    if (code !== undefined) faults.set(code.startsWith('QE_IDENTITY_') ? 'qeIdentity' : part.label, code)
  }
  return faults
}

/** Undefined where the contract holds it, or a newer one. `now` in unix seconds. */
export function needOf(
  part: Part,
  contract: CollateralContract,
  faults: Faults,
  now: number,
): Promise<Reason | undefined> {
  switch (part.kind) {
    case 'rootCrl':
    case 'pckCrl':
      return needOfCrl(part, contract, now)
    case 'pckCa':
    case 'tcbSigner':
      return needOfCertificate(part, contract)
    default:
      return needOfDocument(part, contract, faults, now)
  }
}

async function needOfCrl(part: CrlPart, contract: CollateralContract, now: number): Promise<Reason | undefined> {
  const held: CrlView = part.kind === 'rootCrl' ? await contract.rootCrl() : await contract.pckCrl(part.issuer)
  if (held.nextUpdate === 0n) return 'missing'
  if (BigInt(part.issuedAt) <= held.thisUpdate) return undefined
  if (!(await contract.areRevoked(part.issuer, part.revoked))) return 'revoked'
  return isEnding(part, held, now) ? 'ending' : 'newer'
}

async function needOfCertificate(part: CertificatePart, contract: CollateralContract): Promise<Reason | undefined> {
  if (part.kind === 'pckCa') {
    const until = await contract.pckCaUntil(part.subject)
    if (until === 0n) return 'missing'
    return BigInt(part.notAfter) > until ? 'ending' : undefined
  }
  const held = await contract.tcbSigner()
  if (held.notAfter === 0n) return 'missing'
  // What Intel signs from now on needs the new one, however long the old one would hold; an older one the contract refuses.
  return held.serial !== part.serial ? 'ending' : undefined
}

async function needOfDocument(part: DocumentPart, contract: CollateralContract, faults: Faults, now: number) {
  const held = await heldDocument(part, contract)
  if (held.nextUpdate === 0n) return 'missing'
  const subject = part.kind === 'tcbInfo' ? 'TCB_INFO' : 'QE_IDENTITY'
  if (faults.get(part.label)?.startsWith(`${subject}_SIGNER_`)) return 'void'
  if (part.evaluationNumber < held.evaluationNumber) return 'behind'
  if (BigInt(part.issuedAt) <= held.issueDate) return undefined
  if (part.evaluationNumber > held.evaluationNumber) return 'evaluation'
  return isEnding(part, held, now) ? 'ending' : 'newer'
}

/** And that this one would last longer. */
function isEnding(part: CrlPart | DocumentPart, held: { nextUpdate: bigint }, now: number): boolean {
  return Number(held.nextUpdate) - now < ENDING_SECONDS && BigInt(part.nextUpdate) > held.nextUpdate
}
