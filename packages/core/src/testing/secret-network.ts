/** A network whose seats hand on its secret: the chain's books as plain fields, written into a real trie when Core asks. */
import { defaultPolicy, policyHash } from '@enigma/attestation'
import { createSimulatedPki, type SimulatedPki } from '@enigma/attestation/simulated'
import {
  type Address,
  enigmaSlot,
  type Hex,
  keyRegistryOf,
  type Network,
  networkHash,
  packRegistryState,
  packSeatWord,
  type RegistryState,
  registrySlot,
  signHead,
} from '@enigma/protocol'
import type { CallParams, CallResult } from '../calls.ts'
import type { CoreClient } from '../launch.ts'
import type { Platform } from '../platform/platform.ts'
import { createSimulatedPlatform } from '../platform/simulated.ts'
import { address, word } from './assemble.ts'
import { type HeaderFields, OBSERVER_KEYS, TestChain } from './chain.ts'
import { ATTEST, coreInProcess } from './core-in-process.ts'
import { NETWORK } from './world.ts'

export const MEASUREMENT: Hex = `0x${'4d'.repeat(32)}`
/** Unix seconds of the newest block, unless a test says otherwise. */
export const NOW = 1_760_000_000n

/** A Core, the seat it holds, and what its quote vouches for. */
export type Member = {
  core: Omit<CoreClient, 'pid' | 'stop' | 'onExit'>
  platform: Platform
  seat: number
  signer: Address
  operator: Address
  quote: Uint8Array
  identity: CallParams<'grant'>['identity']
  sealed: Uint8Array | null
  networkHash: Hex
  /** Codes that Core wrote to its log. */
  notes: string[]
}

type SeatBook = { signer: Address; operator: Address; measurementId: number; exitEpoch: number }

/** The two contracts' books. A test changes them as transactions would. */
export type Books = {
  state: RegistryState
  commitments: Map<number, Hex>
  joinKeys: Map<number, Hex>
  heldBy: Map<Address, number>
  policyHash: Hex
  seats: Map<number, SeatBook>
  measurements: Hex[]
  /** By measurement id, where a change of observers brought it. */
  networkHashes: Map<number, Hex>
  revokedMask: number
}

export type SecretNetwork = ReturnType<typeof createSecretNetwork>

export function createSecretNetwork(network: Network = NETWORK) {
  const pki: SimulatedPki = createSimulatedPki({ now: Number(NOW) })
  const registry = keyRegistryOf(network.enigma)
  const books: Books = {
    state: { generation: 0, minGeneration: 0, openGeneration: 1, isFrozen: false, heldMask: 0, rotatedMask: 0 },
    commitments: new Map(),
    joinKeys: new Map(),
    heldBy: new Map(),
    policyHash: policyHash(defaultPolicy),
    seats: new Map(),
    measurements: [MEASUREMENT],
    networkHashes: new Map(),
    revokedMask: 0,
  }

  /** The newest block, with the books as they stand. */
  function block(fields: Partial<HeaderFields> = {}): TestChain {
    const storage = { [network.enigma]: enigmaWords(books), [registry]: registryWords(books) }
    return new TestChain({ storage }, { timestamp: NOW, ...fields })
  }

  function prove(chain: TestChain): CallParams<'accept'>['proof'] {
    const enigma = Object.keys(enigmaWords(books)) as Hex[]
    const own = Object.keys(registryWords(books)) as Hex[]
    const slots = [
      ...enigma.map((slot) => ({ address: network.enigma, slot })),
      ...own.map((slot) => ({ address: registry, slot })),
    ]
    return chain.prover()({ accounts: [network.enigma, registry], slots })
  }

  /** As observers vouch for any block. */
  function observed(chain = block()) {
    return { header: chain.header, signatures: chain.signatures(network.chainId), proof: prove(chain) }
  }

  /** As observers answer who asks with a nonce. */
  function fresh(nonce: Hex, { chain = block(), timestamp = NOW, keys = OBSERVER_KEYS.slice(0, 2) }: Head = {}) {
    const head = { chainId: network.chainId, number: chain.number, hash: chain.hash, timestamp, nonce }
    return { header: chain.header, signatures: keys.map((key) => signHead(key, head)), proof: prove(chain) }
  }

  let seats = 0
  /** A Core that attested and took a seat. */
  async function member({ measurement = MEASUREMENT, isHardware = false, of = network, ...more }: MemberOptions = {}) {
    const simulated = createSimulatedPlatform(`machine-${seats}`, () => measurement)
    const platform = more.platform ?? (isHardware ? { ...simulated, kind: 'gramine-sgx' as const } : simulated)
    const operator = address(0x09e0 + seats)
    const notes: string[] = []
    const observers = [...of.observers]
    const core =
      more.core ?? coreInProcess({ network: { ...of, observers } }, platform, (code) => void notes.push(code))
    const request = { ...ATTEST, operator }
    const attested = (await core.attest(request)) as Extract<CallResult<'attest'>, { signer: Hex }>
    const { signer, inputKey, quote, sealed } = attested
    const { operator: _, ...identity } = { ...request, inputKey }
    const seat = seats++
    const ids = books.measurements.flatMap((one, id) => (one === measurement ? [id] : []))
    const measurementId = ids.find((id) => books.networkHashes.get(id) === networkHash(of)) ?? ids[0] ?? 0
    books.seats.set(seat, { signer, operator, measurementId, exitEpoch: 1_000 })
    const own = { core, platform, seat, signer, operator, quote, identity, sealed, notes }
    return { ...own, networkHash: networkHash(of) } satisfies Member
  }

  /** `requestJoin`, mined. */
  async function join(joiner: Member) {
    const joined = await joiner.core.join({ seat: joiner.seat })
    books.joinKeys.set(joiner.seat, joined.joinKey)
    return joined
  }

  /** What an honest host sends for `grant`, once it has the nonce and the joiner's word. */
  function grantRequest(donor: Member, joiner: Member, { joinKey, r, vs }: CallResult<'join'>): GrantParts {
    return {
      seat: joiner.seat,
      donorSeat: donor.seat,
      joinKey,
      joinSignature: { r, vs },
      identity: joiner.identity,
      quote: joiner.quote,
      collateral: JSON.stringify(pki.collateral()),
      policy: JSON.stringify(defaultPolicy),
    }
  }

  /** A grant, asked for as an honest host does, but for what a test changes. */
  async function ask(donor: Member, joiner: Member, { parts = {}, block: fields = {}, keys }: Lies = {}) {
    const joined = await join(joiner)
    const { nonce } = await donor.core.nonce()
    const { timestamp = NOW } = fields
    const head = fresh(nonce, { chain: block(fields), timestamp, ...(keys && { keys }) })
    return donor.core.grant({ ...grantRequest(donor, joiner, joined), ...head, ...parts })
  }

  /** `grantKey`, mined: the whole handoff between two honest hosts. */
  async function grant(donor: Member, joiner: Member) {
    const granted = await ask(donor, joiner)
    const joinKey = books.joinKeys.get(joiner.seat) as Hex
    books.joinKeys.delete(joiner.seat)
    books.heldBy.set(joiner.signer, granted.generation)
    return { ...granted, joinKey }
  }

  async function accept(donor: Member, joiner: Member, { generation, ciphertext }: CallResult<'grant'>) {
    const { seat } = joiner
    return joiner.core.accept({ seat, donorSeat: donor.seat, generation, ciphertext, ...observed() })
  }

  /** `commitGeneration`, mined. */
  async function commit(committer: Member, generation = books.state.openGeneration) {
    const committed = await committer.core.commit({ seat: committer.seat, generation })
    books.commitments.set(generation, committed.commitment)
    books.heldBy.set(committer.signer, generation)
    return committed
  }

  /** `confirmHolder`, mined. */
  async function confirm(second: Member) {
    const generation = books.state.openGeneration
    const held = await second.core.hold({ generation, ...observed() })
    books.state = { ...books.state, generation, minGeneration: Math.max(1, books.state.minGeneration) }
    return held
  }

  /** Two members that hold a final generation. */
  async function genesis() {
    const [first, second] = [await member(), await member()]
    await commit(first)
    await accept(first, second, await grant(first, second))
    await confirm(second)
    return { first, second }
  }

  const open = () => {
    books.state = { ...books.state, openGeneration: books.state.generation + 1 }
  }

  return {
    ...{ network, registry, books, pki, block, prove, observed, fresh, member, join },
    ...{ grantRequest, ask, grant, accept, commit, confirm, genesis, open },
  }
}

