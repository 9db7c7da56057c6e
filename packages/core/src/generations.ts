/**
 * What does a Core sign about a generation? That it made its secret, that it holds it, and the keys that follow from it.
 *
 * A secret that it makes is of no use before the chain names its commitment: until then nobody else holds it. What it
 * holds and what it publishes is held against the commitment that is proven to it.
 */
import {
  bytesToHex,
  commitDigest,
  commitmentOf,
  contractKeyDigest,
  contractKeySecret,
  holdsDigest,
  networkSignerSecret,
  SECRET_BYTES,
  signDigest,
  signerAddress,
} from '@enigma/protocol'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import type { Keyring } from './keyring.ts'
import { believeRegistry } from './proven-registry.ts'
import type { Handlers, RoleParts } from './role.ts'

export function generationCalls(parts: RoleParts, keyring: Keyring) {
  const { network, networkHash, platform } = parts
  return {
    commit: async ({ seat, generation }) => {
      const { identity, secrets } = keyring
      const secret = platform.random(SECRET_BYTES)
      const commitment = commitmentOf(secret, network, generation)
      const networkSigner = signerAddress(networkSignerSecret(secret, network, generation))
      const sealed = await keyring.keep({ secrets: secrets.with(generation, secret) })
      const digest = commitDigest(network, { networkHash, seat, generation, commitment, networkSigner })
      return { commitment, networkSigner, ...identity.sign(digest), sealed }
    },
    hold: ({ generation, ...chain }) => {
      const { identity } = keyring
      const registry = believeRegistry(network, chain)
      keyring.settle(registry)
      const { state } = registry
      const isOpen = generation > state.generation && generation === state.openGeneration
      if (!isOpen) throw new CoreError('NOT_FINAL')
      const commitment = registry.committed(generation)
      keyring.secrets.committed(commitment)
      return identity.sign(holdsDigest(network, { networkHash, generation, commitment }))
    },
    contractKey: async ({ dApp, codeHash, generation, ...chain }) => {
      const registry = believeRegistry(network, chain)
      keyring.settle(registry)
      const isInForce = generation >= registry.firstGeneration && generation <= registry.state.generation
      if (!isInForce) throw new CoreError('NOT_FINAL')
      const secret = keyring.secrets.committed(registry.committed(generation))
      const owner = { dApp, codeHash, generation }
      const publicKey = bytesToHex(await coreCrypto.publicKey(contractKeySecret(secret, network, owner)))
      const digest = contractKeyDigest(network, { ...owner, publicKey })
      return { publicKey, ...signDigest(digest, networkSignerSecret(secret, network, generation)) }
    },
  } satisfies Handlers
}
