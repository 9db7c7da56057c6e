/**
 * With which keys does Core answer private code?
 *
 * Those that follow from the network secret of the generations that are final at the task's block, each held against its
 * commitment there. A Core that lacks any of them, or holds another, ends no task of a dApp that asks (NO_SECRET).
 */
import type { Asked, AskedEnding } from '@enigma/evm'
import { type GenerationSecret, hear, PrivateAnswers, refuse, type Wanted } from '@enigma/evm/private'
import { keyRegistryOf, MAX_GENERATIONS, type Network, parseRegistryState, registrySlot } from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import type { Secrets } from './secrets.ts'

/** Of one task. */
export class PrivateCalls {
  readonly #task: AdmittedTask
  readonly #network: Network
  readonly #secrets: Pick<Secrets, 'committed'>
  /** Null where the network has no final generation at the task's block. */
  #answers: PrivateAnswers | null | undefined

  constructor(task: AdmittedTask, network: Network, secrets: Pick<Secrets, 'committed'>) {
    this.#task = task
    this.#network = network
    this.#secrets = secrets
  }

  /** Has the keys ready. Yields what it needs of the chain. */
  async *prepare(): AsyncGenerator<Wanted, PrivateAnswers | null, void> {
    if (this.#answers === undefined) this.#answers = yield* this.#derive()
    return this.#answers
  }

  /** Likewise. */
  async *answer(asked: Asked): AsyncGenerator<Wanted, AskedEnding, void> {
    const heard = hear(asked)
    if ('kind' in heard) return heard
    const answers = yield* this.prepare()
    return answers ? answers.answer(heard) : refuse('NoGeneration', heard.gasLeft)
  }

  /** What is read for it is not counted: no code asked for it. */
  async *#derive(): AsyncGenerator<Wanted, PrivateAnswers | null, void> {
    const { view, task, taskId, networkHash } = this.#task
    const address = keyRegistryOf(this.#network.enigma)
    const word = yield* view.slot({ address, slot: registrySlot.state })
    const { generation: last, minGeneration } = parseRegistryState(BigInt(word))
    if (last === 0) return null
    const first = Math.max(1, minGeneration)
    if (last - first >= MAX_GENERATIONS) throw new CoreError('TOO_MANY_GENERATIONS')
    const generations = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    yield* view.slots(generations.map((generation) => ({ address, slot: registrySlot.commitment(generation) })))

    const secrets: GenerationSecret[] = []
    for (const generation of generations) {
      const commitment = yield* view.slot({ address, slot: registrySlot.commitment(generation) })
      secrets.push({ generation, secret: this.#secrets.committed(commitment) })
    }
    const { dApp, codeHash } = task
    const facts = { scope: this.#network, networkHash, dApp, codeHash, taskId, anchor: view.header.hash }
    return PrivateAnswers.from(secrets, facts, coreCrypto)
  }
}
