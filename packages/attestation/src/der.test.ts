import { bytesToHex, hexToBytes, utf8 } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as der from './der.ts'
import * as writer from './simulated/der-writer.ts'

describe('der', () => {
  test.each([
    ['an indefinite length', '30800000'],
    ['a length in more bytes than it needs', '3081050500050005'],
    ['a length with a leading zero', '3082000305000500'],
    ['a length past the end', '3005'],
    ['a length that never comes', '3082'],
    ['a tag of several bytes', '1f8101'],
    ['something behind the end', '050000'],
  ])('refuses %s', (_what, hex) => {
    expect(() => der.readAll(hexToBytes(`0x${hex}`)).map((it) => der.readAll(it.content))).toThrow(der.DerError)
  })

  test.each([
    ['a negative integer', '020180'],
    ['an integer with a zero too many', '02020001'],
    ['an empty integer', '0200'],
  ])('refuses %s', (_what, hex) => {
    expect(() => der.readUnsigned(der.readAll(hexToBytes(`0x${hex}`))[0])).toThrow(der.DerError)
  })

  test.each(['260230120000Z', '260101120000', '261301120000Z', '260101240000Z', '2601011200Z', '260101120060Z'])(
    'refuses the time %s, which no clock shows',
    (text) => {
      const element = writer.element(der.TAG.utcTime, utf8(text))
      expect(() => der.readTime(der.readAll(element)[0])).toThrow(der.DerError)
    },
  )

  test('reads back every time and every number that its writer writes', () => {
    const seconds = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(2120, 0, 1) / 1000 })
    fc.assert(fc.property(seconds, (at) => der.readTime(der.readAll(writer.time(at))[0]) === at))
    const number = fc.integer({ min: 0, max: 0xffff })
    fc.assert(fc.property(number, (value) => der.readSmall(der.readAll(writer.smallInteger(value))[0]) === value))
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(
        bytes,
        (content) => bytesToHex(der.readAll(writer.octets(content))[0]?.content ?? content) === bytesToHex(content),
      ),
    )
  })
})
