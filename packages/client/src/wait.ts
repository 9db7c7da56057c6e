/**
 * Waits for the end of a task, by asking for its events again and again.
 *
 * No subscription and no filter on the node: those die silently when it restarts. An RPC that is down is asked until the
 * deadline. A task can also vanish: its id contains its block's number, so after a reorganisation it may be another one.
 */
import { type Domain, EnigmaError, type Hex, RANKS, STATUS } from '@enigma/protocol'
import type { Abi } from 'viem'
import { getBlock, getBlockNumber, getTransactionReceipt } from 'viem/actions'
import type { AbiType } from './abi-value.ts'
import type { PrivateName } from './callable.ts'
import type { Deadline } from './clock.ts'
import type { ChainClient } from './connection.ts'
import type { EnigmaContract, Terms } from './enigma-contract.ts'
import { resultOf, TaskNotServedError } from './outcome.ts'
import type { AnyResult, PrivateReply } from './private-result.ts'
import type { Report } from './progress.ts'
import { callbackRefusal } from './refused-callback.ts'
import type { ReplyKey } from './reply-key.ts'
import type { SlotBook } from './slots.ts'
import { readTaskEvents, type TaskEnd, type TaskRequest } from './task-events.ts'

/** A task to wait for: what `requestTask` returned, or as much of it as was kept. */
export type AwaitedTask<
  abi extends Abi = Abi,
  name extends PrivateName<abi> = PrivateName<abi>,
  result extends AbiType | undefined = AnyResult<abi>,
> = PrivateReply<result> & {
  readonly taskId: Hex
  readonly createdBlock: bigint
  readonly abi: abi
  readonly functionName: name
  /** Without these two, a reorganisation is found out later. */
  readonly blockHash?: Hex
  readonly txHash?: Hex
  /** Without it the reason of a failure stays sealed. */
  readonly reply?: ReplyKey
}

export type Waiting = {
  reader: ChainClient
  contract: EnigmaContract
  domain: Domain
  networkHashes: readonly Hex[]
  slots: SlotBook
  terms: Terms
  pollMs: number
}

/** Tries to learn what the settlement cost; the result does not wait for it longer. */
const GAS_ATTEMPTS = 5
const RETRY_MS = 1000
/** Blocks of logs to ask for at once: more is what public RPCs refuse. */
const LOG_BLOCKS = 1000n

/** `open` reads the network's facts; it may fail while the RPC is down, and is then tried again. */
export async function awaitResult(
  open: () => Promise<Waiting>,
  awaited: AwaitedTask,
  report: Report,
  deadline: Deadline,
): Promise<unknown> {
  const { taskId, abi } = awaited
  deadline.sent({ taskId, ...(awaited.txHash ? { txHash: awaited.txHash } : {}) })
  const waiting = await patiently(open, RETRY_MS, deadline)
  const { request, end } = await patiently(() => look(waiting, awaited), waiting.pollMs, deadline)
  if (end.type === 'settled') {
    const gas = await gasOf(waiting, end.txHash, deadline)
    const { txHash, seat, rank, status, delivered } = end
    report({ type: 'settled', taskId, txHash, gas, seat, rank, status, delivered })
  }
  const { reader, domain, networkHashes, pollMs } = waiting
  const ended = { ...awaited, task: request.task, networkHashes }
  if (end.type !== 'settled' || end.status !== STATUS.result || end.delivered) return resultOf(end, ended)
  const ask = async () => ({ refusal: await callbackRefusal(reader, domain.enigma, { ...ended, abi }, end) })
  return resultOf(end, { ...ended, ...(await patiently(ask, pollMs, deadline)) })
}

/** Repeats `ask` until it answers. Our own errors are answers; the RPC's are not. */
export async function patiently<T>(ask: () => Promise<T | undefined>, everyMs: number, deadline: Deadline): Promise<T> {
  for (;;) {
    const answer = await deadline.race(
      ask().catch((error: unknown) => {
        if (error instanceof EnigmaError) throw error
        return undefined
      }),
    )
    if (answer !== undefined) return answer
    await deadline.sleep(everyMs)
  }
}

