/**
 * Asks for the secrets that Core lacks, and has it take what is granted. The join key lives in Core's memory: after Core's
 * restart another is asked under.
 */
import { wordsOfAccept } from '@enigma/core/calls'
import { codeOf, type Logger } from '@enigma/process'
import { type Address, type Hex, hexToBytes } from '@enigma/protocol'
import type { CoreHost, WorkerCore } from './core-host.ts'
import type { Dues } from './key-dues.ts'
import { isFrozenOut, type Look, missingOf } from './key-look.ts'
import type { KeyProofs } from './key-proofs.ts'
import { type KeyRegistry, registryCalls } from './key-registry.ts'
import type { Granted, Requests } from './key-requests.ts'
import type { Trouble } from './trouble.ts'

type Parts = {
  enigma: Address
  registry: Pick<KeyRegistry, 'at'>
  coreHost: Pick<CoreHost, 'keep'>
  requests: Pick<Requests, 'grantOf'>
  dues: Dues
  proofs: KeyProofs
  /** Core holds more than before. */
  onReceived: () => void
  log: Logger
}
type Asked = { joinKey: Hex; core: WorkerCore; seat: number; since: bigint }
export type KeyJoiner = ReturnType<typeof createKeyJoiner>

/** Blocks in which a join should have been served: then the key may be lost, or the donors are away. */
export const JOIN_BLOCKS = 48n
const FROZEN: Trouble = {
  code: 'Frozen',
  hint: 'Wait until the governor ends it: docs/runbook.md. It then asks at once.',
}
/** How often that doubles, while nobody answers. */
const MOST_DOUBLINGS = 5

export function createKeyJoiner({ enigma, registry, coreHost, requests, dues, proofs, onReceived, log }: Parts) {
  let asked: Asked | undefined
  let unanswered = 0

  async function ask({ head, seat, core }: Look): Promise<void> {
    await dues.send({ name: 'join', key: String(seat), head }, async () => {
      const { joinKey, ...signature } = await core.join({ seat })
      asked = { joinKey, core, seat, since: head.number }
      return registryCalls.requestJoin(seat, joinKey, signature)
    })
  }

  async function accept({ head, seat, core, signer }: Look, grant: Granted): Promise<void> {
    const { donorSeat, generation, ciphertext, joinKey } = grant
    // Core wants to see that the grant is on chain.
    if (!proofs.isSeen(grant.block, head)) return
    await dues.run({ name: 'accept', key: joinKey, head }, async () => {
      const anchor = await proofs.observed(head)
      const state = await registry.at(anchor.number).state()
      const chain = await proofs.shown(anchor, wordsOfAccept(enigma, { state, generation, signer }))
      try {
        const taken = await core.accept({ seat, donorSeat, generation, ciphertext: hexToBytes(ciphertext), ...chain })
        coreHost.keep(taken.sealed)
        log.info('secret-received', { count: taken.generations.length, seat: donorSeat })
      } catch (error) {
        if (codeOf(error) === 'GRANT_REFUSED') asked = undefined
        throw error
      }
      asked = undefined
      unanswered = 0
      onReceived()
    })
  }

  return {
    async tick(look: Look): Promise<void> {
      const { head, seat, core } = look
      const isMissing = missingOf(look).length > 0
      if (asked?.core !== core || asked.seat !== seat || !(isMissing || look.isWaiting)) asked = undefined
      if (!isMissing && !look.isWaiting) {
        unanswered = 0
        return
      }
      // Also one of before a restart: its key is gone, but what comes after it must not come before.
      if (dues.isUnderWay({ name: 'join', key: String(seat), head })) return
      if (isFrozenOut(look)) return dues.hold({ name: 'join', key: String(seat), head }, FROZEN)
      if (!asked) return ask(look)
      const [waiting] = await registry.at(head.number).joinKeys([seat])
      const isServed = waiting !== asked.joinKey
      const grant = requests.grantOf(seat, asked.joinKey)
      // A seat that wanted nothing but to be live was given what Core has.
      if (isServed && grant) return isMissing ? accept(look, grant) : undefined
      const patience = JOIN_BLOCKS << BigInt(Math.min(unanswered, MOST_DOUBLINGS))
      if (!isServed && head.number < asked.since + patience) return
      if (!isServed) unanswered++
      await ask(look)
    },
    /** Whether we asked in vain, for as long as that should take. */
    isLeftAlone: (): boolean => unanswered > 0,
  }
}
