/** To whom does a Core refuse the network's secrets, whatever its host says? */
import { defaultPolicy } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { bytesToHex, type Hex, signDigest, workerReportData } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { wordsOfGrant } from './handoff-words.ts'
import { address, word } from './testing/assemble.ts'
import { OBSERVER_KEYS } from './testing/chain.ts'
import {
  createSecretNetwork,
  type Lies,
  MEASUREMENT,
  type Member,
  NOW,
  type SecretNetwork,
} from './testing/secret-network.ts'
import { NETWORK } from './testing/world.ts'

const OTHER: Hex = `0x${'5e'.repeat(32)}`
const STRANGER = new Uint8Array(32).fill(9)
const DAY = 86_400
const pki = createSimulatedPki({ now: Number(NOW) })

let net: SecretNetwork
let donor: Member
let joiner: Member
beforeEach(async () => {
  net = createSecretNetwork()
  net.books.measurements.push(OTHER)
  donor = await net.member()
  joiner = await net.member()
  await net.commit(donor)
})

/** The donor refuses, and its log has this code. */
async function refuses(code: string | RegExp, lies: Lies = {}, to: Member = joiner): Promise<void> {
  await expect(net.ask(donor, to, lies)).rejects.toMatchObject({ code: 'JOIN_REFUSED' })
  expect(donor.notes.join()).toMatch(code instanceof RegExp ? code : new RegExp(`^${code}$`))
}

/** The joiner's quote, had its hardware said otherwise. */
function quoteOf(
  { over = {}, ...request }: { over?: object } & Partial<Parameters<typeof pki.quote>[0]> = {},
  member: Member = joiner,
): Lies {
  const identity = { networkHash: member.networkHash, signer: member.signer, operator: member.operator }
  const reportData = workerReportData({ ...identity, ...member.identity, ...over })
  const quote = { platformName: 'machine-1', measurement: MEASUREMENT, reportData, ...request }
  return { parts: { quote: pki.quote(quote) } }
}