/** One look; undefined where there is nothing to tell yet. */
async function look(
  waiting: Waiting,
  awaited: AwaitedTask,
): Promise<{ request: TaskRequest; end: TaskEnd } | undefined> {
  const { reader, contract, domain, terms } = waiting
  const { taskId, createdBlock } = awaited
  const head = await getBlockNumber(reader, { cacheTime: 0 })
  if (head < createdBlock) return
  // The first block in which nobody may settle any more. What happens later is a cancellation.
  const closes = createdBlock + BigInt(RANKS * terms.windowBlocks)
  const toBlock = head < closes ? head : closes
  const { request, end } = await readTaskEvents(reader, domain, taskId, { fromBlock: createdBlock, toBlock })
  if (!request) return requireOnChain(reader, awaited)
  const later = { fromBlock: closes + 1n, toBlock: head }
  if (end) {
    const mayYet = end.type === 'settled' && end.status === STATUS.result && !end.delivered
    const isRedelivered =
      mayYet && (await findLater(waiting, taskId, later, ({ redelivered }) => redelivered || undefined))
    return { request, end: isRedelivered ? { ...end, delivered: true } : end }
  }
  if (head < closes) return
  const { requester, slot, feeGwei } = request.task
  const { hashBits } = await contract.slot(requester, slot, head)
  if (hashBits === lowBits(taskId)) throw new TaskNotServedError(taskId, { refundGwei: feeGwei, isRefunded: false })
  // It has ended. A refund is claimed on its event alone: this answer may lack the settlement, and the next one show it.
  const cancelled = await findLater(waiting, taskId, later, ({ end }) => end)
  return cancelled && { request, end: cancelled }
}

/** What `pick` finds in the task's events after its windows. */
async function findLater<T>(
  { reader, domain }: Waiting,
  taskId: Hex,
  { fromBlock, toBlock }: { fromBlock: bigint; toBlock: bigint },
  pick: (events: Awaited<ReturnType<typeof readTaskEvents>>) => T | undefined,
): Promise<T | undefined> {
  for (let from = fromBlock; from <= toBlock; from += LOG_BLOCKS) {
    const last = from + LOG_BLOCKS - 1n
    const range = { fromBlock: from, toBlock: last < toBlock ? last : toBlock }
    const found = pick(await readTaskEvents(reader, domain, taskId, range))
    if (found !== undefined) return found
  }
}

/** As much of a task's id as its slot keeps. */
function lowBits(taskId: Hex): bigint {
  return BigInt.asUintN(254, BigInt(taskId))
}

/** The RPC shows no such request: does it lag, or is the block of another branch by now? */
async function requireOnChain(
  reader: ChainClient,
  { taskId, createdBlock, blockHash, txHash }: AwaitedTask,
): Promise<undefined> {
  const { hash } = await getBlock(reader, { blockNumber: createdBlock })
  if (hash === blockHash) return
  // The transaction goes back to waiting; where it is mined again, in another block, it makes another task.
  const again = txHash ? await getTransactionReceipt(reader, { hash: txHash }).catch(() => undefined) : undefined
  throw new TaskReorganisedError(taskId, txHash, again?.blockNumber)
}

/** What the settlement cost, for the caller's statistics: never a reason to lose the result. */
async function gasOf({ reader, pollMs }: Waiting, hash: Hex, deadline: Deadline): Promise<bigint | undefined> {
  try {
    for (let attempt = 0; attempt < GAS_ATTEMPTS; attempt++) {
      const receipt = await deadline.race(getTransactionReceipt(reader, { hash }).catch(() => undefined))
      if (receipt) return receipt.gasUsed
      await deadline.sleep(pollMs)
    }
  } catch {
    // Stopped: the result is there all the same.
  }
}

/** The chain replaced the block that carried the task. Its fee is with the requester again, unless it was mined anew. */
export class TaskReorganisedError extends EnigmaError {
  override readonly name = 'TaskReorganisedError'
  readonly code = 'TASK_REORGANISED'
  readonly taskId: Hex
  readonly txHash: Hex | undefined
  constructor(taskId: Hex, txHash: Hex | undefined, againInBlock: bigint | undefined) {
    const what =
      againInBlock === undefined ? 'has not been mined again so far' : `was mined again in block ${againInBlock}`
    super(`The chain reorganised task ${taskId} away; its transaction ${txHash ?? ''} ${what}.`, {
      hint: 'findTask(txHash) tells which task it makes now, if any. Wait for that one before you ask again.',
    })
    this.taskId = taskId
    this.txHash = txHash
  }
}
