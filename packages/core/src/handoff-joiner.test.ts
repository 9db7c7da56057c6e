/** What does a Core take for the network's secret, whoever gives it? */
import { type GrantContext, networkHash, sealGrant } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CallParams } from './calls.ts'
import { coreCrypto } from './core-crypto.ts'
import { wordsOfAccept, wordsOfGeneration } from './handoff-words.ts'
import { word } from './testing/assemble.ts'
import { OBSERVER_KEYS } from './testing/chain.ts'
import { coreInProcess, sealedOf } from './testing/core-in-process.ts'
import { createSecretNetwork, type Member, type SecretNetwork } from './testing/secret-network.ts'
import { NETWORK } from './testing/world.ts'

const OWNER = { dApp: `0x${'da'.repeat(20)}`, codeHash: `0x${'c0'.repeat(32)}` } as const
const refused = { code: 'GRANT_REFUSED' }

let net: SecretNetwork
let donor: Member
let joiner: Member
let granted: Awaited<ReturnType<SecretNetwork['grant']>>
beforeEach(async () => {
  net = createSecretNetwork()
  donor = await net.member()
  joiner = await net.member()
  await net.commit(donor)
  granted = await net.grant(donor, joiner)
})

const request = (over: Partial<CallParams<'accept'>> = {}): CallParams<'accept'> => {
  const { generation, ciphertext } = granted
  return { seat: joiner.seat, donorSeat: donor.seat, generation, ciphertext, ...net.observed(), ...over }
}
const accept = (over: Partial<CallParams<'accept'>> = {}) => joiner.core.accept(request(over))
const holdsNothing = async () => expect((await joiner.core.info()).generations).toEqual([])

