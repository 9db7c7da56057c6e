/**
 * A platform's record: what the contract needs to know of a PCK certificate that it has verified once, in six words.
 *
 * The contract keeps only its hash. Whoever shows the record that hashes to it spares the certificate, and anyone may
 * have the platform judged again by newer collateral. Layout: docs/protocol/attestation.md.
 */
import { concatBytes, hexToBytes, keccak256 } from '@enigma/protocol'
import { parseCertificate } from './certificate.ts'
import { readPlatformTcb } from './sgx-extension.ts'

/** The 192 bytes for a PCK certificate in DER and the version of the quoting enclave that signed beside it. */
export function platformRecord(leaf: Uint8Array, qeIsvSvn: number): Uint8Array {
  const certificate = parseCertificate(leaf)
  const { ppid, fmspc, pceId, components, pceSvn } = readPlatformTcb(certificate)
  const tcb = concatBytes(
    fmspc,
    pceId,
    Uint8Array.from(components),
    bigEndian(pceSvn, 2),
    bigEndian(certificate.notAfter, 6),
  )
  const machine = concatBytes(ppid, bigEndian(qeIsvSvn, 2), new Uint8Array(14))
  return concatBytes(
    certificate.publicKey.subarray(1),
    hexToBytes(keccak256(hexToBytes(certificate.issuer.raw))),
    word(hexToBytes(certificate.serial)),
    tcb,
    machine,
  )
}

function word(bytes: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(32 - bytes.length), bytes)
}

function bigEndian(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.floor(value / 256 ** (length - 1 - index)) % 256)
}
