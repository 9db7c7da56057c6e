/** An account as a leaf of the state holds it: nonce, balance, root of its storage, hash of its code. */
import { bytesToBigInt } from '@enigma/protocol'
import { ProofError } from './proof-error.ts'
import { readList, readString } from './rlp.ts'

export type AccountLeaf = { nonce: bigint; balanceWei: bigint; storageRoot: Uint8Array; codeHash: Uint8Array }

export function decodeAccount(leaf: Uint8Array): AccountLeaf {
  const items = readList(leaf)
  if (items.length !== 4 || items.some(({ isList }) => isList)) throw new ProofError('ACCOUNT_MALFORMED')
  const [nonce, balance, storageRoot, codeHash] = items.map(({ start, end }) => leaf.subarray(start, end)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  if (storageRoot.length !== 32 || codeHash.length !== 32) throw new ProofError('ACCOUNT_MALFORMED')
  return { nonce: integer(nonce, 8), balanceWei: integer(balance, 32), storageRoot, codeHash }
}

/**
 * The word that a leaf of a storage holds. Ethereum stores no zero, it removes the leaf; Anvil keeps one that holds nothing, and
 * what stands in the trie is what the state root says.
 */
export function decodeSlot(leaf: Uint8Array): bigint {
  const bytes = readString(leaf)
  if (bytes.length > 32 || bytes[0] === 0) throw new ProofError('VALUE_MALFORMED')
  return bytes.length === 0 ? 0n : bytesToBigInt(bytes)
}

function integer(bytes: Uint8Array, most: number): bigint {
  if (bytes.length > most || bytes[0] === 0) throw new ProofError('ACCOUNT_MALFORMED')
  return bytesToBigInt(bytes)
}
