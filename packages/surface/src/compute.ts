/**
 * Drives Core through one task: gives it what it asks for, of exactly the task's block, until it signs.
 *
 * What a function read last time is brought along the next time, so that a task usually takes one round trip to the node.
 * Core decides alone what it uses; a wrong guess costs bytes, never the result.
 */
import type { Header, SignedReceipt } from '@enigma/core/calls'
import type { Block } from '@enigma/process'
import { type Address, EnigmaError, type Hex, hexToBytes } from '@enigma/protocol'
import type { WorkerCore } from './core-host.ts'
import type { TaskRow } from './journal.ts'
import type { StateFacts, StateRequest, StateSource } from './node.ts'

export type Computer = ReturnType<typeof createComputer>
type Reads = { accounts: Set<Address>; slots: Map<string, { address: Address; slot: Hex }> }

/** Facts brought along unasked for. Core reads at most 1,024 of them. */
const MOST_FACTS = 256
/** Functions whose reads, and contracts whose code, are remembered. */
const MOST_REMEMBERED = 500
/** Each round brings at least one new fact, and a task may read 1,024 slots: far above any honest number. */
const MOST_ROUNDS = 4_096

export function createComputer(node: StateSource) {
  const readsOf = new Map<string, Reads>()
  const codeOf = new Map<Hex, Uint8Array>()

  async function loadCode({ task, anchor }: TaskRow): Promise<Uint8Array> {
    const known = codeOf.get(task.codeHash)
    if (known) return known
    const code = hexToBytes(await node.code(task.dApp, anchor))
    remember(codeOf, task.codeHash, code)
    return code
  }

  async function loadExpected(reads: Reads | undefined, anchor: Hex): Promise<StateFacts | undefined> {
    if (!reads) return undefined
    return node.state({ accounts: [...reads.accounts], slots: [...reads.slots.values()], blockHashes: [] }, anchor)
  }

  return {
    /** Returns what Core signed. Throws Core's refusals, Core's end, and the node's outages. */
    async compute(core: Pick<WorkerCore, 'execute' | 'state'>, row: TaskRow, block: Block): Promise<SignedReceipt> {
      const { task, anchor } = row
      const key = `${task.codeHash}:${task.callable}:${task.dApp}`
      const reads: Reads = { accounts: new Set(), slots: new Map() }
      const [code, expected] = await Promise.all([loadCode(row), loadExpected(readsOf.get(key), anchor)])
      let step = await core.execute({
        task,
        header: headerOf(block),
        code,
        inputs: hexToBytes(row.inputs),
        facts: expected && toFacts(expected),
      })
      for (let round = 0; step.kind === 'miss'; round++) {
        if (round >= MOST_ROUNDS) throw new EndlessTaskError(round)
        note(reads, step)
        step = await core.state({ execution: step.execution, ...toFacts(await node.state(step, anchor)) })
      }
      if (step.taskId !== row.id) throw new WrongReceiptError(row.id, step.taskId)
      if (reads.accounts.size + reads.slots.size > 0) remember(readsOf, key, merged(readsOf.get(key), reads))
      return step
    },
  }
}

function headerOf(block: Block): Header {
  const { number, hash, timestamp, baseFeeWei, gasLimit, coinbase, prevRandao, excessBlobGas } = block
  return { number, hash, timestamp, baseFeePerGas: baseFeeWei, gasLimit, coinbase, prevRandao, excessBlobGas }
}

function toFacts({ accounts, slots, blockHashes }: StateFacts) {
  return { accounts: accounts.map((account) => ({ ...account, code: hexToBytes(account.code) })), slots, blockHashes }
}

function note(reads: Reads, { accounts, slots }: StateRequest): void {
  for (const address of accounts) reads.accounts.add(address)
  for (const slot of slots) reads.slots.set(`${slot.address}:${slot.slot}`, slot)
}

function merged(old: Reads | undefined, latest: Reads): Reads {
  const slots = [...(old?.slots ?? []), ...latest.slots].slice(-MOST_FACTS)
  const accounts = [...(old?.accounts ?? []), ...latest.accounts].slice(-MOST_FACTS / 4)
  return { accounts: new Set(accounts), slots: new Map(slots) }
}

/** Keeps the newest. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > MOST_REMEMBERED && !oldest.done) map.delete(oldest.value)
}

/** Thrown when Core asks for ever. */
export class EndlessTaskError extends EnigmaError {
  override readonly name = 'Compute.EndlessTaskError'
  readonly code = 'ENDLESS_TASK'
  constructor(rounds: number) {
    super(`Core asked for more state ${rounds} times.`, {
      hint: 'Core stops reading at 1,024 slots; this one is broken.',
    })
  }
}

/** Thrown when Core answers for another task. */
export class WrongReceiptError extends EnigmaError {
  override readonly name = 'Compute.WrongReceiptError'
  readonly code = 'WRONG_RECEIPT'
  constructor(expected: Hex, found: Hex) {
    super(`Core signed task ${found} instead of ${expected}.`, {
      hint: 'The node misreports the event of this task, or Core was started for another network.',
    })
  }
}
