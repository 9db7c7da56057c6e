/**
 * How a message hides its length: u32be length ‖ message ‖ zeros, up to a Padmé size.
 *
 * Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019) leaves O(log log n) bits of the
 * length visible and adds at most 12 %.
 */
/** Below this all messages look alike: inputs, which often are a few words; and everything else. */
export const MIN_PADDED = { inputs: 128, sealed: 32 } as const

const LENGTH_BYTES = 4

/** The padded size of `length` bytes: its lowest bits rounded up to zero, log2 log2 of them kept. */
export function padme(length: number): number {
  if (length < 2) return length
  const exponent = 31 - Math.clz32(length)
  const kept = 32 - Math.clz32(exponent)
  const unit = 2 ** (exponent - kept)
  return Math.ceil(length / unit) * unit
}

/** The size to which a message of `length` bytes is padded. */
function paddedLength(length: number, minimum: number): number {
  return padme(Math.max(minimum, LENGTH_BYTES + length))
}

/** Whether any message is padded to this size. */
export function isPaddedLength(padded: number, minimum: number): boolean {
  return padded >= minimum && padme(padded) === padded
}

export function pad(message: Uint8Array, minimum: number): Uint8Array {
  const padded = new Uint8Array(paddedLength(message.length, minimum))
  new DataView(padded.buffer).setUint32(0, message.length)
  padded.set(message, LENGTH_BYTES)
  return padded
}

/** Returns the message, or null where `pad` would have made other bytes of it. */
export function unpad(padded: Uint8Array, minimum: number): Uint8Array | null {
  if (padded.length < LENGTH_BYTES) return null
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  // First, since sizes are worked out for at most 31 bits.
  if (length > padded.length - LENGTH_BYTES || paddedLength(length, minimum) !== padded.length) return null
  if (padded.subarray(LENGTH_BYTES + length).some((byte) => byte !== 0)) return null
  return padded.slice(LENGTH_BYTES, LENGTH_BYTES + length)
}
