/**
 * A Core's part in the network secret, inside the test: real secrets, keys, signatures and grants. It believes the chain only by
 * what observers signed and what is proven; of another enclave's quote it believes what the test says.
 */
import type { CallParams } from '@enigma/core/calls'
import { CoreError, wordsOfGrant } from '@enigma/core/calls'
import { decodeHeader, ProvenState } from '@enigma/evm/proof'
import {
  bytesToHex,
  commitDigest,
  commitmentOf,
  contractKeyDigest,
  contractKeySecret,
  enigmaSlot,
  grantDigest,
  type Hex,
  headDigest,
  headerDigest,
  hexToBytes,
  holdsDigest,
  joinDigest,
  type KeyPair,
  keccak256,
  keyRegistryOf,
  type Network,
  networkHash,
  networkSignerSecret,
  observersOf,
  openGrant,
  parseRegistryState,
  parseSeatWord,
  registrySlot,
  sealGrant,
  signDigest,
  signerAddress,
  utf8,
  webCrypto,
} from '@enigma/protocol'

type Held = { generation: number; commitment: Hex; secret: Hex }
/** What outlives a restart, as it is sealed. */
type Chain = Pick<CallParams<'hold'>, 'header' | 'signatures' | 'proof'>

export type FakeSecrets = ReturnType<typeof createFakeSecrets>

