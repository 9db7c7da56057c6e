import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, FrameError, FrameReader, MAX_FRAME_BYTES, toWire } from './channel.ts'

const frameOf = (body: string | Uint8Array, size = body.length): Uint8Array => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(size)
  return Buffer.concat([head, Buffer.from(body)])
}

describe('a frame', () => {
  test('comes out as it went in, however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (values, cuts) => {
          const stream = Buffer.concat(values.map((value) => encodeFrame({ value })))
          const reader = new FrameReader()
          const found: unknown[] = []
          let at = 0
          for (const cut of [...cuts, stream.length]) {
            found.push(...reader.push(stream.subarray(at, at + cut)))
            at += cut
          }
          reader.end()
          expect(JSON.stringify(found)).toBe(JSON.stringify(values.map((value) => ({ value }))))
        },
      ),
    )
  })

  test('carries bytes as hex and big numbers as decimal strings', () => {
    expect(toWire({ bytes: new Uint8Array([1, 255]), big: 2n ** 64n, list: [1n, null, 'x', true] })).toEqual({
      bytes: '0x01ff',
      big: '18446744073709551616',
      list: ['1', null, 'x', true],
    })
  })

  test('may be as large as 1 MiB, and no larger', () => {
    const largest = JSON.stringify('x'.repeat(MAX_FRAME_BYTES - 2))
    expect(new FrameReader().push(frameOf(largest))).toHaveLength(1)
    expect(() => encodeFrame('x'.repeat(MAX_FRAME_BYTES))).toThrow(FrameError)
  })
})

describe('S18: a reader refuses', () => {
  const codeOf = (...chunks: Uint8Array[]): string => {
    const reader = new FrameReader()
    try {
      for (const chunk of chunks) reader.push(chunk)
      reader.end()
      return 'accepted'
    } catch (error) {
      if (error instanceof FrameError) return error.code
      throw error
    }
  }

  test('a frame that announces more than 1 MiB, before it buffers any of it', () => {
    expect(codeOf(frameOf('', MAX_FRAME_BYTES + 1))).toBe('FRAME_TOO_LARGE')
    expect(codeOf(frameOf('', 0xffff_ffff))).toBe('FRAME_TOO_LARGE')
  })

  test('an empty frame', () => {
    expect(codeOf(frameOf(''))).toBe('FRAME_EMPTY')
  })

  test('a stream that ends within a frame', () => {
    expect(codeOf(frameOf('{}', 3))).toBe('FRAME_TRUNCATED')
    expect(codeOf(new Uint8Array([0, 0]))).toBe('FRAME_TRUNCATED')
  })

  test.each([['{'], ['undefined'], ["{'a':1}"], ['{}{}'], ['\uFEFF{}'], ['NaN']])('what is not JSON: %s', (text) => {
    expect(codeOf(frameOf(Buffer.from(text)))).toBe('FRAME_NOT_JSON')
  })

  test('what is not UTF-8', () => {
    expect(codeOf(frameOf(new Uint8Array([0x22, 0xc3, 0x28, 0x22])))).toBe('FRAME_NOT_UTF8')
  })

  test('everything after a malformed frame', () => {
    const reader = new FrameReader()
    expect(() => reader.push(frameOf('{'))).toThrow(FrameError)
    expect(() => reader.push(frameOf('{}'))).toThrow(FrameError)
    expect(() => reader.end()).toThrow(FrameError)
  })

  test('random bytes with an error of its own and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        expect(codeOf(...chunks)).toMatch(/^(accepted|FRAME_[A-Z0-9_]+)$/)
      }),
    )
  })

  test('without a word of what it read', () => {
    try {
      new FrameReader().push(frameOf('{"canary": secret}'))
    } catch (error) {
      expect(String(error)).not.toMatch(/canary|secret/)
    }
    expect.assertions(1)
  })
})
