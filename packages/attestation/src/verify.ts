/**
 * From a quote and its collateral to a verdict.
 *
 * Reads like the list of checks in docs/protocol/attestation.md, and in its order: the first fault decides the code.
 * Stricter than Intel's QVL on purpose: notBefore, CA flags, key usage, DEBUG, all 64 bytes of the QE's report_data.
 */
import { bytesToHex, concatBytes } from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import type { Certificate } from './certificate.ts'
import { type Collateral, parseCollateral } from './collateral.ts'
import { rememberingSignatures, type VerifyP256, verifyWithNoble } from './p256.ts'
import { findChain, type Pck, verifyPck } from './pck.ts'
import { checkPolicy, type Policy } from './policy.ts'
import { checkKeyBinding, matchQeIdentity, type QeIdentity, qeIdentitySchema } from './qe-identity.ts'
import { parseQuote, type Quote } from './quote.ts'
import { verifySignedJson } from './signed-json.ts'
import { type IsvLevel, type TcbInfo, tcbInfoSchema } from './tcb-info.ts'
import { matchLevel } from './tcb-level.ts'
import { converge, type LevelStatus, levelStatusOf } from './tcb-status.ts'
import { appraiseTdx, type TdxTcb } from './tdx-tcb.ts'
import { establishTrust, type Trust } from './trust.ts'
import { type TrustRoot, trustRootOf } from './trust-roots.ts'
import { describeBody, type Verdict } from './verdict.ts'

export type VerifyOptions = {
  /** The time to verify at, in unix seconds. */
  readonly at: number
  readonly trustRoot: TrustRoot
  /** `report-only` accepts every status but Revoked and every measurement: to show a quote, never to rely on it. */
  readonly policy: Policy | 'report-only'
  /** Another P-256 than noble's, for speed. Must accept high s, and be one function: what it verified is remembered by it. */
  readonly verifyP256?: VerifyP256
}

/** Returns what the hardware vouches for, or throws `AttestationError` with the code of the first fault. */
export function verifyQuote(quoteBytes: Uint8Array, collateral: Collateral, options: VerifyOptions): Verdict {
  const { at, trustRoot, policy, verifyP256 = verifyWithNoble } = options
  if (!Number.isFinite(at)) refuse('CLOCK_INVALID', `${at}`)
  const parts = parseCollateral(collateral)
  const quote = parseQuote(quoteBytes)
  const pckChain = findChain(quote, parts.pckCertificateChain)
  const trust = establishTrust(trustRoot.certificate, parts.rootCaCrl, at, rememberingSignatures(verifyP256))
  const pck = verifyPck(pckChain, parts, trust)
  const { tcbInfo, qeIdentity, signers } = verifyDocuments(quote, parts, pck, trust)

  if (!trust.verify(pck.leaf.publicKey, quote.qeReport.raw, quote.qeReportSignature)) refuse('QE_REPORT_SIGNATURE')
  checkKeyBinding(quote)
  const qeLevel = matchQeIdentity(quote.qeReport, qeIdentity)
  const attestationKey = concatBytes(Uint8Array.of(4), quote.attestationKey)
  if (!trust.verify(attestationKey, quote.signed, quote.signature)) refuse('QUOTE_SIGNATURE')

  const { tcbStatus, advisoryIds } = appraisePlatform(quote, tcbInfo, pck, qeLevel)
  if (quote.body.isDebug) refuse('DEBUG_ENCLAVE')
  // Whatever the policy says: Intel revoked this level because its keys are out.
  if (tcbStatus === 'Revoked') refuse('TCB_STATUS_REFUSED', tcbStatus)
  const verdict: Verdict = {
    ...describeBody(quote),
    tcbStatus,
    advisoryIds,
    debug: false,
    fmspc: bytesToHex(pck.tcb.fmspc),
    platformId: bytesToHex(pck.tcb.ppid),
    tcbEvaluationDataNumber: Math.min(tcbInfo.tcbEvaluationDataNumber, qeIdentity.tcbEvaluationDataNumber),
    ...findWindow([trust.root, pck.ca, pck.leaf, ...signers], [trust.crl, pck.crl], [tcbInfo, qeIdentity]),
    trustRoot: trustRootOf(trustRoot.certificate).name,
  }
  if (policy !== 'report-only') checkPolicy(verdict, policy)
  return verdict
}

