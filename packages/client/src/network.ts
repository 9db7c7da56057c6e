/**
 * What a client must know of a network before it trusts it with anything.
 *
 * These facts are pinned by whoever ships the dApp. They do not come from the RPC, which may lie.
 */
import { type Address, EnigmaError, type Hex, networkHash, parseHex } from '@enigma/protocol'

export type EnigmaNetwork = {
  chainId: number
  /** The Enigma contract. */
  enigma: Address
  /** The Attestation service, or any mirror: what it serves is verified here. */
  attestationUrl: string
  /** The builds of Core that may open inputs. */
  measurements: readonly Hex[]
  /** Whether its hardware is simulated, so that nothing on it is private. */
  simulated: boolean
  /** Who tells its enclaves what is a block of this chain: `threshold` of them could show Core a chain of their own. */
  observers: readonly Address[]
  threshold: number
  /** Blocks that stand on a block before they sign for it. */
  depth: number
  /** Raised by each change of observers. */
  serial: number
  /** The observers that are announced, if the client is to work on when they come. They are trusted like the others. */
  next?: NextObservers
}

/** Their serial is one higher. */
export type NextObservers = Pick<EnigmaNetwork, 'observers' | 'threshold' | 'depth'>

/** What quotes and inputs of this network are bound to. */
export function networkHashOf({ chainId, next: _, ...network }: EnigmaNetwork): Hex {
  return networkHash({ ...network, chainId: BigInt(chainId) })
}

/** Likewise, before a change of observers that was pinned too and after it. */
export function networkHashesOf(network: EnigmaNetwork): readonly Hex[] {
  const { next, serial } = network
  const own = networkHashOf(network)
  return next ? [own, networkHashOf({ ...network, ...next, serial: serial + 1 })] : [own]
}

/** Reads a network's facts, for example those that `enigma up` writes to `.enigma/network.json`. */
export function parseNetwork(json: unknown): EnigmaNetwork {
  if (typeof json !== 'object' || json === null) throw new NetworkFileError('it is no object')
  const file = json as Record<string, unknown>
  const { chainId, attestationUrl, simulated } = file
  if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId <= 0)
    throw new NetworkFileError('chainId must be a positive integer')
  if (typeof attestationUrl !== 'string' || !URL.canParse(attestationUrl))
    throw new NetworkFileError('attestationUrl must be a URL')
  if (typeof simulated !== 'boolean') throw new NetworkFileError('simulated must be true or false')
  const measurements = Array.isArray(file.measurements) ? file.measurements : [file.measurement]
  if (measurements.length === 0) throw new NetworkFileError('measurements is empty')
  const network = {
    chainId,
    enigma: hex(file.enigma, 20, 'enigma'),
    attestationUrl,
    measurements: measurements.map((value) => hex(value, 32, 'measurement')),
    simulated,
    ...observersIn(file),
    serial: count(file.serial, 'serial'),
    ...(file.next !== undefined && { next: observersIn(record(file.next, 'next')) }),
  }
  requireSound(network)
  return network
}

/** Thrown where a network's description does not hold what it must. */
export class NetworkFileError extends EnigmaError {
  override readonly name = 'NetworkFileError'
  readonly code = 'NETWORK_FILE'
  constructor(fault: string) {
    super(`This is no description of a network: ${fault}.`, {
      hint: 'Take it from .enigma/network.json of a running network, or from whoever deployed it.',
    })
  }
}

function observersIn({ observers, threshold, depth }: Record<string, unknown>): NextObservers {
  if (!Array.isArray(observers)) throw new NetworkFileError('observers must be a list')
  return {
    observers: observers.map((value) => hex(addressIn(value), 20, 'observer')),
    threshold: count(threshold, 'threshold'),
    depth: count(depth, 'depth'),
  }
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new NetworkFileError(`${what} must be an object`)
}

/** A local network's file names each observer with his URL; a page that only verifies needs the address. */
function addressIn(observer: unknown): unknown {
  return typeof observer === 'object' && observer !== null && 'address' in observer ? observer.address : observer
}

function count(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new NetworkFileError(`${what} must be a whole number`)
}

function requireSound(network: EnigmaNetwork): void {
  try {
    networkHashesOf(network)
  } catch (error) {
    throw new NetworkFileError(error instanceof EnigmaError ? error.message.replace(/\.$/, '') : 'observers')
  }
}

function hex(value: unknown, bytes: number, what: string): Hex {
  try {
    return parseHex(value, { bytes, what })
  } catch {
    throw new NetworkFileError(`${what} must be ${bytes} bytes of 0x-hex`)
  }
}
