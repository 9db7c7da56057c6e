/**
 * One call that does it all: find the workers, verify them, seal to them, pay, wait, decode.
 *
 * Everything that can be refused is refused before the one transaction is signed.
 */

import type { Hex } from '@enigma/protocol'
import type { Account } from 'viem'
import { encodeCallable, type PlainCall } from './callable.ts'
import type { Deadline } from './clock.ts'
import { inspectDApp, requireCallable } from './dapp.ts'
import { sealTask } from './encrypt.ts'
import { lower } from './enigma-contract.ts'
import type { PrivateReply } from './private-result.ts'
import type { Report } from './progress.ts'
import type { RedeliverOptions } from './redeliver.ts'
import { createReplyKey } from './reply-key.ts'
import { EpochPassedError, type RequestedTask, type Requesting, sendRequest } from './request-task.ts'
import { requireOwnAccount } from './requester.ts'
import { SlotInUseError } from './slots.ts'
import type { RetryOptions } from './state-conflict.ts'
import { type TermsOptions, termsOf } from './terms.ts'
import { prepareWorkers, type Search } from './verify-workers.ts'

export type Calling = { search: Search; requesting: Requesting; ownContract: boolean }

export type CallOptions = TermsOptions &
  RetryOptions &
  RedeliverOptions & { slot?: number | undefined; codeHash?: Hex | undefined }

/** Where the world moved on between verifying and sending: nothing was paid, so all of it may be done again. */
const ATTEMPTS = 3

/** Everything up to a task on chain. */
export async function requestCall(
  calling: Calling,
  call: PlainCall & PrivateReply,
  options: CallOptions,
  account: Account,
  report: Report,
  deadline: Deadline,
): Promise<RequestedTask> {
  const callable = encodeCallable(call)
  termsOf(callable, options)
  const { reader } = calling.requesting
  const requester = lower(account.address)
  const address = lower(call.address)
  const [dApp] = await deadline.race(
    allInOrder([
      inspectDApp(reader, address, options.codeHash),
      requireCallable(reader, address, callable.selector, call.functionName),
      requireOwnAccount(reader, requester, calling),
    ]),
  )

  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptRequest()
    } catch (error) {
      const isWorthIt =
        error instanceof EpochPassedError || (error instanceof SlotInUseError && options.slot === undefined)
      if (!isWorthIt || attempt === ATTEMPTS) throw error
    }
  }

  async function attemptRequest(): Promise<RequestedTask> {
    const wanted = { dApp: dApp.address, requester, slot: options.slot }
    const { slot, workers } = await prepareWorkers(calling.search, wanted, report, deadline)
    try {
      const reply = await createReplyKey()
      const { abi, functionName, privateResult, replyKeyPair } = call
      const sealing = { abi, functionName, dApp, callable, workers, reply, privateResult, replyKeyPair }
      const sealed = await sealTask(calling.search.verification, sealing)
      report({ type: 'encrypted', bytes: sealed.envelope.length, ranks: workers.map(({ rank }) => rank) })
      return await sendRequest(calling.requesting, sealed, account, options, report, deadline)
    } finally {
      slot.release()
    }
  }
}

/** All at once, for the sake of far RPCs; of several refusals the first in order, so that it is the same each time. */
async function allInOrder<const T extends readonly Promise<unknown>[]>(
  work: T,
): Promise<{ -readonly [index in keyof T]: Awaited<T[index]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
