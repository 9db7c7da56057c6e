import { bareQuote, defaultPolicy, leafOf, policyHash } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import type { CallParams } from '@enigma/core/calls'
import { CoreError } from '@enigma/core/calls'
import type { Block } from '@enigma/process'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { SeatFacts } from './chain.ts'
import { createKeyDonor } from './key-donor.ts'
import type { DueOf } from './key-dues.ts'
import type { Look } from './key-look.ts'
import type { ShownQuote } from './key-registry.ts'
import type { Joining } from './key-requests.ts'
import { MOST_TURNS } from './key-turns.ts'
import { NEVER } from './seat-keeper.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const [FIRST, SECOND] = [hashOf(0xc1), hashOf(0xc2)]
const OWN = 2
const pki = createSimulatedPki({ now: 1_800_000_000 })
const quote = pki.quote({ platformName: 'machine-1', measurement: hashOf(7), reportData: new Uint8Array(64) })
const shown: ShownQuote = {
  ...{ signer: addressOf(1), operator: addressOf(2), inputKey: hashOf(3), identityBlock: 40n },
  ...{ quote: bytesToHex(bareQuote(quote)), evidence: bytesToHex(leafOf(quote)) },
}

let joiners: (Joining & { heldBy: number; activeEpoch: number; exitEpoch: number })[]
let dues: (Pick<DueOf, 'name' | 'key' | 'position' | 'canWait'> & { outcome: string })[]
let shownToCore: CallParams<'grant'>[]
let grant: () => Promise<object>
let contractPolicy: Hex
let freshNumber: bigint | undefined
/** Blocks at which the registry's state was read. */
let statesAt: bigint[]
let donate: ReturnType<typeof createKeyDonor>

beforeEach(() => {
  joiners = []
  dues = []
  shownToCore = []
  contractPolicy = policyHash(defaultPolicy)
  freshNumber = 99n
  statesAt = []
  grant = async () => ({ generation: 1, ciphertext: new Uint8Array([1, 2]), r: hashOf(1), vs: hashOf(2) })
  const of = (seat: number) => joiners.find((joiner) => joiner.seat === seat)
  const facts = (seat: number) =>
    ({ signer: addressOf(seat), measurementId: 0, quoteBlock: 5n, leafBlock: 5n, ...of(seat) }) as unknown as SeatFacts
  const state = { generation: 1, minGeneration: 1, openGeneration: 1, isFrozen: false, heldMask: 1, rotatedMask: 0 }
  donate = createKeyDonor({
    enigma: addressOf(9),
    registry: {
      at: (block: bigint) => ({
        heldBy: async () => joiners.map(({ heldBy }) => heldBy),
        policyHash: async () => contractPolicy,
        state: async () => {
          statesAt.push(block)
          return state
        },
      }),
      shownIn: async () => [shown],
    } as never,
    chain: { seats: async (ids) => ids.map(facts) },
    node: { block: async () => ({ hash: hashOf(8) }) as Block },
    observers: {
      head: async (nonce) =>
        freshNumber === undefined
          ? undefined
          : { chainId: 1n, number: freshNumber, hash: hashOf(6), timestamp: 1n, nonce, signatures: [] },
    },
    collateral: async () => pki.collateral(),
    policy: { text: JSON.stringify(defaultPolicy), parsed: defaultPolicy },
    requests: { waiting: async () => joiners },
    dues: {
      send: async ({ head: _, ...due }: DueOf, make: () => Promise<Hex>) => {
        const outcome = await make().then(
          () => 'sent',
          (error) => error.code,
        )
        dues.push({ ...due, outcome })
      },
    } as never,
    turns: async (_, first) => first % 10,
    proofs: {
      isSeen: (block: bigint) => block <= 90n,
      header: async () => new Uint8Array([9]),
      prove: async () => ({ accounts: [], slots: [], nodes: [], codes: [] }),
    } as never,
    signal: new AbortController().signal,
  })
})

const core = {
  nonce: async () => ({ nonce: hashOf(0x99) }),
  grant: (params: CallParams<'grant'>) => {
    shownToCore.push(params)
    return grant()
  },
} as unknown as Look['core']

const asks = (seat: number, over: Partial<(typeof joiners)[number]> = {}) => {
  const event = { name: 'JoinRequested', joinKey: hashOf(seat), r: hashOf(4), vs: hashOf(5), block: 80n } as const
  joiners.push({ ...event, seat, heldBy: 0, activeEpoch: NEVER, exitEpoch: 20, ...over })
}
/** Of a worker that holds these, while the second generation is open, or not. */
function look(held: Hex[], over: Partial<Look> & { isOpen?: boolean } = {}): Promise<void> {
  const { isOpen = false, ...rest } = over
  const committed = (commitment: Hex) => ({ commitment, seat: 0, epoch: 1 })
  const wanted = [{ generation: 1, committed: committed(FIRST) }]
  if (isOpen) wanted.push({ generation: 2, committed: committed(SECOND) })
  const state = { generation: 1, minGeneration: 1, openGeneration: isOpen ? 2 : 1, isFrozen: false }
  const facts = { head: { number: 100n } as Block, epoch: 5, state, wanted, seat: OWN, isLive: true, isWaiting: false }
  return donate({ ...facts, core, signer: addressOf(OWN), heldBy: 1, held: new Set(held), ...rest } as Look)
}

