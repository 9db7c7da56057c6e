/**
 * Stands in for the enclave that private code asks, with keys that are thrown away with the simulation.
 *
 * What the function seals and draws is priced, bounded and encoded as in a Core. What rests on chain only an enclave opens: its
 * author may say what it holds.
 */
import type { Asked, AskedEnding } from '@enigma/evm'
import { answerBytes, hear, PrivateAnswers, type PrivateCall } from '@enigma/evm/private'
import {
  type Address,
  bytesToHex,
  EnigmaError,
  EnvelopeError,
  type Hex,
  hexToBytes,
  KIND,
  keyIdOf,
  parseEnvelope,
  parseHex,
  randomBytes,
  SECRET_BYTES,
  webCrypto,
  ZERO_HASH,
} from '@enigma/protocol'

/** What the envelope is to hold, or null where it is not to open. */
export type SealedData = (owner: Address, label: Hex, envelope: Hex) => Hex | null | Promise<Hex | null>

type Simulated = { chainId: bigint; dApp: Address; codeHash: Hex; anchor: Hex; sealedData?: SealedData | undefined }

/** Of no network. */
const NOWHERE: Address = `0x${'00'.repeat(20)}`
/** What answers to a person are bound to, beside the dApp. */
export const SIMULATED_TASK = { networkHash: ZERO_HASH, taskId: ZERO_HASH }

export class SimulatedEnclave {
  readonly #answers: PrivateAnswers
  readonly #sealedData: SealedData | undefined

  private constructor(answers: PrivateAnswers, sealedData: SealedData | undefined) {
    this.#answers = answers
    this.#sealedData = sealedData
  }

  static async start({ chainId, dApp, codeHash, anchor, sealedData }: Simulated): Promise<SimulatedEnclave> {
    const scope = { chainId, enigma: NOWHERE, simulated: true }
    const secrets = [{ generation: 1, secret: randomBytes(SECRET_BYTES) }]
    const answers = await PrivateAnswers.from(secrets, { scope, ...SIMULATED_TASK, dApp, codeHash, anchor }, webCrypto)
    return new SimulatedEnclave(answers, sealedData)
  }

  async answer(asked: Asked): Promise<AskedEnding> {
    const heard = hear(asked)
    if ('kind' in heard) return heard
    const ending = await this.#answers.answer(heard)
    const { call, gasLeft } = heard
    if (call.name !== 'open' || !this.#isForeign(call)) return ending
    if (!this.#sealedData) throw new NeedsEnclaveError(call.owner, call.label)
    const plaintext = await this.#sealedData(call.owner, call.label, bytesToHex(call.bytes))
    return plaintext === null ? ending : answerBytes(hexToBytes(parseHex(plaintext, { what: 'sealedData' })), gasLeft)
  }

  /** Data at rest that was not sealed here. */
  #isForeign({ bytes }: Extract<PrivateCall, { name: 'open' | 'seal' }>): boolean {
    try {
      const envelope = parseEnvelope(bytes)
      return envelope.kind === KIND.data && envelope.keyId !== keyIdOf(this.#answers.contractKey)
    } catch (error) {
      if (error instanceof EnvelopeError) return false
      throw error
    }
  }
}

export class NeedsEnclaveError extends EnigmaError {
  override readonly name = 'NeedsEnclaveError'
  readonly code = 'NEEDS_ENCLAVE'
  readonly owner: Address
  readonly label: Hex
  constructor(owner: Address, label: Hex) {
    super(`The function opens data that was sealed for ${owner} under ${label}: only an enclave can.`, {
      hint: 'Pass `sealedData: (owner, label, envelope) => plaintext` to say what it is to hold.',
    })
    this.owner = owner
    this.label = label
  }
}
