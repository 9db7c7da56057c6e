/**
 * To whom does a Core hand the network's secrets?
 *
 * To an enclave that it has verified itself (S14), as the chain stands at a head that observers signed with its nonce. Of the
 * epoch nothing is proven but that it is none before the last commitment's: a seat that had ended by then, as a broken
 * machine's has before the others rotate, gets nothing. What ended since is refused by the contract alone.
 *
 * The joiner may belong to another network than the donor: the one that a change of observers brings. Which that is, the chain
 * says under the observers in force; no host can name one (S25).
 */
import {
  grantDigest,
  type Hex,
  joinDigest,
  keccak256,
  recoverSigner,
  type Seat,
  SignatureError,
  sealGrant,
} from '@enigma/protocol'
import type { CallParams } from './calls.ts'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import { FreshHeads } from './fresh.ts'
import type { Keyring } from './keyring.ts'
import { ProvenRegistry } from './proven-registry.ts'
import type { Handlers, RoleParts } from './role.ts'

export function donorCalls(parts: RoleParts, keyring: Keyring) {
  const { network, networkHash } = parts
  const heads = new FreshHeads(parts)

  return {
    nonce: () => ({ nonce: heads.draw() }),
    grant: async (request) => {
      const { seat, donorSeat, joinKey, header, signatures, proof } = request
      const { identity } = keyring
      const registry = new ProvenRegistry(network, heads.believe(header, signatures), proof)
      keyring.settle(registry)
      const { firstGeneration: minGeneration } = registry
      const generation = highestHeld(registry, keyring)
      const commitments = registry.commitments(generation)
      const secrets = commitments.map((commitment) => keyring.secrets.committed(commitment))

      checkDonor(registry, registry.seat(donorSeat), identity.signer)
      const joiner = checkJoin(parts, registry, { ...request, generation })
      // Loaded here, since quotes are read by donors only.
      const { checkQuote } = await import('./handoff-quote.ts')
      const joinerHash = networkOf(parts, registry, joiner)
      checkQuote(parts, registry, { ...request, joiner, networkHash: joinerHash })

      const context = { networkHash: joinerHash, seat, donorSeat, joinKey, minGeneration, generation, commitments }
      const ciphertext = await sealGrant(secrets, context, coreCrypto)
      const grant = { networkHash, seat, joinKey, generation, ciphertextHash: keccak256(ciphertext) }
      return { generation, ciphertext, ...identity.sign(grantDigest(network, grant)) }
    },
  } satisfies Handlers
}

/** The open generation where it has a commitment whose secret is held here, else the last final one. */
function highestHeld(registry: ProvenRegistry, { secrets }: Keyring): number {
  const { state } = registry
  if (state.openGeneration > state.generation) {
    const open = registry.commitment(state.openGeneration)
    if (open !== null && secrets.has(open)) return state.openGeneration
  }
  if (state.generation === 0) throw new CoreError('NO_SECRET')
  return state.generation
}

/** A host can name no seat but one of this Core's own, nor one whose code was revoked. */
function checkDonor(registry: ProvenRegistry, donor: Seat, signer: Seat['signer']): void {
  if (donor.signer !== signer || registry.isRevoked(donor.measurementId)) {
    throw new CoreError('JOIN_REFUSED', 'DONOR_SEAT')
  }
}

/** The seat asked on chain under this key, by its own signer's word, and may be served. */
function checkJoin(
  parts: RoleParts,
  registry: ProvenRegistry,
  { seat, joinKey, joinSignature, generation }: CallParams<'grant'> & { generation: number },
): Seat {
  if (registry.joinKey(seat) !== joinKey) throw new CoreError('JOIN_REFUSED', 'JOIN_KEY_UNKNOWN')
  const joiner = registry.seat(seat)
  if (joiner.exitEpoch <= registry.epochOf(generation)) throw new CoreError('JOIN_REFUSED', 'JOIN_SEAT_ENDED')
  if (registry.isRevoked(joiner.measurementId)) throw new CoreError('JOIN_REFUSED', 'JOIN_MEASUREMENT_REVOKED')
  if (registry.state.isFrozen && registry.heldBy(joiner.signer) === 0)
    throw new CoreError('JOIN_REFUSED', 'JOINS_FROZEN')
  const digest = joinDigest(parts.network, { networkHash: networkOf(parts, registry, joiner), seat, joinKey })
  if (signerOf(digest, joinSignature) !== joiner.signer) throw new CoreError('JOIN_REFUSED', 'JOIN_SIGNATURE')
  return joiner
}

/** A seat whose measurement the chain gives to no other network is of this Core's own, or refused. */
function networkOf({ networkHash }: RoleParts, registry: ProvenRegistry, { measurementId }: Seat): Hex {
  return registry.networkHash(measurementId) ?? networkHash
}

function signerOf(digest: `0x${string}`, signature: CallParams<'grant'>['joinSignature']) {
  try {
    return recoverSigner(digest, signature)
  } catch (error) {
    if (error instanceof SignatureError) return undefined
    throw error
  }
}
