/**
 * How is a private call answered? Data at rest is opened and sealed, answers are sealed to people, random numbers drawn.
 *
 * All of it is a function of the task, its block and the network's secrets: whoever holds these answers with the same bytes.
 * Which secrets may be used is for the caller to know.
 */
import {
  bytesToHex,
  contractKeySecret,
  dataContext,
  EnvelopeError,
  type Hex,
  type HpkeCrypto,
  type KeyPair,
  KIND,
  openData,
  PublicKeyError,
  randomOf,
  randomRoot,
  replyContext,
  type SecretScope,
  sealData,
  sealingSecret,
  sealReply,
  sealRoot,
  type Task,
} from '@enigma/protocol'
import type { AskedEnding } from '../step.ts'
import {
  answerBytes,
  answerWord,
  type HeardCall,
  MOST_PRIVATE_BYTES,
  type PrivateCall,
  refuse,
  refuseKey,
} from './private-call.ts'

/** What a task's answers depend on, beside the secrets. */
export type AnswerFacts = Pick<Task, 'dApp' | 'codeHash'> & {
  scope: SecretScope
  networkHash: Hex
  taskId: Hex
  /** Hash of the block that carries the task. */
  anchor: Hex
}

/** Of the network, in one generation. */
export type GenerationSecret = { generation: number; secret: Uint8Array }

type Keys = {
  /** The dApp's, oldest first. */
  contractKeys: readonly KeyPair[]
  contractKey: Hex
  sealRoot: Uint8Array
  randomRoot: Uint8Array
}
type OfData = Extract<PrivateCall, { owner: Hex }>
type ToPerson = Extract<PrivateCall, { publicKey: Hex }>

/** Of one task. */
export class PrivateAnswers {
  readonly #facts: AnswerFacts
  readonly #keys: Keys
  readonly #crypto: HpkeCrypto
  /** Of calls that derive something. No revert takes it back, so no key meets two messages. */
  #counter = 0

  private constructor(facts: AnswerFacts, keys: Keys, crypto: HpkeCrypto) {
    this.#facts = facts
    this.#keys = keys
    this.#crypto = crypto
  }

  /** Opens what was sealed in any of these generations, one at least and oldest first, and seals in the last. */
  static async from(
    secrets: readonly GenerationSecret[],
    facts: AnswerFacts,
    crypto: HpkeCrypto,
  ): Promise<PrivateAnswers> {
    const { scope, dApp, codeHash } = facts
    const contractKeys: KeyPair[] = []
    for (const { generation, secret } of secrets) {
      const secretKey = contractKeySecret(secret, scope, { dApp, codeHash, generation })
      contractKeys.push({ secretKey, publicKey: bytesToHex(await crypto.publicKey(secretKey)) })
    }
    const { generation, secret } = secrets.at(-1) as GenerationSecret
    const owner = { dApp, codeHash, generation }
    const roots = { sealRoot: sealRoot(secret, scope, owner), randomRoot: randomRoot(secret, scope, owner) }
    const { publicKey: contractKey } = contractKeys.at(-1) as KeyPair
    return new PrivateAnswers(facts, { contractKeys, contractKey, ...roots }, crypto)
  }

  /** That new data is sealed to. */
  get contractKey(): Hex {
    return this.#keys.contractKey
  }

  async answer({ call, gasLeft }: HeardCall): Promise<AskedEnding> {
    switch (call.name) {
      case 'open':
        return this.#open(call, gasLeft)
      case 'seal':
        return this.#seal(call, gasLeft)
      case 'sealTo':
        return this.#sealTo(call, gasLeft)
      case 'random':
        return answerWord(randomOf(this.#keys.randomRoot, this.#moment()), gasLeft)
    }
  }

  async #open({ bytes, ...of }: OfData, gasLeft: bigint): Promise<AskedEnding> {
    try {
      const parts = { envelope: bytes, context: this.#dataContext(of), keys: this.#keys.contractKeys }
      return answerBytes(await openData(parts, this.#crypto), gasLeft)
    } catch (error) {
      if (error instanceof EnvelopeError) return refuse('DoesNotOpen', gasLeft)
      throw error
    }
  }

  async #seal({ bytes: message, ...of }: OfData, gasLeft: bigint): Promise<AskedEnding> {
    const [recipient, context] = [this.#keys.contractKey, this.#dataContext(of)]
    const facts = { kind: KIND.data, ...this.#moment(), recipient, context, message }
    const ephemeralSecret = sealingSecret(this.#keys.sealRoot, facts)
    return answerEnvelope(await sealData({ recipient, context, message, ephemeralSecret }, this.#crypto), gasLeft)
  }

  async #sealTo({ bytes: message, publicKey: recipient }: ToPerson, gasLeft: bigint): Promise<AskedEnding> {
    const context = replyContext(this.#facts)
    const facts = { kind: KIND.reply, ...this.#moment(), recipient, context, message }
    const ephemeralSecret = sealingSecret(this.#keys.sealRoot, facts)
    try {
      return answerEnvelope(await sealReply({ recipient, context, message, ephemeralSecret }, this.#crypto), gasLeft)
    } catch (error) {
      if (error instanceof PublicKeyError) return refuseKey(recipient, gasLeft)
      throw error
    }
  }

  #moment() {
    const { taskId, anchor } = this.#facts
    return { taskId, anchor, counter: this.#counter++ }
  }

  #dataContext({ owner, label }: Pick<OfData, 'owner' | 'label'>) {
    const { scope, dApp, codeHash } = this.#facts
    return dataContext({ ...scope, dApp, codeHash, owner, label })
  }
}

/** What is too long to be opened again is not sealed. */
function answerEnvelope(envelope: Uint8Array, gasLeft: bigint): AskedEnding {
  return envelope.length > MOST_PRIVATE_BYTES ? refuse('BadCall', gasLeft) : answerBytes(envelope, gasLeft)
}
