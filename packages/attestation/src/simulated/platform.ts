/** One simulated machine: its keys follow from its name, its PCK certificate from its firmware too. */
import { bytesToHex, concatBytes, hexToBytes } from '@enigma/protocol'
import { toPem } from '../pem.ts'
import { type Authority, SIGNS_DATA, VALIDITY } from './authority.ts'
import { issueCertificate, type PlatformFacts } from './certificates.ts'
import { derive, deriveKey, deriveSerial, type SigningKey } from './keys.ts'
import { simulatedKind } from './kind.ts'

export type Platform = {
  readonly pckKey: SigningKey
  readonly attestationKey: SigningKey
  readonly serial: Uint8Array
  readonly facts: PlatformFacts
  /** PEM: leaf, CA, root. */
  readonly chain: string
}

/** How a machine differs from an up-to-date one of the simulated kind. */
export type Firmware = {
  readonly components?: readonly number[]
  readonly pceSvn?: number
  /** Six bytes in hex, without prefix. */
  readonly fmspc?: string
}

export function createPlatform(authority: Authority, platformName: string, firmware: Firmware = {}): Platform {
  const { components, pceSvn, fmspc } = { ...simulatedKind, ...firmware }
  const id = `${authority.name}/platform/${platformName}`
  const facts = {
    ppid: derive(`ppid/${id}`, 16),
    components,
    pceSvn,
    pceId: hexToBytes(`0x${simulatedKind.pceId}`),
    fmspc: hexToBytes(`0x${fmspc}`),
    platformInstanceId: derive(`instance/${id}`, 16),
  }
  const pckKey = deriveKey(`pck/${id}`)
  const firmwareBytes = concatBytes(Uint8Array.from(components), Uint8Array.of(pceSvn), facts.fmspc)
  const serial = deriveSerial(`${id}/${bytesToHex(firmwareBytes)}`)
  const leaf = issueCertificate({
    subject: { name: 'Simulated SGX PCK Certificate', key: pckKey },
    issuer: authority.ca,
    serial,
    ...VALIDITY,
    keyUsage: SIGNS_DATA,
    platform: facts,
  })
  return {
    pckKey,
    attestationKey: deriveKey(`attestation/${id}`),
    serial,
    facts,
    chain: [leaf, authority.caCertificate, authority.rootCertificate].map(toPem).join(''),
  }
}
