import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from './bytes.ts'
import { isPaddedLength, MIN_PADDED, pad, padme, unpad } from './padding.ts'
import { flip } from './testing/support.ts'

/** Padmé as its paper gives it (Nikitin et al., PETS 2019, algorithm 1). */
function paperPadme(length: number): number {
  const e = Math.floor(Math.log2(length))
  const s = Math.floor(Math.log2(e)) + 1
  const mask = (1 << (e - s)) - 1
  return (length + mask) & ~mask
}

describe('padme', () => {
  test("equals the paper's algorithm", () => {
    for (let length = 2; length <= 70_000; length++) {
      if (padme(length) !== paperPadme(length)) expect(padme(length), `${length}`).toBe(paperPadme(length))
    }
  })

  test('adds at most 12 %, and leaves a padded size as it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 2 ** 26 }), (length) => {
        expect(padme(length)).toBeGreaterThanOrEqual(length)
        expect(padme(length) / length).toBeLessThan(1.12)
        expect(padme(padme(length))).toBe(padme(length))
      }),
    )
  })
})

describe('pad', () => {
  test.each([
    [0, 32, 32],
    [28, 32, 32],
    [29, 32, 36],
    [0, 128, 128],
    [124, 128, 128],
    [125, 128, 144],
    [1000, 128, 1024],
    [1021, 128, 1088],
  ])('takes %i bytes, at least %i, to %i', (length, minimum, padded) => {
    expect(pad(new Uint8Array(length), minimum)).toHaveLength(padded)
    expect(isPaddedLength(padded, minimum)).toBe(true)
  })

  test('is undone by unpad', () => {
    const minimum = fc.constantFrom(MIN_PADDED.inputs, MIN_PADDED.sealed)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), minimum, (message, least) => {
        expect(unpad(pad(message, least), least)).toEqual(message)
      }),
    )
  })

  test('hides the length up to the padded size', () => {
    const sizes = new Set(Array.from({ length: 125 }, (_, length) => pad(new Uint8Array(length), 128).length))
    expect([...sizes]).toEqual([128])
  })
})

describe('unpad', () => {
  test('S18: accepts what pad makes and nothing else', () => {
    const padded = fc.uint8Array({ maxLength: 300 }).map((message) => pad(message, 32))
    const mutated = fc
      .tuple(padded, fc.nat(), fc.integer({ min: 0, max: 7 }))
      .map(([bytes, at, bit]) => flip(bytes, at % bytes.length, bit))
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const message = unpad(bytes, 32)
        if (message !== null) expect(pad(message, 32)).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  test('S18: refuses a length that would be padded to another size', () => {
    const padded = pad(new Uint8Array(29), 32)
    expect(padded).toHaveLength(36)
    expect(unpad(concatBytes(new Uint8Array([0, 0, 0, 5]), new Uint8Array(32)), 32)).toBeNull()
    expect(unpad(pad(new Uint8Array(5), 32), 128)).toBeNull()
    for (const length of [33, 0x7fffffff, 0xffffffff]) {
      new DataView(padded.buffer).setUint32(0, length)
      expect(unpad(padded, 32)).toBeNull()
    }
  })

  test('reads a view into a larger buffer', () => {
    const padded = pad(new Uint8Array([1, 2, 3]), 32)
    const buffer = new Uint8Array(64).fill(0xff)
    buffer.set(padded, 17)
    expect(unpad(buffer.subarray(17, 49), 32)).toEqual(new Uint8Array([1, 2, 3]))
  })
})
