/**
 * A machine without an enclave that behaves like one with it.
 *
 * Nothing here is secret: the quote's root is labelled NOT INTEL, and whoever knows the machine's name derives its
 * sealing key. Formats, labels and checks are those of real hardware; `simulated` in the network's hash keeps the two
 * apart (S15).
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { measureCore } from './measured-code.ts'
import type { Platform } from './platform.ts'

/** `name` tells simulated machines apart, as their fused keys tell real ones. */
export function createSimulatedPlatform(name: string, measure: () => Hex = measureCore): Platform {
  let measured: Hex | undefined
  const measurement = (): Hex => {
    measured ??= measure()
    return measured
  }
  return {
    kind: 'simulated',
    measurement,
    quote: async (reportData) => {
      // Loaded here, since the certificates of a whole PKI are made on the way and most calls need none.
      const { simulatedQuote } = await import('@enigma/attestation/simulated/quotes')
      return simulatedQuote({ platformName: name, measurement: measurement(), reportData })
    },
    sealingKey: (label) => {
      const machine = utf8(`enigma/simulated-machine/v1/${name}`)
      return new Uint8Array(hkdfSync('sha256', machine, hexToBytes(measurement()), label, 32))
    },
    random: (length) => new Uint8Array(randomBytes(length)),
  }
}
