/** A quoting enclave and its maker's services for machines without the hardware. Trusted only where a network says so. */
export { simulatedKind } from './documents.ts'
export { type CollateralOptions, createSimulatedPki, type QuoteRequest, type SimulatedPki } from './pki.ts'
export type { Firmware } from './platform.ts'