describe('S14: a Core hands the secret to no enclave', () => {
  test('that runs other code than the seat was taken with', async () => {
    await refuses('JOIN_MEASUREMENT', {}, await net.member({ measurement: `0x${'66'.repeat(32)}` }))
    donor.notes.length = 0
    await refuses('JOIN_MEASUREMENT', quoteOf({ measurement: OTHER }))
  })

  test('whose code was revoked', async () => {
    const other = await net.member({ measurement: OTHER })
    await net.ask(donor, other)
    net.books.revokedMask = 0b10
    await refuses('JOIN_MEASUREMENT_REVOKED', {}, other)
  })

  test('nor from one whose own code was revoked', async () => {
    const other = await net.member({ measurement: OTHER })
    net.books.revokedMask = 0b01
    await refuses('DONOR_SEAT', {}, other)
  })

  test('whose firmware is older than the policy accepts', async () => {
    const { components, pceSvn } = { components: [12, 14, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], pceSvn: 11 }
    await refuses('TCB_STATUS_REFUSED', quoteOf({ firmware: { components, pceSvn } }))
  })

  test('under collateral that had expired by the time of the head, or is from after it', async () => {
    await net.ask(donor, joiner, { block: { timestamp: NOW + BigInt(20 * DAY) } })
    await refuses(/EXPIRED$/, { block: { timestamp: NOW + BigInt(40 * DAY) } })
    donor.notes.length = 0
    await refuses(/NOT_YET_VALID$/, { block: { timestamp: NOW - BigInt(3 * DAY) } })
  })

  test('on a machine that its maker revoked', async () => {
    const collateral = JSON.stringify(pki.collateral({ revokedPlatforms: [{ platformName: 'machine-1' }] }))
    await refuses(/REVOKED$/, { parts: { collateral } })
  })

  test('of which there is no collateral, or whose root is another', async () => {
    await refuses('COLLATERAL_FORMAT', { parts: { collateral: 'not JSON' } })
    donor.notes.length = 0
    const rogue = createSimulatedPki({ now: Number(NOW), name: 'the host’s own' })
    await refuses('ROOT_CRL_SIGNATURE', { parts: { collateral: JSON.stringify(rogue.collateral()) } })
    donor.notes.length = 0
    const { networkHash, signer, operator, identity } = joiner
    const reportData = workerReportData({ networkHash, signer, operator, ...identity })
    const quote = rogue.quote({ platformName: 'machine-1', measurement: MEASUREMENT, reportData })
    await refuses(/^PCK_ROOT/, { parts: { quote } })
  })

  test.each<[string, string]>([
    ['the host’s own', JSON.stringify({ ...defaultPolicy, tcbStatuses: [...defaultPolicy.tcbStatuses, 'OutOfDate'] })],
    ['one that accepts more advisories', JSON.stringify({ ...defaultPolicy, advisoryIds: ['INTEL-SA-00000'] })],
  ])('under another policy than the contract’s: %s', async (_, policy) => {
    await refuses('JOIN_POLICY', { parts: { policy } })
  })

  test('under a policy that accepts what the contract’s hash cannot say', async () => {
    const tcbStatuses = [...defaultPolicy.tcbStatuses, 'TDRelaunchAdvised']
    await refuses('POLICY_FORMAT', { parts: { policy: JSON.stringify({ ...defaultPolicy, tcbStatuses }) } })
  })

  test('under a policy that a governor replaced meanwhile', async () => {
    net.books.policyHash = word(1n)
    await refuses('JOIN_POLICY')
  })

  test('whose quote was changed by one bit', async () => {
    const quote = Uint8Array.from(joiner.quote)
    quote[400] = (quote[400] as number) ^ 1
    await refuses('QUOTE_SIGNATURE', { parts: { quote } })
  })

  test.each<[string, object]>([
    ['another operator', { operator: address(0xbad) }],
    ['another network', { networkHash: word(7n) }],
    ['another signer', { signer: address(0xbad) }],
    ['another input key', { inputKey: word(7n) }],
    ['another block', { identityBlock: 5n }],
  ])('whose quote vouches for %s', async (_, over) => {
    await refuses('JOIN_REPORT_DATA', quoteOf({ over }))
  })

  test('that is another seat’s, quote and all', async () => {
    const third = await net.member()
    await refuses('JOIN_REPORT_DATA', { parts: { quote: third.quote, identity: third.identity } })
  })

  test('for a key that the chain does not know: the host’s own', async () => {
    await refuses('JOIN_KEY_UNKNOWN', { parts: { joinKey: word(7n) } })
  })

  test('for a key that stands on chain, and that the seat’s signer did not sign', async () => {
    const { nonce } = await donor.core.nonce()
    const joined = await net.join(joiner)
    const joinSignature = signDigest(word(7n), STRANGER)
    const parts = { ...net.grantRequest(donor, joiner, joined), joinSignature }
    await expect(donor.core.grant({ ...parts, ...net.fresh(nonce) })).rejects.toMatchObject({ code: 'JOIN_REFUSED' })
    expect(donor.notes).toEqual(['JOIN_SIGNATURE'])
  })

  test('for a key that the same signer asked under, for another seat of its own', async () => {
    const joined = await net.join(joiner)
    net.books.seats.set(7, { ...net.books.seats.get(joiner.seat) } as never)
    net.books.joinKeys.set(7, joined.joinKey)
    const { nonce } = await donor.core.nonce()
    const parts = { ...net.grantRequest(donor, joiner, joined), seat: 7 }
    await expect(donor.core.grant({ ...parts, ...net.fresh(nonce) })).rejects.toMatchObject({ code: 'JOIN_REFUSED' })
    expect(donor.notes).toEqual(['JOIN_SIGNATURE'])
  })

  test('that spells a signature which is none', async () => {
    await refuses('JOIN_SIGNATURE', { parts: { joinSignature: { r: word(0n), vs: word(0n) } } })
  })

  test('in the name of a seat that is not the donor’s', async () => {
    await refuses('DONOR_SEAT', { parts: { donorSeat: joiner.seat } })
  })

  test('whose seat had ended when the generation was committed: before a rotation, a broken machine’s is ended', async () => {
    const seat = net.books.seats.get(joiner.seat)
    if (!seat) throw new Error('It took a seat.')
    seat.exitEpoch = 11
    expect(await net.ask(donor, joiner)).toMatchObject({ generation: 1 })
    seat.exitEpoch = 10
    await refuses('JOIN_SEAT_ENDED')
  })

  test('while joins are frozen, but for one that held a generation before', async () => {
    net.books.state.isFrozen = true
    await refuses('JOINS_FROZEN')
    net.books.heldBy.set(joiner.signer, 1)
    expect(await net.ask(donor, joiner)).toMatchObject({ generation: 1 })
  })
})

