/**
 * A node of Ethereum's trie, out of its bytes (Yellow Paper, appendix D).
 *
 * Keys are hashes of 64 nibbles, so no branch has a value of its own, and a node below 32 bytes stands inside its parent.
 */
import { equalBytes } from '@enigma/protocol'
import { ProofError } from './proof-error.ts'
import { type RlpItem, readList } from './rlp.ts'

export const KEY_NIBBLES = 64
/** A branch of sixteen hashes has 532. */
export const MAX_NODE_BYTES = 532

/** What a parent says of a child: nothing there, its hash, or the whole of it. */
export type Reference = Uint8Array | TrieNode | null

export type TrieNode =
  | { kind: 'branch'; children: readonly Reference[] }
  | { kind: 'leaf'; path: Uint8Array; value: Uint8Array }
  | { kind: 'extension'; path: Uint8Array; child: Uint8Array | TrieNode }

export function decodeNode(bytes: Uint8Array): TrieNode {
  if (bytes.length > MAX_NODE_BYTES) throw new ProofError('NODE_MALFORMED')
  return nodeAt(bytes, 0, bytes.length)
}

/** The nibbles of a hash. */
export function nibblesOf(hash: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(2 * hash.length)
  for (let i = 0; i < hash.length; i++) {
    const byte = hash[i] as number
    nibbles[2 * i] = byte >> 4
    nibbles[2 * i + 1] = byte & 15
  }
  return nibbles
}

function nodeAt(bytes: Uint8Array, start: number, end: number): TrieNode {
  const items = readList(bytes, start, end)
  if (items.length === 17) return branch(bytes, items)
  const [first, second] = items
  if (!first || !second || items.length !== 2 || first.isList) throw new ProofError('NODE_MALFORMED')
  const { path, isLeaf } = readPath(bytes.subarray(first.start, first.end))
  if (!isLeaf) return extension(path, referenceTo(bytes, second))
  if (second.isList || second.start === second.end) throw new ProofError('NODE_MALFORMED')
  return { kind: 'leaf', path, value: bytes.subarray(second.start, second.end) }
}

function branch(bytes: Uint8Array, items: readonly RlpItem[]): TrieNode {
  const value = items[16] as RlpItem
  if (value.isList || value.end !== value.start) throw new ProofError('NODE_MALFORMED')
  const children = items.slice(0, 16).map((item) => referenceTo(bytes, item))
  // With a single child it would be an extension.
  if (children.filter((child) => child !== null).length < 2) throw new ProofError('NODE_MALFORMED')
  return { kind: 'branch', children }
}

function extension(path: Uint8Array, child: Reference): TrieNode {
  if (path.length === 0) throw new ProofError('PATH_MALFORMED')
  // One path after another would be one path.
  if (child === null || ('kind' in child && child.kind !== 'branch')) throw new ProofError('NODE_MALFORMED')
  return { kind: 'extension', path, child }
}

function referenceTo(bytes: Uint8Array, { start, end, isList }: RlpItem): Reference {
  if (isList) {
    // With its own first byte: the parent holds the child as it is.
    if (end - start + 1 >= 32) throw new ProofError('NODE_MALFORMED')
    return nodeAt(bytes, start - 1, end)
  }
  if (end === start) return null
  if (end - start !== 32) throw new ProofError('NODE_MALFORMED')
  return bytes.subarray(start, end)
}

/** Hex-prefix (Yellow Paper, appendix C): bit 1 of the first nibble tells a leaf, bit 0 an odd number of nibbles. */
function readPath(encoded: Uint8Array): { path: Uint8Array; isLeaf: boolean } {
  const flags = (encoded[0] ?? 0xff) >> 4
  const isOdd = (flags & 1) === 1
  if (flags > 3 || (!isOdd && ((encoded[0] as number) & 15) !== 0)) throw new ProofError('PATH_MALFORMED')
  const path = nibblesOf(encoded).subarray(isOdd ? 1 : 2)
  if (path.length > KEY_NIBBLES) throw new ProofError('PATH_MALFORMED')
  return { path, isLeaf: (flags & 2) === 2 }
}

/** Whether `nibbles` go on with `path` from `at`. */
export function follows(nibbles: Uint8Array, at: number, path: Uint8Array): boolean {
  return equalBytes(nibbles.subarray(at, at + path.length), path)
}
