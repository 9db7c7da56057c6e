/**
 * Nodes as they arrive: each once, where a walk first needs it.
 *
 * So there is one stream that proves a list of facts, and every other is refused: a truncated one, a padded one, one in
 * another order, one with a byte changed.
 */
import { equalBytes } from '@enigma/protocol'
import { keccak256 } from '../keccak.ts'
import { decodeNode, type TrieNode } from './node.ts'
import { ProofError } from './proof-error.ts'

/** 1,024 slots and 256 accounts, twelve nodes deep. */
const MAX_NODES = 16_384

type Known = { hash: Uint8Array; node: TrieNode }

export class NodeStream {
  readonly #known = new Map<number, Known[]>()
  #count = 0
  #coming: readonly Uint8Array[] = []
  #at = 0

  /** What the walks from now on may take. */
  open(nodes: readonly Uint8Array[]): void {
    this.#coming = nodes
    this.#at = 0
  }

  /** Throws NODE_UNUSED if something was left over. */
  close(): void {
    if (this.#at !== this.#coming.length) throw new ProofError('NODE_UNUSED')
  }

  /** The node of this hash: known, or the next that comes. */
  take(hash: Uint8Array, isRoot: boolean): TrieNode {
    const key = keyOf(hash)
    const alike = this.#known.get(key)
    const known = alike?.find((other) => equalBytes(other.hash, hash))
    if (known) return known.node
    const bytes = this.#coming[this.#at]
    if (bytes === undefined) throw new ProofError('NODE_MISSING')
    if (!equalBytes(keccak256(bytes), hash)) throw new ProofError('NODE_FORGED')
    // A short one stands inside its parent; a root has none.
    if (bytes.length < 32 && !isRoot) throw new ProofError('NODE_MALFORMED')
    if (this.#count >= MAX_NODES) throw new ProofError('PROOF_TOO_LARGE')
    this.#at++
    this.#count++
    const node = decodeNode(bytes)
    if (alike) alike.push({ hash, node })
    else this.#known.set(key, [{ hash, node }])
    return node
  }
}

/** Its first 48 bits: a number is found in a map far faster than text. Hashes that share them can be made, at a price. */
function keyOf(hash: Uint8Array): number {
  const part = (at: number) => ((hash[at] as number) << 16) | ((hash[at + 1] as number) << 8) | (hash[at + 2] as number)
  return part(0) * 2 ** 24 + part(3)
}
