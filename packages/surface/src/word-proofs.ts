/** Proofs of single words of the contracts at one block, as Core's calls about the network secret take them. */
import type { CallParams, Words } from '@enigma/core/calls'
import { ProofWriter } from '@enigma/evm/proof/writer'
import type { Anchor, StateSource } from './state.ts'

export async function proveWords(
  node: Pick<StateSource, 'state'>,
  { accounts, slots }: Words,
  anchor: Anchor,
): Promise<CallParams<'execute'>['proof']> {
  const asked = accounts.map((address) => ({
    address,
    slots: [...new Set(slots.filter((slot) => slot.address === address).map(({ slot }) => slot))],
  }))
  const { proofs } = await node.state({ accounts: asked, codesOf: [] }, anchor)
  const { accounts: proven, slots: words, nodes } = new ProofWriter().write(proofs)
  return { accounts: [...proven], slots: [...words], nodes: [...nodes], codes: [] }
}
