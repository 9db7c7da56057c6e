/**
 * What an envelope looks like from outside: head, recipients, ciphertext. Strict, since every byte of it is hashed on chain.
 *
 *   head    version 0x01 | suite 0x01 | kind | n
 *   kind 1  head | n × { keyId 8 | enc 32 | wrapped content key 48 } | commitment 32 | ciphertext of the padded message
 *   2 and 3 head | keyId 8 | enc 32 | ciphertext of the padded message
 */
import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, utf8 } from './bytes.ts'
import { EnigmaError } from './errors.ts'
import { KEY_BYTES, TAG_BYTES } from './hpke.ts'
import { LIMITS, RANKS } from './limits.ts'
import { isPaddedLength, MIN_PADDED } from './padding.ts'

declare const parsed: unique symbol
/** Bytes that have the form of an envelope. Whether anybody can open them is another question. */
export type Envelope = Uint8Array & { readonly [parsed]: true }

export const KIND = { inputs: 1, data: 2, reply: 3 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

type Recipient = { keyId: Hex; enc: Uint8Array; wrapped: Uint8Array }
export type InputsParts = {
  kind: typeof KIND.inputs
  head: Uint8Array
  recipients: readonly Recipient[]
  /** The bytes of all recipients. */
  recipientsBlock: Uint8Array
  commitment: Uint8Array
  body: Uint8Array
}
export type SealedParts = {
  kind: typeof KIND.data | typeof KIND.reply
  head: Uint8Array
  keyId: Hex
  enc: Uint8Array
  ciphertext: Uint8Array
}

const VERSION = 0x01
const SUITE = 0x01
const HEAD_BYTES = 4
const KEY_ID_BYTES = 8
const COMMITMENT_BYTES = 32
const RECIPIENT_BYTES = KEY_ID_BYTES + KEY_BYTES + KEY_BYTES + TAG_BYTES

/** What kinds 2 and 3 add to a padded message. */
export const SEALED_OVERHEAD = HEAD_BYTES + KEY_ID_BYTES + KEY_BYTES + TAG_BYTES

export function parseEnvelope(bytes: Uint8Array): InputsParts | SealedParts {
  if (bytes.length > LIMITS.inputBytes) throw new EnvelopeError('ENVELOPE_TOO_LONG', `it has ${bytes.length} bytes`)
  if (bytes.length < HEAD_BYTES) throw new EnvelopeError('ENVELOPE_MALFORMED', `it has ${bytes.length} bytes`)
  const [version, suite, kind, n] = bytes as unknown as [number, number, number, number]
  if (version !== VERSION) throw new EnvelopeError('ENVELOPE_UNKNOWN_VERSION', `its version is ${version}`)
  if (suite !== SUITE) throw new EnvelopeError('ENVELOPE_UNKNOWN_SUITE', `its suite is ${suite}`)
  if (kind === KIND.inputs) return parseInputs(bytes, n)
  if (kind === KIND.data || kind === KIND.reply) return parseSealed(bytes, kind, n)
  throw new EnvelopeError('ENVELOPE_UNKNOWN_KIND', `its kind is ${kind}`)
}

function parseInputs(bytes: Uint8Array, n: number): InputsParts {
  if (n < 1 || n > RANKS) throw new EnvelopeError('ENVELOPE_MALFORMED', `it has ${n} recipients`)
  const blockEnd = HEAD_BYTES + n * RECIPIENT_BYTES
  const bodyStart = blockEnd + COMMITMENT_BYTES
  checkLength(bytes, bodyStart, MIN_PADDED.inputs)
  const recipients = Array.from({ length: n }, (_, i) => {
    const at = HEAD_BYTES + i * RECIPIENT_BYTES
    const enc = at + KEY_ID_BYTES
    const wrapped = enc + KEY_BYTES
    return {
      keyId: bytesToHex(bytes.slice(at, enc)),
      enc: bytes.slice(enc, wrapped),
      wrapped: bytes.slice(wrapped, at + RECIPIENT_BYTES),
    }
  })
  if (new Set(recipients.map(({ keyId }) => keyId)).size !== n) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'two of its recipients have the same key id')
  }
  return {
    kind: KIND.inputs,
    head: bytes.slice(0, HEAD_BYTES),
    recipients,
    recipientsBlock: bytes.slice(HEAD_BYTES, blockEnd),
    commitment: bytes.slice(blockEnd, bodyStart),
    body: bytes.slice(bodyStart),
  }
}

