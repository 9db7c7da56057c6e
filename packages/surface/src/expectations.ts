/**
 * What will a function probably read? What it read last time or, the first time, what the node finds in a dry run.
 *
 * Brought along with the task, so that it usually takes one round trip to the node. Core decides alone what it uses; a wrong
 * guess costs bytes, never the result.
 */
import { type Address, type Hex, LIMITS, label } from '@enigma/protocol'
import type { TaskRow } from './journal.ts'
import type { SlotOf, StateKeys, StateSource } from './state.ts'

export type Expectations = ReturnType<typeof createExpectations>
type Reads = { accounts: Set<Address>; slots: Map<string, SlotOf> }

/** Brought along unasked for. Accounts come with up to 24 KiB of code each, and what Core must see has to fit the same frame. */
const MOST_SLOTS = LIMITS.reads / 4
const MOST_ACCOUNTS = 12
/** Functions whose reads are remembered. */
const MOST_FUNCTIONS = 500
const ENIGMA_CALLBACK = label('enigmaCallback(bytes4)').slice(0, 10)
/** In place of arguments that nobody but Core may know. */
const ZERO_ARGUMENTS = '00'.repeat(32 * 16)

export function createExpectations(node: Pick<StateSource, 'accessList'>) {
  const functions = new Map<string, Reads>()
  const keyOf = ({ task }: TaskRow) => `${task.codeHash}:${task.callable}:${task.dApp}`

  /** Code that only Core can run to its end reverts in the node: then it is known after the first time alone. */
  async function dryRun({ task, anchor: hash }: TaskRow): Promise<Reads> {
    const selector = task.callable.slice(2)
    const data = [`${ENIGMA_CALLBACK}${selector.padEnd(64, '0')}`, `0x${selector}${ZERO_ARGUMENTS}`] as Hex[]
    const anchor = { number: task.createdBlock, hash }
    const call = { from: task.requester, to: task.dApp }
    const lists = await Promise.allSettled(data.map((input) => node.accessList({ ...call, data: input }, anchor)))
    const found = lists.flatMap((list) => (list.status === 'fulfilled' ? [list.value] : []))
    return bounded({
      accounts: new Set(found.flatMap(({ accounts }) => accounts)),
      slots: bySlot(found.flatMap(({ slots }) => slots)),
    })
  }

  return {
    async of(row: TaskRow): Promise<StateKeys> {
      const reads = functions.get(keyOf(row)) ?? (await dryRun(row))
      learn(row, reads)
      return { accounts: [...reads.accounts], slots: [...reads.slots.values()] }
    },
    /** What Core asked for all the same. */
    learn: (row: TaskRow, { accounts, slots }: StateKeys): void =>
      learn(row, { accounts: new Set(accounts), slots: bySlot(slots) }),
  }

  function learn(row: TaskRow, latest: Reads): void {
    const key = keyOf(row)
    const old = functions.get(key)
    functions.delete(key)
    functions.set(
      key,
      bounded({
        accounts: new Set([...(old?.accounts ?? []), ...latest.accounts]),
        slots: new Map([...(old?.slots ?? []), ...latest.slots]),
      }),
    )
    const [oldest] = functions.keys()
    if (functions.size > MOST_FUNCTIONS && oldest !== undefined) functions.delete(oldest)
  }
}

function bySlot(slots: readonly SlotOf[]): Map<string, SlotOf> {
  return new Map(slots.map((slot) => [`${slot.address}:${slot.slot}`, slot]))
}

/** The newest. */
function bounded({ accounts, slots }: Reads): Reads {
  return { accounts: new Set([...accounts].slice(-MOST_ACCOUNTS)), slots: new Map([...slots].slice(-MOST_SLOTS)) }
}
