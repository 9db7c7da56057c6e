/** A change of observers: which other network's enclave does a Core hand the secrets to, and which not? */
import {
  grantDigest,
  type Hex,
  keccak256,
  type Network,
  networkHash,
  recoverSigner,
  signerAddress,
} from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { word } from './testing/assemble.ts'
import { createSecretNetwork, MEASUREMENT, type Member, type SecretNetwork } from './testing/secret-network.ts'
import { NETWORK } from './testing/world.ts'

const NEXT_KEYS = [11, 12].map((n) => new Uint8Array(32).fill(n))
const NEXT: Network = { ...NETWORK, observers: NEXT_KEYS.map(signerAddress), threshold: 2, depth: 1, serial: 1 }
/** What a host brings that nobody announced. */
const OWN: Network = { ...NEXT, observers: [signerAddress(new Uint8Array(32).fill(13))], threshold: 1 }
/** The measurement's second id, which belongs to the next network. */
const NEXT_ID = 1

let net: SecretNetwork
let donor: Member
beforeEach(async () => {
  net = createSecretNetwork()
  donor = await net.member()
  await net.commit(donor)
})

/** As `announceObservers` writes the books. */
function announce(hash: Hex = networkHash(NEXT)): void {
  net.books.measurements[NEXT_ID] = MEASUREMENT
  net.books.networkHashes.set(NEXT_ID, hash)
}

async function refuses(code: string, joiner: Member, lies: Parameters<SecretNetwork['ask']>[2] = {}): Promise<void> {
  await expect(net.ask(donor, joiner, lies)).rejects.toMatchObject({ code: 'JOIN_REFUSED' })
  expect(donor.notes).toEqual([code])
}

/** What the joiner's host shows it: blocks as the next observers sign them. */
function seenByNext() {
  const chain = net.block()
  return { ...net.observed(chain), signatures: chain.signatures(NETWORK.chainId, NEXT_KEYS) }
}

describe('while other observers are announced', () => {
  test('S14: an enclave that runs with them is given the secrets, and takes them under theirs', async () => {
    announce()
    const joiner = await net.member({ of: NEXT })
    const granted = await net.grant(donor, joiner)
    const { seat } = joiner
    const parts = { seat, donorSeat: donor.seat, generation: 1, ciphertext: granted.ciphertext }
    await expect(joiner.core.accept({ ...parts, ...net.observed() })).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
    expect(await joiner.core.accept({ ...parts, ...seenByNext() })).toMatchObject({ generations: [1] })
  })

  test('a grant is signed for the network of the donor’s seat, as the registry asks', async () => {
    announce()
    const joiner = await net.member({ of: NEXT })
    const { joinKey, generation, ciphertext, r, vs } = await net.grant(donor, joiner)
    const signed = { seat: joiner.seat, joinKey, generation, ciphertextHash: keccak256(ciphertext) }
    const digest = grantDigest(NETWORK, { networkHash: networkHash(NETWORK), ...signed })
    expect(recoverSigner(digest, { r, vs })).toBe(donor.signer)
  })

  test('those of the network in force are given them as ever', async () => {
    announce()
    const joiner = await net.member()
    await net.accept(donor, joiner, await net.grant(donor, joiner))
    expect((await joiner.core.info()).generations).toEqual([1])
  })

  test('one of theirs hands them on to the next of theirs, shown a head that they signed', async () => {
    announce()
    const [first, second] = [await net.member({ of: NEXT }), await net.member({ of: NEXT })]
    const { ciphertext } = await net.grant(donor, first)
    const parts = { seat: first.seat, donorSeat: donor.seat, generation: 1, ciphertext }
    await first.core.accept({ ...parts, ...seenByNext() })
    expect(await net.ask(first, second, { keys: NEXT_KEYS })).toMatchObject({ generation: 1 })
  })
})

describe('S25: a Core hands the secret to no enclave with other observers', () => {
  test('that nobody announced', async () => {
    await refuses('JOIN_SIGNATURE', await net.member({ of: NEXT }))
  })

  test('than those that are announced', async () => {
    announce()
    const joiner = await net.member({ of: OWN })
    // Its host took a seat that the contract counts to the next network.
    const book = net.books.seats.get(joiner.seat)
    if (book) book.measurementId = NEXT_ID
    await refuses('JOIN_SIGNATURE', joiner)
  })

  test('than those of its seat: one of the network in force is not of the next', async () => {
    announce()
    const joiner = await net.member({ of: NEXT })
    const book = net.books.seats.get(joiner.seat)
    if (book) book.measurementId = 0
    await refuses('JOIN_SIGNATURE', joiner)
  })

  test('whose hardware vouches for another network than its signer does', async () => {
    announce()
    const [joiner, other] = [await net.member({ of: NEXT }), await net.member({ of: OWN })]
    await refuses('JOIN_REPORT_DATA', joiner, { parts: { quote: other.quote, identity: other.identity } })
  })

  test('that were announced on a chain of the announced ones’ own', async () => {
    announce()
    const joiner = await net.member({ of: NEXT })
    await expect(net.ask(donor, joiner, { keys: NEXT_KEYS })).rejects.toMatchObject({ code: 'NOT_FRESH' })
  })

  test('that were called off', async () => {
    announce()
    const joiner = await net.member({ of: NEXT })
    net.books.revokedMask = 1 << NEXT_ID
    await refuses('JOIN_MEASUREMENT_REVOKED', joiner)
  })

  test('where the chain says nothing of its network', async () => {
    announce(word(0) as Hex)
    await refuses('JOIN_SIGNATURE', await net.member({ of: NEXT }))
  })
})
