/** What Core believes of the network secret's affairs: a head that observers signed, and words of the contracts below it. */
import type { CallParams, Words } from '@enigma/core/calls'
import { ProofWriter } from '@enigma/evm/proof/writer'
import { type Block, RpcError } from '@enigma/process'
import type { EthereumNode } from './node.ts'
import type { Observations } from './observed.ts'
import type { Anchor, StateSource } from './state.ts'

type Parts = {
  node: Pick<EthereumNode, 'block'>
  state: Pick<StateSource, 'state' | 'header'>
  observations: Pick<Observations, 'of' | 'forget'>
  depth: number
}
export type KeyProofs = ReturnType<typeof createKeyProofs>

export function createKeyProofs({ node, state, observations, depth }: Parts) {
  async function prove({ accounts, slots }: Words, anchor: Anchor): Promise<CallParams<'hold'>['proof']> {
    const asked = accounts.map((address) => ({
      address,
      slots: [...new Set(slots.filter((slot) => slot.address === address).map(({ slot }) => slot))],
    }))
    const { proofs } = await state.state({ accounts: asked, codesOf: [] }, anchor)
    const { accounts: proven, slots: words, nodes } = new ProofWriter().write(proofs)
    return { accounts: [...proven], slots: [...words], nodes: [...nodes], codes: [] }
  }

  return {
    prove,
    header: state.header,
    /** The newest block that observers sign. */
    async observed(head: Block): Promise<Anchor> {
      if (depth === 0) return head
      const number = head.number - BigInt(depth)
      const block = await node.block(number < 0n ? 0n : number)
      if (!block) throw new RpcError('RPC_NONSENSE', 'The node does not know a block below its own head.')
      return block
    },
    /** Whether observers, and so Core, see this block at `head`. */
    isSeen: (block: bigint, head: Block): boolean => block + BigInt(depth) <= head.number,
    /** What Core is shown with the words. */
    async shown(anchor: Anchor, words: Words): Promise<Pick<CallParams<'hold'>, 'header' | 'signatures' | 'proof'>> {
      const [{ header, signatures }, proof] = await Promise.all([observations.of(anchor), prove(words, anchor)])
      return { header, signatures, proof }
    },
  }
}