/** TCB info and QE identity: genuine, in force, and about this kind of platform and enclave. */
function verifyDocuments(quote: Quote, collateral: Collateral, { tcb }: Pck, trust: Trust) {
  const isSgx = quote.body.kind === 'sgx'
  const { content: tcbInfo, signer: tcbSigner } = verifySignedJson(
    'TCB_INFO',
    {
      text: collateral.tcbInfo,
      signature: collateral.tcbInfoSignature,
      issuerChain: collateral.tcbInfoIssuerChain,
    },
    tcbInfoSchema,
    trust,
  )
  // Version 2 knows no TEE but SGX and does not name it.
  if (tcbInfo.version !== 3 && !(tcbInfo.version === 2 && isSgx)) refuse('TCB_INFO_VERSION', `${tcbInfo.version}`)
  if (tcbInfo.version === 3 && tcbInfo.id !== (isSgx ? 'SGX' : 'TDX')) refuse('TCB_INFO_MISMATCH', `id ${tcbInfo.id}`)
  if (`0x${tcbInfo.fmspc}` !== bytesToHex(tcb.fmspc)) refuse('TCB_INFO_MISMATCH', `FMSPC ${tcbInfo.fmspc}`)
  if (`0x${tcbInfo.pceId}` !== bytesToHex(tcb.pceId)) refuse('TCB_INFO_MISMATCH', `PCE id ${tcbInfo.pceId}`)

  const { content: qeIdentity, signer: qeSigner } = verifySignedJson(
    'QE_IDENTITY',
    {
      text: collateral.qeIdentity,
      signature: collateral.qeIdentitySignature,
      issuerChain: collateral.qeIdentityIssuerChain,
    },
    qeIdentitySchema,
    trust,
  )
  if (qeIdentity.version !== 2) refuse('QE_IDENTITY_VERSION', `${qeIdentity.version}`)
  if (qeIdentity.id !== (isSgx ? 'QE' : 'TD_QE')) refuse('QE_IDENTITY_MISMATCH', `id ${qeIdentity.id}`)
  if (tcbInfo.tcbType !== 0) refuse('TCB_TYPE', `${tcbInfo.tcbType}`)
  return { tcbInfo, qeIdentity, signers: [tcbSigner, qeSigner] }
}

/** The status of the whole and the advisories of all levels that it rests on. */
function appraisePlatform({ body }: Quote, tcbInfo: TcbInfo, { tcb }: Pck, qeLevel: IsvLevel) {
  const report = body.kind === 'sgx' ? undefined : body
  const match = matchLevel(tcbInfo, tcb, report)
  const qeStatus = levelStatusOf(qeLevel.tcbStatus)
  const { status, levels }: TdxTcb = report
    ? appraiseTdx(tcbInfo, report, match, qeStatus)
    : { status: levelStatusOf(match.level.tcbStatus), levels: [match.level] }
  const advisoryIds = new Set([...levels, qeLevel].flatMap((level) => level.advisoryIDs))
  return { tcbStatus: converge(status, asPartStatus(qeStatus)), advisoryIds: [...advisoryIds].sort() }
}

/** Intel's QVL counts a quoting enclave that is neither up to date nor revoked as out of date. */
function asPartStatus(status: LevelStatus): LevelStatus {
  return status === 'UpToDate' || status === 'Revoked' ? status : 'OutOfDate'
}

/** The time in which all of it holds together. */
function findWindow(
  certificates: readonly Certificate[],
  lists: readonly { thisUpdate: number; nextUpdate: number }[],
  documents: readonly (TcbInfo | QeIdentity)[],
): { validFrom: number; validUntil: number } {
  const starts = [
    ...certificates.map((certificate) => certificate.notBefore),
    ...lists.map((list) => list.thisUpdate),
    ...documents.map((document) => document.issueDate),
  ]
  const ends = [
    ...certificates.map((certificate) => certificate.notAfter),
    ...[...lists, ...documents].map((dated) => dated.nextUpdate),
  ]
  return { validFrom: Math.max(...starts), validUntil: Math.min(...ends) }
}
