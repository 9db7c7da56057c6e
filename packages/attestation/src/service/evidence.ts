/**
 * The service's word on a quote, as the contract's SignedVerdictVerifier reads it.
 *
 * EIP-712 `Verdict(bytes32 quoteHash,uint64 validUntil)` in the domain ("Enigma Attestation", "1", chain, verifier):
 * no evidence serves another quote, chain or contract (S2).
 */
import {
  type Address,
  abiAddress,
  abiEncode,
  abiFixedBytes,
  abiUint,
  bytesToHex,
  concatBytes,
  type Hex,
  hexToBytes,
  keccak256,
  label,
  signDigest,
} from '@enigma/protocol'

export type EvidenceDomain = { readonly chainId: number; readonly verifier: Address }

const DOMAIN_TYPE = label('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)')
const VERDICT_TYPE = label('Verdict(bytes32 quoteHash,uint64 validUntil)')

/** What the attester signs. */
export function verdictDigest(domain: EvidenceDomain, quoteHash: Hex, validUntil: number): Hex {
  const separator = abiEncode(
    abiFixedBytes(DOMAIN_TYPE),
    abiFixedBytes(label('Enigma Attestation')),
    abiFixedBytes(label('1')),
    abiUint(domain.chainId),
    abiAddress(domain.verifier),
  )
  const verdict = abiEncode(abiFixedBytes(VERDICT_TYPE), abiFixedBytes(quoteHash), abiUint(validUntil, 64))
  return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), hashed(separator), hashed(verdict)))
}

/** `abi.encode(uint64 validUntil, bytes32 r, bytes32 vs)`, the signature in EIP-2098's form. */
export function signEvidence(
  domain: EvidenceDomain,
  quote: Uint8Array,
  validUntil: number,
  attesterKey: Uint8Array,
): Hex {
  const { r, vs } = signDigest(verdictDigest(domain, keccak256(quote), validUntil), attesterKey)
  return bytesToHex(abiEncode(abiUint(validUntil, 64), abiFixedBytes(r), abiFixedBytes(vs)))
}

function hashed(bytes: Uint8Array): Uint8Array {
  return hexToBytes(keccak256(bytes))
}
