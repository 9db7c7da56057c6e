/**
 * Which tasks are waiting for proofs?
 *
 * A handful may wait while the host fetches; the oldest makes room, so that a host that forgets costs no memory.
 */
import { Machine } from '@enigma/evm'
import { NoBlockHashError, PrivateRun } from '@enigma/evm/private'
import type { StateProof } from '@enigma/evm/proof'
import type { Network } from '@enigma/protocol'
import { type AdmittedTask, admitTask, learn } from './admit.ts'
import type { CallParams, Step } from './calls.ts'
import { CoreError } from './errors.ts'
import { execute } from './execute.ts'
import type { Identity } from './identity.ts'
import { PrivateCalls } from './private-calls.ts'
import type { Receipts } from './receipts.ts'
import type { Secrets } from './secrets.ts'

const MAX_WAITING = 8

type Execution = {
  admitted: AdmittedTask
  /** Held from the beginning: a new attestation in between must not change who signs. */
  identity: Identity
  machine: Machine
  steps: ReturnType<typeof execute>
}

export class Executions {
  readonly #network: Network
  readonly #receipts: Receipts
  readonly #waiting = new Map<number, Execution>()
  /** One is kept: tasks mostly run one after the other, and a machine's memory is given back late. */
  #idle: Machine | undefined
  #lastId = 0

  constructor(network: Network, receipts: Receipts) {
    this.#network = network
    this.#receipts = receipts
  }

  /** Runs a task until it ends or lacks something. Throws CoreError if it is none that Core may run. */
  begin(request: CallParams<'execute'>, identity: Identity, secrets: Secrets): Promise<Step> {
    const admitted = admitTask(this.#network, identity.inputKeys, request)
    const { task, view } = admitted
    const machine = this.#idle ?? Machine.createSync()
    this.#idle = undefined
    const { dApp, requester } = task
    const run = new PrivateRun(machine, { chainId: this.#network.chainId, dApp, requester, view })
    const privateCalls = new PrivateCalls(admitted, this.#network, secrets)
    const steps = execute(admitted, { keys: identity.inputKeys, run, privateCalls })
    this.#lastId = (this.#lastId + 1) % 2 ** 32
    return this.#advance(this.#lastId, { admitted, identity, machine, steps })
  }

  /** Goes on with an execution that waited for `proof`. One that is told what does not hold is over. */
  resume(id: number, proof: StateProof): Promise<Step> {
    const execution = this.#waiting.get(id)
    if (!execution) throw new CoreError('UNKNOWN_EXECUTION')
    this.#waiting.delete(id)
    return this.#advance(id, execution, proof)
  }

  async #advance(id: number, execution: Execution, proof?: StateProof): Promise<Step> {
    const { admitted, identity, machine, steps } = execution
    let isFree = true
    try {
      if (proof) learn(admitted.view, proof)
      for (;;) {
        const { value, done } = await steps.next()
        if (done) return this.#receipts.sign(identity, admitted, value)
        if (value !== 'turn') {
          isFree = false
          this.#wait(id, execution)
          return { kind: 'miss', execution: id, accounts: [...value.accounts], slots: [...value.slots] }
        }
        // Else a Core that computes would not notice that its host is gone.
        await new Promise<void>(setImmediate)
      }
    } catch (error) {
      if (error instanceof NoBlockHashError) throw new CoreError('NO_BLOCK_HASH')
      // After a defect nobody knows what the machine still holds.
      if (!(error instanceof CoreError)) isFree = false
      throw error
    } finally {
      if (isFree) this.#idle = machine
    }
  }

  #wait(id: number, execution: Execution): void {
    this.#waiting.set(id, execution)
    const [oldest] = this.#waiting
    if (this.#waiting.size <= MAX_WAITING || !oldest) return
    this.#waiting.delete(oldest[0])
    this.#idle = oldest[1].machine
  }
}
