/**
 * Things to be done once, by one of several workers: each waits its turn, is tried again after growing pauses, and is not
 * tried while its transaction is under way. What is due is decided by the chain's state alone; here only when.
 */
import { type Block, type Clock, codeOf, type Logger, type Sender, type Values } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'
import { ContractRefusedError } from './chain.ts'
import type { Trouble } from './trouble.ts'

/** Between the turns of two workers, so that the first one's transaction is seen before the next one acts. */
const TURN_BLOCKS = 2n
const MOST_PAUSE_BLOCKS = 64
/** Gas that an estimate may turn out short of, because state moves on between estimate and block. */
const GAS_MARGIN = (estimate: bigint) => (estimate * 13n) / 10n + 20_000n
/** Nobody asks for so many in earnest: what is more is somebody who spends our ether. */
const MOST_AN_HOUR = 120
const HOUR_MS = 3_600_000

type Due = { notBefore: bigint; tries: number; topic?: string; isSeen: boolean }
type Parts = {
  values: Values
  sender: Sender
  registry: Address
  estimateGas: (from: Address, data: Hex, to: Address) => Promise<bigint>
  clock: Clock
  log: Logger
}

export type Dues = ReturnType<typeof createDues>

export function createDues({ values, sender, registry, estimateGas, clock, log }: Parts) {
  const dues = new Map<string, Due>()
  const said = new Set<string>()
  const sentAtMs: number[] = []
  let latest: Trouble | undefined

  function nextTopic(name: string): string {
    const number = (values.get<number>('key-number') ?? 0) + 1
    values.set('key-number', number)
    return `key:${name}:${number}`
  }

  async function send(due: Due, name: string, data: Hex, head: Block): Promise<void> {
    while (sentAtMs[0] !== undefined && sentAtMs[0] < clock.nowMs() - HOUR_MS) sentAtMs.shift()
    if (sentAtMs.length >= MOST_AN_HOUR) return
    const gas = GAS_MARGIN(await estimateGas(sender.address, data, registry))
    const topic = nextTopic(name)
    await sender.submit({ topic, to: registry, data, valueWei: 0n, gas }, head)
    due.topic = topic
    sentAtMs.push(clock.nowMs())
    log.info('key-transaction-sent', { action: name, gas })
  }

  return {
    /**
     * Does `act`, once it is the turn of whoever has this `position`. What it returns is sent to the registry. `name` says what
     * it is and `key` which one; a failure is told once for each cause, and tried again.
     */
    async run(
      name: string,
      key: string,
      { head, position = 0 }: { head: Block; position?: number },
      act: () => Promise<Hex | undefined>,
    ): Promise<void> {
      const id = `${name}:${key}`
      const due = dues.get(id) ?? {
        notBefore: head.number + TURN_BLOCKS * BigInt(position),
        tries: 0,
        isSeen: true,
      }
      dues.set(id, due)
      due.isSeen = true
      if (head.number < due.notBefore) return
      if (due.topic !== undefined && sender.find(due.topic)?.state === 'pending') return
      // The state that made it due may be older than its transaction: the next look tells.
      due.notBefore = head.number + BigInt(Math.min(2 ** due.tries, MOST_PAUSE_BLOCKS))
      due.tries++
      try {
        const data = await act()
        if (data !== undefined) await send(due, name, data, head)
        latest = undefined
      } catch (error) {
        const code = error instanceof ContractRefusedError ? error.refusal : codeOf(error)
        latest = { code, hint: `${name}: tried again by itself; docs/runbook.md says what it may be.` }
        if (said.has(`${name}:${code}`)) return
        said.add(`${name}:${code}`)
        log.warn('key-work-failed', { action: name, code })
      }
    },
    /** After each look: what was not due this time begins anew when it is. */
    sweep(): void {
      for (const [id, due] of dues) {
        if (!due.isSeen) dues.delete(id)
        due.isSeen = false
      }
    },
    /** Forgets the pause of one. */
    again(name: string, key: string): void {
      dues.delete(`${name}:${key}`)
    },
    trouble: (): Trouble | undefined => latest,
  }
}
