/**
 * Things to be done once, by one of several workers: each waits its turn, is tried again after growing pauses, and is not
 * tried while its transaction is under way. What is due is decided by the chain's state alone; here only when.
 */
import { type Block, codeOf, type Logger } from '@enigma/process'
import { EnigmaError, type Hex } from '@enigma/protocol'
import { ContractRefusedError } from './chain.ts'
import type { KeyTransactions } from './key-transactions.ts'
import type { Trouble } from './trouble.ts'

/** Between the turns of two workers, so that the first one's transaction is seen before the next one acts. */
const TURN_BLOCKS = 2n
const MOST_PAUSE_BLOCKS = 64

export type DueOf = {
  /** What it is, and which one of its kind. */
  name: KeyWork
  key: string
  head: Block
  /** How many workers come before this one. */
  position?: number
  /** Whether the network can do without it today: then it leaves room for what it cannot do without. */
  canWait?: boolean
}
export type KeyWork = 'commit' | 'confirm' | 'join' | 'accept' | 'grant' | 'publish'
export type Dues = ReturnType<typeof createDues>

type Due = { notBefore: bigint; tries: number; isSeen: boolean; trouble?: Trouble }

export function createDues(transactions: KeyTransactions, log: Logger) {
  const dues = new Map<string, Due>()
  /** Causes that the log has heard of, by kind of work. */
  const said = new Map<KeyWork, Set<string>>()
  let latest: Trouble | undefined

  function see({ name, key, head, position = 0 }: DueOf): Due {
    const id = `${name}:${key}`
    const due = dues.get(id) ?? { notBefore: head.number + TURN_BLOCKS * BigInt(position), tries: 0, isSeen: true }
    dues.set(id, due)
    due.isSeen = true
    return due
  }

  function note(due: Due, { name, key }: DueOf, trouble: Trouble): void {
    const { code } = trouble
    due.trouble = trouble
    const codes = said.get(name) ?? new Set()
    if (!codes.has(code)) log.warn('key-work-failed', { action: name, code, seat: seatOf(name, key) })
    said.set(name, codes.add(code))
  }

  async function attempt(of: DueOf, act: () => Promise<void>): Promise<void> {
    const due = see(of)
    const { number } = of.head
    if (isUnderWay(of) || number < due.notBefore) return
    // The state that made it due may be older than its transaction: the next look tells.
    due.notBefore = number + BigInt(Math.min(2 ** due.tries, MOST_PAUSE_BLOCKS))
    due.tries++
    try {
      await act()
      delete due.trouble
      said.delete(of.name)
    } catch (error) {
      note(due, of, troubleOf(of, error))
    }
  }

  /** Whether its transaction is under way. Asking counts as seeing it. */
  function isUnderWay({ name, key, head }: Pick<DueOf, 'name' | 'key' | 'head'>): boolean {
    const due = dues.get(`${name}:${key}`)
    if (due) due.isSeen = true
    return transactions.isUnderWay(`${name}:${key}`, head)
  }

  return {
    isUnderWay,
    /** Does `act`, which sends nothing. */
    run: attempt,
    /** Sends to the registry what `make` returns, if anything. */
    send: (of: DueOf, make: () => Promise<Hex | undefined>): Promise<void> =>
      attempt(of, async () => {
        transactions.requireRoom(of.canWait === true)
        const data = await make()
        if (data !== undefined) await transactions.send(of, data)
      }),
    /** What the chain's state forbids is not tried, so that nothing pauses when the state allows it. */
    hold: (of: DueOf, trouble: Trouble): void => note(see(of), of, trouble),
    /** After each look: what was not due this time begins anew when it is, and its transaction is called back. */
    sweep(): void {
      latest = undefined
      for (const [id, due] of dues) {
        if (!due.isSeen) dues.delete(id)
        else latest ??= due.trouble
        due.isSeen = false
      }
      transactions.sweep()
    },
    /** Of what was due at the last look. */
    trouble: (): Trouble | undefined => latest,
  }
}

function troubleOf({ name }: DueOf, error: unknown): Trouble {
  const code = error instanceof ContractRefusedError ? error.refusal : codeOf(error)
  const hint = error instanceof EnigmaError && !(error instanceof ContractRefusedError) ? error.hint : undefined
  return { code, hint: hint ?? `${name}: tried again by itself; docs/runbook.md says what it may be.` }
}

/** What is done for a seat has its number as its key. */
function seatOf(name: KeyWork, key: string): number | undefined {
  return name === 'grant' || name === 'join' ? Number(key.split(':', 1)[0]) : undefined
}
