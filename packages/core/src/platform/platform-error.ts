/**
 * What can be wrong with the machine that Core was told it runs on?
 *
 * The code is the last word on a Core's stderr; its host finds the hint by it. Nothing here repeats a byte of a secret.
 */
import { EnigmaError } from '@enigma/protocol'

export const PLATFORM_ERRORS = {
  WRONG_PLATFORM: {
    text: 'The platform and the network are not both simulated, or both real.',
    hint: 'Set `simulated` of the network to what its contract says, and choose the platform accordingly.',
  },
  PLATFORM_NOT_THERE: {
    text: 'The files of this platform are not there.',
    hint: 'gramine-sgx needs a Core inside Gramine (--core-program), tdx one inside a trust domain with configfs mounted.',
  },
  PLATFORM_NOT_DCAP: {
    text: 'Gramine attests, but not by DCAP.',
    hint: 'Set sgx.remote_attestation = "dcap" in the manifest, and sign it anew.',
  },
  PLATFORM_PROVIDER: {
    text: 'The machine is a trust domain of another maker.',
    hint: 'Only tdx_guest is served.',
  },
  PLATFORM_DEBUG: {
    text: 'The enclave runs in debug mode, so that its host reads its memory.',
    hint: 'Set sgx.debug = false in the manifest, or start the trust domain without debug.',
  },
  PLATFORM_REPORT: {
    text: 'The machine’s report on this code is not in its format.',
    hint: 'Use the version of Gramine that docs/running-in-hardware.md names.',
  },
  PLATFORM_SEALING_KEY: {
    text: 'The machine gave no sealing key of 16 bytes.',
    hint: 'Start Core with gramine-sgx on a machine whose SGX works: is-sgx-available tells.',
  },
  PLATFORM_NEEDS_SEALING: {
    text: 'The Principal’s key must outlive its process, and this platform seals none.',
    hint: 'Run the Principal on gramine-sgx.',
  },
  PLATFORM_NO_QUOTE: {
    text: 'The machine gave no quote.',
    hint: 'Check the quoting service (aesmd for SGX, QGS on the host for TDX) and that its collateral cache answers.',
  },
  PLATFORM_BUSY: {
    text: 'The machine gave no quote in several attempts, because it or the request was busy.',
    hint: 'Try again; if it stays, restart the quoting service.',
  },
  PLATFORM_BAD_QUOTE: {
    text: 'What the machine gave as a quote is none of this code over this data.',
    hint: 'Start Core again; if it stays, the host’s quoting service is not to be trusted.',
  },
} as const

export type PlatformErrorCode = keyof typeof PLATFORM_ERRORS

/** Thrown when the machine is not what Core was told, or does not do its part. */
export class PlatformError extends EnigmaError {
  override readonly name = 'Platform.PlatformError'
  readonly code: PlatformErrorCode

  constructor(code: PlatformErrorCode, found?: string, options: { cause?: unknown } = {}) {
    const { text, hint } = PLATFORM_ERRORS[code]
    super(found === undefined ? text : `${text} Found: ${found}.`, { hint, ...options })
    this.code = code
  }
}

export function isPlatformErrorCode(text: string): text is PlatformErrorCode {
  return Object.hasOwn(PLATFORM_ERRORS, text)
}
