/** Ethereum's trie for tests, built once from all its entries: the other direction of what Core verifies. */
import { concatBytes, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'

/** RLP of bytes. */
export function rlp(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && (bytes[0] as number) < 0x80) return bytes
  return concatBytes(prefix(0x80, bytes.length), bytes)
}

/** RLP of a list whose items are encoded already. */
export function rlpList(items: readonly Uint8Array[]): Uint8Array {
  const payload = concatBytes(...items)
  return concatBytes(prefix(0xc0, payload.length), payload)
}

export function rlpNumber(value: bigint): Uint8Array {
  const digits = value.toString(16)
  return rlp(value === 0n ? new Uint8Array(0) : hexToBytes(`0x${digits.length % 2 === 0 ? '' : '0'}${digits}`))
}

function prefix(base: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(base + length)
  const digits = length.toString(16)
  const size = hexToBytes(`0x${digits.length % 2 === 0 ? '' : '0'}${digits}`)
  return concatBytes(Uint8Array.of(base + 55 + size.length), size)
}

type Node = { encoded: Uint8Array; isLeaf: boolean; nibbles: string; children: ReadonlyMap<string, Node> }
/** A key's nibbles that are still to come, and its value in RLP. */
type Entry = { nibbles: string; value: Uint8Array }

export class Trie {
  readonly root: Hex
  readonly #top: Node | undefined

  /** Values are RLP already; keys are hashed here. */
  constructor(entries: readonly { key: Hex; value: Uint8Array }[]) {
    const hashed = entries.map(({ key, value }) => ({ nibbles: nibblesOf(key), value }))
    this.#top = hashed.length > 0 ? build(hashed) : undefined
    this.root = keccak256(this.#top?.encoded ?? rlp(new Uint8Array(0)))
  }

  /** The nodes that a walk to `key` meets, up to the end or to where the key turns out to be absent. */
  path(key: Hex): Uint8Array[] {
    const met: Uint8Array[] = []
    let rest = nibblesOf(key)
    for (let node = this.#top; node !== undefined; ) {
      if (met.length === 0 || node.encoded.length >= 32) met.push(node.encoded)
      if (node.isLeaf || !rest.startsWith(node.nibbles)) break
      rest = rest.slice(node.nibbles.length)
      const next: Node | undefined = node.children.get(node.nibbles === '' ? (rest[0] as string) : '')
      if (node.nibbles === '') rest = rest.slice(1)
      node = next
    }
    return met
  }
}

function nibblesOf(key: Hex): string {
  return keccak256(hexToBytes(key)).slice(2)
}

function build(entries: readonly Entry[]): Node {
  const [first] = entries
  if (first !== undefined && entries.length === 1) {
    const { nibbles, value } = first
    return { encoded: rlpList([path(nibbles, true), rlp(value)]), isLeaf: true, nibbles, children: new Map() }
  }
  const shared = sharedPrefix(entries)
  if (shared !== '') {
    const child = build(entries.map(({ nibbles, value }) => ({ nibbles: nibbles.slice(shared.length), value })))
    const encoded = rlpList([path(shared, false), reference(child)])
    return { encoded, isLeaf: false, nibbles: shared, children: new Map([['', child]]) }
  }
  const children = new Map<string, Node>()
  for (const digit of '0123456789abcdef') {
    const below = entries.filter(({ nibbles }) => nibbles.startsWith(digit))
    if (below.length > 0) children.set(digit, build(below.map((e) => ({ ...e, nibbles: e.nibbles.slice(1) }))))
  }
  const slots = [...'0123456789abcdef'].map((digit) => {
    const child = children.get(digit)
    return child ? reference(child) : rlp(new Uint8Array(0))
  })
  return { encoded: rlpList([...slots, rlp(new Uint8Array(0))]), isLeaf: false, nibbles: '', children }
}

function reference({ encoded }: Node): Uint8Array {
  return encoded.length < 32 ? encoded : rlp(hexToBytes(keccak256(encoded)))
}

/** Hex-prefix encoding. */
function path(nibbles: string, isLeaf: boolean): Uint8Array {
  const flag = isLeaf ? 2 : 0
  return rlp(hexToBytes(nibbles.length % 2 === 1 ? `0x${flag + 1}${nibbles}` : `0x${flag}0${nibbles}`))
}

function sharedPrefix(entries: readonly Entry[]): string {
  const [{ nibbles: first } = { nibbles: '' }] = entries
  let length = first.length
  for (const { nibbles } of entries) while (!nibbles.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}
