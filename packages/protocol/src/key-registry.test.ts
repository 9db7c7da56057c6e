import fc from 'fast-check'
import { encodeAbiParameters, getContractAddress, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/key-registry.json' with { type: 'json' }
import { bytesToHex, type Hex } from './bytes.ts'
import {
  enigmaSlot,
  keyRegistryOf,
  packRegistryState,
  parseRegistryState,
  type RegistryState,
  registrySlot,
} from './key-registry.ts'

const anyHex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const anyUint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const anyState: fc.Arbitrary<RegistryState> = fc.record({
  generation: anyUint32,
  minGeneration: anyUint32,
  openGeneration: anyUint32,
  isFrozen: fc.boolean(),
  heldMask: anyUint32,
  rotatedMask: anyUint32,
})
const codeOf = (code: string) => expect.objectContaining({ code })

describe('keyRegistryOf', () => {
  test("equals viem's address of the contract that Enigma creates with its nonce 1", () => {
    fc.assert(
      fc.property(anyHex(20), (enigma) => {
        expect(keyRegistryOf(enigma)).toBe(getContractAddress({ from: enigma, nonce: 1n }).toLowerCase())
      }),
    )
  })

  test('does not mind the spelling of an address', () => {
    const enigma = `0x${'ab'.repeat(20)}` as const
    expect(keyRegistryOf(`0x${'AB'.repeat(20)}`)).toBe(keyRegistryOf(enigma))
  })

  test.each(vectors.cases)('of $name is as published', ({ enigma, keyRegistry }) => {
    expect(keyRegistryOf(enigma as Hex)).toBe(keyRegistry)
  })

  test.each(vectors.failures)('S18: refuses $name', ({ enigma, error }) => {
    expect(() => keyRegistryOf(enigma as Hex)).toThrow(codeOf(error))
  })
})

describe('the places of words', () => {
  const mapped = (type: string, key: unknown, position: number) =>
    keccak256(encodeAbiParameters(parseAbiParameters(`${type}, uint256`), [key, BigInt(position)]))
  const plain = (position: bigint) => toHex(position, { size: 32 })

  test("are where Solidity keeps them, by viem's encoding", () => {
    fc.assert(
      fc.property(anyUint32, anyHex(20), anyHex(32), fc.integer({ min: 0, max: 31 }), (n, account, hash, id) => {
        const inner = encodeAbiParameters(parseAbiParameters('address, bytes32, uint32'), [account, hash, n])
        expect([
          registrySlot.state,
          registrySlot.commitment(n),
          registrySlot.committed(n),
          registrySlot.joinKey(n),
          registrySlot.heldBy(account),
          registrySlot.contractKey(account, hash, n),
          registrySlot.policyHash,
          registrySlot.networkHash(id),
          enigmaSlot.seat(n),
          enigmaSlot.holder(n),
          enigmaSlot.measurement(id),
          enigmaSlot.revoked,
        ]).toEqual([
          plain(0n),
          mapped('uint32', n, 1),
          plain(BigInt(mapped('uint32', n, 1)) + 1n),
          mapped('uint256', BigInt(n), 2),
          mapped('address', account, 3),
          mapped('bytes32', keccak256(inner), 4),
          plain(5n),
          mapped('uint256', BigInt(id), 7),
          mapped('uint256', BigInt(n), 1),
          mapped('uint256', BigInt(n), 2),
          plain(BigInt(keccak256(plain(3n))) + BigInt(id)),
          plain(4n),
        ])
      }),
    )
  })

  test.each(vectors.slotCases)('of $name are as published', (vector) => {
    const [seat, generation] = [Number(vector.seat), Number(vector.generation)]
    const [signer, dApp, codeHash] = [vector.signer, vector.dApp, vector.codeHash] as [Hex, Hex, Hex]
    expect({
      slotState: registrySlot.state,
      slotCommitment: registrySlot.commitment(generation),
      slotJoinKey: registrySlot.joinKey(seat),
      slotHeldBy: registrySlot.heldBy(signer),
      slotContractKey: registrySlot.contractKey(dApp, codeHash, generation),
      slotPolicyHash: registrySlot.policyHash,
      enigmaSlotSeat: enigmaSlot.seat(seat),
      enigmaSlotHolder: enigmaSlot.holder(seat),
      enigmaSlotMeasurement: enigmaSlot.measurement(Number(vector.measurementId)),
      enigmaSlotRevoked: enigmaSlot.revoked,
    }).toEqual(Object.fromEntries(Object.entries(vector).filter(([field]) => /slot[A-Z]|Slot/.test(field))))
  })

  test('S11: are never the same for two dApps, codes or generations', () => {
    const dApp = `0x${'11'.repeat(20)}` as const
    const code = `0x${'22'.repeat(32)}` as const
    const places = [
      registrySlot.contractKey(dApp, code, 1),
      registrySlot.contractKey(`0x${'12'.repeat(20)}`, code, 1),
      registrySlot.contractKey(dApp, `0x${'23'.repeat(32)}`, 1),
      registrySlot.contractKey(dApp, code, 2),
    ]
    expect(new Set(places).size).toBe(places.length)
  })

  test('S18: there are none for a generation, seat, measurement or address that cannot be', () => {
    expect(() => registrySlot.commitment(2 ** 32)).toThrow(codeOf('OUT_OF_RANGE'))
    expect(() => registrySlot.commitment(-1)).toThrow(codeOf('OUT_OF_RANGE'))
    expect(() => registrySlot.joinKey(0.5)).toThrow(codeOf('OUT_OF_RANGE'))
    expect(() => enigmaSlot.seat(Number.NaN)).toThrow(codeOf('OUT_OF_RANGE'))
    expect(() => enigmaSlot.measurement(256)).toThrow(codeOf('OUT_OF_RANGE'))
    expect(() => registrySlot.heldBy('0x12')).toThrow(codeOf('MALFORMED_HEX'))
  })
})

describe("the registry's state", () => {
  test('gives back its six fields', () => {
    fc.assert(
      fc.property(anyState, (state) => void expect(parseRegistryState(packRegistryState(state))).toEqual(state)),
    )
  })

  test('has them where the contract has them', () => {
    const word = (6n << 136n) | (5n << 104n) | (1n << 96n) | (4n << 64n) | (3n << 32n) | 2n
    expect(parseRegistryState(word)).toEqual({
      ...{ generation: 2, minGeneration: 3, openGeneration: 4 },
      ...{ isFrozen: true, heldMask: 5, rotatedMask: 6 },
    })
  })

  test.each(vectors.stateCases)('$name is as published', ({ name: _, word, isFrozen, ...counts }) => {
    const state = Object.fromEntries(Object.entries(counts).map(([field, value]) => [field, Number(value)]))
    expect(parseRegistryState(BigInt(word))).toEqual({ ...state, isFrozen })
  })

  test.each(vectors.stateFailures)('S18: refused: $name', ({ name: _, error, isFrozen, ...counts }) => {
    const state = Object.fromEntries(Object.entries(counts).map(([field, value]) => [field, Number(value)]))
    expect(() => packRegistryState({ ...(state as Omit<RegistryState, 'isFrozen'>), isFrozen })).toThrow(codeOf(error))
  })

  test('S14: any bit of the freeze byte counts as frozen', () => {
    for (const bit of [96n, 99n, 103n]) expect(parseRegistryState(1n << bit).isFrozen).toBe(true)
    for (const bit of [95n, 104n, 200n]) expect(parseRegistryState(1n << bit).isFrozen).toBe(false)
  })
})
