/** TCB info and QE identity share one envelope: JSON, signed as it stands by Intel's TCB signer, under the root. */
import { utf8 } from '@enigma/protocol'
import * as v from 'valibot'
import { AttestationError, refuse } from './attestation-error.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { checkIssued, checkValidity, isoTime } from './chain.ts'
import { decodeHex, describeIssues } from './collateral.ts'
import { parsePem } from './pem.ts'
import { parseStrictJson } from './strict-json.ts'
import { isRoot, type Trust } from './trust.ts'

/** Which document: what its codes begin with. */
export type Subject = 'TCB_INFO' | 'QE_IDENTITY'
export type SignedJson = { readonly text: string; readonly signature: string; readonly issuerChain: string }

/** A date as Intel writes it, in unix seconds. */
export const isoDate = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const seconds = Date.parse(value) / 1000
    // Date.parse rolls over (June 31st becomes July 1st): a time that does not come back is none.
    if (Number.isFinite(seconds) && isoTime(seconds) === value) return seconds
    addIssue({ message: 'no such time' })
    return NEVER
  }),
)
export const securityVersion = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff))
/** A number that only grows, with each of Intel's evaluations. */
export const evaluationNumber = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
export const hexOf = (bytes: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`), `expected ${bytes} bytes in hex`),
    v.toLowerCase(),
  )
export const advisories = v.optional(v.array(v.pipe(v.string(), v.maxLength(64))), [])
const dated = v.object({ issueDate: isoDate, nextUpdate: isoDate })

/** Verifies signer, signature, shape and window, and returns what the document says. */
export function verifySignedJson<T extends v.GenericSchema<unknown, v.InferOutput<typeof dated>>>(
  subject: Subject,
  document: SignedJson,
  schema: T,
  trust: Trust,
): { content: v.InferOutput<T>; signer: Certificate } {
  const signer = verifySigner(subject, document.issuerChain, trust)
  const signature = decodeHex(document.signature)
  if (!signature || !trust.verify(signer.publicKey, utf8(document.text), signature)) refuse(`${subject}_SIGNATURE`)
  const parsed = v.safeParse(schema, parseJson(subject, document.text))
  if (!parsed.success) return refuse(`${subject}_FORMAT`, describeIssues(parsed.issues))
  const { issueDate, nextUpdate } = parsed.output
  if (!(issueDate <= trust.at)) refuse(`${subject}_NOT_YET_VALID`, isoTime(issueDate))
  if (!(trust.at <= nextUpdate)) refuse(`${subject}_EXPIRED`, isoTime(nextUpdate))
  return { content: parsed.output, signer }
}

function verifySigner(subject: Subject, issuerChain: string, trust: Trust): Certificate {
  const [signerDer, rootDer, ...rest] = parsePem(issuerChain) ?? []
  if (!signerDer || !rootDer || rest.length > 0) return refuse(`${subject}_CHAIN`)
  const signer = parseCertificate(signerDer)
  const signerSubject = `${subject}_SIGNER` as const
  if (!isRoot(rootDer, trust)) refuse(`${subject}_ROOT_UNTRUSTED`)
  const { commonName } = signer.subject
  if (commonName !== `${trust.label} SGX TCB Signing`) refuse(`${subject}_SIGNER_CN`, commonName)
  if (signer.isCa) refuse(`${subject}_SIGNER_IS_CA`)
  if (!signer.maySign) refuse(`${subject}_SIGNER_KEY_USAGE`)
  checkIssued(signer, trust.root, signerSubject, trust.verify)
  checkValidity(signer, trust.at, signerSubject)
  if (trust.crl.revoked.has(signer.serial)) refuse(`${subject}_SIGNER_REVOKED`, signer.serial)
  return signer
}

function parseJson(subject: Subject, text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    throw new AttestationError(`${subject}_FORMAT`, 'not JSON', { cause: error })
  }
}
