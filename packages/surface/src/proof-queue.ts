/**
 * What one execution of Core is shown of the chain: fetched from the node, written as a stream of proofs, cut into frames.
 *
 * Core takes each trie node once, where its walk first meets it: so all that was written is sent, in that order, and what
 * does not fit into the first frame goes out with the answers to Core's questions.
 */
import type { CallParams } from '@enigma/core/calls'
import { ProofWriter, type RpcProof, type StateProof } from '@enigma/evm/proof/writer'
import { type Address, type Hex, LIMITS } from '@enigma/protocol'
import type { Anchor, StateKeys, StateSource } from './state.ts'

/** What `execute` and `state` carry of proofs. */
export type Frame = CallParams<'execute'>['proof']
export type ProofQueue = ReturnType<typeof createProofQueue>

/** Characters of proofs in a frame to Core, which holds 1 MiB: the rest is for task, header, signatures and inputs. */
const FRAME_CHARACTERS = 900_000
/** Of one account in one call: geth refuses more than 1,024, others less. */
const SLOTS_PER_CALL = 256
/** Written together. However deep their proofs are (state.ts bounds them), a piece is shorter than a frame. */
const SLOTS_PER_PIECE = 8

/** `codes` holds what need not be fetched, by account; it gains what was. */
export function createProofQueue(
  node: Pick<StateSource, 'state'>,
  anchor: Anchor,
  codes: Map<Address, Uint8Array> = new Map(),
) {
  const writer = new ProofWriter()
  const asked = new Set<string>()
  const codesSent = new Set<Hex>()
  let waiting: StateProof[] = []
  let bytes = 0

  /** Accounts first, as the stream has them. */
  function write(proofs: readonly RpcProof[], codesOf: readonly Address[]): void {
    for (const proof of proofs) {
      const code = codesOf.includes(proof.address) ? codes.get(proof.address) : undefined
      const isNew = code !== undefined && code.length > 0 && !codesSent.has(proof.codeHash)
      if (isNew) codesSent.add(proof.codeHash)
      waiting.push(writer.write([{ ...proof, storageProof: [] }], isNew ? [code] : []))
    }
    for (const proof of proofs)
      for (const storageProof of inParts(proof.storageProof, SLOTS_PER_PIECE))
        waiting.push(writer.write([{ ...proof, storageProof }], []))
  }

  return {
    /** Fetches what was not fetched before, in one round trip; returns whether there was any such thing. */
    async fetch({ accounts, slots }: StateKeys): Promise<boolean> {
      const fresh = <T>(values: readonly T[], key: (value: T) => string) =>
        values.filter((value) => !asked.has(key(value)) && asked.add(key(value)))
      const codesOf = fresh(accounts, (address) => address)
      const slotsOf = Map.groupBy(
        fresh(slots, ({ address, slot }) => `${address}:${slot}`),
        ({ address }) => address,
      )
      const addresses = [...new Set([...codesOf, ...slotsOf.keys()])]
      if (addresses.length === 0) return false
      const unknown = codesOf.filter((address) => !codes.has(address))
      const calls = addresses.flatMap((address) => {
        const parts = inParts(slotsOf.get(address) ?? [], SLOTS_PER_CALL)
        return (parts.length > 0 ? parts : [[]]).map((part) => ({ address, slots: part.map(({ slot }) => slot) }))
      })
      const answer = await node.state({ accounts: calls, codesOf: unknown }, anchor)
      for (const [index, address] of unknown.entries()) codes.set(address, answer.codes[index] as Uint8Array)
      write(answer.proofs, codesOf)
      return true
    },
    isEmpty: () => waiting.length === 0,
    /** The next frame's share. */
    next(): Frame {
      const frame: Frame = { accounts: [], slots: [], nodes: [], codes: [] }
      let left = FRAME_CHARACTERS
      let count = 0
      for (const piece of waiting) {
        left -= charactersOf(piece)
        if (left < 0 || frame.slots.length + piece.slots.length > LIMITS.reads) break
        // In a frame all accounts come before all slots.
        if (frame.slots.length > 0 && piece.slots.length === 0) break
        count++
        if (piece.slots.length === 0) frame.accounts.push(...piece.accounts)
        frame.slots.push(...piece.slots)
        frame.nodes.push(...piece.nodes)
        frame.codes.push(...piece.codes)
      }
      waiting = waiting.slice(count)
      bytes += [...frame.nodes, ...frame.codes].reduce((sum, part) => sum + part.length, 0)
      return frame
    },
    /** Of nodes and code, handed out so far. */
    bytes: () => bytes,
  }
}

function inParts<T>(values: readonly T[], most: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < values.length; at += most) parts.push(values.slice(at, at + most))
  return parts
}

/** As JSON, with a little to spare. */
function charactersOf({ accounts, slots, nodes, codes }: StateProof): number {
  const inHex = [...nodes, ...codes].reduce((sum, part) => sum + 2 * part.length + 5, 0)
  return inHex + accounts.length * 50 + slots.length * 150
}
