/** A task's life as the chain tells it: what was asked, whose turn it is, how it ended. */
import { enigmaAbi } from '@enigma/contracts'
import { EnigmaError, type Hex, hexToBytes, keccak256, RANKS, type Task, unpackTask } from '@enigma/protocol'
import { getAbiItem, type Log } from 'viem'
import type { OpenNetwork } from './network.ts'

const TASK_REQUESTED = getAbiItem({ abi: enigmaAbi, name: 'TaskRequested' })
const TASK_SETTLED = getAbiItem({ abi: enigmaAbi, name: 'TaskSettled' })
const TASK_CANCELLED = getAbiItem({ abi: enigmaAbi, name: 'TaskCancelled' })
const TASK_REDELIVERED = getAbiItem({ abi: enigmaAbi, name: 'TaskRedelivered' })
const TASK_ABANDONED = getAbiItem({ abi: enigmaAbi, name: 'TaskAbandoned' })

export type Ending =
  | {
      state: 'settled'
      seat: number
      rank: number
      status: number
      /** Whether the callback passed when it was settled. */
      delivered: boolean
      output: Hex
      txHash: Hex
      block: number
      /** What became of a result whose callback failed; not there while it waits. */
      afterwards?: Afterwards
    }
  | { state: 'cancelled'; txHash: Hex; block: number }

export type Afterwards = { state: 'redelivered' | 'abandoned'; txHash: Hex; block: number }

export type TaskView = {
  taskId: Hex
  task: Task
  inputBytes: number
  txHash: Hex
  /** Of rank 0, 1, 2; fewer where the epoch is too old for the contract to say, or has no more workers. */
  ranks: { rank: number; seat: number; signer: Hex }[]
  ending?: Ending
}

type Requested = Log<bigint, number, false, typeof TASK_REQUESTED, true>

/** The tasks requested in these blocks, oldest first. */
export async function findRequests(
  { client, file }: OpenNetwork,
  { fromBlock, toBlock, taskId }: { fromBlock: bigint; toBlock?: bigint; taskId?: Hex },
): Promise<Requested[]> {
  return client.getLogs({
    address: file.enigma,
    event: TASK_REQUESTED,
    ...(taskId === undefined ? {} : { args: { taskId } }),
    fromBlock,
    ...(toBlock === undefined ? {} : { toBlock }),
    strict: true,
  })
}

/** Reads all that the chain knows of a task. */
export async function readTask(network: OpenNetwork, taskId: Hex): Promise<TaskView> {
  const [requested] = await findRequests(network, { fromBlock: BigInt(network.file.genesisBlock), taskId })
  if (!requested) throw new UnknownTaskError(taskId)
  return viewOf(network, requested)
}

export async function viewOf(network: OpenNetwork, requested: Requested): Promise<TaskView> {
  const { taskId, ref, target, terms, codeHash, inputs } = requested.args
  const inputBytes = hexToBytes(inputs)
  const task = unpackTask({ ref, target, terms, codeHash, inputsHash: keccak256(inputBytes) })
  const [ranks, ending] = await Promise.all([readRanks(network, task), readEnding(network, taskId, task.createdBlock)])
  const found = { taskId, task, inputBytes: inputBytes.length, txHash: requested.transactionHash, ranks }
  return ending ? { ...found, ending } : found
}

async function readRanks({ enigma }: OpenNetwork, { epoch, dApp, lane }: Task): Promise<TaskView['ranks']> {
  const found = await Promise.all(
    Array.from({ length: RANKS }, async (_, rank) => {
      try {
        const [seat, signer] = await enigma.read.selected([BigInt(epoch), dApp, BigInt(lane), BigInt(rank)])
        return { rank, seat: Number(seat), signer: signer.toLowerCase() as Hex }
      } catch {
        // SeedNotPosted for an epoch long gone, NoLiveSeat where there are fewer workers than ranks.
        return undefined
      }
    }),
  )
  return found.filter((rank) => rank !== undefined)
}

export async function readEnding(
  { client, file }: OpenNetwork,
  taskId: Hex,
  fromBlock: bigint,
): Promise<Ending | undefined> {
  const where = { address: file.enigma, args: { taskId }, fromBlock, strict: true } as const
  const [[settled], [cancelled], [redelivered], [abandoned]] = await Promise.all([
    client.getLogs({ ...where, event: TASK_SETTLED }),
    client.getLogs({ ...where, event: TASK_CANCELLED }),
    client.getLogs({ ...where, event: TASK_REDELIVERED }),
    client.getLogs({ ...where, event: TASK_ABANDONED }),
  ])
  if (settled) {
    const { seat, rank, status, delivered, output } = settled.args
    const txHash = settled.transactionHash
    const last = redelivered ?? abandoned
    return {
      state: 'settled',
      seat: Number(seat),
      rank,
      status,
      delivered,
      output,
      txHash,
      block: Number(settled.blockNumber),
      ...(last && {
        afterwards: {
          state: redelivered ? 'redelivered' : 'abandoned',
          txHash: last.transactionHash,
          block: Number(last.blockNumber),
        },
      }),
    }
  }
  if (!cancelled) return undefined
  return { state: 'cancelled', txHash: cancelled.transactionHash, block: Number(cancelled.blockNumber) }
}

/** Thrown for an id that no event of this network carries. */
export class UnknownTaskError extends EnigmaError {
  override readonly name = 'Tasks.UnknownTaskError'
  readonly code = 'UNKNOWN_TASK'
  constructor(taskId: Hex) {
    super(`This network has no task ${taskId}.`, { hint: 'enigma task watch shows tasks as they come.' })
  }
}