export type MemberOptions = {
  /** Left out: one in this process. */
  core?: Member['core']
  measurement?: Hex
  /** Which network its host started it for. */
  of?: Network
  platform?: Platform
  /** Says of itself that it is no simulated machine, and quotes like one. */
  isHardware?: boolean
}
type Head = { chain?: TestChain; timestamp?: bigint; keys?: Uint8Array[] }

export type Lies = {
  parts?: Partial<CallParams<'grant'>>
  block?: Partial<HeaderFields>
  /** Of the observers. */
  keys?: Uint8Array[]
}
export type GrantParts = Omit<CallParams<'grant'>, 'header' | 'signatures' | 'proof'>

function registryWords({ state, commitments, joinKeys, heldBy, policyHash, seats, ...books }: Books): Record<Hex, Hex> {
  const numbers = Array.from({ length: state.openGeneration }, (_, index) => index + 1)
  const signers = [...seats.values()].map(({ signer }) => signer)
  return Object.fromEntries([
    [registrySlot.state, word(packRegistryState(state))],
    [registrySlot.policyHash, policyHash],
    ...numbers.map((number) => [registrySlot.commitment(number), commitments.get(number) ?? word(0)]),
    // Epochs of commitments are 10, 20 and so on.
    ...numbers.map((number) => [registrySlot.committed(number), word((BigInt(10 * number) << 192n) | 0xabcn)]),
    ...[...seats.keys()].map((seat) => [registrySlot.joinKey(seat), joinKeys.get(seat) ?? word(0)]),
    ...books.measurements.map((_, id) => [registrySlot.networkHash(id), books.networkHashes.get(id) ?? word(0)]),
    ...signers.map((signer) => [registrySlot.heldBy(signer), word(heldBy.get(signer) ?? 0)]),
  ])
}

function enigmaWords({ seats, measurements, revokedMask }: Books): Record<Hex, Hex> {
  const books = [...seats].flatMap(([seat, { operator, ...rest }]) => [
    [enigmaSlot.seat(seat), word(packSeatWord({ ...rest, activeEpoch: 2, creditGwei: 7n }))],
    // Beside the operator: bonded, a platform's tag and two block numbers.
    [enigmaSlot.holder(seat), word((0x1234n << 168n) | (1n << 160n) | BigInt(operator))],
  ])
  return Object.fromEntries([
    ...books,
    ...measurements.map((measurement, id) => [enigmaSlot.measurement(id), measurement]),
    // Above the mask: hasSecret.
    [enigmaSlot.revoked, word((1n << 32n) | BigInt(revokedMask))],
  ])
}
