/** Publishes the keys of dApps that somebody asked for. */
import { wordsOfGeneration } from '@enigma/core/calls'
import type { Address } from '@enigma/protocol'
import type { Dues } from './key-dues.ts'
import type { Look } from './key-look.ts'
import type { KeyProofs } from './key-proofs.ts'
import { registryCalls } from './key-registry.ts'
import type { Requests } from './key-requests.ts'
import type { Turns } from './key-turns.ts'

type Parts = {
  enigma: Address
  requests: Pick<Requests, 'unpublished'>
  dues: Dues
  turns: Turns
  proofs: KeyProofs
}

/** Where the turns begin, so that not one worker pays for all. */
const MOST_FIRST = 1_024n

export function createKeyPublisher({ enigma, requests, dues, turns, proofs }: Parts) {
  return async (look: Look): Promise<void> => {
    const { head, state, wanted, held, core } = look
    const own = wanted.filter(({ committed }) => committed && held.has(committed.commitment))
    const final = own.map(({ generation }) => generation).filter((generation) => generation <= state.generation)
    if (!look.isLive || final.length === 0) return
    for (const asked of await requests.unpublished(head, final)) {
      const { dApp, codeHash, generation } = asked
      const position = await turns(look, Number(BigInt(codeHash) % MOST_FIRST))
      const of = { name: 'publish', key: `${dApp}:${codeHash}:${generation}`, head, position, canWait: true } as const
      await dues.send(of, async () => {
        const chain = await proofs.shown(await proofs.observed(head), wordsOfGeneration(enigma, generation))
        return registryCalls.publishKey(asked, await core.contractKey({ dApp, codeHash, generation, ...chain }))
      })
    }
  }
}
