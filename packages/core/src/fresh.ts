/**
 * When is a header the chain's head of now?
 *
 * When observers signed it together with a number that this Core drew before: nobody can have signed that earlier, so every
 * revocation that came before the nonce stands in its state. A host may take his time between the signatures and the call,
 * which buys him nothing: what he is given then he could have asked for at once.
 */
import { bytesToHex, type CompactSignature, type Hex, headDigest, type Network, observersOf } from '@enigma/protocol'
import { CoreError } from './errors.ts'
import { type BelievedHeader, parseHeader } from './observed.ts'
import type { Platform } from './platform/platform.ts'

const NONCE_BYTES = 32

export class FreshHeads {
  readonly #network: Network
  readonly #platform: Platform
  #nonce: Hex | undefined

  constructor({ network, platform }: { network: Network; platform: Platform }) {
    this.#network = network
    this.#platform = platform
  }

  /** Whatever was drawn before is worth nothing from now on. */
  draw(): Hex {
    this.#nonce = bytesToHex(this.#platform.random(NONCE_BYTES))
    return this.#nonce
  }

  /** Uses the nonce up, whether it serves or not. Throws NOT_FRESH where too few observers signed the header with it. */
  believe(rlp: Uint8Array, signatures: readonly CompactSignature[]): BelievedHeader {
    const nonce = this.#nonce
    this.#nonce = undefined
    if (nonce === undefined) throw new CoreError('NOT_FRESH')
    const { chainId, observers, threshold } = this.#network
    const header = parseHeader(rlp)
    const { number, hash, timestamp } = header
    const digest = headDigest({ chainId, number, hash, timestamp, nonce })
    if (observersOf(digest, signatures, observers).length < threshold) throw new CoreError('NOT_FRESH')
    return header as BelievedHeader
  }
}