describe('S14: a Core takes no grant', () => {
  test('twice: its join key is gone', async () => {
    expect(await accept()).toMatchObject({ generations: [1] })
    await expect(accept()).rejects.toMatchObject(refused)
  })

  test('that was made for an older key of its own', async () => {
    await joiner.core.join({ seat: joiner.seat })
    await expect(accept()).rejects.toMatchObject(refused)
    await holdsNothing()
  })

  test('that was made for another joiner', async () => {
    const third = await net.member()
    await net.join(third)
    net.books.heldBy.set(third.signer, 1)
    await expect(third.core.accept(request({ seat: third.seat }))).rejects.toMatchObject(refused)
  })

  test('in the name of another seat, donor or generation', async () => {
    net.books.state.openGeneration = 2
    net.books.commitments.set(2, word(2n))
    net.books.heldBy.set(joiner.signer, 2)
    for (const over of [{ seat: 9 }, { donorSeat: 9 }, { generation: 2 }]) {
      await expect(accept(over)).rejects.toMatchObject(refused)
    }
    await holdsNothing()
  })

  test('of which any byte was changed, or that was cut', async () => {
    for (let index = 0; index < granted.ciphertext.length; index += 7) {
      const ciphertext = Uint8Array.from(granted.ciphertext)
      ciphertext[index] = (ciphertext[index] as number) ^ 1
      await expect(accept({ ciphertext })).rejects.toMatchObject(refused)
    }
    for (const length of [0, 31, 32, 79]) {
      await expect(accept({ ciphertext: granted.ciphertext.slice(0, length) })).rejects.toMatchObject(refused)
    }
    expect(await accept()).toMatchObject({ generations: [1] })
  })

  test('against a commitment other than the donor’s', async () => {
    net.books.commitments.set(1, word(5n))
    await expect(accept()).rejects.toMatchObject(refused)
    await holdsNothing()
  })

  test('of a secret that is not the committed one, however well it is sealed', async () => {
    const context: GrantContext = {
      networkHash: networkHash(NETWORK),
      seat: joiner.seat,
      donorSeat: donor.seat,
      joinKey: granted.joinKey,
      minGeneration: 1,
      generation: 1,
      commitments: [net.books.commitments.get(1) ?? word(0n)],
    }
    const ciphertext = await sealGrant([new Uint8Array(32).fill(3)], context, coreCrypto)
    await expect(accept({ ciphertext })).rejects.toMatchObject(refused)
    await holdsNothing()
  })

  test('that the chain does not know of', async () => {
    net.books.heldBy.set(joiner.signer, 0)
    await expect(accept()).rejects.toMatchObject({ code: 'NOT_FINAL' })
    await holdsNothing()
    net.books.heldBy.set(joiner.signer, 1)
    expect(await accept()).toMatchObject({ generations: [1] })
  })

  test('that the chain does not know of, though it knows of an earlier one', async () => {
    await accept()
    await net.confirm(joiner)
    net.open()
    await net.commit(donor)
    const { generation, ciphertext } = await net.ask(donor, joiner)
    const params = request({ generation, ciphertext })
    await expect(joiner.core.accept(params)).rejects.toMatchObject({ code: 'NOT_FINAL' })
    net.books.heldBy.set(joiner.signer, 2)
    expect(await joiner.core.accept({ ...params, ...net.observed() })).toMatchObject({ generations: [1, 2] })
  })

  test('of a generation that has no commitment', async () => {
    net.books.commitments.clear()
    await expect(accept()).rejects.toMatchObject({ code: 'NOT_FINAL' })
    for (const generation of [2, 70]) await expect(accept({ generation })).rejects.toMatchObject({ code: 'NOT_FINAL' })
  })

  test('of a generation below the least one', async () => {
    net.books.commitments.set(2, word(2n))
    net.books.state = { ...net.books.state, generation: 2, openGeneration: 2, minGeneration: 2 }
    await expect(accept()).rejects.toMatchObject({ code: 'NOT_FINAL' })
    await holdsNothing()
  })

  test('under a chain of the host’s own', async () => {
    const signatures = net.block().signatures(NETWORK.chainId, OBSERVER_KEYS.slice(0, 1))
    await expect(accept({ signatures })).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
    const facts = { state: net.books.state, generation: 1, signer: joiner.signer }
    const { accounts, slots } = wordsOfAccept(NETWORK.enigma, facts)
    for (const missing of slots) {
      const proven = slots.filter((slot) => slot !== missing)
      const proof = net.block().prover()({ accounts: [...accounts], slots: proven })
      await expect(accept({ proof })).rejects.toMatchObject({ code: 'BAD_PROOF' })
    }
    await holdsNothing()
    const proof = net.block().prover()({ accounts: [...accounts], slots: [...slots] })
    expect(await accept({ proof })).toMatchObject({ generations: [1] })
  })

  test('S25: that was made for a Core with other observers', async () => {
    const other = createSecretNetwork({ ...NETWORK, serial: 1 })
    const theirs = await other.member()
    await theirs.core.join({ seat: theirs.seat })
    net.books.seats.set(9, { ...net.books.seats.get(0), signer: theirs.signer } as never)
    net.books.heldBy.set(theirs.signer, 1)
    await expect(theirs.core.accept(request({ seat: theirs.seat }))).rejects.toMatchObject(refused)
  })

  test('after a restart, which a join key does not outlive', async () => {
    const reborn = coreInProcess({}, joiner.platform)
    await reborn.restore({ sealed: sealedOf(joiner) })
    await expect(reborn.accept(request())).rejects.toMatchObject(refused)
  })
})

describe('a Core signs that it holds', () => {
  const hold = (core: Member, generation = 1) => core.core.hold({ generation, ...net.observed() })

  test('only what is open and committed', async () => {
    await accept()
    await net.confirm(joiner)
    await expect(hold(joiner)).rejects.toMatchObject({ code: 'NOT_FINAL' })
    net.open()
    await expect(hold(joiner, 2)).rejects.toMatchObject({ code: 'NOT_FINAL' })
  })

  test('only what it holds: a candidate of its own is another', async () => {
    await expect(hold(joiner)).rejects.toMatchObject({ code: 'NO_SECRET' })
    await joiner.core.commit({ seat: joiner.seat, generation: 1 })
    await expect(hold(joiner)).rejects.toMatchObject({ code: 'NO_SECRET' })
  })

  test('for a proof of the words that hosts are told to prove', async () => {
    await accept()
    const { accounts, slots } = wordsOfGeneration(NETWORK.enigma, 1)
    const proof = net.block().prover()({ accounts: [...accounts], slots: [...slots] })
    await joiner.core.hold({ generation: 1, ...net.observed(), proof })
  })

  test('only at a header that is observed', async () => {
    await accept()
    const asked = { generation: 1, ...net.observed(), signatures: [] }
    await expect(joiner.core.hold(asked)).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
  })
})

