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

export type Network = Domain & {
  /** Who vouches for block headers, in any order. None for now. */
  observers: readonly Address[]
  /** How many observers must agree (t). */
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
  if (new Set(sorted).size !== sorted.length) throw new ObserversError('the same observer is listed twice')
  // A threshold of 0 among observers would believe any header; one above their number would believe none.
  if (sorted.length > 0 ? threshold < 1 || threshold > sorted.length : threshold !== 0) {
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
      hint: 'Give each observer once, and a threshold from 1 to their number; without observers, 0.',
    })
  }
}
