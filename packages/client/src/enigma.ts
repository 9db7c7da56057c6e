/** What a dApp imports: one call that computes in private, and its steps singly. */
import type { Address, Hex } from '@enigma/protocol'
import type { Abi, ContractFunctionParameters } from 'viem'
import { type CallOptions, requestCall } from './call.ts'
import {
  encodeCallable,
  type PlainCall,
  type PrivateArgs,
  type PrivateMutability,
  type PrivateName,
  type PrivateResult,
} from './callable.ts'
import { type Cancelled, cancelTask } from './cancel.ts'
import { inspectDApp, requireCallable } from './dapp.ts'
import { type SealedTask, sealTask } from './encrypt.ts'
import { lower } from './enigma-contract.ts'
import { findTask } from './find-task.ts'
import { fundSlot, type Moved, withdrawSlot } from './funds.ts'
import { createReplyKey } from './reply-key.ts'
import { type RequestedTask, type SentTask, sendRequest } from './request-task.ts'
import { requireOwnAccount } from './requester.ts'
import { type Common, type EnigmaOptions, openSession } from './session.ts'
import type { TermsOptions } from './terms.ts'
import type { VerifiedWorker } from './verified-worker.ts'
import { prepareWorkers } from './verify-workers.ts'
import { type AwaitedTask, awaitResult } from './wait.ts'

/** Address, ABI, function and arguments of a private call, as viem has them for a public one. */
export type PrivateCall<
  abi extends Abi,
  name extends PrivateName<abi>,
  args extends PrivateArgs<abi, name>,
> = ContractFunctionParameters<abi, PrivateMutability, name, args>

export type Enigma = {
  /**
   * Computes in private and returns the function's result, typed by the ABI. One transaction by the user.
   *
   * Every worker that can open the arguments is verified on this machine before anything is sealed, sent or paid.
   */
  call<const abi extends Abi, name extends PrivateName<abi>, const args extends PrivateArgs<abi, name>>(
    parameters: PrivateCall<abi, name, args> & CallOptions & Common,
  ): Promise<PrivateResult<abi, name>>
  /** Verifies the workers that the lottery selects for the next task of a free slot, or of `slot`. */
  verifyWorkers(parameters: { dApp: Address; slot?: number } & Common): Promise<VerifiedWorker[]>
  /** Seals arguments to verified workers. */
  encrypt<const abi extends Abi, name extends PrivateName<abi>, const args extends PrivateArgs<abi, name>>(
    parameters: PrivateCall<abi, name, args> & { workers: readonly VerifiedWorker[]; codeHash?: Hex } & Common,
  ): Promise<SealedTask<abi, name>>
  /** Pays and asks; resolves once the task is on chain. */
  requestTask<abi extends Abi, name extends PrivateName<abi>>(
    sealed: SealedTask<abi, name>,
    options?: TermsOptions & Common,
  ): Promise<RequestedTask<abi, name>>
  waitForResult<abi extends Abi, name extends PrivateName<abi>>(
    task: AwaitedTask<abi, name>,
    options?: Common,
  ): Promise<PrivateResult<abi, name>>
  /** The task that a sent transaction made: after an abort, a timeout or a reorganisation. */
  findTask<abi extends Abi, name extends PrivateName<abi>>(
    sent: SentTask<abi, name>,
    options?: Common,
  ): Promise<RequestedTask<abi, name>>
  /** Takes back the fee of a task that nobody served in time. */
  cancel(task: Pick<AwaitedTask, 'taskId' | 'createdBlock'>, options?: Common): Promise<Cancelled>
  /** Adds to a slot's balance, from which requests are paid first. */
  fund(parameters: { slot: number; amountGwei: bigint } & Common): Promise<Moved>
  /** Pays a slot's balance out to its account. */
  withdraw(parameters: { slot: number } & Common): Promise<Moved>
}

/** Opens a client of one network. Throws at once where the network is simulated and that was not allowed. */
export function createEnigma(options: EnigmaOptions): Enigma {
  const session = openSession(options)

  // The types above do the work for callers; from here on a call is plain.
  const enigma = {
    call: (parameters: PlainCall & CallOptions & Common) =>
      session.run(parameters, async (report, deadline) => {
        const account = session.accountOf(parameters.account)
        const calling = await deadline.race(session.calling())
        const task = await requestCall(calling, withArgs(parameters), parameters, account, report, deadline)
        return awaitResult(session.waiting, task, report, deadline)
      }),
    verifyWorkers: ({ dApp, slot: only, ...common }: { dApp: Address; slot?: number } & Common) =>
      session.run(common, async (report, deadline) => {
        const requester = lower(session.accountOf(common.account).address)
        const { search } = await deadline.race(session.calling())
        const { slot, workers } = await prepareWorkers(
          search,
          { dApp: lower(dApp), requester, slot: only },
          report,
          deadline,
        )
        slot.release()
        return workers
      }),
    encrypt: (parameters: PlainCall & { workers: readonly VerifiedWorker[]; codeHash?: Hex } & Common) =>
      session.run(parameters, async (report, deadline) => {
        const { abi, functionName, workers, codeHash } = parameters
        const callable = encodeCallable(withArgs(parameters))
        const { search, requesting } = await deadline.race(session.calling())
        const { reader } = requesting
        const dApp = await deadline.race(inspectDApp(reader, lower(parameters.address), codeHash))
        await deadline.race(requireCallable(reader, dApp.address, callable.selector, functionName))
        const reply = await createReplyKey()
        const sealed = await sealTask(search.verification, { abi, functionName, dApp, callable, workers, reply })
        report({ type: 'encrypted', bytes: sealed.envelope.length, ranks: workers.map(({ rank }) => rank) })
        return sealed
      }),
    requestTask: (sealed: SealedTask, options: TermsOptions & Common = {}) =>
      session.run(options, async (report, deadline) => {
        const account = session.accountOf(options.account)
        const calling = await deadline.race(session.calling())
        await deadline.race(requireOwnAccount(calling.requesting.reader, lower(account.address), calling))
        return sendRequest(calling.requesting, sealed, account, options, report, deadline)
      }),
    waitForResult: (task: AwaitedTask, options: Common = {}) =>
      session.run(options, (report, deadline) => awaitResult(session.waiting, task, report, deadline)),
    findTask: (sent: SentTask, options: Common = {}) =>
      session.run(options, async (_, deadline) => findTask(await deadline.race(session.waiting()), sent, deadline)),
    cancel: (task: Pick<AwaitedTask, 'taskId' | 'createdBlock'>, options: Common = {}) =>
      session.run(options, async (_, deadline) => {
        const account = session.accountOf(options.account)
        const { requesting } = await deadline.race(session.calling())
        return cancelTask(requesting, task, account, deadline)
      }),
    fund: ({ slot, amountGwei, ...common }: { slot: number; amountGwei: bigint } & Common) =>
      session.run(common, async (_, deadline) => {
        const account = session.accountOf(common.account)
        const { requesting } = await deadline.race(session.calling())
        return fundSlot(requesting, slot, amountGwei, account, deadline)
      }),
    withdraw: ({ slot, ...common }: { slot: number } & Common) =>
      session.run(common, async (_, deadline) => {
        const account = session.accountOf(common.account)
        const { requesting } = await deadline.race(session.calling())
        return withdrawSlot(requesting, slot, account, deadline)
      }),
  }
  return enigma as unknown as Enigma
}

/** A function without arguments may be called without `args`. */
function withArgs(call: PlainCall): PlainCall {
  return { ...call, args: call.args ?? [] }
}
