/** Pays the fee and asks for a computation. Takes what `encrypt` made of verified workers, so that checking comes first. */

import {
  type Address,
  bytesToHex,
  type Domain,
  EnigmaError,
  type Hex,
  keccak256,
  packTarget,
  type Task,
} from '@enigma/protocol'
import { type Abi, type Account, getAbiItem } from 'viem'
import { getBlockNumber, getLogs } from 'viem/actions'
import type { AbiType } from './abi-value.ts'
import type { Sent } from './broadcast.ts'
import type { PrivateName } from './callable.ts'
import type { Deadline } from './clock.ts'
import { EpochPausedError, FallbackEpochError } from './closed-epoch.ts'
import type { ChainClient } from './connection.ts'
import { requireSealed, type SealedTask } from './encrypt.ts'
import { enigmaAbi } from './enigma-abi.ts'
import { type EnigmaContract, lower, type Terms } from './enigma-contract.ts'
import type { AnyResult, PrivateReply } from './private-result.ts'
import type { Report } from './progress.ts'
import { TransactionReplacedError, TransactionRevertedError, waitForReceipt } from './receipt.ts'
import type { ReplyKey } from './reply-key.ts'
import { type EnigmaTransaction, RefusedError, type Sender } from './send.ts'
import { type SlotBook, SlotInUseError, type SlotUse } from './slots.ts'
import { requestIn, type TaskRequest } from './task-events.ts'
import { quote, type TermsOptions, termsOf } from './terms.ts'
import type { Session } from './verified-worker.ts'

const TASK_REQUESTED = getAbiItem({ abi: enigmaAbi, name: 'TaskRequested' })

/** A task on chain. `waitForResult` and `cancel` take it. */
export type RequestedTask<
  abi extends Abi = Abi,
  name extends PrivateName<abi> = PrivateName<abi>,
  result extends AbiType | undefined = AnyResult<abi>,
> = SentTask<abi, name, result> & {
  readonly taskId: Hex
  readonly task: Task
  readonly createdBlock: bigint
  readonly blockHash: Hex
  readonly gas: bigint
}

/** A request that was sent and perhaps not mined yet. `findTask` takes it. */
export type SentTask<
  abi extends Abi = Abi,
  name extends PrivateName<abi> = PrivateName<abi>,
  result extends AbiType | undefined = AnyResult<abi>,
> = PrivateReply<result> & {
  readonly txHash: Hex
  /** By these it is told from others in its transaction, and found again should a wallet replace that. */
  readonly sought: SoughtRequest
  readonly abi: abi
  readonly functionName: name
  /** Opens why the function failed, should it. */
  readonly reply?: ReplyKey
}

/** What a request is known by, whichever transaction carries it. */
export type SoughtRequest = SlotUse & {
  readonly dApp: Address
  readonly inputsHash: Hex
  /** It is in no block before this one. */
  readonly sinceBlock: bigint
  /** Of its transaction; unknown where a wallet chose it. */
  readonly nonce?: number | undefined
}

export type Requesting = {
  session: Session
  reader: ChainClient
  contract: EnigmaContract
  domain: Domain
  sender: Sender
  slots: SlotBook
  terms: Terms
  pollMs: number
}

export async function sendRequest(
  requesting: Requesting,
  sealed: SealedTask,
  account: Account,
  options: TermsOptions,
  report: Report,
  deadline: Deadline,
): Promise<RequestedTask> {
  const { session, reader, contract, sender, slots } = requesting
  requireSealed(sealed, session)
  const { draw, dApp, callable, envelope } = sealed
  if (lower(account.address) !== draw.requester) throw new WrongRequesterError(lower(account.address), draw.requester)
  const terms = termsOf(callable, options)
  const target = packTarget({ dApp: dApp.address, callable: callable.selector, ...terms })
  const inputs = bytesToHex(envelope)

  const prepare = async (): Promise<EnigmaTransaction> => {
    const [{ feeGwei, ...fees }, slot] = await Promise.all([
      quote(reader, contract, terms, options),
      contract.slot(draw.requester, draw.slot),
    ])
    // Sealed for this seq alone: under another one no worker opens it, and the fee would be paid for that.
    if (slot.pending || slot.undelivered || slot.seq !== draw.seq) throw new SlotInUseError(draw.requester, draw.slot)
    const missingGwei = feeGwei > slot.balanceGwei ? feeGwei - slot.balanceGwei : 0n
    return {
      functionName: 'requestTask',
      args: [draw.slot, target, feeGwei, BigInt(draw.epoch), BigInt(draw.lane), inputs],
      valueWei: missingGwei * 1_000_000_000n,
      fees,
    }
  }
  // Before anything is awaited: two flows that sealed for the same task must not both pay.
  slots.claim(draw)
  const transaction = await sender.send(account, prepare, deadline).catch((error: unknown) => {
    slots.unclaim(draw)
    throw refined(error, sealed)
  })
  const { abi, functionName, reply, privateResult, replyKeyPair } = sealed
  const { requester, slot, seq, epoch } = draw
  const inputsHash = keccak256(envelope)
  const sinceBlock = draw.block.number
  const sought = { requester, slot, seq, epoch, dApp: dApp.address, inputsHash, sinceBlock, nonce: transaction.nonce }
  const sent: SentTask = { txHash: transaction.hash, sought, abi, functionName, reply, privateResult, replyKeyPair }
  deadline.sent({ sent })
  report({ type: 'sent', txHash: sent.txHash })

  const requested = await arrival(requesting, sent, transaction, deadline)
  deadline.sent({ task: requested })
  const { taskId, task, gas, createdBlock } = requested
  report({ type: 'requested', taskId, txHash: requested.txHash, gas, feeGwei: task.feeGwei, createdBlock })
  const [first] = sealed.workers
  if (first) report({ type: 'selected', seat: first.seat, rank: first.rank, signer: first.signer })
  return requested
}

