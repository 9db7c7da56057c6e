/**
 * The 64 bytes that an enclave has its hardware quote: who it is, for whom, on which network, and since when.
 *
 * The block hash in the second half dates the quote: nobody knew it before that block. It stands outside the hash so
 * that a reader of the quote sees it without knowing the rest.
 */
import { abiAddress, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, concatBytes, type Hex, hexToBytes, keccak256, label, parseHex } from './bytes.ts'

type Identity = {
  networkHash: Hex
  /** Bound so that nobody else can take a seat with this quote. */
  operator: Address
  identityBlock: bigint
  identityBlockHash: Hex
}

export type WorkerIdentity = Identity & {
  signer: Address
  /** X25519 public key that inputs are sealed to. */
  inputKey: Hex
}

export type PrincipalIdentity = Identity & {
  /** BLS public key in G2, 256 bytes as EIP-2537 encodes it. */
  publicKey: Uint8Array
}

export function workerReportData(identity: WorkerIdentity): Uint8Array {
  const { networkHash, operator, signer, inputKey, identityBlock } = identity
  const hash = keccak256(
    abiEncode(
      abiFixedBytes(label('enigma.worker.v1')),
      abiFixedBytes(networkHash),
      abiAddress(operator),
      abiAddress(signer),
      abiFixedBytes(inputKey),
      abiUint(identityBlock),
    ),
  )
  return withBlockHash(hash, identity)
}

export function principalReportData(identity: PrincipalIdentity): Uint8Array {
  const { networkHash, operator, publicKey, identityBlock } = identity
  const hash = keccak256(
    abiEncode(
      abiFixedBytes(label('enigma.principal.v1')),
      abiFixedBytes(networkHash),
      abiAddress(operator),
      abiFixedBytes(keccak256(publicKey)),
      abiUint(identityBlock),
    ),
  )
  return withBlockHash(hash, identity)
}

function withBlockHash(hash: Hex, { identityBlockHash }: Identity): Uint8Array {
  return concatBytes(
    hexToBytes(hash),
    hexToBytes(parseHex(identityBlockHash, { bytes: 32, what: 'identityBlockHash' })),
  )
}
