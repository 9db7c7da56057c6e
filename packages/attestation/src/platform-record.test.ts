import { bytesToHex, hexToBytes, keccak256 } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { leafOf } from './bare-quote.ts'
import { parseCertificate } from './certificate.ts'
import { platformRecord } from './platform-record.ts'
import { createAuthority, VALIDITY } from './simulated/authority.ts'
import { createPlatform } from './simulated/platform.ts'
import { forge } from './testing/forge.ts'

const leaf = leafOf(forge().quote)
const { facts, serial, pckKey } = createPlatform(createAuthority('forged'), 'machine')
const words = (bytes: Uint8Array) => bytesToHex(bytes).slice(2).match(/.{64}/g) ?? []
const hex = (bytes: Iterable<number>) => bytesToHex(Uint8Array.from(bytes)).slice(2)

test('the record of a platform is six words: key, issuer, serial, versions, machine', () => {
  const record = platformRecord(leaf, 8)
  expect(record.length).toBe(192)
  const issuer = keccak256(hexToBytes(parseCertificate(leaf).issuer.raw)).slice(2)
  const tcb = `${hex(facts.fmspc)}0000${hex(facts.components)}000d${VALIDITY.notAfter.toString(16).padStart(12, '0')}`
  const machine = `${hex(facts.ppid)}0008${'00'.repeat(14)}`
  const key = hex(pckKey.public.subarray(1))
  expect(words(record)).toEqual([key.slice(0, 64), key.slice(64), issuer, hex(serial).padStart(64, '0'), tcb, machine])
})

test('records of two machines, and of two quoting enclaves on one, differ', () => {
  const other = leafOf(forge({ leaf: { platform: { ...facts, ppid: new Uint8Array(16) } } }).quote)
  expect(platformRecord(other, 8)).not.toEqual(platformRecord(leaf, 8))
  expect(platformRecord(leaf, 0x1234).subarray(176, 178)).toEqual(Uint8Array.of(0x12, 0x34))
})

test('a certificate without Intel’s extension has no record', () => {
  const bare = leafOf(forge({ leaf: { platform: undefined } }).quote)
  expect(() => platformRecord(bare, 8)).toThrow(expect.objectContaining({ code: 'SGX_EXT_MISSING' }))
})
