/** What does a trie hold under a key? */
import { equalBytes, hexToBytes } from '@enigma/protocol'
import { follows, KEY_NIBBLES, nibblesOf, type TrieNode } from './node.ts'
import type { NodeStream } from './node-stream.ts'
import { ProofError } from './proof-error.ts'

/** keccak256 of RLP's empty string. */
export const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
const EMPTY_ROOT_BYTES = hexToBytes(EMPTY_ROOT)

/** The value under a hashed key, or null where the trie shows that there is none. Throws ProofError. */
export function walk(root: Uint8Array, hashedKey: Uint8Array, stream: NodeStream): Uint8Array | null {
  if (equalBytes(root, EMPTY_ROOT_BYTES)) return null
  const nibbles = nibblesOf(hashedKey)
  let node = stream.take(root, true)
  for (let depth = 0; ; ) {
    if (node.kind === 'leaf') {
      // Whoever's leaf it is, it ends where all keys end.
      if (depth + node.path.length !== KEY_NIBBLES) throw new ProofError('PATH_MALFORMED')
      return follows(nibbles, depth, node.path) ? node.value : null
    }
    if (node.kind === 'extension') {
      if (depth + node.path.length >= KEY_NIBBLES) throw new ProofError('PATH_MALFORMED')
      if (!follows(nibbles, depth, node.path)) return null
      depth += node.path.length
      node = resolve(node.child, stream)
      if (node.kind !== 'branch') throw new ProofError('NODE_MALFORMED')
    }
    if (depth >= KEY_NIBBLES) throw new ProofError('PATH_MALFORMED')
    const child = node.children[nibbles[depth] as number]
    if (!child) return null
    depth++
    node = resolve(child, stream)
  }
}

function resolve(reference: Uint8Array | TrieNode, stream: NodeStream): TrieNode {
  return 'kind' in reference ? reference : stream.take(reference, false)
}
