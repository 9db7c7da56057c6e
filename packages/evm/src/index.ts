/** Core's EVM. */
export type * from './types.ts'