describe('a contract key is published', () => {
  const publish = (member: Member, generation = 1) =>
    member.core.contractKey({ ...OWNER, generation, ...net.observed() })

  test('only of a generation that is final and in force', async () => {
    await accept()
    await expect(publish(donor)).rejects.toMatchObject({ code: 'NOT_FINAL' })
    await net.confirm(joiner)
    await publish(donor)
    await expect(publish(donor, 2)).rejects.toMatchObject({ code: 'NOT_FINAL' })
    net.books.state = { ...net.books.state, generation: 2, openGeneration: 2, minGeneration: 2 }
    await expect(publish(donor)).rejects.toMatchObject({ code: 'NOT_FINAL' })
  })

  test('only by a Core that holds it', async () => {
    await accept()
    await net.confirm(joiner)
    const third = await net.member()
    await expect(publish(third)).rejects.toMatchObject({ code: 'NO_SECRET' })
    await third.core.commit({ seat: third.seat, generation: 1 })
    await expect(publish(third)).rejects.toMatchObject({ code: 'NO_SECRET' })
  })

  test('only at a header that is observed', async () => {
    await accept()
    await net.confirm(joiner)
    const asked = { ...OWNER, generation: 1, ...net.observed(), signatures: [] }
    await expect(donor.core.contractKey(asked)).rejects.toMatchObject({ code: 'NOT_OBSERVED' })
  })

  test('S15: another one on a network of real hardware, from the same secret', async () => {
    const simulated = await donor.core.info()
    const real = createSecretNetwork({ ...NETWORK, simulated: false })
    const member = await real.member({ isHardware: true })
    await real.commit(member)
    expect((await member.core.info()).commitments).not.toEqual(simulated.commitments)
  })
})

describe('sealed secrets do not open', () => {
  const lost = { code: 'SEALED_DOES_NOT_OPEN' }

  test('S25: in a Core of another network', async () => {
    const sealed = sealedOf(await accept())
    const network = { ...NETWORK, observers: [...NETWORK.observers], serial: 1 }
    await expect(coreInProcess({ network }, joiner.platform).restore({ sealed })).rejects.toMatchObject(lost)
  })

  test('S14: on another machine', async () => {
    const sealed = sealedOf(await accept())
    await expect(coreInProcess({}, donor.platform).restore({ sealed })).rejects.toMatchObject(lost)
  })
})

test('without keys a Core makes, asks for and gives nothing', async () => {
  const core = coreInProcess({}, joiner.platform)
  const nobody = { code: 'NO_IDENTITY' }
  await expect(core.commit({ seat: 1, generation: 1 })).rejects.toMatchObject(nobody)
  await expect(core.join({ seat: 1 })).rejects.toMatchObject(nobody)
  await expect(core.hold({ generation: 1, ...net.observed() })).rejects.toMatchObject(nobody)
  await expect(core.accept(request())).rejects.toMatchObject(refused)
})

test('the Principal’s Core has no part in it', async () => {
  const core = coreInProcess({ role: 'principal' }, joiner.platform)
  const wrong = { code: 'WRONG_ROLE' }
  await expect(core.nonce()).rejects.toMatchObject(wrong)
  await expect(core.commit({ seat: 1, generation: 1 })).rejects.toMatchObject(wrong)
  await expect(core.join({ seat: 1 })).rejects.toMatchObject(wrong)
  await expect(core.accept(request())).rejects.toMatchObject(wrong)
  await expect(core.hold({ generation: 1, ...net.observed() })).rejects.toMatchObject(wrong)
})
