/**
 * Is what came back a quote of this code over this data?
 *
 * A quote comes through the host, who may mix them up or invent them. Whether one is genuine is for the contract and the
 * client to verify; here a mistake is found before keys are handed out under it.
 */
import { parseQuote, type Quote } from '@enigma/attestation/quote'
import { equalBytes, type Hex } from '@enigma/protocol'
import { PlatformError } from './platform-error.ts'

export type OwnQuote = {
  reportData: Uint8Array
  /** Of a quote's body; undefined for a body of another TEE. */
  measurementOf: (body: Quote['body']) => Hex | undefined
  /** Undefined when the first quote is what tells it. */
  measurement?: Hex
}

/** The quote without the padding behind it, and what it says the measurement is. */
export function checkOwnQuote(
  bytes: Uint8Array,
  { reportData, measurementOf, measurement }: OwnQuote,
): { quote: Uint8Array; measurement: Hex } {
  const { body, signed } = parse(bytes)
  const found = measurementOf(body)
  if (found === undefined) throw new PlatformError('PLATFORM_BAD_QUOTE', `a quote of kind ${body.kind}`)
  if (body.isDebug) throw new PlatformError('PLATFORM_DEBUG')
  if (!equalBytes(body.reportData, reportData)) throw new PlatformError('PLATFORM_BAD_QUOTE', 'other report data')
  if (measurement !== undefined && found !== measurement) {
    throw new PlatformError('PLATFORM_BAD_QUOTE', `measurement ${found} instead of ${measurement}`)
  }
  return { quote: withoutPadding(bytes, signed.length), measurement: found }
}

/** Throws unless there are 64 bytes: shorter ones would be padded on the way, longer ones cut. */
export function checkReportData(reportData: Uint8Array): void {
  if (reportData.length !== 64) {
    throw new PlatformError('PLATFORM_BAD_QUOTE', `report data of ${reportData.length} bytes`)
  }
}

function parse(bytes: Uint8Array): Quote {
  try {
    return parseQuote(bytes)
  } catch (cause) {
    throw new PlatformError('PLATFORM_BAD_QUOTE', `${bytes.length} bytes that are no quote`, { cause })
  }
}

function withoutPadding(bytes: Uint8Array, signedLength: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return bytes.slice(0, signedLength + 4 + view.getUint32(signedLength, true))
}
