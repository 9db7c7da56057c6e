export { ANVIL_KEYS, type Anvil, startAnvil } from './anvil.ts'
export {
  type FaultProxy,
  type JsonCall,
  type Lie,
  type LyingProxy,
  Refusal,
  startFaultProxy,
  startLyingProxy,
} from './fault-proxy.ts'
export { createManualClock, type ManualClock } from './manual-clock.ts'
export { createRecordedLog, type RecordedLog } from './recorded-log.ts'
export { until } from './until.ts'
