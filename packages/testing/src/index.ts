/** The network inside a test process. */
export { eventually, NeverHappenedError } from './eventually.ts'
export { type FaultProxy, openFaultProxy } from './fault-proxy.ts'
export { evidenceFor, type Feed, feedCore, type HandDriven, honestFeed, takeSeatByHand } from './hand-driven.ts'
export { type LogLine, type NetworkOptions, startNetwork, type TestNetwork, type TestWorker } from './network.ts'
export { childrenOf, isRunning, treeOf } from './processes.ts'
export { type Settlement, settle, trySettle } from './settle.ts'
export type { WorkerHandle } from './worker-handle.ts'
