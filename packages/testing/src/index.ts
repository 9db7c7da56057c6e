/** The network inside a test process. */
export { eventually, NeverHappenedError } from './eventually.ts'
export { type FaultProxy, openFaultProxy } from './fault-proxy.ts'
export {
  type Feed,
  feedCore,
  firstOf,
  type HandDriven,
  honestFeed,
  networkOf,
  observedHeader,
  prove,
  takeSeatByHand,
} from './hand-driven.ts'
export type { Hardware, Published } from './hardware.ts'
export { type LogLine, type NetworkOptions, startNetwork, type TestNetwork, type TestWorker } from './network.ts'
export { type ObserverFault, type ObserversOptions, startObservers, type TestObserver } from './observers.ts'
export { childrenOf, isRunning, treeOf } from './processes.ts'
export { recheck, tryRecheck } from './recheck.ts'
export { refusalOf } from './refusal.ts'
export { runScript } from './run-script.ts'
export { type Settlement, settle, trySettle } from './settle.ts'
export type { WorkerHandle } from './worker-handle.ts'
