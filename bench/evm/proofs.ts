/** What proving state costs Core: storage as deep as that of a large contract on mainnet, full branches down to the leaf. */
import { ProvenState, type StateProof } from '@enigma/evm/proof'
import type { Address, Hex } from '@enigma/protocol'
import { hexToBytes, keccak256, pad, toHex, toRlp } from 'viem'
import { type Figure, median } from '../figure.ts'

/** Nodes from the storage root to a slot's leaf. */
const DEPTH = 8
const ROUNDS = 400
const ADDRESS: Address = `0x${'5a'.repeat(20)}`
const EMPTY_CODE = keccak256('0x')

export function measureProofs(progress: (line: string) => void): Figure[] {
  progress('proofs …')
  const { stateRoot, proof } = deepProof()
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const state = new ProvenState(stateRoot)
    const started = performance.now()
    state.learn(proof)
    times.push(performance.now() - started)
  }
  const bytes = proof.nodes.reduce((sum, node) => sum + node.length, 0)
  const slots = proof.slots.length
  return [
    {
      name: 'proven slot, 8 nodes deep',
      value: Math.round((median(times) * 10_000) / slots) / 10,
      unit: 'µs',
      target: 25,
      better: 'lower',
      bound: `${slots} slots of an account in one proof of ${Math.round(bytes / 100) / 10} kB; the account is in the figure.`,
    },
  ]
}

/** One slot below each child of the storage root, so that two paths share nothing but that root. */
function deepProof(): { stateRoot: Hex; proof: StateProof } {
  const slots = slotsByFirstNibble()
  const paths = slots.map((slot) => pathOf(slot, 1))
  const roots = paths.map((nodes) => keccak256(nodes[0] ?? '0x'))
  const storageRoot = toRlp([...roots, '0x'])
  const account = toRlp(['0x01', '0x', keccak256(storageRoot), EMPTY_CODE])
  const accountLeaf = toRlp([`0x20${keccak256(ADDRESS).slice(2)}`, account])
  return {
    stateRoot: keccak256(accountLeaf),
    proof: {
      accounts: [ADDRESS],
      slots: slots.map((slot) => ({ address: ADDRESS, slot })),
      nodes: [accountLeaf, storageRoot, ...paths.flat()].map((node) => hexToBytes(node)),
      codes: [],
    },
  }
}

/** The nodes below the root on the way to a slot, the uppermost first. */
function pathOf(slot: Hex, depth: number): Hex[] {
  const nibbles = keccak256(slot).slice(2)
  if (depth === DEPTH - 1) {
    const rest = nibbles.slice(depth)
    return [toRlp([rest.length % 2 === 1 ? `0x3${rest}` : `0x20${rest}`, toRlp('0x2a')])]
  }
  const below = pathOf(slot, depth + 1)
  const children = Array.from({ length: 16 }, (_, i) => keccak256(toHex(`${slot} ${depth} ${i}`)))
  children[Number.parseInt(nibbles[depth] ?? '0', 16)] = keccak256(below[0] ?? '0x')
  return [toRlp([...children, '0x']), ...below]
}

function slotsByFirstNibble(): Hex[] {
  const found = new Map<string, Hex>()
  for (let number = 0; found.size < 16; number++) {
    const slot = pad(toHex(number))
    const nibble = keccak256(slot).charAt(2)
    if (!found.has(nibble)) found.set(nibble, slot)
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, slot]) => slot)
}
