/**
 * Transactions to the key registry: under way once for each thing that is due, through restarts too, and bounded by the hour,
 * since they are at the operator's cost and anybody may ask for them.
 */
import type { Block, Clock, Logger, Sender, Values } from '@enigma/process'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { DueOf } from './key-dues.ts'

/** Gas that an estimate may turn out short of, because state moves on between estimate and block. */
const GAS_MARGIN = (estimate: bigint) => (estimate * 13n) / 10n + 20_000n
const HOUR_MS = 3_600_000
/** Remembered, for a reorganisation lets mined ones wait again. */
const MOST_TOPICS = 64
const TOPICS = 'key-topics'
const SENT = 'key-sent'

type Parts = {
  values: Values
  sender: Pick<Sender, 'address' | 'submit' | 'find' | 'drop'>
  registry: Address
  estimateGas: (from: Address, data: Hex, to: Address) => Promise<bigint>
  mostAnHour: number
  clock: Clock
  log: Logger
}
export type KeyTransactions = ReturnType<typeof createKeyTransactions>

export function createKeyTransactions({ values, sender, registry, estimateGas, mostAnHour, clock, log }: Parts) {
  /** Of late, by what is due. */
  const topics = new Map(Object.entries(values.get<Record<string, string>>(TOPICS) ?? {}))
  const wanted = new Set<string>()
  /** The first head at which it waited no more. */
  const overAt = new Map<string, bigint>()

  const keepTopics = () => values.set(TOPICS, Object.fromEntries(topics))
  const sentOfLate = () =>
    (values.get<number[]>(SENT) ?? []).filter((sentMs) => sentMs > clock.nowMs() - HOUR_MS).slice(-mostAnHour)
  const isWaiting = (topic: string) => sender.find(topic)?.state === 'pending'

  function forget(id: string): void {
    topics.delete(id)
    overAt.delete(id)
  }

  function nextTopic(name: string): string {
    const number = (values.get<number>('key-number') ?? 0) + 1
    values.set('key-number', number)
    return `key:${name}:${number}`
  }

  return {
    /**
     * Whether one for this is under way at `head`. Whoever asks wants it; after a reorganisation an old one may wait again. What
     * is mined may be so in a block after this head, so it counts until the next one.
     */
    isUnderWay(id: string, { number }: Pick<Block, 'number'>): boolean {
      const topic = topics.get(id)
      if (topic === undefined) return false
      if (isWaiting(topic)) {
        wanted.add(id)
        overAt.delete(id)
        return true
      }
      if (!overAt.has(id)) overAt.set(id, number)
      return number <= (overAt.get(id) ?? number)
    },
    /** Throws where the hour's transactions are spent; half of them are kept for what cannot wait. */
    requireRoom(canWait: boolean): void {
      const most = canWait ? Math.ceil(mostAnHour / 2) : mostAnHour
      if (sentOfLate().length >= most) throw new KeyTransactionLimitError(mostAnHour)
    },
    async send({ name, key, head }: DueOf, data: Hex): Promise<void> {
      const gas = GAS_MARGIN(await estimateGas(sender.address, data, registry))
      const topic = nextTopic(name)
      await sender.submit({ topic, to: registry, data, valueWei: 0n, gas }, head, () => {
        forget(`${name}:${key}`)
        topics.set(`${name}:${key}`, topic)
        const [oldest] = topics.keys()
        if (topics.size > MOST_TOPICS && oldest !== undefined) forget(oldest)
        keepTopics()
        values.set(SENT, [...sentOfLate(), clock.nowMs()])
      })
      wanted.add(`${name}:${key}`)
      log.info('key-transaction-sent', { action: name, gas })
    },
    /** Calls back what waits and was not wanted since the last time: somebody was faster, or the chain moved on. */
    sweep(): void {
      const unwanted = [...topics].filter(([id, topic]) => !wanted.has(id) && isWaiting(topic))
      for (const [id, topic] of unwanted) {
        sender.drop(topic)
        forget(id)
      }
      if (unwanted.length > 0) keepTopics()
      wanted.clear()
    },
  }
}

/** Thrown where somebody, or something, has this worker send more than its operator wants to pay for. */
export class KeyTransactionLimitError extends EnigmaError {
  override readonly name = 'KeyTransactions.KeyTransactionLimitError'
  readonly code = 'KEY_TX_LIMIT'
  constructor(mostAnHour: number) {
    super(`This worker sends at most ${mostAnHour} transactions an hour for the network secret.`, {
      hint: 'Nothing to do where somebody asks for keys without end; else raise --key-tx-per-hour.',
    })
  }
}
