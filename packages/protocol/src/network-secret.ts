/**
 * What follows from the network secret of a generation: 32 bytes that only attested Cores hold.
 *
 * Chain, contract and the simulated flag stand in every derivation: the keys of a mock network open nothing elsewhere.
 */
import { abiAddress, abiBool, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, bytesToHex, type Hex } from './bytes.ts'
import type { Domain } from './eip712.ts'
import { hkdf32 } from './kdf.ts'

/** A network, as far as data at rest is concerned: it outlives a change of observers. */
export type SecretScope = Domain & { simulated: boolean }

/** Whose keys: a dApp by its address and its code. */
export type KeyOwner = { dApp: Address; codeHash: Hex; generation: number }

/** Stands on chain, so that nobody can hand out another secret. */
export function commitmentOf(secret: Uint8Array, scope: SecretScope, generation: number): Hex {
  return bytesToHex(hkdf32(secret, { salt: 'enigma/commit/v1', info: networkInfo(scope, generation) }))
}

/** secp256k1; its address signs `ContractKey`. */
export function networkSignerSecret(secret: Uint8Array, scope: SecretScope, generation: number): Uint8Array {
  return hkdf32(secret, { salt: 'enigma/net-sign/v1', info: networkInfo(scope, generation) })
}

/** X25519 secret key that opens a dApp's data at rest. */
export function contractKeySecret(secret: Uint8Array, scope: SecretScope, owner: KeyOwner): Uint8Array {
  return hkdf32(secret, { salt: 'enigma/contract-key/v1', info: ownerInfo(scope, owner) })
}

/** What ephemeral keys of deterministic sealing derive from. */
export function sealRoot(secret: Uint8Array, scope: SecretScope, owner: KeyOwner): Uint8Array {
  return hkdf32(secret, { salt: 'enigma/seal-root/v1', info: ownerInfo(scope, owner) })
}

/** What a task's random numbers derive from. */
export function randomRoot(secret: Uint8Array, scope: SecretScope, owner: KeyOwner): Uint8Array {
  return hkdf32(secret, { salt: 'enigma/random-root/v1', info: ownerInfo(scope, owner) })
}

function networkInfo({ chainId, enigma, simulated }: SecretScope, generation: number): Uint8Array {
  return abiEncode(abiUint(chainId), abiAddress(enigma), abiBool(simulated), abiUint(generation, 32))
}

function ownerInfo({ chainId, enigma, simulated }: SecretScope, { dApp, codeHash, generation }: KeyOwner): Uint8Array {
  return abiEncode(
    abiUint(chainId),
    abiAddress(enigma),
    abiAddress(dApp),
    abiFixedBytes(codeHash),
    abiUint(generation, 32),
    abiBool(simulated),
  )
}
