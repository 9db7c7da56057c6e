/** Core's EVM. */
export { keccak256 } from './keccak.ts'
export { GasOutOfBoundsError, Machine, MachineOutOfMemoryError } from './machine.ts'
export { precompileAt } from './precompiles/index.ts'
export type * from './step.ts'
export type * from './types.ts'
