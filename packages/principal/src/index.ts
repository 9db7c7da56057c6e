/** Gives each epoch its random seed. */
export type { BeaconCore, LaunchBeaconCore } from './beacon.ts'
export { type PrincipalConfig, principalTable } from './config.ts'
export { WrongNetworkError } from './network-check.ts'
export { type Principal, type PrincipalParts, startPrincipal } from './principal.ts'
export type { SeedRecord } from './seeds.ts'
