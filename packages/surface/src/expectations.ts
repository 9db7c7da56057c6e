/**
 * What will a function probably read? What it read last time or, the first time, what the node finds in a dry run; and what
 * its dApp prefetches, by the node's word.
 *
 * Brought along with the task, so that it usually takes one round trip to the node. Core decides alone what it uses; a wrong
 * guess costs bytes, never the result.
 */
import { prefetchedSlots } from '@enigma/evm/private/prefetch'
import { type Address, type Hex, LIMITS, label } from '@enigma/protocol'
import { anchorOf, type TaskRow } from './journal.ts'
import type { SlotOf, StateKeys, StateSource } from './state.ts'

export type Expectations = ReturnType<typeof createExpectations>
type Reads = { accounts: Set<Address>; slots: Map<string, SlotOf> }
type Known = Reads & {
  /** Whether the dApp is asked anew what it prefetches: it named something last time, or Core missed something since. */
  mayPrefetch: boolean
}

/** Brought along unasked for. Accounts come with up to 24 KiB of code each, and what Core must see has to fit the same frame. */
const MOST_SLOTS = LIMITS.reads / 4
const MOST_ACCOUNTS = 12
/** Functions whose reads are remembered. */
const MOST_FUNCTIONS = 500
const ENIGMA_CALLBACK = label('enigmaCallback(bytes4)').slice(0, 10)
const ENIGMA_PREFETCH = label('enigmaPrefetch(bytes4)').slice(0, 10)
/** In place of arguments that nobody but Core may know. */
const ZERO_ARGUMENTS = '00'.repeat(32 * 16)

const NOTHING: StateKeys = { accounts: [], slots: [] }

export function createExpectations(node: Pick<StateSource, 'accessList' | 'call'>) {
  const functions = new Map<string, Known>()
  const keyOf = ({ task }: TaskRow) => `${task.codeHash}:${task.callable}:${task.dApp}`

  /** Code that only Core can run to its end reverts in the node: then it is known after the first time alone. */
  async function dryRun(row: TaskRow): Promise<Reads> {
    const { callable } = row.task
    const data = [question(ENIGMA_CALLBACK, callable), `${callable}${ZERO_ARGUMENTS}` as Hex]
    const lists = await Promise.allSettled(data.map((input) => node.accessList(callOf(row, input), anchorOf(row))))
    const found = lists.flatMap((list) => (list.status === 'fulfilled' ? [list.value] : []))
    return bounded({
      accounts: new Set(found.flatMap(({ accounts }) => accounts)),
      slots: bySlot(found.flatMap(({ slots }) => slots)),
    })
  }

  /** The ranges that the dApp names, and what it reads to name them. Not remembered: they follow from the state. */
  async function prefetched(row: TaskRow): Promise<StateKeys> {
    const call = callOf(row, question(ENIGMA_PREFETCH, row.task.callable))
    const [read, named] = await Promise.allSettled([
      node.accessList(call, anchorOf(row)),
      node.call(call, anchorOf(row)).then((output) => prefetchedSlots({ kind: 'returned', output }, LIMITS.reads)),
    ])
    const slots = named.status === 'fulfilled' ? named.value : null
    if (!slots?.length) return NOTHING
    const { accounts, slots: before } = read.status === 'fulfilled' ? read.value : NOTHING
    // With their code: Core wants that of each account of which slots are prefetched.
    return { accounts: [...slots.map(({ address }) => address), ...accounts], slots: [...before, ...slots] }
  }

  return {
    async of(row: TaskRow): Promise<StateKeys> {
      const known = functions.get(keyOf(row))
      const asksAnew = known?.mayPrefetch ?? true
      const [reads, first] = await Promise.all([known ?? dryRun(row), asksAnew ? prefetched(row) : NOTHING])
      learn(row, reads, first.slots.length > 0)
      return {
        accounts: [...new Set([...first.accounts, ...reads.accounts])].slice(0, MOST_ACCOUNTS),
        slots: [...first.slots, ...reads.slots.values()],
      }
    },
    /** What Core asked for all the same. */
    learn: (row: TaskRow, { accounts, slots }: StateKeys): void =>
      learn(row, { accounts: new Set(accounts), slots: bySlot(slots) }, true),
  }

  function learn(row: TaskRow, latest: Reads, mayPrefetch: boolean): void {
    const key = keyOf(row)
    const old = functions.get(key)
    functions.delete(key)
    const reads = bounded({
      accounts: new Set([...(old?.accounts ?? []), ...latest.accounts]),
      slots: new Map([...(old?.slots ?? []), ...latest.slots]),
    })
    functions.set(key, { ...reads, mayPrefetch })
    const [oldest] = functions.keys()
    if (functions.size > MOST_FUNCTIONS && oldest !== undefined) functions.delete(oldest)
  }
}

/** A call of the dApp's own `name(bytes4 callable)`. */
const question = (name: string, callable: Hex): Hex => `0x${name.slice(2)}${callable.slice(2).padEnd(64, '0')}`

const callOf = ({ task }: TaskRow, data: Hex) => ({ from: task.requester, to: task.dApp, data })

function bySlot(slots: readonly SlotOf[]): Map<string, SlotOf> {
  return new Map(slots.map((slot) => [`${slot.address}:${slot.slot}`, slot]))
}

/** The newest. */
function bounded({ accounts, slots }: Reads): Reads {
  return { accounts: new Set([...accounts].slice(-MOST_ACCOUNTS)), slots: new Map([...slots].slice(-MOST_SLOTS)) }
}