describe('S15: a Core hands the secret to no enclave', () => {
  test('that its host can look into', async () => {
    await refuses('DEBUG_ENCLAVE', quoteOf({ debug: true }))
  })

  test('that is simulated, on a network of hardware', async () => {
    net = createSecretNetwork({ ...NETWORK, simulated: false })
    donor = await net.member({ isHardware: true })
    joiner = await net.member({ isHardware: true })
    await net.commit(donor)
    await refuses(/^ROOT_CRL/)
  })
})

describe('S14: a grant wants a head of now', () => {
  const stale = { code: 'NOT_FRESH' }
  const asked = async () => net.grantRequest(donor, joiner, await net.join(joiner))

  test('and none is believed before a nonce was drawn', async () => {
    await expect(donor.core.grant({ ...(await asked()), ...net.fresh(word(0n)) })).rejects.toMatchObject(stale)
  })

  test('with the nonce that was drawn last', async () => {
    const old = await donor.core.nonce()
    await donor.core.nonce()
    await expect(donor.core.grant({ ...(await asked()), ...net.fresh(old.nonce) })).rejects.toMatchObject(stale)
  })

  test('once for each nonce, whatever came of it', async () => {
    const request = await asked()
    const { nonce } = await donor.core.nonce()
    await donor.core.grant({ ...request, ...net.fresh(nonce) })
    await expect(donor.core.grant({ ...request, ...net.fresh(nonce) })).rejects.toMatchObject(stale)
  })

  test('and not a header that observers vouch for without it', async () => {
    await donor.core.nonce()
    await expect(donor.core.grant({ ...(await asked()), ...net.observed() })).rejects.toMatchObject(stale)
  })

  test('signed by as many observers as the threshold says, of this network', async () => {
    const [first = STRANGER] = OBSERVER_KEYS
    for (const keys of [
      [],
      [first],
      [first, first],
      [first, STRANGER],
      [4, 5].map((n) => new Uint8Array(32).fill(n)),
    ]) {
      await expect(net.ask(donor, joiner, { keys })).rejects.toMatchObject(stale)
    }
  })

  test('with the time that stands in the block, and the block itself', async () => {
    const request = await asked()
    const { nonce } = await donor.core.nonce()
    const dated = net.fresh(nonce, { timestamp: NOW + 1n })
    await expect(donor.core.grant({ ...request, ...dated })).rejects.toMatchObject(stale)
    const again = await donor.core.nonce()
    const { header } = net.block({ number: 2_000n })
    await expect(donor.core.grant({ ...request, ...net.fresh(again.nonce), header })).rejects.toMatchObject(stale)
  })
})

