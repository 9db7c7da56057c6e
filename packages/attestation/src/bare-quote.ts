/**
 * A quote as the contract takes it: version 3 without its certification data, and the platform's certificate beside it.
 *
 * Nothing signs the certification data but the chain that stands in it, so whoever sends the quote may leave out what
 * the contract keeps itself (CA and root) and pay no gas for base64. `assembleQuote` puts a whole quote together again.
 */
import { concatBytes, utf8 } from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import { parseCertificate } from './certificate.ts'
import { findChain, PCK_CHAIN } from './pck.ts'
import { parsePem, toPem } from './pem.ts'
import { parseQuote } from './quote.ts'

/** Where the signature data begins, and where the length of the QE's authentication data stands, in version 3. */
const SIGNATURE_DATA = 436
const AUTH_LENGTH = 1012

/** Everything of an SGX quote (version 3) up to the end of the quoting enclave's authentication data. */
export function bareQuote(quote: Uint8Array): Uint8Array {
  const { version, qeAuthData } = parseQuote(quote)
  if (version !== 3) refuse('QUOTE_VERSION', `${version}; the contract reads version 3`)
  return Uint8Array.from(quote.subarray(0, AUTH_LENGTH + 2 + qeAuthData.length))
}

/** The platform's PCK certificate in DER, from the quote's own chain. Parsed, not verified. */
export function leafOf(quote: Uint8Array): Uint8Array {
  const [leaf] = parsePem(findChain(parseQuote(quote), undefined)) ?? []
  return leaf ? parseCertificate(leaf).raw : refuse('PCK_CHAIN')
}

/** A whole quote again, from a bare one, the leaf in DER, and the leaf's issuers (PCK CA, root) in PEM. */
export function assembleQuote(bare: Uint8Array, leaf: Uint8Array, issuerChain: string): Uint8Array {
  if (bare.length < AUTH_LENGTH + 2) refuse('QUOTE_TRUNCATED', `${bare.length} bytes of a bare quote`)
  const view = new DataView(bare.buffer, bare.byteOffset, bare.length)
  const end = AUTH_LENGTH + 2 + view.getUint16(AUTH_LENGTH, true)
  if (bare.length < end) refuse('QUOTE_TRUNCATED', `${bare.length} bytes where ${end} are needed`)
  if (bare.length > end) refuse('AUTH_SIZE', `${bare.length - end} bytes behind a bare quote`)
  const chain = utf8(`${toPem(leaf)}${issuerChain}\0`)
  const quote = concatBytes(bare, new Uint8Array(6), chain)
  const whole = new DataView(quote.buffer)
  whole.setUint16(end, PCK_CHAIN, true)
  whole.setUint32(end + 2, chain.length, true)
  whole.setUint32(SIGNATURE_DATA - 4, quote.length - SIGNATURE_DATA, true)
  return quote
}
