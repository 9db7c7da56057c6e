/** Pays the fee and asks for a computation. Takes what `encrypt` made of verified workers, so that checking comes first. */
import { bytesToHex, type Domain, EnigmaError, type Hex, keccak256, packTarget, type Task } from '@enigma/protocol'
import type { Abi, Account, TransactionReceipt } from 'viem'
import type { PrivateName } from './callable.ts'
import type { Deadline } from './clock.ts'
import type { ChainClient } from './connection.ts'
import { requireSealed, type SealedTask } from './encrypt.ts'
import { type EnigmaContract, lower } from './enigma-contract.ts'
import type { Report } from './progress.ts'
import { waitForReceipt } from './receipt.ts'
import type { ReplyKey } from './reply-key.ts'
import { type EnigmaTransaction, RefusedError, type Sender } from './send.ts'
import { SlotInUseError } from './slots.ts'
import { requestIn, type TaskRequest } from './task-events.ts'
import { quote, type TermsOptions, termsOf } from './terms.ts'

/** A task on chain. `waitForResult` and `cancel` take it. */
export type RequestedTask<abi extends Abi = Abi, name extends PrivateName<abi> = PrivateName<abi>> = SentTask<
  abi,
  name
> & {
  readonly taskId: Hex
  readonly task: Task
  readonly createdBlock: bigint
  readonly blockHash: Hex
  readonly gas: bigint
}

/** A request that was sent and perhaps not mined yet. `findTask` takes it. */
export type SentTask<abi extends Abi = Abi, name extends PrivateName<abi> = PrivateName<abi>> = {
  readonly txHash: Hex
  readonly abi: abi
  readonly functionName: name
  /** Opens why the function failed, should it. */
  readonly reply?: ReplyKey
}

export type Requesting = {
  reader: ChainClient
  contract: EnigmaContract
  domain: Domain
  sender: Sender
  pollMs: number
}

export async function sendRequest(
  { reader, contract, domain, sender, pollMs }: Requesting,
  sealed: SealedTask,
  account: Account,
  options: TermsOptions & { onSent?: () => void },
  report: Report,
  deadline: Deadline,
): Promise<RequestedTask> {
  requireSealed(sealed)
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
    if (slot.pending || slot.seq !== draw.seq) throw new SlotInUseError(draw.requester, draw.slot)
    const missingGwei = feeGwei > slot.balanceGwei ? feeGwei - slot.balanceGwei : 0n
    return {
      functionName: 'requestTask',
      args: [draw.slot, target, feeGwei, BigInt(draw.epoch), BigInt(draw.lane), inputs],
      valueWei: missingGwei * 1_000_000_000n,
      fees,
    }
  }
  const transaction = await sender.send(account, prepare, deadline).catch(refineRefusal(sealed))
  const { abi, functionName, reply } = sealed
  const sent: SentTask = { txHash: transaction.hash, abi, functionName, reply }
  options.onSent?.()
  deadline.sent({ sent })
  report({ type: 'sent', txHash: sent.txHash })

  const receipt = await waitForReceipt(reader, transaction, pollMs, deadline)
  const inputsHash = keccak256(envelope)
  const requested = requestedTask(sent, receipt, domain, ({ task }) => task.inputsHash === inputsHash)
  deadline.sent({ task: requested })
  const { taskId, task, gas, createdBlock } = requested
  report({ type: 'requested', taskId, txHash: sent.txHash, gas, feeGwei: task.feeGwei, createdBlock })
  const [first] = sealed.workers
  if (first) report({ type: 'selected', seat: first.seat, rank: first.rank, signer: first.signer })
  return requested
}

/** The task that a mined transaction made. */
export function requestedTask(
  sent: SentTask,
  receipt: TransactionReceipt,
  domain: Domain,
  isWanted: (request: TaskRequest) => boolean,
): RequestedTask {
  const request = requestIn(receipt.logs, domain, isWanted)
  if (!request) throw new NoRequestError(sent.txHash)
  const { taskId, task, blockHash } = request
  return { ...sent, taskId, task, createdBlock: task.createdBlock, blockHash, gas: receipt.gasUsed }
}

/** The contract's refusals that a caller can act on get names of their own. */
function refineRefusal({ draw }: SealedTask): (error: unknown) => never {
  return (error) => {
    if (error instanceof RefusedError) {
      if (error.errorName === 'EpochNotOpen' || error.errorName === 'SeedNotPosted')
        throw new EpochPassedError(draw.epoch)
      if (error.errorName === 'SlotInUse' || error.errorName === 'WrongLane')
        throw new SlotInUseError(draw.requester, draw.slot)
    }
    throw error
  }
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
