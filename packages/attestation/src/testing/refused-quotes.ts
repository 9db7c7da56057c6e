/** Worlds whose call, collateral or quote does not even parse: steps 0 and 1 of the checks. */
import { concatBytes } from '@enigma/protocol'
import { type Case, part, set } from './forge.ts'

export const refusedQuotes: readonly Case[] = [
  ['CLOCK_INVALID', 'a time that is no number', { at: Number.NaN }],
  ['COLLATERAL_FORMAT', 'collateral that lacks a part', { collateral: () => ({}) }],
  ['COLLATERAL_FORMAT', 'a part of the wrong type', part('tcbInfo', 5)],
  ['COLLATERAL_FORMAT', 'a part that is too long', part('pckCrl', '00'.repeat(300_000))],
  [
    'QUOTE_TOO_LARGE',
    'a quote with padding for ever',
    { quote: (quote) => concatBytes(quote, new Uint8Array(16_384)) },
  ],
  ['QUOTE_TRUNCATED', 'no bytes at all', { quote: () => new Uint8Array() }],
  ['QUOTE_TRUNCATED', 'a quote cut in its signature data', { quote: (quote) => quote.subarray(0, 900) }],
  ['QUOTE_VERSION', 'version 2', set(0, 2)],
  [
    'QUOTE_VERSION',
    "Open Enclave's header in front",
    { quote: (quote) => concatBytes(new Uint8Array(16).fill(1), quote) },
  ],
  ['ATT_KEY_TYPE', 'a P-384 attestation key', set(2, 3)],
  ['TEE_TYPE', 'TDX in version 3', set(4, 0x81)],
  ['TEE_TYPE', 'an unknown TEE in version 4', set(0, 4, 0, 2, 0, 0x55)],
  ['BODY_TYPE', 'version 5 with a body that it does not know', set(0, 5)],
  ['BODY_SIZE', 'version 5 with a body of another size', { quote: (quote) => versionFive(quote, 1, 380) }],
  ['TEE_TYPE', 'version 5 with a body of the other TEE', { quote: (quote) => versionFive(quote, 2, 584) }],
  ['AUTH_SIZE', 'a byte behind the certification data', { quote: lengthen }],
  ['CERT_TYPE', 'only the name of the platform, and no chain in the collateral', set(1014 + 32, 1)],
  ['CERT_TYPE', 'version 4 without the wrapping', set(0, 4)],
  ['QE_VENDOR', 'another vendor', set(12, 0)],
]

/** Rewrites the front of a version 3 quote as version 5 with a typed body. */
function versionFive(quote: Uint8Array, type: number, size: number): Uint8Array {
  const typed = Uint8Array.of(type, 0, size & 0xff, size >> 8, 0, 0)
  return concatBytes(Uint8Array.of(5), quote.subarray(1, 48), typed, quote.subarray(48))
}

function lengthen(quote: Uint8Array): Uint8Array {
  const longer = concatBytes(quote, Uint8Array.of(0))
  new DataView(longer.buffer).setUint32(432, quote.length - 436 + 1, true)
  return longer
}
