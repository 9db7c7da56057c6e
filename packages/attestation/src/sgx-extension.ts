/**
 * What Intel certifies about a platform, in the extension 1.2.840.113741.1.13.1 of its PCK certificate.
 *
 * Intel, "SGX PCK Certificate and CRL Profile Specification" 1.5, §1.3.5. These, not the report's CPUSVN, are compared
 * with TCB levels: the report's are the host's to choose within what its certificate allows.
 */
import type { Hex } from '@enigma/protocol'
import { AttestationError, refuse } from './attestation-error.ts'
import type { Certificate } from './certificate.ts'
import * as der from './der.ts'
import { TAG } from './der.ts'
import { SGX_EXTENSION } from './sgx-oid.ts'

export { SGX_EXTENSION } from './sgx-oid.ts'

export type PlatformTcb = {
  /** Names this one machine. */
  readonly ppid: Uint8Array
  /** The sixteen security versions of the platform's components. */
  readonly components: readonly number[]
  readonly pceSvn: number
  readonly pceId: Uint8Array
  /** Family, model, stepping, platform type, custom SKU: the kind of machine that a TCB info is about. */
  readonly fmspc: Uint8Array
}

const field = (...arcs: number[]): Hex =>
  `${SGX_EXTENSION}${arcs.map((arc) => arc.toString(16).padStart(2, '0')).join('')}`

/** Reads the extension of a PCK certificate. */
export function readPlatformTcb(certificate: Certificate): PlatformTcb {
  const value = certificate.extensions.get(SGX_EXTENSION)
  if (!value) return refuse('SGX_EXT_MISSING')
  try {
    const fields = readFields(der.readOne(value, TAG.sequence))
    const tcb = readFields(fields.get(field(2)))
    return {
      ppid: readOctets(fields.get(field(1)), 16),
      components: Array.from({ length: 16 }, (_, index) => readSvn(tcb.get(field(2, index + 1)), 0xff)),
      pceSvn: readSvn(tcb.get(field(2, 17)), 0xffff),
      pceId: readOctets(fields.get(field(3)), 2),
      fmspc: readOctets(fields.get(field(4)), 6),
    }
  } catch (error) {
    if (error instanceof AttestationError) throw error
    throw new AttestationError('SGX_EXT', error instanceof Error ? error.message : undefined, { cause: error })
  }
}

function readFields(list: der.Element | undefined): Map<Hex, der.Element> {
  const fields = new Map<Hex, der.Element>()
  for (const pair of der.children(list)) {
    const [oid, value, ...rest] = der.children(pair)
    if (!value || rest.length > 0) throw new der.DerError('field')
    const name = der.readOid(oid)
    if (fields.has(name)) refuse('SGX_EXT_DUP', name)
    fields.set(name, value)
  }
  return fields
}

function readOctets(element: der.Element | undefined, length: number): Uint8Array {
  const { content } = der.expectTag(element, TAG.octetString)
  if (content.length !== length) throw new der.DerError(`${content.length} bytes in place of ${length}`)
  return content
}

function readSvn(element: der.Element | undefined, max: number): number {
  const svn = der.readSmall(element)
  if (svn > max) throw new der.DerError('security version too large')
  return svn
}
