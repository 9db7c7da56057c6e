import { concatBytes, hexToBytes } from '@enigma/protocol'
import { RLP } from '@ethereumjs/rlp'
import { describe, expect, test } from 'vitest'
import { keccak256 } from '../keccak.ts'
import { decodeAccount, decodeSlot } from './account.ts'
import { decodeNode } from './node.ts'
import { NodeStream } from './node-stream.ts'
import type { ProofErrorCode } from './proof-error.ts'
import { readList, readString } from './rlp.ts'
import { walk } from './walk.ts'

const hash = (n: number) => new Uint8Array(32).fill(n)
const key = new Uint8Array(32).fill(0x11)
const refused = (code: ProofErrorCode) => expect.objectContaining({ code })
const list = (...items: unknown[]) => RLP.encode(items as Uint8Array[])
const branch = (children: Record<number, unknown>, value: unknown = '') =>
  list(...Array.from({ length: 16 }, (_, i) => children[i] ?? ''), value)

describe('RLP in its one form', () => {
  test.each([
    ['a string longer than its bytes', '0x83aabb'],
    ['bytes after the end', '0x82aabbcc'],
    ['a small byte with a head of its own', '0x8105'],
    ['a long head for a short string', `0xb801${'aa'}`],
    ['a length that begins with zero', `0xb90038${'aa'.repeat(56)}`],
    ['a length of three bytes', `0xba010000${'aa'.repeat(65_536)}`],
    ['a list for a string', '0xc0'],
    ['nothing', '0x'],
  ])('%s is no string', (_, hex) => {
    expect(() => readString(hexToBytes(hex as `0x${string}`))).toThrow(refused('RLP_MALFORMED'))
  })

  test.each([
    ['a string', '0x80'],
    ['an item that ends beyond its list', '0xc283aa'],
    ['bytes after the list', '0xc000'],
    ['a list cut off', '0xc3aabb'],
  ])('%s is no list', (_, hex) => {
    expect(() => readList(hexToBytes(hex as `0x${string}`))).toThrow(refused('RLP_MALFORMED'))
  })
})

describe('a node', () => {
  test.each<[string, ProofErrorCode, Uint8Array]>([
    ['of three items', 'NODE_MALFORMED', list(hash(1), hash(2), hash(3))],
    ['that branches to one child only', 'NODE_MALFORMED', branch({ 3: hash(1) })],
    ['that branches and has a value of its own', 'NODE_MALFORMED', branch({ 1: hash(1), 2: hash(2) }, hash(3))],
    ['whose child is 31 bytes', 'NODE_MALFORMED', branch({ 1: hash(1), 2: hash(2).subarray(1) })],
    ['that holds a child of 32 bytes and more', 'NODE_MALFORMED', branch({ 1: hash(1), 2: [hash(1), hash(2)] })],
    ['whose path is a list', 'NODE_MALFORMED', list([], hash(1))],
    ['that is a leaf of nothing', 'NODE_MALFORMED', list(Uint8Array.of(0x20), '')],
    ['that is a leaf of a list', 'NODE_MALFORMED', list(Uint8Array.of(0x20), [])],
    ['that is a path to nothing', 'NODE_MALFORMED', list(Uint8Array.of(0x00, 0x12), '')],
    ['that is a path of no length', 'PATH_MALFORMED', list(Uint8Array.of(0x00), hash(1))],
    ['that is a path to a leaf', 'NODE_MALFORMED', list(Uint8Array.of(0x11), [Uint8Array.of(0x20), 'x'])],
    ['without a path', 'PATH_MALFORMED', list('', hash(1))],
    ['with flags that mean nothing', 'PATH_MALFORMED', list(Uint8Array.of(0x40), hash(1))],
    ['whose even path begins within a byte', 'PATH_MALFORMED', list(Uint8Array.of(0x21), hash(1))],
    [
      'whose path is longer than a key',
      'PATH_MALFORMED',
      list(concatBytes(Uint8Array.of(0x20), hash(1), hash(1)), 'x'),
    ],
    ['that is too long', 'NODE_MALFORMED', list(Uint8Array.of(0x20), new Uint8Array(600))],
  ])('%s is none: %s', (_, code, bytes) => {
    expect(() => decodeNode(bytes)).toThrow(refused(code))
  })

  test('of the longest kind is one: sixteen hashes', () => {
    const children = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, hash(i + 1)]))
    expect(decodeNode(branch(children))).toMatchObject({ kind: 'branch' })
  })
})

describe('a walk', () => {
  const take = (nodes: Uint8Array[], root = keccak256(nodes[0] as Uint8Array)) => {
    const stream = new NodeStream()
    stream.open(nodes)
    return walk(root, key, stream)
  }

  test('goes into a child that stands inside its parent', () => {
    const inner = list(Uint8Array.of(0x31), 'v')
    expect(inner.length).toBeLessThan(32)
    // 62 nibbles of path, then a branch, then a leaf of one nibble.
    const path = concatBytes(Uint8Array.of(0x00), key.subarray(1))
    const bottom = branch({ 1: [Uint8Array.of(0x31), 'v'], 2: hash(9) })
    expect(take([list(path, keccak256(bottom)), bottom])).toEqual(new TextEncoder().encode('v'))
  })

  test.each<[string, ProofErrorCode, Uint8Array[]]>([
    ['a leaf that ends before the key does', 'PATH_MALFORMED', [list(Uint8Array.of(0x20, 0x11), hash(1))]],
    [
      'a path that leaves no nibble for its branch',
      'PATH_MALFORMED',
      [list(concatBytes(Uint8Array.of(0x00), key), hash(1))],
    ],
    ['a path to another path', 'NODE_MALFORMED', extended(list(Uint8Array.of(0x11), hash(3)))],
    ['a short node that should stand inside its parent', 'NODE_MALFORMED', extended(list(Uint8Array.of(0x31), 'v'))],
  ])('is stopped by %s', (_, code, nodes) => {
    expect(() => take(nodes)).toThrow(refused(code))
  })

  test('needs its first node even if that is all there is', () => {
    expect(() => take([], hash(9))).toThrow(refused('NODE_MISSING'))
  })

  function extended(below: Uint8Array): Uint8Array[] {
    return [list(Uint8Array.of(0x11), keccak256(below)), below]
  }
})

describe('a leaf', () => {
  test.each([
    ['three items', list('', '', hash(1))],
    ['a list among them', list('', [], hash(1), hash(2))],
    ['a short root', list('', '', hash(1).subarray(1), hash(2))],
    ['a nonce of nine bytes', list(new Uint8Array(9).fill(1), '', hash(1), hash(2))],
    ['a balance that begins with zero', list('', Uint8Array.of(0, 1), hash(1), hash(2))],
  ])('with %s is no account', (_, leaf) => {
    expect(() => decodeAccount(leaf)).toThrow(refused('ACCOUNT_MALFORMED'))
  })

  test.each([
    ['a word that begins with zero', RLP.encode(Uint8Array.of(0, 1))],
    ['33 bytes', RLP.encode(new Uint8Array(33).fill(1))],
  ])('of %s is no slot', (_, leaf) => {
    expect(() => decodeSlot(leaf)).toThrow(refused('VALUE_MALFORMED'))
  })

  test('that holds nothing is a slot of zero, as Anvil keeps one that was cleared', () => {
    expect(decodeSlot(RLP.encode(''))).toBe(0n)
  })
})
