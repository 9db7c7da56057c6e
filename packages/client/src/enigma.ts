/** What a dApp imports: one call that computes in private, its steps singly, and data for later computation. */
import type { Address, Hex } from '@enigma/protocol'
import type { Abi, Account, ContractFunctionParameters } from 'viem'
import type { AbiType, AbiValue } from './abi-value.ts'
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
import type { Deadline } from './clock.ts'
import { type ContractKey, NoContractKeyError } from './contract-keys.ts'
import { inspectDApp, requireCallable } from './dapp.ts'
import { type SealedTask, sealTask } from './encrypt.ts'
import { lower } from './enigma-contract.ts'
import { findTask } from './find-task.ts'
import { fundSlot, withdrawSlot } from './funds.ts'
import type { Outcome, PrivateReply, ReplyCall, ReplyName } from './private-result.ts'
import { abandonResult, redeliverResult, type UndeliveredTask, withRedelivery } from './redeliver.ts'
import { createReplyKey, type ReplyKey } from './reply-key.ts'
import { requestKey } from './request-key.ts'
import { type RequestedTask, type Requesting, type SentTask, sendRequest } from './request-task.ts'
import { requireOwnAccount } from './requester.ts'
import { encodeSealed, type SealOptions, sealFor } from './seal.ts'
import { type Common, type EnigmaOptions, openSession } from './session.ts'
import { withRetries } from './state-conflict.ts'
import type { TermsOptions } from './terms.ts'
import type { Moved } from './transact.ts'
import type { UserKeyOptions } from './user-key.ts'
import type { VerifiedWorker } from './verified-worker.ts'
import { prepareWorkers } from './verify-workers.ts'
import { type AwaitedTask, awaitResult } from './wait.ts'

/** Address, ABI, function and arguments of a private call, as viem has them for a public one. */
export type PrivateCall<
  abi extends Abi,
  name extends PrivateName<abi>,
  args extends PrivateArgs<abi, name>,
> = ContractFunctionParameters<abi, PrivateMutability, name, args> & { privateResult?: undefined }

type Encryption = { workers: readonly VerifiedWorker[]; codeHash?: Hex }

export type Enigma = {
  /**
   * Computes in private and returns the function's result, typed by the ABI. One transaction by the user.
   *
   * Every worker that can open the arguments is verified on this machine before anything is sealed, sent or paid.
   */
  call<const abi extends Abi, name extends PrivateName<abi>, const args extends PrivateArgs<abi, name>>(
    parameters: PrivateCall<abi, name, args> & CallOptions & Common,
  ): Promise<PrivateResult<abi, name>>
  /** The same where the result is sealed to the caller: returns what the function's `reply` holds. */
  call<const abi extends Abi, name extends ReplyName<abi>, const result extends AbiType>(
    parameters: ReplyCall<abi, name, result> & CallOptions & Common,
  ): Promise<AbiValue<result>>
  /** Verifies the workers that the lottery selects for the next task of a free slot, or of `slot`. */
  verifyWorkers(parameters: { dApp: Address; slot?: number } & Common): Promise<VerifiedWorker[]>
  /** Seals arguments to verified workers. */
  encrypt<const abi extends Abi, name extends PrivateName<abi>, const args extends PrivateArgs<abi, name>>(
    parameters: PrivateCall<abi, name, args> & Encryption & Common,
  ): Promise<SealedTask<abi, name, undefined>>
  encrypt<const abi extends Abi, name extends ReplyName<abi>, const result extends AbiType>(
    parameters: ReplyCall<abi, name, result> & Encryption & Common,
  ): Promise<SealedTask<abi, name, result>>
  /** Pays and asks; resolves once the task is on chain. */
  requestTask<abi extends Abi, name extends PrivateName<abi>, result extends AbiType | undefined = undefined>(
    sealed: SealedTask<abi, name, result>,
    options?: TermsOptions & Common,
  ): Promise<RequestedTask<abi, name, result>>
  waitForResult<abi extends Abi, name extends PrivateName<abi>, const result extends AbiType | undefined = undefined>(
    task: AwaitedTask<abi, name, result>,
    options?: Common,
  ): Promise<Outcome<abi, name, result>>
  /** The task that a sent transaction made: after an abort, a timeout or a reorganisation. */
  findTask<abi extends Abi, name extends PrivateName<abi>, result extends AbiType | undefined = undefined>(
    sent: SentTask<abi, name, result>,
    options?: Common,
  ): Promise<RequestedTask<abi, name, result>>
  /** Takes back the fee of a task that nobody served in time. */
  cancel(task: Pick<AwaitedTask, 'taskId' | 'createdBlock'>, options?: Common): Promise<Cancelled>
  /** Hands a result whose callback failed to its dApp again. Anyone may; nothing is sent where it would fail again. */
  redeliver(task: UndeliveredTask, options?: Common): Promise<Moved>
  /** Gives such a result up, so that its slot is free: its requester at any time, anyone after the cool-down. */
  abandon(task: UndeliveredTask, options?: Common): Promise<Moved>
  /** Adds to a slot's balance, from which requests are paid first. */
  fund(parameters: { slot: number; amountGwei: bigint } & Common): Promise<Moved>
  /** Pays a slot's balance out to its account. */
  withdraw(parameters: { slot: number } & Common): Promise<Moved>
  /** Seals a value for a contract to store, and to compute on in private on any later day. Sends nothing. */
  seal<const type extends AbiType>(parameters: SealOptions<type> & Common): Promise<Hex>
  /** Has the contract's key published, which `seal` seals to: once for all users. Sends nothing where it stands there. */
  requestContractKey(parameters: { contract: Address; codeHash?: Hex } & Common): Promise<ContractKey>
  /** The account's key for private results, the same on all its devices. Its wallet signs once a session. */
  replyKeyPair(parameters?: UserKeyOptions & Common): Promise<ReplyKey>
}

