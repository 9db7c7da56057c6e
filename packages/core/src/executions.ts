/**
 * Which tasks are waiting for proofs?
 *
 * A handful may wait while the host fetches; the oldest makes room, so that a host that forgets costs no memory.
 */
import type { StateProof } from '@enigma/evm/proof'
import type { Network } from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import type { Step } from './calls.ts'
import type { Engine, Run } from './engine.ts'
import { CoreError } from './errors.ts'
import { execute } from './execute.ts'
import type { Identity } from './identity.ts'
import { signReceipt } from './receipts.ts'

const MAX_WAITING = 8

type Execution = {
  admitted: AdmittedTask
  /** Held from the beginning: a new attestation in between must not change who signs. */
  identity: Identity
  run: Run
  steps: ReturnType<typeof execute>
}

export class Executions {
  readonly #network: Network
  readonly #waiting = new Map<number, Execution>()
  #lastId = 0

  constructor(network: Network) {
    this.#network = network
  }

  /** Runs a task until it ends or lacks something. */
  begin(admitted: AdmittedTask, { identity, engine }: { identity: Identity; engine: Engine }): Promise<Step> {
    const { task, view } = admitted
    const run = engine.open({ chainId: this.#network.chainId, dApp: task.dApp, requester: task.requester, view })
    const steps = execute(admitted, { keys: identity.inputKeys, run })
    this.#lastId = (this.#lastId + 1) % 2 ** 32
    return this.#advance(this.#lastId, { admitted, identity, run, steps })
  }

  /** Goes on with an execution that waited for `proof`. One that is told what does not hold is over. */
  resume(id: number, proof: StateProof): Promise<Step> {
    const execution = this.#waiting.get(id)
    if (!execution) throw new CoreError('UNKNOWN_EXECUTION')
    this.#waiting.delete(id)
    return this.#advance(id, execution, proof)
  }

  async #advance(id: number, execution: Execution, proof?: StateProof): Promise<Step> {
    const { admitted, identity, run, steps } = execution
    let isWaiting = false
    try {
      if (proof) admitted.view.learn(proof)
      const { value, done } = await steps.next()
      if (done) return signReceipt({ network: this.#network, identity }, admitted, value)
      isWaiting = true
      this.#wait(id, execution)
      return { kind: 'miss', execution: id, accounts: [...value.accounts], slots: [...value.slots] }
    } finally {
      if (!isWaiting) run.close()
    }
  }

  #wait(id: number, execution: Execution): void {
    this.#waiting.set(id, execution)
    const [oldest] = this.#waiting
    if (this.#waiting.size <= MAX_WAITING || !oldest) return
    this.#waiting.delete(oldest[0])
    oldest[1].run.close()
  }
}
