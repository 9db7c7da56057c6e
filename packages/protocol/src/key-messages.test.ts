import fc from 'fast-check'
import { hashTypedData } from 'viem'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/key-messages.json' with { type: 'json' }
import { bytesToHex, type Hex } from './bytes.ts'
import type { Domain } from './eip712.ts'
import { commitDigest, contractKeyDigest, grantDigest, holdsDigest, joinDigest } from './key-messages.ts'
import { recoverSigner } from './signature.ts'

const anyHex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const anyUint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const DOMAIN = { chainId: 31337n, enigma: `0x${'ab'.repeat(20)}` as Hex }

const digestOf = {
  Commit: commitDigest,
  Join: joinDigest,
  Grant: grantDigest,
  Holds: holdsDigest,
  ContractKey: contractKeyDigest,
} as Record<string, (domain: Domain, message: never) => Hex>
const FIELDS: Record<string, Record<string, 'bytes32' | 'uint256' | 'uint32' | 'address'>> = {
  Commit: {
    networkHash: 'bytes32',
    seat: 'uint256',
    generation: 'uint32',
    commitment: 'bytes32',
    networkSigner: 'address',
  },
  Join: { networkHash: 'bytes32', seat: 'uint256', joinKey: 'bytes32' },
  Grant: {
    networkHash: 'bytes32',
    seat: 'uint256',
    joinKey: 'bytes32',
    generation: 'uint32',
    ciphertextHash: 'bytes32',
  },
  Holds: { networkHash: 'bytes32', generation: 'uint32', commitment: 'bytes32' },
  ContractKey: { dApp: 'address', codeHash: 'bytes32', generation: 'uint32', publicKey: 'bytes32' },
}
const ANY = { bytes32: anyHex(32), address: anyHex(20), uint256: anyUint32, uint32: anyUint32 }

describe.each(Object.keys(FIELDS))('%s', (message) => {
  const fields = FIELDS[message] as (typeof FIELDS)[string]
  const anyMessage = fc.record(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, ANY[type]])))
  const digest = (value: object, domain: Domain = DOMAIN) => digestOf[message]?.(domain, value as never)

  test("its digest equals viem's hashTypedData", () => {
    const types = { [message]: Object.entries(fields).map(([name, type]) => ({ name, type })) }
    const domain = { name: 'Enigma', version: '1', chainId: DOMAIN.chainId, verifyingContract: DOMAIN.enigma }
    fc.assert(
      fc.property(anyMessage, (value) => {
        const typed = Object.fromEntries(
          Object.entries(value).map(([name, field]) => [name, fields[name] === 'uint256' ? BigInt(field) : field]),
        )
        expect(digest(value)).toBe(hashTypedData({ domain, types, primaryType: message, message: typed } as never))
      }),
    )
  })

  test('S14: it is void with any other field, on another chain, and at another contract', () => {
    fc.assert(
      fc.property(anyMessage, anyMessage, (value, other) => {
        for (const field of Object.keys(fields)) {
          if (value[field] === other[field]) continue
          expect(digest({ ...value, [field]: other[field] }), field).not.toBe(digest(value))
        }
        expect(digest(value, { ...DOMAIN, chainId: 1n })).not.toBe(digest(value))
        expect(digest(value, { ...DOMAIN, enigma: `0x${'ac'.repeat(20)}` })).not.toBe(digest(value))
      }),
    )
  })

  test('S18: it has no digest where a field cannot be', () => {
    const value = fc.sample(anyMessage, 1)[0] as Record<string, Hex | number>
    for (const [field, type] of Object.entries(fields)) {
      const wrong = type === 'bytes32' || type === 'address' ? ['0x12', '', 'no hex'] : [-1, 0.5, 2 ** 53]
      for (const bad of wrong) {
        const code = typeof bad === 'string' ? 'MALFORMED_HEX' : 'OUT_OF_RANGE'
        expect(() => digest({ ...value, [field]: bad }), `${field} ${bad}`).toThrow(expect.objectContaining({ code }))
      }
    }
  })
})

describe('key-messages.json', () => {
  type Vector = (typeof vectors.cases)[number] | (typeof vectors.failures)[number]
  const digest = ({
    message = '',
    chainId = '',
    enigma,
    ...fields
  }: Partial<Record<string, string>> & Partial<Vector>) => {
    const numbers = { seat: Number(fields.seat), generation: Number(fields.generation) }
    return digestOf[message]?.({ chainId: BigInt(chainId), enigma: enigma as Hex }, { ...fields, ...numbers } as never)
  }
  const signerOf = ({ digest, r, vs }: { digest?: string; r?: string; vs?: string }) =>
    recoverSigner(digest as Hex, { r: r as Hex, vs: vs as Hex })

  test.each(vectors.cases)('$name is signed as published', (vector) => {
    expect(digest(vector)).toBe(vector.digest)
    expect(signerOf(vector)).toBe(vector.signer)
  })

  test.each(vectors.failures.filter(({ error }) => error === 'OTHER_SIGNER'))('S14: refused: $name', (vector) => {
    expect(digest(vector)).toBe(vector.digest)
    expect(signerOf(vector)).not.toBe(vector.signer)
  })
})