/** Opens a client of one network. Throws at once where the network is simulated and that was not allowed. */
export function createEnigma(options: EnigmaOptions): Enigma {
  const session = openSession(options)

  /** Runs a verb that is one transaction of the caller's account. */
  const sending = <T>(
    options: Common = {},
    verb: (requesting: Requesting, account: Account, deadline: Deadline) => Promise<T>,
  ) =>
    session.run(options, async (_, deadline) => {
      const account = session.accountOf(options.account)
      const { requesting } = await deadline.race(session.calling())
      return verb(requesting, account, deadline)
    })

  // The types above do the work for callers; from here on a call is plain.
  const enigma = {
    call: (parameters: PlainCall & PrivateReply & CallOptions & Common) =>
      session.run(parameters, (report, deadline) =>
        withRetries(parameters, report, deadline, async () => {
          const account = session.accountOf(parameters.account)
          const calling = await deadline.race(session.calling())
          const call = await session.withReplyKey(parameters, deadline)
          const task = await requestCall(calling, call, parameters, account, report, deadline)
          const parts = calling.requesting
          const result = awaitResult(session.waiting, task, report, deadline)
          return withRedelivery(parameters, { parts, account, report, deadline }, result)
        }),
      ),
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
    encrypt: (parameters: PlainCall & PrivateReply & Encryption & Common) =>
      session.run(parameters, async (report, deadline) => {
        const { workers, codeHash } = parameters
        const { search, requesting } = await deadline.race(session.calling())
        const call = await session.withReplyKey(parameters, deadline)
        const { abi, functionName, privateResult, replyKeyPair } = call
        const callable = encodeCallable(call)
        const { reader } = requesting
        const dApp = await deadline.race(inspectDApp(reader, lower(parameters.address), codeHash))
        await deadline.race(requireCallable(reader, dApp.address, callable.selector, functionName))
        const reply = await createReplyKey()
        const sealing = { abi, functionName, dApp, callable, workers, reply, privateResult, replyKeyPair }
        const sealed = await sealTask(search.verification, sealing)
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
      session.run(options, async (report, deadline) => {
        const { privateResult, replyKeyPair } = task
        if (privateResult === undefined || replyKeyPair) return awaitResult(session.waiting, task, report, deadline)
        const key = await deadline.race(session.userKey(session.accountOf(options.account)))
        return awaitResult(session.waiting, { ...task, replyKeyPair: key }, report, deadline)
      }),
    findTask: (sent: SentTask, options: Common = {}) =>
      session.run(options, async (_, deadline) => findTask(await deadline.race(session.waiting()), sent, deadline)),
    cancel: (task: Pick<AwaitedTask, 'taskId' | 'createdBlock'>, options?: Common) =>
      sending(options, (...parts) => cancelTask(task, ...parts)),
    redeliver: (task: UndeliveredTask, options?: Common) =>
      sending(options, (...parts) => redeliverResult(task, ...parts)),
    abandon: (task: UndeliveredTask, options?: Common) => sending(options, (...parts) => abandonResult(task, ...parts)),
    fund: ({ slot, amountGwei, ...common }: { slot: number; amountGwei: bigint } & Common) =>
      sending(common, (...parts) => fundSlot(slot, amountGwei, ...parts)),
    withdraw: ({ slot, ...common }: { slot: number } & Common) =>
      sending(common, (...parts) => withdrawSlot(slot, ...parts)),
    seal: (parameters: SealOptions & Common) =>
      session.run(parameters, async (report, deadline) => {
        const { contract, codeHash, account } = parameters
        const message = encodeSealed(parameters)
        const owner = parameters.owner ?? session.accountOf(account).address
        const { sealing, dApp } = await deadline.race(session.sealing(contract, codeHash))
        const key =
          (await deadline.race(sealing.keys.find(dApp, sealing.requesting.terms))) ??
          (parameters.requestKey && (await requestKey(sealing, dApp, session.accountOf(account), report, deadline)))
        if (!key) throw new NoContractKeyError(dApp.address)
        return sealFor(key, session.domain, owner, message)
      }),
    requestContractKey: (parameters: { contract: Address; codeHash?: Hex } & Common) =>
      session.run(parameters, async (report, deadline) => {
        const { contract, codeHash, account } = parameters
        const { sealing, dApp } = await deadline.race(session.sealing(contract, codeHash))
        return requestKey(sealing, dApp, session.accountOf(account), report, deadline)
      }),
    replyKeyPair: (options: UserKeyOptions & Common = {}) =>
      session.run(options, (_, deadline) =>
        deadline.race(session.userKey(session.accountOf(options.account), options)),
      ),
  }
  return enigma as unknown as Enigma
}
