/** The cases that the contract is tested with, judged by the verifier in TypeScript. */
import { readFileSync } from 'node:fs'
import { bytesToHex, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { isCurrent, type OnchainVectors, policy } from '../vectors/generate.ts'
import { fromJson, judgeParts } from '../vectors/parts.ts'
import { AttestationError } from './attestation-error.ts'
import { platformRecord } from './platform-record.ts'

const file = new URL('../vectors/onchain.json', import.meta.url)
const { root, base, expected, cases } = JSON.parse(readFileSync(file, 'utf8')) as OnchainVectors

function codeOf(replaced: OnchainVectors['cases'][number]['replaced']): string {
  try {
    judgeParts(fromJson({ ...base, ...replaced }), hexToBytes(root), policy)
    return ''
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

describe('onchain.json', () => {
  test('is what the code makes; else run node packages/attestation/vectors/generate.ts', () => {
    expect(isCurrent({ write: false })).toBe(true)
  })

  test('expects of its base what TypeScript finds', () => {
    const verdict = judgeParts(fromJson(base), hexToBytes(root), policy)
    expect(verdict).toMatchObject({ measurement: expected.measurement, validUntil: expected.collateralUntil })
    expect(bytesToHex(verdict.reportData)).toBe(expected.reportData)
    expect(keccak256(hexToBytes(verdict.platformId))).toBe(expected.platformId)
    expect(bytesToHex(platformRecord(hexToBytes(base.leaf), 8))).toBe(expected.record)
    expect(keccak256(hexToBytes(expected.record as Hex))).toBe(expected.platformHash)
  })

  test('names each case once', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  test.each(cases)('S17: $name', ({ code, codeOffChain = code, replaced }) => {
    expect(Object.keys(replaced)).not.toEqual([])
    expect(codeOf(replaced)).toBe(codeOffChain)
  })
})
