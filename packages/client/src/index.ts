/** What a dApp imports to compute in private. */

export { type AbiType, AbiTypeError, type AbiValue } from './abi-value.ts'
export { ClockSkewError } from './block.ts'
export { UserRejectedError } from './broadcast.ts'
export type { CallOptions } from './call.ts'
export {
  ArgumentsError,
  InputsTooLongError,
  NotPrivateError,
  type PrivateArgs,
  type PrivateName,
  type PrivateResult,
  UndecodableOutputError,
  UnknownFunctionError,
} from './callable.ts'
export { type Cancelled, CancelTooEarlyError, TaskEndedError, UnknownTaskError } from './cancel.ts'
export { AbortedError, type Clock, StoppedError, systemClock, TimeoutError } from './clock.ts'
export { EpochPausedError, FallbackEpochError } from './closed-epoch.ts'
export { CollateralIncompleteError, CollateralUnavailableError } from './collateral.ts'
export { type ChainClient, type Clients, NoAccountError, WrongChainError } from './connection.ts'
export { type ContractKey, ContractKeyUnprovenError, NoContractKeyError } from './contract-keys.ts'
export { CodeChangedError, NotCallableError, ProxyError, UnknownDAppError } from './dapp.ts'
export { type Draw, SeedNotPostedError } from './draw.ts'
export { NotSealedError, type SealedTask } from './encrypt.ts'
export { createEnigma, type Enigma, type PrivateCall } from './enigma.ts'
export { AmountError } from './funds.ts'
export { NoNetworkSecretError } from './key-registry.ts'
export {
  type EnigmaNetwork,
  NetworkFileError,
  type NextObservers,
  networkHashesOf,
  networkHashOf,
  parseNetwork,
} from './network.ts'
export { NetworkMismatchError, NoEnigmaError, SimulatedNetworkError } from './network-check.ts'
export {
  type FailureReason,
  InputsNotOpenedError,
  PrivateFunctionFailedError,
  ResultNotDeliveredError,
  TaskNotServedError,
} from './outcome.ts'
export {
  NoPrivateResultError,
  type Outcome,
  openPrivateResult,
  type ReplyCall,
  type ReplyKeySource,
  ReplyNotOpenedError,
  UndecodableReplyError,
} from './private-result.ts'
export type { OnProgress, ProgressEvent } from './progress.ts'
export { TransactionReplacedError, TransactionRevertedError } from './receipt.ts'
export { NotUndeliveredError, type RedeliverOptions, type UndeliveredTask } from './redeliver.ts'
export { createReplyKey, type ReplyKey } from './reply-key.ts'
export {
  EpochPassedError,
  NoRequestError,
  type RequestedTask,
  type SentTask,
  type SoughtRequest,
  WrongRequesterError,
} from './request-task.ts'
export { SharedRequesterError } from './requester.ts'
export { DataTooLongError, LabelError, SealedValueError, type SealOptions } from './seal.ts'
export { NoCertificateError, NoQuoteError } from './seat-quote.ts'
export { GasPriceTooHighError, InsufficientFundsError, RefusedError } from './send.ts'
export { ChainError, type Common, type EnigmaOptions } from './session.ts'
export { NoFreeSlotError, SlotInUseError } from './slots.ts'
export { StateConflictError } from './state-conflict.ts'
export { TaskIdMismatchError } from './task-events.ts'
export { FeeTooHighError, FeeTooLowError, OutOfLimitsError, type TermsOptions } from './terms.ts'
export type { Moved } from './transact.ts'
export { UnfitWalletError, type UserKeyOptions } from './user-key.ts'
export { NotVerifiedError, type RejectedWorker, type VerifiedWorker } from './verified-worker.ts'
export { WrongReportDataError, WrongSeatError } from './verify-worker.ts'
export { NoVerifiedWorkerError, OtherObserversError, SharedKeyError } from './verify-workers.ts'
export { type AwaitedTask, TaskReorganisedError } from './wait.ts'
