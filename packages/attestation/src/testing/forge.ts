/** A whole world of quote, collateral and root, sound but for what a test asks to be wrong. Tests only. */
import { bytesToHex, hexToBytes, utf8 } from '@enigma/protocol'
import type { AttestationCode } from '../codes.ts'
import type { Collateral } from '../collateral.ts'
import { toPem } from '../pem.ts'
import type { Policy } from '../policy.ts'
import { createAuthority, SIGNS_CERTIFICATES, SIGNS_DATA, serialOf, VALIDITY } from '../simulated/authority.ts'
import { type CertificateOptions, type Issuer, issueCertificate } from '../simulated/certificates.ts'
import { type CrlOptions, issueCrl } from '../simulated/crl.ts'
import { qeIdentityText, type SimulatedLevel, tcbInfoText } from '../simulated/documents.ts'
import { deriveKey, sign } from '../simulated/keys.ts'
import { createPlatform, type Firmware } from '../simulated/platform.ts'
import { attributesOf, type QuotingEnclave, writeQuote, writeReport } from '../simulated/quoting-enclave.ts'
import { trustRootOf } from '../trust-roots.ts'
import type { Verdict } from '../verdict.ts'
import { verifyQuote } from '../verify.ts'
import { nodeP256 } from './node-p256.ts'

/** Noon of some day, and what everything is issued and verified at unless a test says otherwise. */
export const NOON = Date.UTC(2026, 5, 1, 12) / 1000
export const DAY = 86_400
export const measurement = hexToBytes(`0x${'5a'.repeat(32)}`)
export const reportData = Uint8Array.from({ length: 64 }, (_, index) => index)

export type Faults = {
  at?: number
  root?: Partial<CertificateOptions>
  ca?: Partial<CertificateOptions>
  leaf?: Partial<CertificateOptions>
  tcbSigner?: Partial<CertificateOptions>
  qeSigner?: Partial<CertificateOptions>
  rootCrl?: Partial<CrlOptions>
  pckCrl?: Partial<CrlOptions>
  /** Rewrites a chain's certificates, DER. */
  pckChain?: (chain: Uint8Array[]) => Uint8Array[]
  tcbChain?: (chain: Uint8Array[]) => Uint8Array[]
  qeChain?: (chain: Uint8Array[]) => Uint8Array[]
  levels?: readonly SimulatedLevel[]
  tcbInfo?: Record<string, unknown>
  qeIdentity?: Record<string, unknown>
  firmware?: Firmware
  enclave?: { debug?: boolean; isvSvn?: number; isvProdId?: number }
  quotingEnclave?: QuotingEnclave
  /** Rewrites the finished parts. */
  quote?: (quote: Uint8Array) => Uint8Array
  collateral?: (collateral: Collateral) => unknown
  trustRoot?: Uint8Array
  policy?: Partial<Policy> | 'report-only'
}

/** A code, what is wrong, and a world in which nothing else is. */
export type Case = readonly [code: AttestationCode, what: string, faults: Faults]

export type World = {
  quote: Uint8Array
  collateral: Collateral
  trustRoot: Uint8Array
  at: number
  caCertificate: Uint8Array
}

const authority = createAuthority('forged')
const { root, ca, signer } = authority
/** Another authority with the same names: what an impostor would have. */
export const impostor = createAuthority('impostor')

export function forge(faults: Faults = {}): World {
  const platform = createPlatform(authority, 'machine', faults.firmware)
  const base = { issuer: root, ...VALIDITY }
  const certify = (subject: Issuer, keyUsage: number, changes: Partial<CertificateOptions> = {}, pathLength?: number) =>
    issueCertificate({
      ...base,
      subject,
      serial: serialOf('forged', subject),
      keyUsage,
      caPathLength: pathLength,
      ...changes,
    })
  const rootDer = certify(root, SIGNS_CERTIFICATES, faults.root, 1)
  const caDer = certify(ca, SIGNS_CERTIFICATES, faults.ca, 0)
  const leafDer = issueCertificate({
    ...base,
    subject: { name: 'Simulated SGX PCK Certificate', key: platform.pckKey },
    issuer: ca,
    serial: platform.serial,
    keyUsage: SIGNS_DATA,
    platform: platform.facts,
    ...faults.leaf,
  })
  const chain = (faults.pckChain?.([leafDer, caDer, rootDer]) ?? [leafDer, caDer, rootDer]).map(toPem).join('')
  const report = writeReport(platform, {
    mrEnclave: measurement,
    mrSigner: new Uint8Array(32).fill(1),
    isvProdId: faults.enclave?.isvProdId ?? 7,
    isvSvn: faults.enclave?.isvSvn ?? 3,
    attributes: attributesOf({ debug: faults.enclave?.debug ?? false }),
    reportData,
  })
  const quote = writeQuote({ ...platform, chain }, report, faults.quotingEnclave)
  const collateral = forgeCollateral(faults, rootDer, certify)
  return {
    quote: faults.quote?.(quote) ?? quote,
    collateral: (faults.collateral ? faults.collateral(collateral) : collateral) as Collateral,
    trustRoot: faults.trustRoot ?? rootDer,
    at: faults.at ?? NOON,
    caCertificate: caDer,
  }
}

