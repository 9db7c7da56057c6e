import { bytesToHex } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { codes } from './codes.ts'
import { type Collateral, collateralParts } from './collateral.ts'
import { forge, judge } from './testing/forge.ts'
import { forgeTdQuote } from './testing/td-quote.ts'
import { tdxInfo, version4, version5 } from './testing/td-world.ts'

const world = forge()

/** Flips one bit of every byte, another one at each, and returns where the world was accepted all the same. */
function flipEach(length: number, at: (index: number, bit: number) => Partial<typeof world>): number[] {
  const accepted: number[] = []
  for (let index = 0; index < length; index++) {
    try {
      judge({ ...world, ...at(index, 1 << (index % 8)) })
      accepted.push(index)
    } catch (error) {
      if (!(error instanceof AttestationError) || !(error.code in codes)) throw error
    }
  }
  return accepted
}

function flipByte(bytes: Uint8Array, index: number, bit: number): Uint8Array {
  const flipped = bytes.slice()
  flipped[index] = (flipped[index] ?? 0) ^ bit
  return flipped
}

function flipCharacter(text: string, index: number, bit: number): string {
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ bit) + text.slice(index + 1)
}

describe('verifyQuote', () => {
  test('S17: refuses a quote with any byte flipped, in one bit or in all', () => {
    const { quote } = world
    expect(flipEach(quote.length, (index, bit) => ({ quote: flipByte(quote, index, bit) }))).toEqual([])
    expect(flipEach(quote.length, (index) => ({ quote: flipByte(quote, index, 0xff) }))).toEqual([])
  })

  test.each([version4, version5])(
    'S17: refuses a trust domain with any byte flipped, in version $version',
    (options) => {
      const quote = forgeTdQuote(options)
      const tcbLevels = tdxInfo.tcbLevels.map((level) => ({ ...level, advisoryIDs: [] }))
      const { collateral } = forge({ tcbInfo: { ...tdxInfo, tcbLevels }, qeIdentity: { id: 'TD_QE' } })
      const domain = { ...world, collateral, quote }
      expect(judge(domain).tee).toBe('tdx')
      const flipped = (index: number, bit: number) => ({ collateral, quote: flipByte(quote, index, bit) })
      expect(flipEach(quote.length, flipped)).toEqual([])
    },
  )

  test('S17: ignores what stands behind the signature data, and nothing else', () => {
    const padded = new Uint8Array(world.quote.length + 40)
    padded.set(world.quote)
    padded.fill(0xa5, world.quote.length)
    expect(judge({ ...world, quote: padded })).toEqual(judge(world))
  })

  test('S17: refuses a quote cut anywhere', () => {
    const cuts = Array.from({ length: world.quote.length }, (_, length) => world.quote.subarray(0, length))
    for (const quote of cuts) expect(() => judge({ ...world, quote })).toThrow(AttestationError)
  })

  const parts = Object.keys(world.collateral) as (keyof Collateral)[]
  test('has every part of collateral, but the chain that only some quotes need', () => {
    expect([...parts, 'pckCertificateChain'].sort()).toEqual([...collateralParts].sort())
  })

  test.each(parts)('S17: refuses collateral with any character of its %s flipped', (part) => {
    const text = world.collateral[part] ?? ''
    const accepted = flipEach(text.length, (index, bit) => {
      return { collateral: { ...world.collateral, [part]: flipCharacter(text, index, bit) } }
    })
    // Hex says the same in upper case, and that is all that may change.
    const meaningful = accepted.filter((index) => {
      const flipped = flipCharacter(text, index, 1 << (index % 8))
      return flipped.toLowerCase() !== text.toLowerCase() || !/^[0-9a-f]+$/i.test(text)
    })
    expect(meaningful).toEqual([])
  })

  test('S17: refuses a trust root with any byte flipped', () => {
    const { trustRoot } = world
    expect(flipEach(trustRoot.length, (index, bit) => ({ trustRoot: flipByte(trustRoot, index, bit) }))).toEqual([])
  })

  test('S17: knows a quote by what it says, not by its bytes: a signature may be written in two ways', () => {
    // (r, s) and (r, n − s) are both valid: so no one may tell quotes apart by a hash of theirs.
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const quote = world.quote.slice()
    const s = BigInt(bytesToHex(quote.subarray(468, 500)))
    quote.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), 468)
    expect(judge({ ...world, quote })).toEqual(judge(world))
  })
})
