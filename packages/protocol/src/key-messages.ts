/** What enclaves sign about the network secret, and the registry verifies: EIP-712 in the Enigma contract's domain. */
import { abiAddress, abiFixedBytes, abiUint } from './abi.ts'
import type { Address, Hex } from './bytes.ts'
import { type Domain, enigmaDomain, typedDigest } from './eip712.ts'

/** A new generation, by the enclave that made its secret. Signed by the seat's signer, like all but the last one here. */
export type Commit = { networkHash: Hex; seat: number; generation: number; commitment: Hex; networkSigner: Address }
/** An enclave wants the secrets sealed to a key that lives in its memory only. */
export type Join = { networkHash: Hex; seat: number; joinKey: Hex }
/** An enclave hands them on: minGeneration to `generation`, in a ciphertext with this keccak256. */
export type Grant = { networkHash: Hex; seat: number; joinKey: Hex; generation: number; ciphertextHash: Hex }
/** An enclave holds the secret with this commitment. */
export type Holds = { networkHash: Hex; generation: number; commitment: Hex }
/** The public half of a dApp's key. Signed by the generation's network signer. */
export type ContractKey = { dApp: Address; codeHash: Hex; generation: number; publicKey: Hex }

export const COMMIT =
  'Commit(bytes32 networkHash,uint256 seat,uint32 generation,bytes32 commitment,address networkSigner)'
export const JOIN = 'Join(bytes32 networkHash,uint256 seat,bytes32 joinKey)'
export const GRANT = 'Grant(bytes32 networkHash,uint256 seat,bytes32 joinKey,uint32 generation,bytes32 ciphertextHash)'
export const HOLDS = 'Holds(bytes32 networkHash,uint32 generation,bytes32 commitment)'
export const CONTRACT_KEY = 'ContractKey(address dApp,bytes32 codeHash,uint32 generation,bytes32 publicKey)'

export function commitDigest(domain: Domain, commit: Commit): Hex {
  return typedDigest(enigmaDomain(domain), COMMIT, [
    abiFixedBytes(commit.networkHash),
    abiUint(commit.seat),
    abiUint(commit.generation, 32),
    abiFixedBytes(commit.commitment),
    abiAddress(commit.networkSigner),
  ])
}

export function joinDigest(domain: Domain, { networkHash, seat, joinKey }: Join): Hex {
  return typedDigest(enigmaDomain(domain), JOIN, [abiFixedBytes(networkHash), abiUint(seat), abiFixedBytes(joinKey)])
}

export function grantDigest(domain: Domain, grant: Grant): Hex {
  return typedDigest(enigmaDomain(domain), GRANT, [
    abiFixedBytes(grant.networkHash),
    abiUint(grant.seat),
    abiFixedBytes(grant.joinKey),
    abiUint(grant.generation, 32),
    abiFixedBytes(grant.ciphertextHash),
  ])
}

export function holdsDigest(domain: Domain, { networkHash, generation, commitment }: Holds): Hex {
  return typedDigest(enigmaDomain(domain), HOLDS, [
    abiFixedBytes(networkHash),
    abiUint(generation, 32),
    abiFixedBytes(commitment),
  ])
}

export function contractKeyDigest(domain: Domain, { dApp, codeHash, generation, publicKey }: ContractKey): Hex {
  return typedDigest(enigmaDomain(domain), CONTRACT_KEY, [
    abiAddress(dApp),
    abiFixedBytes(codeHash),
    abiUint(generation, 32),
    abiFixedBytes(publicKey),
  ])
}