type Certify = (
  subject: Issuer,
  keyUsage: number,
  changes?: Partial<CertificateOptions>,
  pathLength?: number,
) => Uint8Array

function forgeCollateral(faults: Faults, rootDer: Uint8Array, certify: Certify): Collateral {
  const dates = { issuedAt: NOON - DAY, nextUpdate: NOON + 29 * DAY }
  const crlDates = { thisUpdate: dates.issuedAt, nextUpdate: dates.nextUpdate, revoked: [] }
  const tcbInfo = tcbInfoText(dates, faults.levels, faults.tcbInfo)
  const qeIdentity = qeIdentityText(dates, faults.qeIdentity)
  const signText = (text: string) => bytesToHex(sign(signer.key, utf8(text), 'compact')).slice(2)
  const tcbChain = [certify(signer, SIGNS_DATA, faults.tcbSigner), rootDer]
  const qeChain = [certify(signer, SIGNS_DATA, faults.qeSigner), rootDer]
  return {
    tcbInfo,
    tcbInfoSignature: signText(tcbInfo),
    tcbInfoIssuerChain: (faults.tcbChain?.(tcbChain) ?? tcbChain).map(toPem).join(''),
    qeIdentity,
    qeIdentitySignature: signText(qeIdentity),
    qeIdentityIssuerChain: (faults.qeChain?.(qeChain) ?? qeChain).map(toPem).join(''),
    rootCaCrl: bytesToHex(issueCrl({ issuer: root, ...crlDates, ...faults.rootCrl })).slice(2),
    pckCrl: bytesToHex(issueCrl({ issuer: ca, ...crlDates, ...faults.pckCrl })).slice(2),
    pckCrlIssuerChain: [certify(ca, SIGNS_CERTIFICATES, faults.ca, 0), rootDer].map(toPem).join(''),
  }
}

/** Everything that a sound world meets. */
export const openPolicy: Policy = { tcbStatuses: ['UpToDate'], advisoryIds: [] }

/** Verifies a world; with Node's own P-256, so that thousands of cases take seconds. */
export function judge(world: World, policy: Faults['policy'] = {}): Verdict {
  return verifyQuote(world.quote, world.collateral, {
    at: world.at,
    trustRoot: trustRootOf(world.trustRoot),
    policy: policy === 'report-only' ? policy : { ...openPolicy, ...policy },
    verifyP256: nodeP256,
  })
}

export const serials = {
  ca: serialOf('forged', ca),
  signer: serialOf('forged', signer),
  machine: createPlatform(authority, 'machine').serial,
}
export const issuers = { root, ca, signer, stranger: { ...ca, key: deriveKey('stranger') } }

/** Windows that just miss noon. */
export const past = { notBefore: NOON - 9 * DAY, notAfter: NOON - 1 }
export const future = { notBefore: NOON + 1, notAfter: NOON + 9 * DAY }
/** The same key under another name. */
export const named = (issuer: Issuer, name: string) => ({ subject: { ...issuer, name } })
/** Collateral with one part replaced. */
export const part = (name: string, value: unknown): Faults => ({ collateral: (all) => ({ ...all, [name]: value }) })
/** A quote with bytes overwritten. */
export const set = (at: number, ...bytes: readonly number[]): Faults => ({
  quote: (quote) => {
    quote.set(bytes, at)
    return quote
  },
})
