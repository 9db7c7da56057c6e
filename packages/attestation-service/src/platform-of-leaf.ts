/** Which collateral a platform needs, read from its PCK certificate. Read, not believed: what is fetched is verified. */
import { AttestationError, platformRecord } from '@enigma/attestation'
import { parseCertificate } from '@enigma/attestation/documents'
import { bytesToHex } from '@enigma/protocol'

/** `fmspc` in hex without prefix; undefined where these bytes are no such certificate. */
export function platformOfLeaf(leaf: Uint8Array): { fmspc: string; ca: 'platform' | 'processor' } | undefined {
  try {
    // The fourth word of a platform's record begins with its FMSPC.
    const fmspc = bytesToHex(platformRecord(leaf, 0).subarray(128, 134)).slice(2)
    const isProcessor = parseCertificate(leaf).issuer.commonName.endsWith(' SGX PCK Processor CA')
    return { fmspc, ca: isProcessor ? 'processor' : 'platform' }
  } catch (error) {
    if (error instanceof AttestationError) return undefined
    throw error
  }
}
