export { type Block, type Log, mayHoldLogsOf, parseBlock, parseLogs } from './blocks.ts'
export { backoffMs, type Clock, systemClock } from './clock.ts'
export {
  ConfigError,
  type ConfigOf,
  type ConfigSources,
  environmentOf,
  flagOf,
  type Option,
  readConfig,
  type Table,
} from './config.ts'
export { readFileIfThere, writeFileDurably } from './files.ts'
export { helpText, markdownTable } from './help.ts'
export { type Running, runDaemon } from './lifecycle.ts'
export { codeOf, createLogger, type LogField, type LogFields, type Logger, type LogLevel, silentLogger } from './log.ts'
export { observerOptions } from './observer-options.ts'
export {
  createObservers,
  type Observation,
  type ObserverHealth,
  type Observers,
  type ObserversConfig,
} from './observers.ts'
export { askObserver, type ObserverFault } from './observers-ask.ts'
export type { AgreedHead } from './observers-head.ts'
export * as options from './options.ts'
export { createRpc, isLagging, isOutage, type Rpc, type RpcCall, RpcError, type RpcFailure } from './rpc.ts'
export { Secret } from './secret.ts'
export { createSender, type Head, type Sender, type SenderSettings } from './sender.ts'
export { createSerial } from './serial.ts'
export {
  type Database,
  FolderInUseError,
  lockFolder,
  NewerDatabaseError,
  openDatabase,
  openForReading,
  transaction,
} from './sqlite.ts'
export { type Intent, TRANSACTIONS_SCHEMA, type Transaction, type TransactionState } from './transactions.ts'
export { openValues, VALUES_SCHEMA, type Values } from './values.ts'
export {
  createWallet,
  type MinedTransaction,
  quantity,
  type SignedTransaction,
  type UnsignedTransaction,
  type Wallet,
} from './wallet.ts'
