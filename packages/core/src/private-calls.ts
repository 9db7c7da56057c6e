/**
 * What does Core answer private code? It opens and seals data at rest, seals answers to people, and draws random numbers.
 *
 * Keys follow from the network secret of generations that are final at the task's block, each held against its commitment
 * there. Everything is a function of the proven task and of those secrets: every Core that holds them answers with the same
 * bytes, and one that lacks any of them ends no task that asks (NO_SECRET).
 */
import type { Asked, AskedEnding } from '@enigma/evm'
import {
  answerBytes,
  answerWord,
  hear,
  MOST_PRIVATE_BYTES,
  type PrivateCall,
  refuse,
  refuseKey,
  type Wanted,
} from '@enigma/evm/private'
import {
  bytesToHex,
  contractKeySecret,
  dataContext,
  EnvelopeError,
  type Hex,
  type KeyPair,
  KIND,
  keyRegistryOf,
  MAX_GENERATIONS,
  type Network,
  openData,
  PublicKeyError,
  parseRegistryState,
  randomOf,
  randomRoot,
  registrySlot,
  replyContext,
  sealData,
  sealingSecret,
  sealReply,
  sealRoot,
} from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import type { Secrets } from './secrets.ts'

type TaskKeys = {
  /** The dApp's, of all generations in force, oldest first. */
  contractKeys: readonly KeyPair[]
  /** Of the last generation. */
  contractKey: Hex
  sealRoot: Uint8Array
  randomRoot: Uint8Array
}

/** Of one task. */
export class PrivateCalls {
  readonly #task: AdmittedTask
  readonly #network: Network
  readonly #secrets: Pick<Secrets, 'committed'>
  #keys: TaskKeys | null | undefined
  /** Of calls that derive something. No revert takes it back, so no key meets two messages. */
  #counter = 0

  constructor(task: AdmittedTask, network: Network, secrets: Pick<Secrets, 'committed'>) {
    this.#task = task
    this.#network = network
    this.#secrets = secrets
  }

  /** Has the keys ready. Yields what it needs of the chain. */
  async *prepare(): AsyncGenerator<Wanted, TaskKeys | null, void> {
    if (this.#keys === undefined) this.#keys = yield* this.#derive()
    return this.#keys
  }

  /** Likewise. */
  async *answer(asked: Asked): AsyncGenerator<Wanted, AskedEnding, void> {
    const heard = hear(asked)
    if ('kind' in heard) return heard
    const keys = yield* this.prepare()
    return keys ? this.#carryOut(heard.call, keys, heard.gasLeft) : refuse('NoGeneration', heard.gasLeft)
  }

  #carryOut(call: PrivateCall, keys: TaskKeys, gasLeft: bigint): AskedEnding | Promise<AskedEnding> {
    switch (call.name) {
      case 'open':
        return this.#open(call, keys, gasLeft)
      case 'seal':
        return this.#seal(call, keys, gasLeft)
      case 'sealTo':
        return this.#sealTo(call, keys, gasLeft)
      case 'random':
        return answerWord(randomOf(keys.randomRoot, this.#moment()), gasLeft)
    }
  }

  async #open({ bytes, ...of }: Extract<PrivateCall, { owner: Hex }>, keys: TaskKeys, gasLeft: bigint) {
    try {
      const parts = { envelope: bytes, context: this.#dataContext(of), keys: keys.contractKeys }
      return answerBytes(await openData(parts, coreCrypto), gasLeft)
    } catch (error) {
      if (error instanceof EnvelopeError) return refuse('DoesNotOpen', gasLeft)
      throw error
    }
  }

  async #seal({ bytes, ...of }: Extract<PrivateCall, { owner: Hex }>, keys: TaskKeys, gasLeft: bigint) {
    const [recipient, context] = [keys.contractKey, this.#dataContext(of)]
    const facts = { kind: KIND.data, ...this.#moment(), recipient, context, message: bytes }
    const ephemeralSecret = sealingSecret(keys.sealRoot, facts)
    const envelope = await sealData({ recipient, context, message: bytes, ephemeralSecret }, coreCrypto)
    return answerEnvelope(envelope, gasLeft)
  }

  async #sealTo({ bytes, publicKey }: Extract<PrivateCall, { publicKey: Hex }>, keys: TaskKeys, gasLeft: bigint) {
    const { networkHash, task, taskId } = this.#task
    const context = replyContext({ networkHash, dApp: task.dApp, taskId })
    const facts = { kind: KIND.reply, ...this.#moment(), recipient: publicKey, context, message: bytes }
    const ephemeralSecret = sealingSecret(keys.sealRoot, facts)
    try {
      const parts = { recipient: publicKey, context, message: bytes, ephemeralSecret }
      return answerEnvelope(await sealReply(parts, coreCrypto), gasLeft)
    } catch (error) {
      if (error instanceof PublicKeyError) return refuseKey(publicKey, gasLeft)
      throw error
    }
  }

  #moment() {
    const { taskId, view } = this.#task
    return { taskId, anchor: view.header.hash, counter: this.#counter++ }
  }

  #dataContext({ owner, label }: Pick<Extract<PrivateCall, { owner: Hex }>, 'owner' | 'label'>) {
    const { dApp, codeHash } = this.#task.task
    return dataContext({ ...this.#network, dApp, codeHash, owner, label })
  }

  /** Null where the network has no final generation at the task's block. Not counted as reads: no code asked for them. */
  async *#derive(): AsyncGenerator<Wanted, TaskKeys | null, void> {
    const { view, task } = this.#task
    const address = keyRegistryOf(this.#network.enigma)
    const word = yield* view.slot({ address, slot: registrySlot.state })
    const { generation: last, minGeneration } = parseRegistryState(BigInt(word))
    if (last === 0) return null
    const first = Math.max(1, minGeneration)
    if (last - first >= MAX_GENERATIONS) throw new CoreError('TOO_MANY_GENERATIONS')
    const generations = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    yield* view.slots(generations.map((generation) => ({ address, slot: registrySlot.commitment(generation) })))

    const contractKeys: KeyPair[] = []
    let secret: Uint8Array = new Uint8Array(0)
    for (const generation of generations) {
      const commitment = yield* view.slot({ address, slot: registrySlot.commitment(generation) })
      secret = this.#secrets.committed(commitment)
      const secretKey = contractKeySecret(secret, this.#network, { ...task, generation })
      contractKeys.push({ secretKey, publicKey: bytesToHex(await coreCrypto.publicKey(secretKey)) })
    }
    const owner = { dApp: task.dApp, codeHash: task.codeHash, generation: last }
    return {
      contractKeys,
      contractKey: (contractKeys.at(-1) as KeyPair).publicKey,
      sealRoot: sealRoot(secret, this.#network, owner),
      randomRoot: randomRoot(secret, this.#network, owner),
    }
  }
}

/** What is too long to be opened again is not sealed. */
function answerEnvelope(envelope: Uint8Array, gasLeft: bigint): AskedEnding {
  return envelope.length > MOST_PRIVATE_BYTES ? refuse('BadCall', gasLeft) : answerBytes(envelope, gasLeft)
}
