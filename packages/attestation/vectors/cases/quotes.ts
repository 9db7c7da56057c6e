/** The quote's own bytes. */
import { concatBytes } from '@enigma/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Code, forged, machine, mirror, overwrite, rewritten, type Vector } from './vector.ts'

const set = (code: Code, name: string, at: number, bytes: Iterable<number>, codeOffChain = code) =>
  rewritten(code, name, ({ quote }) => ({ quote: overwrite(quote, at, bytes) }), codeOffChain)
const cut = (code: Code, name: string, end: number) =>
  rewritten(code, name, ({ quote }) => ({ quote: quote.subarray(0, end) }))

/** What a QE report must hold for the key of `machine`, and a byte in the half that must be zero. */
function boundWithTail(): Uint8Array {
  const bound = new Uint8Array(64).fill(1, 63)
  const authData = Uint8Array.from({ length: 32 }, (_, index) => index)
  bound.set(sha256(concatBytes(machine.attestationKey.public.subarray(1), authData)))
  return bound
}

export const quoteVectors: readonly Vector[] = [
  cut('QUOTE_TRUNCATED', 'no quote', 0),
  cut('QUOTE_TRUNCATED', 'half a header', 24),
  cut('QUOTE_TRUNCATED', 'a quote cut in its body', 400),
  cut('QUOTE_TRUNCATED', 'a quote cut in its authentication data', -1),
  rewritten('AUTH_SIZE', 'a byte behind the quote', ({ quote }) => ({ quote: concatBytes(quote, Uint8Array.of(0)) })),
  set('QUOTE_TRUNCATED', 'more authentication data than there is', 1012, [0xff, 0xff]),
  set('AUTH_SIZE', 'less authentication data than there is', 1012, [31, 0]),
  set('QUOTE_VERSION', 'version 2', 0, [2]),
  set('QUOTE_VERSION', 'version 4, which the contract does not read', 0, [4], 'CERT_TYPE'),
  set('QUOTE_VERSION', "Open Enclave's header in front", 0, [1, 0, 0, 0, 2, 0, 0, 0]),
  set('ATT_KEY_TYPE', 'a P-384 attestation key', 2, [3]),
  set('TEE_TYPE', 'TDX in version 3', 4, [0x81]),
  set('QE_VENDOR', 'another vendor', 12, [0]),
  set('QUOTE_SIGNATURE', 'another QE SVN in the header', 8, [9]),
  set('QUOTE_SIGNATURE', 'other user data', 28, [1, 2, 3, 4]),
  set('QUOTE_SIGNATURE', 'other report data', 48 + 320, [1, 2, 3, 4]),
  set('QUOTE_SIGNATURE', 'a signature of zeros', 436, new Uint8Array(64)),
  set('QUOTE_SIGNATURE', 'a signature beyond the order', 436, new Uint8Array(64).fill(0xff)),
  set('QE_REPORT_SIGNATURE', 'a signature of zeros over the QE report', 948, new Uint8Array(64)),
  set('QE_REPORT_DATA', 'other authentication data', 1014, [9]),
  forged('QE_REPORT_DATA', 'a QE report with a byte behind the hash', {
    quotingEnclave: { reportData: boundWithTail() },
  }),
  forged('', 'no authentication data', { quotingEnclave: { authData: new Uint8Array() } }),
  forged('', 'long authentication data', { quotingEnclave: { authData: new Uint8Array(500).fill(7) } }),
  rewritten('', 'signatures with the other s', ({ quote }) => ({ quote: mirror(mirror(quote, 468), 980) })),
  forged('DEBUG_ENCLAVE', 'a debuggable enclave on a platform that is out of date', {
    enclave: { debug: true },
    quotingEnclave: { isvSvn: 6 },
  }),
]
