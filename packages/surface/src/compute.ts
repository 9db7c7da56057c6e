/**
 * Drives Core through one task: gives it what it asks for, of exactly the task's block, until it signs.
 *
 * What a function read last time is brought along the next time, so that a task usually takes one round trip to the node.
 * Core decides alone what it uses; a wrong guess costs bytes, never the result.
 */
import type { Header, SignedReceipt } from '@enigma/core/calls'
import { type Block, codeOf, RpcError } from '@enigma/process'
import { type Address, EnigmaError, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import type { WorkerCore } from './core-host.ts'
import type { TaskRow } from './journal.ts'
import type { StateFacts, StateRequest, StateSource } from './node.ts'

export type Computer = ReturnType<typeof createComputer>
type Reads = { accounts: Set<Address>; slots: Map<string, { address: Address; slot: Hex }> }

/** Facts brought along unasked for. Core reads at most 1,024 of them. */
const MOST_FACTS = 256
/** Code among them: in hex half of a frame to Core, which holds 1 MiB. */
const MOST_CODE_BYTES = 256 * 1024
/** Functions whose reads, and contracts whose code, are remembered. */
const MOST_REMEMBERED = 500
/** Each round brings at least one new fact, and a task may read 1,024 slots: far above any honest number. */
const MOST_ROUNDS = 4_096

export function createComputer(node: StateSource) {
  const readsOf = new Map<string, Reads>()
  const codes = new Map<Hex, Uint8Array>()

  async function loadCode({ task, anchor }: TaskRow): Promise<Uint8Array> {
    const known = codes.get(task.codeHash)
    if (known) return known
    const code = hexToBytes(await node.code(task.dApp, anchor))
    // Remembered for every task of the dApp: one lie, or one lagging backend, must not outlive its answer.
    if (keccak256(code) !== task.codeHash)
      throw new RpcError('RPC_NONSENSE', 'The node answered with other code than the contract found there.')
    remember(codes, task.codeHash, code)
    return code
  }

  async function loadExpected(reads: Reads | undefined, anchor: Hex): Promise<StateFacts | undefined> {
    if (!reads) return undefined
    const asked = { accounts: [...reads.accounts], slots: [...reads.slots.values()], blockHashes: [] }
    const { accounts, ...rest } = await node.state(asked, anchor)
    return { accounts: withinBytes(accounts, MOST_CODE_BYTES), ...rest }
  }

  return {
    /** Returns what Core signed. Throws Core's refusals, Core's end, the node's outages, and once `isOver`. */
    async compute(
      core: Pick<WorkerCore, 'execute' | 'state'>,
      row: TaskRow,
      block: Block,
      isOver: () => boolean = () => false,
    ): Promise<SignedReceipt> {
      const { task, anchor } = row
      const key = `${task.codeHash}:${task.callable}:${task.dApp}`
      const reads: Reads = { accounts: new Set(), slots: new Map() }
      const [code, expected] = await Promise.all([loadCode(row), loadExpected(readsOf.get(key), anchor)])
      const request = { task, header: headerOf(block), code, inputs: hexToBytes(row.inputs) }
      let step = await core.execute({ ...request, facts: expected && toFacts(expected) }).catch((error: unknown) => {
        if (codeOf(error) !== 'FRAME_TOO_LARGE' || !expected) throw error
        readsOf.delete(key)
        return core.execute(request)
      })
      for (let round = 0; step.kind === 'miss'; round++) {
        if (isOver()) throw new WindowOverError(row.id)
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

/** As many accounts as fit by their code. */
function withinBytes<T extends { code: Hex }>(accounts: readonly T[], most: number): T[] {
  let left = most
  return accounts.filter(({ code }) => {
    const bytes = (code.length - 2) / 2
    if (bytes > left) return false
    left -= bytes
    return true
  })
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

/** Thrown when nobody may settle the task any more, so that Core is free for others. */
export class WindowOverError extends EnigmaError {
  override readonly name = 'Compute.WindowOverError'
  readonly code = 'WINDOW_OVER'
  constructor(taskId: Hex) {
    super(`The windows of task ${taskId} are over.`, { hint: 'Nothing to do; its requester gets the fee back.' })
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
