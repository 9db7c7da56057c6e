/**
 * How do two processes exchange values over a pipe?
 *
 * One frame is u32be length ‖ UTF-8 JSON, at most 1 MiB. Both sides read with this file. A stream that once broke
 * the rules is never read again: nobody can say where the next frame would begin.
 */
import { bytesToHex, EnigmaError } from '@enigma/protocol'

/** Holds a first call with its proofs and any one contract's code, and is small enough to buffer; more comes in parts. */
export const MAX_FRAME_BYTES = 1 << 20
const HEAD_BYTES = 4

/** Thrown when the other side's bytes are not frames. Names the rule, never the bytes. */
export class FrameError extends EnigmaError {
  override readonly name = 'Channel.FrameError'
  readonly code: 'FRAME_EMPTY' | 'FRAME_TOO_LARGE' | 'FRAME_TRUNCATED' | 'FRAME_NOT_UTF8' | 'FRAME_NOT_JSON'

  constructor(code: FrameError['code'], found: number) {
    super(`${code}: a frame of ${found} bytes was refused.`, { hint: 'The other process is broken; restart it.' })
    this.code = code
  }
}

/** Collects a stream's chunks and gives out whole values. */
export class FrameReader {
  #chunks: Uint8Array[] = []
  #buffered = 0
  #broken: FrameError | undefined

  /** Returns the values that `chunk` completed. Throws at the first malformed frame and from then on. */
  push(chunk: Uint8Array): unknown[] {
    if (this.#broken) throw this.#broken
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    const values: unknown[] = []
    try {
      for (let size = this.#nextSize(); size !== undefined && this.#buffered >= HEAD_BYTES + size; ) {
        values.push(parse(this.#take(HEAD_BYTES + size).subarray(HEAD_BYTES)))
        size = this.#nextSize()
      }
    } catch (error) {
      if (error instanceof FrameError) this.#broken = error
      throw error
    }
    return values
  }

  /** To be called when the stream ends: half a frame is an error. */
  end(): void {
    if (this.#broken) throw this.#broken
    if (this.#buffered > 0) throw new FrameError('FRAME_TRUNCATED', this.#buffered)
  }

  #nextSize(): number | undefined {
    if (this.#buffered < HEAD_BYTES) return undefined
    const head = this.#peek(HEAD_BYTES)
    const size = new DataView(head.buffer, head.byteOffset).getUint32(0)
    // Refused on the head alone: a hostile length must not make us buffer first.
    if (size > MAX_FRAME_BYTES) throw new FrameError('FRAME_TOO_LARGE', size)
    if (size === 0) throw new FrameError('FRAME_EMPTY', 0)
    return size
  }

  #peek(count: number): Uint8Array {
    const first = this.#chunks[0]
    if (first && first.length >= count) return first
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }

  #take(count: number): Uint8Array {
    const joined = this.#peek(count)
    const taken = joined.subarray(0, count)
    if (joined.length > count) this.#chunks[0] = joined.subarray(count)
    else this.#chunks.shift()
    this.#buffered -= count
    return taken
  }
}

/** The frame that carries `value`: bytes become hex, bigint a decimal string. */
export function encodeFrame(value: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(toWire(value)))
  if (body.length > MAX_FRAME_BYTES) throw new FrameError('FRAME_TOO_LARGE', body.length)
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length)
  frame.writeUInt32BE(body.length)
  frame.set(body, HEAD_BYTES)
  return frame
}

/** The JSON form of a value of the door's types. */
export function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value)
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(toWire)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toWire(part)]))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parse(body: Uint8Array): unknown {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    throw new FrameError('FRAME_NOT_UTF8', body.length)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new FrameError('FRAME_NOT_JSON', body.length)
  }
}
