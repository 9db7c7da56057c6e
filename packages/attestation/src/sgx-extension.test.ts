import { concatBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { platformOf } from './pck.ts'
import { SGX_EXTENSION } from './sgx-extension.ts'
import { createAuthority } from './simulated/authority.ts'
import { extension, type PlatformFacts } from './simulated/certificates.ts'
import * as der from './simulated/der-writer.ts'
import { createPlatform } from './simulated/platform.ts'
import { forge, judge } from './testing/forge.ts'

const { facts } = createPlatform(createAuthority('forged'), 'machine')

function codeOf(changes: Partial<PlatformFacts>): string {
  try {
    return judge(forge({ leaf: { platform: { ...facts, ...changes } } }), 'report-only').tcbStatus
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

describe('the SGX extension of a PCK certificate', () => {
  test('takes versions up to 255 and a PCE version up to 65535', () => {
    expect(codeOf({ components: Array(16).fill(255), pceSvn: 0xffff })).toBe('UpToDate')
  })

  test.each([
    ['a component of 256', { components: [256, ...facts.components.slice(1)] }],
    ['a PCE version of 65536', { pceSvn: 0x10000 }],
    ['fifteen components', { components: facts.components.slice(1) }],
    ['a PPID of 15 bytes', { ppid: facts.ppid.subarray(1) }],
    ['an FMSPC of 7 bytes', { fmspc: concatBytes(facts.fmspc, Uint8Array.of(0)) }],
    ['a PCE id of 1 byte', { pceId: Uint8Array.of(0) }],
  ])('refuses %s', (_what, changes) => {
    expect(codeOf(changes)).toBe('SGX_EXT')
  })

  test('refuses a field of three parts', () => {
    const field = der.sequence(der.oid(`${SGX_EXTENSION}01`), der.octets(facts.ppid), der.octets(facts.ppid))
    const leaf = { platform: undefined, extraExtensions: [extension(SGX_EXTENSION, der.sequence(field))] }
    expect(() => judge(forge({ leaf }))).toThrow(expect.objectContaining({ code: 'SGX_EXT' }))
  })
})

describe('platformOf', () => {
  test('says what collateral a quote asks for', () => {
    expect(platformOf(forge().quote)).toEqual({ tee: 'sgx', fmspc: '00606a000000', ca: 'platform' })
  })

  test('refuses a quote without a chain', () => {
    const { quote } = forge({ pckChain: () => [] })
    expect(() => platformOf(quote)).toThrow(expect.objectContaining({ code: 'PCK_CHAIN' }))
  })
})
