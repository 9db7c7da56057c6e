import { concatBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { assembleQuote, bareQuote, leafOf } from './bare-quote.ts'
import { parsePem, toPem } from './pem.ts'
import { parseQuote } from './quote.ts'
import { forge, judge } from './testing/forge.ts'
import { forgeTdQuote } from './testing/td-quote.ts'
import { loadVector, vectors } from './testing/vectors.ts'

const world = forge()
const bare = bareQuote(world.quote)
const leaf = leafOf(world.quote)
const issuers = toPem(world.caCertificate) + toPem(world.trustRoot)

describe('a bare quote', () => {
  test('is the quote up to the end of the authentication data', () => {
    expect(bare.length).toBe(1014 + 32)
    expect(bare).toEqual(world.quote.subarray(0, bare.length))
  })

  test('makes the same quote again with leaf and issuers, byte for byte', () => {
    expect(assembleQuote(bare, leaf, issuers)).toEqual(world.quote)
    expect(judge({ ...world, quote: assembleQuote(bare, leaf, issuers) })).toEqual(judge(world))
  })

  test('drops the padding that nothing signs', () => {
    expect(bareQuote(concatBytes(world.quote, new Uint8Array(9)))).toEqual(bare)
  })

  test.each(vectors.filter(({ name }) => /^sgx-v3-(?!custom)/.test(name)))(
    'of Intel’s makes a quote again: $name',
    (vector) => {
      const { quote } = loadVector(vector)
      const chain = new TextDecoder('latin1').decode(parseQuote(quote).certification.data)
      const [, ca = leaf, root = leaf] = parsePem(chain) ?? []
      const again = assembleQuote(bareQuote(quote), leafOf(quote), toPem(ca) + toPem(root))
      expect(parseQuote(again)).toMatchObject({
        signed: parseQuote(quote).signed,
        qeReport: parseQuote(quote).qeReport,
      })
      expect(leafOf(again)).toEqual(leafOf(quote))
    },
  )

  test('exists of version 3 only', () => {
    const quote = forgeTdQuote({ version: 4, kind: 'td10' })
    expect(() => bareQuote(quote)).toThrow(expect.objectContaining({ code: 'QUOTE_VERSION' }))
  })

  test.each([
    ['cut', bare.subarray(0, 500), 'QUOTE_TRUNCATED'],
    ['cut in its authentication data', bare.subarray(0, -1), 'QUOTE_TRUNCATED'],
    ['followed by something', concatBytes(bare, Uint8Array.of(0)), 'AUTH_SIZE'],
  ])('is refused when it is %s', (_what, bytes, code) => {
    expect(() => assembleQuote(bytes, leaf, issuers)).toThrow(expect.objectContaining({ code }))
  })

  test('has no leaf where the quote carries no chain', () => {
    expect(() => leafOf(forge({ pckChain: () => [] }).quote)).toThrow(expect.objectContaining({ code: 'PCK_CHAIN' }))
    const broken = forge({ pckChain: ([, ...rest]) => [new Uint8Array(8), ...rest] }).quote
    expect(() => leafOf(broken)).toThrow(expect.objectContaining({ code: 'CERT_FORMAT' }))
  })
})
