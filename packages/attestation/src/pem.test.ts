import { describe, expect, test } from 'vitest'
import { parsePem, toPem } from './pem.ts'
import { trustRoots } from './trust-roots.ts'

describe('parsePem', () => {
  const { certificate } = trustRoots.intel
  const pem = toPem(certificate)

  test('reads a chain with the NUL that quoting enclaves append, and with either end of line', () => {
    expect(parsePem(`${pem}${pem}\0`)).toEqual([certificate, certificate])
    expect(parsePem(pem.replaceAll('\n', '\r\n'))).toEqual([certificate])
    expect(parsePem(`${pem.trimEnd()}${pem.trimEnd()}\0\0`)).toEqual([certificate, certificate])
    expect(parsePem(pem.replace(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, ''))).toEqual([certificate])
    expect(parsePem('')).toEqual([])
  })

  test.each([
    ['text around a block', `hello\n${pem}`],
    ['a space between blocks', `${pem} ${pem}`],
    ['a NUL between blocks', `${pem}\0${pem}`],
    ['a block without end', pem.slice(0, -20)],
    ['another kind of block', pem.replaceAll('CERTIFICATE', 'PUBLIC KEY')],
    ['base64 with hidden bits', '-----BEGIN CERTIFICATE-----\nAB==\n-----END CERTIFICATE-----\n'],
    ['a space inside', pem.replace(/\nM/, '\n M')],
  ])('refuses %s', (_what, text) => {
    expect(parsePem(text)).toBeUndefined()
  })
})