describe('a grant needs', () => {
  test('every word that hosts are told to prove, and no other: none is taken for zero', async () => {
    const joined = await net.join(joiner)
    net.books.state.isFrozen = true
    net.books.heldBy.set(joiner.signer, 1)
    const { seat, signer } = joiner
    const facts = { state: net.books.state, seat, donorSeat: donor.seat, signer, measurementId: 0 }
    const { accounts, slots } = wordsOfGrant(NETWORK.enigma, facts)
    const grant = async (proven: typeof slots) => {
      const { nonce } = await donor.core.nonce()
      const proof = net.block().prover()({ accounts: [...accounts], slots: [...proven] })
      return donor.core.grant({ ...net.grantRequest(donor, joiner, joined), ...net.fresh(nonce), proof })
    }
    expect(slots).toHaveLength(12)
    for (const missing of slots) {
      await expect(grant(slots.filter((slot) => slot !== missing))).rejects.toMatchObject({ code: 'BAD_PROOF' })
    }
    expect(donor.notes).toEqual(slots.map(() => 'PROOF_INCOMPLETE'))
    expect(await grant(slots)).toMatchObject({ generation: 1 })
  })

  test('S11: a proof of this network’s own contracts below this head', async () => {
    const joined = await net.join(joiner)
    const { nonce } = await donor.core.nonce()
    net.books.measurements.push(word(3n))
    const { proof } = net.observed()
    net.books.measurements.pop()
    const request = { ...net.grantRequest(donor, joiner, joined), ...net.fresh(nonce), proof }
    await expect(donor.core.grant(request)).rejects.toMatchObject({ code: 'BAD_PROOF' })
  })

  test('the secrets: who holds none, or not the committed one, gives none', async () => {
    const third = await net.member()
    await expect(net.ask(third, joiner)).rejects.toMatchObject({ code: 'NO_SECRET' })
    await third.core.commit({ seat: third.seat, generation: 1 })
    await expect(net.ask(third, joiner)).rejects.toMatchObject({ code: 'NO_SECRET' })
  })

  test('no more generations than a grant has room for', async () => {
    net.books.state = { ...net.books.state, generation: 65, openGeneration: 65, minGeneration: 1 }
    for (let generation = 1; generation <= 65; generation++) net.books.commitments.set(generation, word(generation))
    await expect(net.ask(donor, joiner)).rejects.toMatchObject({ code: 'TOO_MANY_GENERATIONS' })
  })
})

test('S14: a generation below the least one is handed on no more, and forgotten', async () => {
  await net.accept(donor, joiner, await net.grant(donor, joiner))
  await net.confirm(joiner)
  net.open()
  const { commitment } = await net.commit(donor)
  await net.accept(donor, joiner, await net.grant(donor, joiner))
  await net.confirm(joiner)
  net.books.state.minGeneration = 2
  const third = await net.member()
  expect(await net.accept(donor, third, await net.grant(donor, third))).toMatchObject({ generations: [2] })
  expect(await donor.core.info()).toMatchObject({ generations: [2], commitments: [commitment] })
})

test('S21: what a Core says, seals and logs of a handoff shows neither secret nor keys', async () => {
  const drawn: Uint8Array[] = []
  const { platform } = joiner
  const random = (length: number) => {
    const bytes = platform.random(length)
    drawn.push(bytes.slice())
    return bytes
  }
  const [one, two] = [
    await net.member({ platform: { ...platform, random } }),
    await net.member({ platform: { ...platform, random } }),
  ]
  const said: unknown[] = [await net.commit(one)]
  const granted = await net.grant(one, two)
  said.push(granted, await net.accept(one, two, granted), await two.core.info())
  said.push(
    await net.ask(one, two, quoteOf({ debug: true }, two)).catch((error) => ({ ...error, text: String(error) })),
  )
  const { nonce } = await one.core.nonce()
  const secrets = drawn.map((bytes) => bytesToHex(bytes).slice(2)).filter((hex) => hex !== nonce.slice(2))
  const text = JSON.stringify([said, one.notes, two.notes], (_, value) =>
    value instanceof Uint8Array ? bytesToHex(value) : typeof value === 'bigint' ? `${value}` : value,
  )
  expect(text).toContain('DEBUG_ENCLAVE')
  // Salts stand in front of what is sealed; nothing else that was drawn is shown.
  const shown = secrets.filter((secret) => text.includes(secret) && !text.includes(`0x01${secret}`))
  expect(shown).toEqual([])
})
