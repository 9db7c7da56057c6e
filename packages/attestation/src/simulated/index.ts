/** A quoting enclave and its maker's services for machines without the hardware. Trusted only where a network says so. */
export { simulatedKind } from './kind.ts'
export { type CollateralOptions, createSimulatedPki, type SimulatedPki } from './pki.ts'
export type { Firmware } from './platform.ts'
export type { QuoteRequest } from './quotes.ts'
