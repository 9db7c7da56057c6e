/** What a dApp's author runs before anything is paid. An entry of its own: pages that only call need no EVM. */
export { NonsenseError, NoProofsError, UnknownBlockError, UnprovenStateError } from './chain-state.ts'
export { NeedsEnclaveError, type SealedData } from './enclave.ts'
export { formatReason, formatTrace, formatValue } from './format-trace.ts'
export {
  PrefetchTooLargeError,
  type SimulatedOutcome,
  type SimulatedRead,
  type SimulateOptions,
  type Simulation,
  simulate,
} from './simulate.ts'
export type { CallKind, FrameHalt, TracedCall, TracedEnd } from './trace.ts'
