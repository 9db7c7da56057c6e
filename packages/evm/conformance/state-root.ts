/** The Merkle-Patricia root of a whole world, built at once from all of its entries. */
import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import { type NestedUint8Array, RLP } from '@ethereumjs/rlp'
import { keccak256 } from '../src/keccak.ts'
import { codeHashOf, type World } from '../src/testing/engine.ts'

/** As RLP takes it: a leaf and an extension are pairs, a branch has seventeen items. */
type Node = NestedUint8Array | Uint8Array

/** `path` is the key's hash, one nibble a byte. */
type Entry = { path: Uint8Array; value: Uint8Array }

const EMPTY_ROOT = keccak256(RLP.encode(new Uint8Array()))

export function stateRoot(world: World): Hex {
  const entries = [...world].map(([address, { nonce, balanceWei, code, storage }]) => {
    const root = storageRoot(storage)
    const account = [nonce, balanceWei, root, hexToBytes(codeHashOf(code))]
    return { path: pathOf(hexToBytes(address)), value: RLP.encode(account) }
  })
  return bytesToHex(rootOf(entries))
}

function storageRoot(storage: ReadonlyMap<Hex, Hex>): Uint8Array {
  return rootOf(
    [...storage].map(([slot, value]) => ({ path: pathOf(hexToBytes(slot)), value: RLP.encode(BigInt(value)) })),
  )
}

function rootOf(entries: Entry[]): Uint8Array {
  if (entries.length === 0) return EMPTY_ROOT
  entries.sort((a, b) => Buffer.compare(a.path, b.path))
  return keccak256(RLP.encode(nodeOf(entries, 0)))
}

/** The node over `entries`, which are in order, at least one, and share their first `depth` nibbles. */
function nodeOf(entries: readonly Entry[], depth: number): Node {
  const [first, last] = [entries[0] as Entry, entries.at(-1) as Entry]
  if (entries.length === 1) return [compact(first.path.subarray(depth), true), first.value]

  let shared = depth
  while (first.path[shared] === last.path[shared]) shared++
  if (shared > depth) return [compact(first.path.subarray(depth, shared), false), reference(nodeOf(entries, shared))]

  const children = Array.from({ length: 16 }, (_, nibble) => {
    const below = entries.filter(({ path }) => path[depth] === nibble)
    return below.length === 0 ? new Uint8Array() : reference(nodeOf(below, depth + 1))
  })
  return [...children, new Uint8Array()]
}

/** A node of fewer than 32 bytes stands in its parent itself. */
function reference(node: Node): Node {
  const encoded = RLP.encode(node)
  return encoded.length < 32 ? node : keccak256(encoded)
}

function pathOf(key: Uint8Array): Uint8Array {
  return Uint8Array.from([...keccak256(key)].flatMap((byte) => [byte >> 4, byte & 15]))
}

/** Hex-prefix encoding: whether the path ends here and whether it is odd stand in its first nibble. */
function compact(nibbles: Uint8Array, isLeaf: boolean): Uint8Array {
  const isOdd = nibbles.length % 2 === 1
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0)
  const whole = isOdd ? [flag, ...nibbles] : [flag, 0, ...nibbles]
  return Uint8Array.from(
    { length: whole.length / 2 },
    (_, i) => (whole[2 * i] as number) * 16 + (whole[2 * i + 1] as number),
  )
}
