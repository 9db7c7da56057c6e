/** Makes the secret of a generation that is wanted, and confirms one that another worker made. */
import { wordsOfGeneration } from '@enigma/core/calls'
import type { Values } from '@enigma/process'
import type { Address } from '@enigma/protocol'
import type { CoreHost, WorkerCore } from './core-host.ts'
import type { Dues } from './key-dues.ts'
import { holdsFinal, isFrozenOut, type Look, type Wanted } from './key-look.ts'
import type { KeyProofs } from './key-proofs.ts'
import { type Committed, registryCalls } from './key-registry.ts'
import type { Turns } from './key-turns.ts'

type Parts = {
  enigma: Address
  values: Values
  coreHost: Pick<CoreHost, 'keep'>
  dues: Dues
  turns: Turns
  proofs: KeyProofs
}
type Signed = Omit<Awaited<ReturnType<WorkerCore['commit']>>, 'sealed'>
/** Public, like all that goes into a transaction: a restart before it is sent makes no second secret. */
type Made = { generation: number; seat: number; committed: Signed }
const MADE = 'key-made'

/** Epochs after which a commitment that found no second holder may be replaced. */
const REPLACEABLE_EPOCHS = 2

export function createKeyMaker({ enigma, values, coreHost, dues, turns, proofs }: Parts) {
  /** Another's commitment is replaced only where nobody gives us its secret: else both would be made anew for ever. */
  function mayCommit(look: Look, { committed }: Wanted, isLeftAlone: boolean): boolean {
    const { seat, epoch, held } = look
    if (!look.isLive || isFrozenOut(look) || !holdsFinal(look)) return false
    if (!committed) return true
    if (committed.epoch + REPLACEABLE_EPOCHS > epoch || held.has(committed.commitment)) return false
    return isLeftAlone || committed.seat === seat
  }

  async function commit({ head, seat, core, held, epoch }: Look, generation: number): Promise<void> {
    const position = await turns({ epoch, seat }, 0)
    await dues.send({ name: 'commit', key: String(generation), head, position }, async () => {
      const before = values.get<Made>(MADE)
      const isGood = before?.generation === generation && before.seat === seat && held.has(before.committed.commitment)
      if (isGood) return registryCalls.commitGeneration(seat, generation, before.committed)
      const { sealed, ...committed } = await core.commit({ seat, generation })
      coreHost.keep(sealed)
      values.set(MADE, { generation, seat, committed } satisfies Made)
      return registryCalls.commitGeneration(seat, generation, committed)
    })
  }

  async function confirm(look: Look, generation: number, { commitment, seat: maker }: Committed): Promise<void> {
    const { head, seat, core } = look
    if (!look.isLive || maker === seat || !look.held.has(commitment)) return
    const position = await turns(look, maker + 1)
    await dues.send({ name: 'confirm', key: commitment, head, position }, async () => {
      const chain = await proofs.shown(await proofs.observed(head), wordsOfGeneration(enigma, generation))
      return registryCalls.confirmHolder(seat, generation, await core.hold({ generation, ...chain }))
    })
  }

  /** `isLeftAlone`: we asked for what is committed and were given nothing in time. */
  return async (look: Look, isLeftAlone: boolean): Promise<void> => {
    const open = look.wanted.at(-1)
    if (!open || open.generation <= look.state.generation) return
    if (mayCommit(look, open, isLeftAlone)) await commit(look, open.generation)
    if (open.committed) await confirm(look, open.generation, open.committed)
  }
}
