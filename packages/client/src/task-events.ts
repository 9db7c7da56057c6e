/** What the chain says about a task: requested, settled, cancelled, delivered again. */

import {
  type Domain,
  EnigmaError,
  type Hex,
  hexToBytes,
  keccak256,
  type Task,
  taskId,
  unpackTask,
} from '@enigma/protocol'
import { formatLog, type Log, numberToHex, parseEventLogs } from 'viem'
import type { ChainClient } from './connection.ts'
import { enigmaAbi } from './enigma-abi.ts'
import { lower } from './enigma-contract.ts'

export type TaskRequest = { taskId: Hex; task: Task; txHash: Hex; blockHash: Hex }
export type TaskEnd =
  | {
      type: 'settled'
      seat: number
      rank: number
      status: number
      /** Whether the dApp had it at the end of the blocks that were asked for. */
      delivered: boolean
      output: Hex
      txHash: Hex
      blockNumber: bigint
    }
  | { type: 'cancelled'; txHash: Hex }

/** All that happened to task `id` in these blocks. */
export async function readTaskEvents(
  client: ChainClient,
  domain: Domain,
  id: Hex,
  { fromBlock, toBlock }: { fromBlock: bigint; toBlock: bigint },
): Promise<{ request: TaskRequest | undefined; end: TaskEnd | undefined; redelivered: boolean }> {
  // The task's id is the first topic of all its events.
  const filter = {
    address: domain.enigma,
    topics: [null, id],
    fromBlock: numberToHex(fromBlock),
    toBlock: numberToHex(toBlock),
  }
  const logs = (await client.request({ method: 'eth_getLogs', params: [filter] })).map((log) => formatLog(log))
  const request = requestIn(logs, domain, ({ taskId }) => taskId === id)
  const own = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRedelivered', logs: ownLogs(logs, domain) })
  const redelivered = own.some(({ args }) => args.taskId === id)
  return { request, end: endIn(logs, domain, id, redelivered), redelivered }
}

/** The first request among `logs` that `isWanted`. */
export function requestIn(
  logs: readonly Log[],
  domain: Domain,
  isWanted: (request: TaskRequest) => boolean,
): TaskRequest | undefined {
  const events = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRequested', logs: ownLogs(logs, domain) })
  for (const { args, transactionHash, blockHash } of events) {
    if (!transactionHash || !blockHash) continue
    const { ref, target, terms, codeHash, inputs } = args
    const task = unpackTask({ ref, target, terms, codeHash, inputsHash: keccak256(hexToBytes(inputs)) })
    // The id is a hash of all that the event says: an RPC that alters one must alter the other.
    if (taskId(domain, task) !== args.taskId) throw new TaskIdMismatchError(args.taskId)
    const request = { taskId: args.taskId, task, txHash: transactionHash, blockHash }
    if (isWanted(request)) return request
  }
}

function endIn(logs: readonly Log[], domain: Domain, id: Hex, redelivered: boolean): TaskEnd | undefined {
  const events = parseEventLogs({
    abi: enigmaAbi,
    eventName: ['TaskSettled', 'TaskCancelled'],
    logs: ownLogs(logs, domain),
  })
  const event = events.find(({ args }) => args.taskId === id)
  if (!event?.transactionHash || event.blockNumber === null) return
  const { transactionHash: txHash, blockNumber } = event
  if (event.eventName === 'TaskCancelled') return { type: 'cancelled', txHash }
  const { seat, rank, status, output } = event.args
  const delivered = event.args.delivered || redelivered
  return { type: 'settled', seat: Number(seat), rank, status, delivered, output, txHash, blockNumber }
}

/** Any contract can emit an event of the same form. */
function ownLogs(logs: readonly Log[], domain: Domain): Log[] {
  return logs.filter(({ address }) => lower(address) === domain.enigma)
}

export class TaskIdMismatchError extends EnigmaError {
  override readonly name = 'TaskIdMismatchError'
  readonly code = 'TASK_ID_MISMATCH'
  constructor(found: Hex) {
    super(`The RPC shows a request whose fields do not hash to its id ${found}.`, {
      hint: 'The RPC answers falsely, or serves another version of Enigma: use another one.',
    })
  }
}
