/**
 * Which tasks are waiting for facts of the chain?
 *
 * A handful may wait while the host fetches; the oldest makes room, so that a host that forgets costs no memory.
 */
import type { Network } from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import type { Facts, Step } from './calls.ts'
import type { Engine } from './engine.ts'
import { CoreError } from './errors.ts'
import { type ExecuteParts, execute } from './execute.ts'
import { HostView } from './host-view.ts'
import type { Identity } from './identity.ts'
import { signReceipt } from './receipts.ts'

const MAX_WAITING = 8

type Execution = {
  admitted: AdmittedTask
  /** Held from the beginning: a new attestation in between must not change who signs. */
  identity: Identity
  view: HostView
  run: ReturnType<typeof execute>
}

export class Executions {
  readonly #network: Network
  readonly #waiting = new Map<number, Execution>()
  #lastId = 0

  constructor(network: Network) {
    this.#network = network
  }

  /** Runs a task until it ends or lacks something. */
  begin(
    admitted: AdmittedTask,
    { identity, engine, facts }: { identity: Identity; engine: Engine; facts: Facts | undefined },
  ): Promise<Step> {
    const view = new HostView(admitted.task.dApp, admitted.code)
    if (facts) view.learn(facts)
    const parts: ExecuteParts = { chainId: this.#network.chainId, keys: identity.inputKeys, view, engine }
    this.#lastId = (this.#lastId + 1) % 2 ** 32
    return this.#advance(this.#lastId, { admitted, identity, view, run: execute(admitted, parts) })
  }

  /** Goes on with an execution that waited for `facts`. One that is told contradictions is over. */
  resume(id: number, facts: Facts): Promise<Step> {
    const execution = this.#waiting.get(id)
    if (!execution) throw new CoreError('UNKNOWN_EXECUTION')
    this.#waiting.delete(id)
    execution.view.learn(facts)
    return this.#advance(id, execution)
  }

  async #advance(id: number, execution: Execution): Promise<Step> {
    const { value, done } = await execution.run.next()
    if (done) return signReceipt({ network: this.#network, identity: execution.identity }, execution.admitted, value)
    this.#waiting.set(id, execution)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
    return {
      kind: 'miss',
      execution: id,
      accounts: [...value.accounts],
      slots: [...value.slots],
      blockHashes: [...value.blockHashes],
    }
  }
}