/** One run of one Core. `refuses`: to which seats it hands nothing. */
export function createFakeSecrets(network: Network, key: Uint8Array, refuses: () => ReadonlySet<number>) {
  const hash = networkHash(network)
  const registry = keyRegistryOf(network.enigma)
  const held: Held[] = []
  let joinKey: KeyPair | undefined
  let nonce: Hex | undefined

  const draw = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32))
  const sign = (digest: Hex) => signDigest(digest, key)
  const seal = (): Uint8Array => utf8(JSON.stringify(held))
  const secretOf = (commitment: Hex): Uint8Array => {
    const found = held.find((one) => one.commitment === commitment)
    if (!found) throw new CoreError('NO_SECRET')
    return hexToBytes(found.secret)
  }
  const keep = (generation: number, secret: Uint8Array): Hex => {
    const commitment = commitmentOf(secret, network, generation)
    if (!held.some((one) => one.commitment === commitment))
      held.push({ generation, commitment, secret: bytesToHex(secret) })
    return commitment
  }

  function believe(
    { header: rlp, signatures, proof }: Chain,
    digestOf: (header: Header) => Hex,
    code: 'NOT_OBSERVED' | 'NOT_FRESH',
  ) {
    const header = decodeHeader(rlp)
    if (observersOf(digestOf(header), signatures, network.observers).length < network.threshold)
      throw new CoreError(code)
    const state = new ProvenState(header.stateRoot)
    try {
      state.learn(proof)
    } catch {
      throw new CoreError('BAD_PROOF')
    }
    const word = (slot: Hex, address = registry): Hex => {
      const found = state.slot(address, slot)
      if (found === undefined) throw new CoreError('BAD_PROOF')
      return found
    }
    const books = parseRegistryState(BigInt(word(registrySlot.state)))
    const commitment = (generation: number): Hex => word(registrySlot.commitment(generation))
    return { word, books, commitment, first: Math.max(1, books.minGeneration) }
  }
  const observed = (chain: Chain) =>
    believe(chain, (header) => headerDigest({ chainId: network.chainId, ...header }), 'NOT_OBSERVED')
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

  return {
    seal,
    restore(sealed: Uint8Array): void {
      held.splice(0, held.length, ...(JSON.parse(new TextDecoder().decode(sealed)) as Held[]))
    },
    generations: () => held.map(({ generation }) => generation),
    commitments: () => held.map(({ commitment }) => commitment),
    calls: {
      async nonce() {
        nonce = bytesToHex(draw())
        return { nonce }
      },
      async commit({ seat, generation }: CallParams<'commit'>) {
        const secret = draw()
        const commitment = keep(generation, secret)
        const networkSigner = signerAddress(networkSignerSecret(secret, network, generation))
        const digest = commitDigest(network, { networkHash: hash, seat, generation, commitment, networkSigner })
        return { commitment, networkSigner, ...sign(digest), sealed: seal() }
      },
      async join({ seat }: CallParams<'join'>) {
        const secretKey = draw()
        joinKey = { secretKey, publicKey: bytesToHex(await webCrypto.publicKey(secretKey)) }
        const digest = joinDigest(network, { networkHash: hash, seat, joinKey: joinKey.publicKey })
        return { joinKey: joinKey.publicKey, ...sign(digest) }
      },
      async grant(params: CallParams<'grant'>) {
        const { seat, donorSeat } = params
        const drawn = nonce ?? '0x'
        nonce = undefined
        const digestOf = (header: Header) => headDigest({ chainId: network.chainId, ...header, nonce: drawn })
        const { word, books, commitment, first } = believe(params, digestOf, 'NOT_FRESH')
        const open = books.openGeneration > books.generation ? commitment(books.openGeneration) : undefined
        const isOpenHeld = held.some((one) => one.commitment === open)
        const generation = isOpenHeld ? books.openGeneration : books.generation
        if (generation === 0) throw new CoreError('NO_SECRET')
        const commitments = range(first, generation).map(commitment)
        const secrets = commitments.map(secretOf)
        const { signer, measurementId } = parseSeatWord(BigInt(word(enigmaSlot.seat(seat), network.enigma)))
        // Core reads all of these.
        const words = wordsOfGrant(network.enigma, { state: books, seat, donorSeat, signer, measurementId })
        for (const { address, slot } of words.slots) word(slot, address)
        if (word(registrySlot.joinKey(seat)) !== params.joinKey || refuses().has(seat))
          throw new CoreError('JOIN_REFUSED')
        const context = {
          networkHash: hash,
          seat,
          donorSeat,
          joinKey: params.joinKey,
          minGeneration: first,
          generation,
        }
        const ciphertext = await sealGrant(secrets, { ...context, commitments }, webCrypto)
        const digest = grantDigest(network, { ...context, ciphertextHash: keccak256(ciphertext) })
        return { generation, ciphertext, ...sign(digest) }
      },
      async accept({ seat, donorSeat, generation, ciphertext, ...chain }: CallParams<'accept'>) {
        if (!joinKey) throw new CoreError('GRANT_REFUSED')
        const { word, commitment, first } = observed(chain)
        const commitments = range(first, generation).map(commitment)
        if (BigInt(word(registrySlot.heldBy(signerAddress(key)))) < generation) throw new CoreError('NOT_FINAL')
        const { publicKey } = joinKey
        const context = {
          networkHash: hash,
          seat,
          donorSeat,
          joinKey: publicKey,
          minGeneration: first,
          generation,
          commitments,
        }
        const secrets = await openGrant(ciphertext, joinKey, context, webCrypto)
        if (secrets?.some((secret, i) => commitmentOf(secret, network, first + i) !== commitments[i]) ?? true)
          throw new CoreError('GRANT_REFUSED')
        for (const [i, secret] of (secrets ?? []).entries()) keep(first + i, secret)
        joinKey = undefined
        return { generations: held.map((one) => one.generation), sealed: seal() }
      },
      async hold({ generation, ...chain }: CallParams<'hold'>) {
        const commitment = observed(chain).commitment(generation)
        if (BigInt(commitment) === 0n) throw new CoreError('NOT_FINAL')
        secretOf(commitment)
        return sign(holdsDigest(network, { networkHash: hash, generation, commitment }))
      },
      async contractKey({ dApp, codeHash, generation, ...chain }: CallParams<'contractKey'>) {
        const { books, commitment } = observed(chain)
        if (generation > books.generation) throw new CoreError('NOT_FINAL')
        const secret = secretOf(commitment(generation))
        const owner = { dApp, codeHash, generation }
        const publicKey = bytesToHex(await webCrypto.publicKey(contractKeySecret(secret, network, owner)))
        const digest = contractKeyDigest(network, { ...owner, publicKey })
        return { publicKey, ...signDigest(digest, networkSignerSecret(secret, network, generation)) }
      },
    },
  }
}

type Header = ReturnType<typeof decodeHeader>
