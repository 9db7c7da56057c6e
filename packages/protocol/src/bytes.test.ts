import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToBigInt, bytesToHex, concatBytes, equalBytes, hexToBytes, keccak256, parseHex, utf8 } from './bytes.ts'

describe('parseHex', () => {
  test('returns lowercase', () => {
    expect(parseHex('0xABcd', { what: 'x' })).toBe('0xabcd')
    expect(parseHex('0x', { what: 'x' })).toBe('0x')
  })

  test.each([undefined, null, 5, '', 'ab', '0xa', '0xzz', '0X00', ' 0x00', '0x00\n', ['0x00'], { length: 4 }])(
    'refuses %j',
    (value) => {
      expect(() => parseHex(value, { what: 'the thing' })).toThrow(/^the thing must be/)
    },
  )

  test('refuses another length and names both lengths, but never the value, which may be a key', () => {
    const refused = () => parseHex('0xdeadbeef', { bytes: 32, what: 'contentKey' })
    expect(refused).toThrow(expect.objectContaining({ code: 'MALFORMED_HEX' }))
    expect(refused).toThrow('32 bytes in hex, but has 4 bytes')
    expect(refused).not.toThrow(/deadbeef/)
  })
})

test('hex and bytes are two spellings of one thing', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => equalBytes(hexToBytes(bytesToHex(bytes)), bytes)))
})

test('concatBytes keeps order and length', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect([...concatBytes(...parts)]).toEqual(parts.flatMap((part) => [...part]))
    }),
  )
})

test('equalBytes sees every difference', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
      const other = bytes.slice()
      other[at % bytes.length] = (other[at % bytes.length] as number) ^ change
      return !equalBytes(bytes, other) && !equalBytes(bytes, bytes.slice(1)) && equalBytes(bytes, bytes.slice())
    }),
  )
})

test('bytesToBigInt reads big-endian, and nothing as zero', () => {
  expect(bytesToBigInt(new Uint8Array([1, 0, 2]))).toBe(0x010002n)
  expect(bytesToBigInt(new Uint8Array(0))).toBe(0n)
})

test("keccak256 is Ethereum's, not SHA-3", () => {
  expect(keccak256(utf8(''))).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
})
