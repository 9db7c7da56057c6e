/** The local network as a library, for tests and benchmarks. */
export { type NetworkFile, writeNetworkFile } from '../network-file.ts'
export type { Account } from './accounts.ts'
export { windToEpoch } from './activate.ts'
export { createWinder, type Winder } from './chain.ts'
export type { Child, LogSink } from './child.ts'
export { type Dapp, deployDapps } from './deploy.ts'
export { type Localnet, type LocalnetConfig, type LocalnetParts, startLocalnet } from './localnet.ts'
export { LOCAL_PARAMETERS, type Parameters } from './parameters.ts'