function parseSealed(bytes: Uint8Array, kind: SealedParts['kind'], n: number): SealedParts {
  if (n !== 1) throw new EnvelopeError('ENVELOPE_MALFORMED', `it has ${n} recipients`)
  const encStart = HEAD_BYTES + KEY_ID_BYTES
  const start = encStart + KEY_BYTES
  checkLength(bytes, start, MIN_PADDED.sealed)
  return {
    kind,
    head: bytes.slice(0, HEAD_BYTES),
    keyId: bytesToHex(bytes.slice(HEAD_BYTES, encStart)),
    enc: bytes.slice(encStart, start),
    ciphertext: bytes.slice(start),
  }
}

/** The rest must be a padded message and its tag, and nothing else. */
function checkLength(bytes: Uint8Array, start: number, minimum: number): void {
  if (!isPaddedLength(bytes.length - start - TAG_BYTES, minimum)) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', `no message makes one of ${bytes.length} bytes`)
  }
}

export function envelopeHead(kind: Kind, n: number): Uint8Array {
  return new Uint8Array([VERSION, SUITE, kind, n])
}

/** HPKE's info: what the key is used for, so that no kind opens as another. */
export function envelopeInfo(kind: Kind): Uint8Array {
  return concatBytes(utf8('enigma/envelope/v1'), new Uint8Array([kind]))
}

/** A hint which key opens it: the first 8 bytes of keccak256(public key). */
export function keyIdOf(publicKey: Hex): Hex {
  return keccak256(hexToBytes(publicKey)).slice(0, 2 + 2 * KEY_ID_BYTES) as Hex
}

export type EnvelopeErrorCode =
  /** From outside, without any key: */
  | 'ENVELOPE_TOO_LONG'
  | 'ENVELOPE_MALFORMED'
  | 'ENVELOPE_UNKNOWN_VERSION'
  | 'ENVELOPE_UNKNOWN_SUITE'
  | 'ENVELOPE_UNKNOWN_KIND'
  /** Well-formed, but of another kind than was asked for. */
  | 'ENVELOPE_WRONG_KIND'
  /** No key of ours is named in it; it says nothing about whether the envelope is good. */
  | 'ENVELOPE_NOT_ADDRESSED'
  /** A key of ours is named, but it was changed, or made for another context or key. */
  | 'ENVELOPE_DOES_NOT_OPEN'
  /** It opens, but what is inside is no message: padding or encoding is wrong. */
  | 'ENVELOPE_BAD_MESSAGE'
  /** While sealing. */
  | 'ENVELOPE_BAD_RECIPIENTS'

const HINTS: Partial<Record<EnvelopeErrorCode, string>> = {
  ENVELOPE_TOO_LONG: `An envelope has at most ${LIMITS.inputBytes} bytes. Pass large inputs by hash, or in several tasks.`,
  ENVELOPE_NOT_ADDRESSED: 'It was sealed to other keys: those of another worker, or older ones than are still kept.',
  ENVELOPE_DOES_NOT_OPEN:
    'Seal again, for the same network, dApp, code, function, requester, slot and seq that the task names.',
  ENVELOPE_BAD_RECIPIENTS: `Give 1 to ${RANKS} different X25519 public keys.`,
}

/** Thrown for envelopes that are malformed, not ours, or do not open. */
export class EnvelopeError extends EnigmaError {
  override readonly name = 'Envelope.EnvelopeError'
  readonly code: EnvelopeErrorCode
  constructor(code: EnvelopeErrorCode, found: string) {
    const hint = HINTS[code] ?? 'Seal it with this package, and pass the bytes on as they are.'
    super(`This envelope is refused: ${found}.`, { hint })
    this.code = code
  }
}