describe('a donor', () => {
  test('shows its Core all of the joiner, under a head of now, and sends the grant', async () => {
    asks(4)
    await look([FIRST])
    expect(dues).toMatchObject([{ name: 'grant', key: `4:${hashOf(4)}`, position: 5, canWait: false, outcome: 'sent' }])
    expect(shownToCore).toMatchObject([
      {
        ...{ seat: 4, donorSeat: OWN, joinKey: hashOf(4), joinSignature: { r: hashOf(4), vs: hashOf(5) } },
        identity: { inputKey: hashOf(3), identityBlock: 40n, identityBlockHash: hashOf(8) },
        policy: JSON.stringify(defaultPolicy),
        header: new Uint8Array([9]),
      },
    ])
    // As the head that observers signed has it, which is not the newest.
    expect(statesAt).toEqual([99n])
  })

  test('waits until observers, and so Core, see the join', async () => {
    asks(4, { block: 91n })
    await look([FIRST])
    expect(dues).toEqual([])
  })

  test('serves nobody whose seat has ended, nor from a seat that is not live, nor without what is in force', async () => {
    asks(4, { exitEpoch: 5 })
    await look([FIRST])
    joiners = []
    asks(4)
    await look([FIRST], { isLive: false })
    await look([])
    await look([SECOND], { isOpen: true })
    expect(dues).toEqual([])
  })

  test('serves those in need first; one who was given it all before takes what room is left', async () => {
    asks(4, { heldBy: 1, activeEpoch: 2 })
    asks(6)
    asks(7, { heldBy: 1 })
    await look([FIRST])
    expect(dues).toMatchObject([
      { key: `6:${hashOf(6)}`, canWait: false },
      { key: `7:${hashOf(7)}`, canWait: false },
      { key: `4:${hashOf(4)}`, canWait: true },
    ])
  })

  test('that lacks the open generation leaves holders to those who have it, and comes last where one has none', async () => {
    asks(4, { heldBy: 1, activeEpoch: 2 })
    asks(6)
    await look([FIRST], { isOpen: true })
    expect(dues).toMatchObject([{ key: `6:${hashOf(6)}`, position: 7 + MOST_TURNS }])
    dues = []
    await look([FIRST, SECOND], { isOpen: true, heldBy: 2 })
    expect(dues).toMatchObject([{ position: 5 }, { position: 7 }])
  })

  test('serves its own seat at once where that waits and its signer holds all, although it is not live', async () => {
    asks(OWN, { heldBy: 1 })
    await look([FIRST])
    await look([FIRST], { isLive: false, isWaiting: true, heldBy: 0 })
    // Its signer was given the second one, too; its Core lost it.
    await look([FIRST], { isLive: false, isWaiting: true, heldBy: 2, isOpen: true })
    expect(dues).toEqual([])
    await look([FIRST], { isLive: false, isWaiting: true, heldBy: 1 })
    expect(dues).toMatchObject([{ key: `${OWN}:${hashOf(OWN)}`, position: 0, outcome: 'sent' }])
  })
})

describe('Core is not asked', () => {
  test('under another policy than the contract’s', async () => {
    contractPolicy = hashOf(1)
    asks(4)
    await look([FIRST])
    expect([dues[0]?.outcome, shownToCore]).toEqual(['POLICY_DIFFERS', []])
  })

  test.each([undefined, 79n])('where observers sign no head, or one from before the join: %s', async (number) => {
    freshNumber = number
    asks(4)
    await look([FIRST])
    expect([dues[0]?.outcome, shownToCore]).toEqual(['NOT_FRESH', []])
  })

  test('S14: again about a join that it refused, until something changes', async () => {
    grant = () => Promise.reject(new CoreError('JOIN_REFUSED'))
    asks(4)
    for (let time = 0; time < 3; time++) await look([FIRST])
    expect(dues).toMatchObject([{ outcome: 'JOIN_REFUSED' }])
    await look([FIRST], { epoch: 6 })
    await look([FIRST, SECOND], { epoch: 6, isOpen: true, heldBy: 2 })
    Object.assign(joiners[0] ?? {}, { joinKey: hashOf(0x44) })
    await look([FIRST, SECOND], { epoch: 6, isOpen: true, heldBy: 2 })
    expect(dues).toHaveLength(4)
    Object.assign(joiners[0] ?? {}, { quoteBlock: 7n })
    await look([FIRST, SECOND], { epoch: 6, isOpen: true, heldBy: 2 })
    expect(dues).toHaveLength(5)
  })

  test('but is, where it refused for want of a better proof', async () => {
    grant = () => Promise.reject(new CoreError('BAD_PROOF'))
    asks(4)
    for (let time = 0; time < 3; time++) await look([FIRST])
    expect(dues).toHaveLength(3)
  })
})
