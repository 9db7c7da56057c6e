import { contractKeyDigest, grantDigest, holdsDigest, keccak256, networkHash, recoverSigner } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { ATTEST, coreInProcess, sealedOf } from './testing/core-in-process.ts'
import { createSecretNetwork, type Member } from './testing/secret-network.ts'
import { NETWORK } from './testing/world.ts'

const OWNER = { dApp: `0x${'da'.repeat(20)}`, codeHash: `0x${'c0'.repeat(32)}` } as const
const hash = networkHash(NETWORK)

describe('the network secret', () => {
  test('is made by one Core, handed to a second, and final: both publish the same contract key', async () => {
    const net = createSecretNetwork()
    const { first, second } = await net.genesis()
    const asked = { ...OWNER, generation: 1, ...net.observed() }
    const key = await first.core.contractKey(asked)
    expect(await second.core.contractKey(asked)).toEqual(key)
    expect((await second.core.info()).generations).toEqual([1])
    const other = await second.core.contractKey({ ...asked, codeHash: `0x${'c1'.repeat(32)}` })
    expect(other.publicKey).not.toBe(key.publicKey)
  })

  test('signs contract keys with the signer that its committer named', async () => {
    const net = createSecretNetwork()
    const [first, second] = [await net.member(), await net.member()]
    const { networkSigner, commitment } = await net.commit(first)
    await net.accept(first, second, await net.grant(first, second))
    const holds = holdsDigest(NETWORK, { networkHash: hash, generation: 1, commitment })
    expect(recoverSigner(holds, await net.confirm(second))).toBe(second.signer)
    const key = await second.core.contractKey({ ...OWNER, generation: 1, ...net.observed() })
    const digest = contractKeyDigest(NETWORK, { ...OWNER, generation: 1, publicKey: key.publicKey })
    expect(recoverSigner(digest, key)).toBe(networkSigner)
  })

  test('is granted over the donor’s signature, for one seat, key and ciphertext', async () => {
    const net = createSecretNetwork()
    const [first, second] = [await net.member(), await net.member()]
    await net.commit(first)
    const { joinKey, generation, ciphertext, r, vs } = await net.grant(first, second)
    const grant = { networkHash: hash, seat: second.seat, joinKey, generation, ciphertextHash: keccak256(ciphertext) }
    expect(recoverSigner(grantDigest(NETWORK, grant), { r, vs })).toBe(first.signer)
  })

  test('goes from any holder to a later joiner, all generations in force at once', async () => {
    const net = createSecretNetwork()
    const { first, second } = await net.genesis()
    await rotate(net, first, second)
    const third = await net.member()
    expect(await net.accept(second, third, await net.grant(second, third))).toMatchObject({ generations: [1, 2] })
    for (const generation of [1, 2]) {
      const asked = { ...OWNER, generation, ...net.observed() }
      expect(await third.core.contractKey(asked)).toEqual(await first.core.contractKey(asked))
    }
  })

  test('of an open generation goes along where the donor holds it, and only then', async () => {
    const net = createSecretNetwork()
    const { first, second } = await net.genesis()
    net.open()
    const third = await net.member()
    expect(await net.grant(second, third)).toMatchObject({ generation: 1 })
    await net.commit(first)
    expect(await net.grant(second, third)).toMatchObject({ generation: 1 })
    expect(await net.grant(first, third)).toMatchObject({ generation: 2 })
  })

  test('survives a restart', async () => {
    const net = createSecretNetwork()
    const [first, second] = [await net.member(), await net.member()]
    const committed = await net.commit(first)
    const accepted = await net.accept(first, second, await net.grant(first, second))
    await net.confirm(second)
    const asked = { ...OWNER, generation: 1, ...net.observed() }
    const key = await first.core.contractKey(asked)
    for (const [{ platform, signer }, result] of [[first, committed] as const, [second, accepted] as const]) {
      const reborn = coreInProcess({}, platform)
      expect(await reborn.restore({ sealed: sealedOf(result) })).toMatchObject({ signer, generations: [1] })
      expect(await reborn.contractKey(asked)).toEqual(key)
    }
  })

  test('stays where it is while the Core attests anew', async () => {
    const net = createSecretNetwork()
    const { first } = await net.genesis()
    const sealed = sealedOf(await first.core.attest({ ...ATTEST, operator: first.operator }))
    const reborn = coreInProcess({}, first.platform)
    expect(await reborn.restore({ sealed })).toMatchObject({ generations: [1] })
  })
})

describe('of several candidates', () => {
  test('the one that the chain names is used, and the others are forgotten once it is final', async () => {
    const net = createSecretNetwork()
    const [first, second] = [await net.member(), await net.member()]
    const { commitment } = await net.commit(first)
    await first.core.commit({ seat: first.seat, generation: 1 })
    expect((await first.core.info()).commitments).toHaveLength(2)
    await net.accept(first, second, await net.grant(first, second))
    await net.confirm(second)
    await first.core.contractKey({ ...OWNER, generation: 1, ...net.observed() })
    expect(await first.core.info()).toMatchObject({ generations: [1], commitments: [commitment] })
  })

  test('a loser takes the winner’s, though it holds one of its own', async () => {
    const net = createSecretNetwork()
    const [first, second] = [await net.member(), await net.member()]
    await second.core.commit({ seat: second.seat, generation: 1 })
    const { commitment } = await net.commit(first)
    await net.accept(first, second, await net.grant(first, second))
    await net.confirm(second)
    await second.core.contractKey({ ...OWNER, generation: 1, ...net.observed() })
    expect((await second.core.info()).commitments).toEqual([commitment])
  })

  test('the committed one is the one that tasks meet, also if it is the older one', async () => {
    const net = createSecretNetwork()
    const [first, second] = [await net.member(), await net.member()]
    const { commitment } = await net.commit(first)
    await first.core.commit({ seat: first.seat, generation: 1 })
    await net.grant(first, second)
    expect((await first.core.info()).commitments.at(-1)).toBe(commitment)
  })
})

async function rotate(net: ReturnType<typeof createSecretNetwork>, first: Member, second: Member): Promise<void> {
  net.open()
  await net.commit(first)
  await net.accept(first, second, await net.grant(first, second))
  await net.confirm(second)
}
