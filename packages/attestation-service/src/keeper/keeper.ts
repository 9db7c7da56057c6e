/**
 * Keeps the collateral on chain fresh: at each look, whatever the contract lacks and would take now is sent.
 *
 * It decides from the contract's state alone, so that several keepers, crashes and reorganisations do no harm. What needs
 * another part first is tried again once that is mined.
 */
import type { Head, Logger, Sender } from '@enigma/process'
import { type Address, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import type { CollateralContract } from './contract.ts'
import { type Faults, faultsOf, needOf, type Reason } from './need.ts'
import type { Part } from './parts.ts'

/**
 * `unneeded`: newer, but nothing depends on it yet. `wanted`: the contract would take it. `waiting`: it asks for another part
 * first, or for time to pass.
 */
export type PartState =
  | { readonly label: string; readonly state: 'current' | 'unneeded' }
  | { readonly label: string; readonly state: 'wanted'; readonly reason: Reason; readonly gas: bigint }
  | { readonly label: string; readonly state: 'sent'; readonly reason: Reason; readonly topic: string }
  | { readonly label: string; readonly state: 'waiting' | 'refused'; readonly reason: Reason; readonly code: string }

/** How each part stands, in their order. `isEager`: also what is merely newer is wanted. `now` in unix seconds. */
export async function appraise(
  parts: readonly Part[],
  { contract, from, isEager }: { contract: CollateralContract; from: Address; isEager: boolean },
  now: number,
  send = async (_part: Part, wanted: PartState & { state: 'wanted' }): Promise<PartState> => wanted,
): Promise<{ states: PartState[]; faults: Faults }> {
  const faults = await faultsOf(parts, contract)
  const states: PartState[] = []
  for (const part of parts) {
    const { label } = part
    const reason = await needOf(part, contract, faults, now)
    if (reason === undefined) states.push({ label, state: 'current' })
    else if (reason === 'newer' && !isEager) states.push({ label, state: 'unneeded' })
    else {
      const trial = await contract.tryCall(part.call, from)
      if ('gas' in trial) states.push(await send(part, { label, state: 'wanted', reason, gas: trial.gas }))
      // Another keeper was faster, or the source is behind.
      else if (trial.code.endsWith('_ROLLBACK') && reason !== 'behind') states.push({ label, state: 'current' })
      else
        states.push({ label, state: isPassing(trial.code, states) ? 'waiting' : 'refused', reason, code: trial.code })
    }
  }
  return { states, faults }
}

/** Whether a refusal may mend by itself: by what goes before this part, or by the chain's next block. */
function isPassing(code: string, before: readonly PartState[]): boolean {
  return /_(?:MISSING|NOT_YET_VALID)$/.test(code) || before.some(({ state }) => state === 'sent' || state === 'wanted')
}

export type KeeperParts = {
  readonly contract: CollateralContract
  readonly sender: Pick<Sender, 'address' | 'submit' | 'find'>
  /** As the sender has it: what a unit of gas may cost at most. */
  readonly settings: { readonly tipWei: bigint; readonly mostFeeWei: bigint }
  readonly log: Logger
  readonly isEager: boolean
  readonly onPush?: (part: string, outcome: string) => void
  readonly onBalance?: (wei: bigint) => void
}

/** Transactions spent on the same bytes: a revocation list that revokes many at once is set in parts of 300, and some may fail. */
const MOST_ATTEMPTS = 8
/** Between estimate and block others may have changed what is written. */
const SPARE_GAS = 50_000n
/** No transaction may have more (EIP-7825). */
const MOST_GAS = 16_777_216n
const GWEI = 1_000_000_000n

export function createKeeper({ contract, sender, settings, log, isEager, onPush, onBalance }: KeeperParts) {
  /** Part by topic. */
  const underWay = new Map<string, Part>()
  const complaints = new Map<string, string>()

  /** Says what stands in the way of a part, once for as long as it does. */
  function complain(label: string, code: string | undefined): void {
    if (code !== undefined && complaints.get(label) !== code) log.warn('collateral-not-kept', { document: label, code })
    if (code === undefined) complaints.delete(label)
    else complaints.set(label, code)
  }

  function concludeSent(): void {
    for (const [topic, part] of underWay) {
      const { state, gasUsed } = sender.find(topic) ?? { state: 'abandoned', gasUsed: null }
      if (state === 'pending') continue
      underWay.delete(topic)
      onPush?.(part.kind, state)
      log[state === 'mined' ? 'info' : 'warn']('collateral-concluded', {
        document: part.label,
        state,
        gas: gasUsed ?? undefined,
      })
    }
  }

  /** Each attempt is a transaction of its own. */
  function nextTopic(label: string, data: Hex): string | undefined {
    const id = keccak256(hexToBytes(data)).slice(2, 18)
    const topics = Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => `${label}:${id}:${attempt}`)
    return topics.find((topic) => !sender.find(topic))
  }

  return {
    /** Looks at every part, in their order, and sends what is wanted. To be called when nothing is pending. */
    async tend(parts: readonly Part[], now: number, head: Head): Promise<{ states: PartState[]; faults: Faults }> {
      concludeSent()
      let balanceWei = await contract.balanceWei(sender.address)
      onBalance?.(balanceWei)
      const feeWei = least(2n * head.baseFeeWei + settings.tipWei, settings.mostFeeWei)

      async function send(part: Part, { label, reason, gas: estimate }: PartState & { state: 'wanted' }) {
        const refused = (code: string) => ({ label, state: 'refused', reason, code }) as const
        const gas = least(estimate + estimate / 4n + SPARE_GAS, MOST_GAS)
        // Sent all the same, it would wait, and offer more and more for its gas.
        if (balanceWei < gas * feeWei) {
          if (complaints.get(label) !== 'NO_FUNDS') {
            const [balanceGwei, neededGwei] = [balanceWei / GWEI, (gas * feeWei) / GWEI]
            log.warn('keeper-without-funds', { operator: sender.address, balanceGwei, neededGwei })
          }
          return refused('NO_FUNDS')
        }
        const data = contract.encodeCall(part.call)
        const topic = nextTopic(label, data)
        if (topic === undefined) return refused('ATTEMPTS_USED_UP')
        await sender.submit({ topic, to: contract.address, data, valueWei: 0n, gas }, head)
        balanceWei -= gas * feeWei
        underWay.set(topic, part)
        onPush?.(part.kind, 'sent')
        log.info('collateral-sent', { document: label, reason, gas })
        return { label, state: 'sent', reason, topic } as const
      }

      const found = await appraise(parts, { contract, from: sender.address, isEager }, now, send)
      for (const [index, it] of found.states.entries()) {
        const code = it.state === 'refused' ? it.code : undefined
        complain(it.label, code)
        if (code !== undefined) onPush?.(parts[index]?.kind ?? it.label, code)
      }
      return found
    },
    complain,
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
