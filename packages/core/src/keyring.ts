/**
 * What does a worker's Core hold, and what of it outlives a restart?
 *
 *   content = 0x02 ‖ number of keys 1 ‖ signer 32 ‖ input keys, 32 each, oldest first ‖ (generation u32be ‖ secret 32) each
 *
 * All of it goes into one sealed blob, written anew with each change: a host that kept an older one restores an older Core,
 * which joins again.
 */
import { concatBytes, type Network } from '@enigma/protocol'
import { CoreError } from './errors.ts'
import { Identity } from './identity.ts'
import type { Platform } from './platform/platform.ts'
import type { RoleParts } from './role.ts'
import { canSeal, type SealingLabel, seal, unseal } from './sealing.ts'
import { type KnownGenerations, Secrets } from './secrets.ts'

const CONTENT_VERSION = 2
const KEY_BYTES = 32

export class Keyring {
  readonly #network: Network
  readonly #platform: Platform
  readonly #label: SealingLabel
  #identity: Identity | undefined
  #secrets: Secrets

  constructor({ network, networkHash, platform }: RoleParts) {
    this.#network = network
    this.#platform = platform
    this.#label = { role: 'worker', networkHash }
    this.#secrets = new Secrets(network)
  }

  /** Undefined before `attest` or `restore`. */
  get bornIdentity(): Identity | undefined {
    return this.#identity
  }

  /** Throws NO_IDENTITY. */
  get identity(): Identity {
    if (!this.#identity) throw new CoreError('NO_IDENTITY')
    return this.#identity
  }

  get secrets(): Secrets {
    return this.#secrets
  }

  /** Not sealed anew: what the chain has shown once, it shows again. */
  settle(known: KnownGenerations): void {
    this.#secrets = this.#secrets.under(known)
  }

  /** Takes new keys over, once they are sealed. Null where the platform seals nothing. */
  async keep({ identity = this.identity, secrets = this.#secrets }: { identity?: Identity; secrets?: Secrets }) {
    const secret = identity.toSecret()
    const content = concatBytes(Uint8Array.of(CONTENT_VERSION, secret.length / KEY_BYTES), secret, secrets.toBytes())
    const sealed = canSeal(this.#platform) ? await seal(this.#platform, this.#label, content) : null
    this.#identity = identity
    this.#secrets = secrets
    return sealed
  }

  async restore(sealed: Uint8Array): Promise<void> {
    if (!canSeal(this.#platform)) throw new CoreError('NO_SEALING_KEY')
    if (this.#identity) throw new CoreError('HAS_IDENTITY')
    const content = await unseal(this.#platform, this.#label, sealed)
    const [version, keys = 0] = content
    if (version !== CONTENT_VERSION) throw new CoreError('SEALED_DOES_NOT_OPEN')
    const end = 2 + keys * KEY_BYTES
    const identity = await Identity.fromSecret(content.slice(2, end))
    this.#secrets = Secrets.fromBytes(content.slice(end), this.#network)
    this.#identity = identity
  }
}