/** The task that the transaction makes once it is mined, or the one that a wallet sent in its place. */
export async function arrival(
  { reader, domain, slots, terms, pollMs }: Pick<Requesting, 'reader' | 'domain' | 'slots' | 'terms' | 'pollMs'>,
  sent: SentTask,
  transaction: Sent,
  deadline: Deadline,
): Promise<RequestedTask> {
  const { sought } = sent
  const isSought = ({ task }: TaskRequest) =>
    task.requester === sought.requester &&
    task.slot === sought.slot &&
    task.seq === sought.seq &&
    task.inputsHash === sought.inputsHash
  const findElsewhere = async () => {
    // Later than in the epoch after its own no request is mined.
    const last = sought.sinceBlock + BigInt(2 * terms.epochBlocks)
    const head = await getBlockNumber(reader, { cacheTime: 0 })
    const toBlock = head < last ? head : last
    const requests = { address: domain.enigma, event: TASK_REQUESTED, args: { dApp: sought.dApp } } as const
    const logs = await getLogs(reader, { ...requests, fromBlock: sought.sinceBlock, toBlock })
    return requestIn(logs, domain, isSought)?.txHash
  }
  try {
    const receipt = await waitForReceipt(reader, transaction, pollMs, deadline, findElsewhere)
    const request = requestIn(receipt.logs, domain, isSought)
    if (!request) throw new NoRequestError(receipt.transactionHash)
    const { taskId, task, blockHash, txHash } = request
    return { ...sent, txHash, taskId, task, createdBlock: task.createdBlock, blockHash, gas: receipt.gasUsed }
  } catch (error) {
    if (error instanceof TransactionRevertedError || error instanceof TransactionReplacedError) slots.unclaim(sought)
    throw error
  }
}

/** The contract's refusals that a caller can act on get names of their own. */
function refined(error: unknown, { draw, dApp }: SealedTask): unknown {
  if (!(error instanceof RefusedError)) return error
  if (error.errorName === 'EpochPaused') return new EpochPausedError(draw.epoch)
  if (error.errorName === 'FallbackRefused') return new FallbackEpochError(draw.epoch, dApp.address)
  if (error.errorName === 'EpochNotOpen' || error.errorName === 'SeedNotPosted') return new EpochPassedError(draw.epoch)
  if (error.errorName === 'SlotInUse' || error.errorName === 'WrongLane')
    return new SlotInUseError(draw.requester, draw.slot)
  return error
}

/** The epoch that the inputs were sealed in is over; others are selected now. */
export class EpochPassedError extends EnigmaError {
  override readonly name = 'EpochPassedError'
  readonly code = 'EPOCH_PASSED'
  constructor(epoch: number) {
    super(`Epoch ${epoch}, for whose workers the inputs were sealed, is over. Nothing was sent.`, {
      hint: 'Verify and encrypt anew; `call` does so by itself.',
    })
  }
}

export class WrongRequesterError extends EnigmaError {
  override readonly name = 'WrongRequesterError'
  readonly code = 'WRONG_REQUESTER'
  constructor(found: Hex, expected: Hex) {
    super(`The inputs were sealed for ${expected}; ${found} cannot ask with them.`, {
      hint: 'Sign with the account that the workers were verified for.',
    })
  }
}

/** The transaction succeeded without a request of ours in it. */
export class NoRequestError extends EnigmaError {
  override readonly name = 'NoRequestError'
  readonly code = 'NO_REQUEST'
  readonly txHash: Hex
  constructor(txHash: Hex) {
    super(`Transaction ${txHash} was mined, but the RPC shows no request in it.`, {
      hint: 'Compare with another RPC; the transaction may have been replaced.',
    })
    this.txHash = txHash
  }
}
