/**
 * How does a Core come to hold the network's secrets?
 *
 * It draws a key that lives in memory only, signs for it, and opens with it what another Core seals to it. Who that was does
 * not matter: each secret is held against the commitment that is proven to stand on chain, so none can be foisted on it.
 * But the grant must stand there too: two hosts who pass it on in private get nothing, and the chain's list of holders is whole.
 */
import { bytesToHex, commitmentOf, joinDigest, type KeyPair, openGrant, SECRET_BYTES } from '@enigma/protocol'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import type { Keyring } from './keyring.ts'
import { believeRegistry } from './proven-registry.ts'
import type { Handlers, RoleParts } from './role.ts'

export function joinerCalls({ network, networkHash, platform }: RoleParts, keyring: Keyring) {
  let joinKey: KeyPair | undefined

  const wipe = () => {
    joinKey?.secretKey.fill(0)
    joinKey = undefined
  }

  return {
    join: async ({ seat }) => {
      const { identity } = keyring
      const secretKey = platform.random(SECRET_BYTES)
      const publicKey = bytesToHex(await coreCrypto.publicKey(secretKey))
      wipe()
      joinKey = { publicKey, secretKey }
      return { joinKey: publicKey, ...identity.sign(joinDigest(network, { networkHash, seat, joinKey: publicKey })) }
    },
    accept: async ({ seat, donorSeat, generation, ciphertext, ...chain }) => {
      if (!joinKey) throw new CoreError('GRANT_REFUSED')
      const registry = believeRegistry(network, chain)
      const { firstGeneration: minGeneration } = registry
      const commitments = registry.commitments(generation)
      if (registry.heldBy(keyring.identity.signer) < generation) throw new CoreError('NOT_FINAL')
      const range = { minGeneration, generation, commitments }
      const context = { networkHash, seat, donorSeat, joinKey: joinKey.publicKey, ...range }
      const opened = await openGrant(ciphertext, joinKey, context, coreCrypto)
      if (opened === null) throw new CoreError('GRANT_REFUSED')
      let secrets = keyring.secrets.under(registry)
      for (const [index, secret] of opened.entries()) {
        const number = minGeneration + index
        if (commitmentOf(secret, network, number) !== commitments[index]) throw new CoreError('GRANT_REFUSED')
        secrets = secrets.with(number, secret)
      }
      const sealed = await keyring.keep({ secrets })
      wipe()
      return { generations: keyring.secrets.generations, sealed }
    },
  } satisfies Handlers
}
