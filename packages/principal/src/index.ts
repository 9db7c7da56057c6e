/** Gives each epoch its random seed; and observers, who vouch for block headers. */
export type { BeaconCore, LaunchBeaconCore } from './beacon.ts'
export { type PrincipalConfig, principalTable } from './config.ts'
export { WrongNetworkError } from './network-check.ts'
export { type ObserverDaemonConfig, observerTable } from './observer/config.ts'
export { type ObserverDaemon, startObserver } from './observer/daemon.ts'
export { type Principal, type PrincipalParts, startPrincipal } from './principal.ts'
export type { SeedRecord } from './seeds.ts'
