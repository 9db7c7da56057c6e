/**
 * Hands the secrets to seats that wait for them. Core decides to whom; here is gathered what it wants to be shown, and decided
 * which of the donors does it.
 */
import { policyHash } from '@enigma/attestation'
import { wordsOfGrant } from '@enigma/core/calls'
import { codeOf, type Observers } from '@enigma/process'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { Chain, SeatFacts } from './chain.ts'
import { type CollateralSource, evidenceOf } from './joiner-evidence.ts'
import type { Dues } from './key-dues.ts'
import { holdsFinal, type Look } from './key-look.ts'
import type { DonorPolicy } from './key-policy.ts'
import type { KeyProofs } from './key-proofs.ts'
import { type KeyRegistry, registryCalls } from './key-registry.ts'
import type { Joining, Requests } from './key-requests.ts'
import { MOST_TURNS, type Turns } from './key-turns.ts'
import type { EthereumNode } from './node.ts'
import { NEVER } from './seat-keeper.ts'

type Parts = {
  enigma: Address
  registry: Pick<KeyRegistry, 'at' | 'shownIn'>
  chain: Pick<Chain, 'seats'>
  node: Pick<EthereumNode, 'block'>
  observers: Pick<Observers, 'head'>
  collateral: CollateralSource
  policy: DonorPolicy
  requests: Pick<Requests, 'waiting'>
  dues: Dues
  turns: Turns
  proofs: KeyProofs
  signal: AbortSignal
}
type Joiner = Joining & { facts: SeatFacts; heldBy: number }

/** Refusals that are remembered. */
const MOST_REFUSALS = 256

export function createKeyDonor(parts: Parts) {
  const { enigma, registry, chain, requests, dues, turns, proofs } = parts
  /** By join key: how things stood when Core refused it. */
  const refused = new Map<Hex, string>()

  async function joinersAt({ head, epoch }: Look): Promise<Joiner[]> {
    const asked = (await requests.waiting(head)).filter(({ block }) => proofs.isSeen(block, head))
    if (asked.length === 0) return []
    const facts = await chain.seats(asked.map(({ seat }) => seat))
    const heldBy = await registry.at(head.number).heldBy(facts.map(({ signer }) => signer))
    return asked
      .map((joining, i) => ({ ...joining, facts: facts[i] as SeatFacts, heldBy: heldBy[i] ?? 0 }))
      .filter(({ facts: { exitEpoch } }) => exitEpoch > epoch)
  }

  /**
   * How many donors come before us; undefined where we are none. Whoever holds all that there is comes first, since after a
   * grant of less there is another join.
   */
  async function positionOf(look: Look, joiner: Joiner, top: number): Promise<number | undefined> {
    const { state, seat, held, wanted } = look
    const isOwn = joiner.seat === seat
    // Its operator need not wait for others, nor pay them.
    if (isOwn) return look.isWaiting && look.heldBy >= top && holdsTop() ? 0 : undefined
    if (!look.isLive) return undefined
    const position = await turns(look, joiner.seat + 1)
    if (holdsTop()) return position
    return joiner.heldBy < state.generation ? position + MOST_TURNS : undefined

    function holdsTop(): boolean {
      return wanted.some(
        ({ generation, committed }) => generation === top && committed && held.has(committed.commitment),
      )
    }
  }

  async function give({ head, seat: donorSeat, core }: Look, joiner: Joiner): Promise<Hex> {
    const { seat, joinKey, r, vs, block } = joiner
    const { signer, measurementId, ...blocks } = joiner.facts
    const { policy } = parts
    if (policyHash(policy.parsed) !== (await registry.at(head.number).policyHash())) throw new PolicyDiffersError()
    const evidence = await evidenceOf(seat, blocks, parts)
    const { nonce } = await core.nonce()
    const fresh = await parts.observers.head(nonce, { signal: parts.signal })
    if (!fresh || fresh.number < block) throw new NotFreshError()
    const state = await registry.at(fresh.number).state()
    const words = wordsOfGrant(enigma, { state, seat, donorSeat, signer, measurementId })
    const [header, proof] = await Promise.all([proofs.header(fresh), proofs.prove(words, fresh)])
    const granted = await core.grant({
      ...{ seat, donorSeat, joinKey, joinSignature: { r, vs } },
      ...evidence,
      policy: policy.text,
      ...{ header, proof, signatures: [...fresh.signatures] },
    })
    const ciphertext: Hex = `0x${Buffer.from(granted.ciphertext).toString('hex')}`
    return registryCalls.grantKey({ seat, donorSeat, joinKey }, { ...granted, ciphertext })
  }

  async function serve(look: Look, joiner: Joiner, top: number): Promise<void> {
    const { head, epoch, state } = look
    const { seat, joinKey, facts } = joiner
    const stands = JSON.stringify([epoch, state, String(facts.quoteBlock)])
    if (refused.get(joinKey) === stands) return
    const position = await positionOf(look, joiner, top)
    if (position === undefined) return
    const of = { name: 'grant', key: `${seat}:${joinKey}`, head, position, canWait: canWait(joiner, top) } as const
    await dues.send(of, async () => {
      try {
        return await give(look, joiner)
      } catch (error) {
        if (codeOf(error) === 'JOIN_REFUSED') refused.set(joinKey, stands)
        const [oldest] = refused.keys()
        if (refused.size > MOST_REFUSALS && oldest) refused.delete(oldest)
        throw error
      }
    })
  }

  return async (look: Look): Promise<void> => {
    const top = look.wanted.findLast(({ committed }) => committed)?.generation
    if (top === undefined || !holdsFinal(look)) return
    const joiners = await joinersAt(look)
    const inNeed = joiners.filter((joiner) => !canWait(joiner, top))
    for (const joiner of [...inNeed, ...joiners.filter((one) => canWait(one, top))]) await serve(look, joiner, top)
  }
}

/** Its signer was given all of it: its Core lost it, or somebody sent an old Join of its. Others come first. */
function canWait({ heldBy, facts }: Joiner, top: number): boolean {
  return heldBy >= top && facts.activeEpoch !== NEVER
}

/** Thrown where observers signed no head of now in time, or one from before the seat asked. */
export class NotFreshError extends EnigmaError {
  override readonly name = 'KeyDonor.NotFreshError'
  readonly code = 'NOT_FRESH'
  constructor() {
    super('Observers signed no head of now.', {
      hint: 'It is tried again. If it stays: compare --observer-urls with the network’s observers.',
    })
  }
}

/** Thrown before Core is asked: it would refuse everybody. */
export class PolicyDiffersError extends EnigmaError {
  override readonly name = 'KeyDonor.PolicyDiffersError'
  readonly code = 'POLICY_DIFFERS'
  constructor() {
    super('The policy of this worker is not the one of the contract’s verifier.', {
      hint: 'Set --policy-file to the network’s policy: without it this worker hands no secret on.',
    })
  }
}
