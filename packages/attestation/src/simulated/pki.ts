/**
 * Intel's part, played by software: quotes and collateral of the exact format, under a root labelled NOT INTEL.
 *
 * All keys follow from names and all dates from the time it is given, so that Core's simulated platform and the
 * Attestation service's simulated PCS agree without sharing a file. It protects nothing; see docs/security.md, S15.
 */
import { bytesToHex, EnigmaError } from '@enigma/protocol'
import type { Collateral } from '../collateral.ts'
import { toPem } from '../pem.ts'
import { type TrustRoot, trustRootOf } from '../trust-roots.ts'
import { createAuthority, LOCAL_NETWORK, laterSigner, serialOf } from './authority.ts'
import { issueCrl } from './crl.ts'
import { qeIdentityText, type SimulatedLevel, tcbInfoText } from './documents.ts'
import { sign } from './keys.ts'
import { createPlatform, type Firmware } from './platform.ts'
import { type QuoteRequest, simulatedQuote } from './quotes.ts'

export type SimulatedPki = {
  /** `trustRoots.simulated`, unless this PKI was given a name of its own. */
  readonly trustRoot: TrustRoot
  /** PEM: PCK CA, root. Travels beside the PCK revocation list. */
  readonly pckCrlIssuerChain: string
  /** A version 3 quote over `measurement` and 64 bytes of report data, from the machine of that name. */
  quote(request: QuoteRequest): Uint8Array
  /** Collateral as issued at the PKI's time, or with the given faults. */
  collateral(options?: CollateralOptions): Collateral
}

export type CollateralOptions = {
  readonly levels?: readonly SimulatedLevel[]
  /** Fields of TCB info and QE identity that are to read otherwise. */
  readonly tcbInfo?: Readonly<Record<string, unknown>>
  readonly qeIdentity?: Readonly<Record<string, unknown>>
  readonly revokedPlatforms?: readonly { readonly platformName: string; readonly firmware?: Firmware }[]
  readonly revokedByRoot?: readonly ('ca' | 'signer')[]
  /** How often the TCB signer was changed; `revokedByRoot` means the first one. */
  readonly signerChanges?: number
  /** Unix seconds; midnight of the day before, if left out. */
  readonly issuedAt?: number
}

const DAY = 86_400
/** As long as Intel's. */
const LIFETIME = 30 * DAY

/** `now` in unix seconds; `name` makes another PKI, under a root that nobody trusts unless told to. */
export function createSimulatedPki({ now, name = LOCAL_NETWORK }: { now?: number; name?: string } = {}): SimulatedPki {
  const authority = createAuthority(name)
  const pckCrlIssuerChain = toPem(authority.caCertificate) + toPem(authority.rootCertificate)

  return {
    trustRoot: trustRootOf(authority.rootCertificate),
    pckCrlIssuerChain,

    quote: (request) => simulatedQuote(request, authority),

    collateral({
      levels,
      tcbInfo = {},
      qeIdentity = {},
      revokedPlatforms = [],
      revokedByRoot = [],
      signerChanges = 0,
      ...dated
    } = {}) {
      if (now === undefined) throw new NoTimeError()
      const { key, certificate } =
        signerChanges > 0
          ? laterSigner(authority, signerChanges)
          : { key: authority.signer.key, certificate: authority.signerCertificate }
      const signerChain = toPem(certificate) + toPem(authority.rootCertificate)
      const signText = (text: string) => bytesToHex(sign(key, new TextEncoder().encode(text), 'compact')).slice(2)
      // Issued the day before, on the hour of midnight: clocks may differ a little, and a day's collateral is one.
      const issuedAt = dated.issuedAt ?? Math.floor(now / DAY) * DAY - DAY
      const dates = { issuedAt, nextUpdate: issuedAt + LIFETIME }
      const crlDates = { thisUpdate: issuedAt, nextUpdate: dates.nextUpdate }
      const tcbInfoJson = tcbInfoText(dates, levels, tcbInfo)
      const qeIdentityJson = qeIdentityText(dates, qeIdentity)
      const byRoot = revokedByRoot.map((role) => serialOf(name, authority[role]))
      const byCa = revokedPlatforms.map((it) => createPlatform(authority, it.platformName, it.firmware).serial)
      const crl = (issuer: typeof authority.root, revoked: readonly Uint8Array[]) =>
        bytesToHex(issueCrl({ issuer, ...crlDates, revoked })).slice(2)
      return {
        tcbInfo: tcbInfoJson,
        tcbInfoSignature: signText(tcbInfoJson),
        tcbInfoIssuerChain: signerChain,
        qeIdentity: qeIdentityJson,
        qeIdentitySignature: signText(qeIdentityJson),
        qeIdentityIssuerChain: signerChain,
        rootCaCrl: crl(authority.root, byRoot),
        pckCrl: crl(authority.ca, byCa),
        pckCrlIssuerChain,
      }
    },
  }
}

/** Thrown when a PKI that knows no time is asked for collateral, which is all about time. */
export class NoTimeError extends EnigmaError {
  override readonly name = 'SimulatedPki.NoTimeError'
  readonly code = 'SIMULATED_PKI_NO_TIME'
  constructor() {
    super('This simulated PKI was made without a time.', { hint: 'Pass `now` in unix seconds to createSimulatedPki.' })
  }
}
