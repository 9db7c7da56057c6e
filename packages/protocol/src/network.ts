/**
 * Which network a quote, a sealed key and an input belong to.
 *
 * Contract, Core, client and every donor of keys compute this hash alone and compare it, so that a host can neither
 * give Core its own observers nor show a simulated enclave to a network on real hardware.
 */
import { abiAddress, abiAddresses, abiBool, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, type Hex, keccak256, label, parseHex } from './bytes.ts'
import type { Domain } from './eip712.ts'
import { EnigmaError } from './errors.ts'

/** As many signatures as Core looks at. */
export const MAX_OBSERVERS = 32

export type Network = Domain & {
  /** Who vouches for block headers, in any order: 1 to 32. */
  observers: readonly Address[]
  /** How many observers must agree (t): from 1 to their number. */
  threshold: number
  /** Blocks below the head at which they sign. */
  depth: number
  /** Whether the enclaves are simulated and nothing is private. */
  simulated: boolean
  /** Raised by each change of observers. */
  serial: number
}

export function networkHash({ chainId, enigma, observers, threshold, depth, simulated, serial }: Network): Hex {
  const sorted = observers.map((observer) => parseHex(observer, { bytes: 20, what: 'observer' })).sort()
  if (sorted.length < 1 || sorted.length > MAX_OBSERVERS) {
    throw new ObserversError(`there are ${sorted.length}, not 1 to ${MAX_OBSERVERS}`)
  }
  if (new Set(sorted).size !== sorted.length) throw new ObserversError('the same observer is listed twice')
  if (sorted[0] === NOBODY) throw new ObserversError('the zero address has no key to sign with')
  // A threshold of 0 would believe any header; one above their number would believe none.
  if (!(threshold >= 1 && threshold <= sorted.length)) {
    throw new ObserversError(`${threshold} of ${sorted.length} observers can not decide anything`)
  }
  return keccak256(
    abiEncode(
      abiFixedBytes(label('enigma.network.v1')),
      abiUint(chainId),
      abiAddress(enigma),
      abiAddresses(sorted),
      abiUint(threshold),
      abiUint(depth),
      abiBool(simulated),
      abiUint(serial),
    ),
  )
}

export class ObserversError extends EnigmaError {
  override readonly name = 'Network.ObserversError'
  readonly code = 'INVALID_OBSERVERS'
  constructor(found: string) {
    super(`This network's observers make no sense: ${found}.`, {
      hint: `Give 1 to ${MAX_OBSERVERS} observers, each once, and a threshold from 1 to their number.`,
    })
  }
}

const NOBODY: Address = `0x${'00'.repeat(20)}`
