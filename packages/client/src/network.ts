/**
 * What a client must know of a network before it trusts it with anything.
 *
 * These facts are pinned by whoever ships the dApp. They do not come from the RPC, which may lie.
 */
import { type Address, EnigmaError, type Hex, parseHex } from '@enigma/protocol'

export type EnigmaNetwork = {
  chainId: number
  /** The Enigma contract. */
  enigma: Address
  /** The Attestation service, or any mirror: what it serves is verified here. */
  attestationUrl: string
  /** Without it, the hash of a network without observers. */
  networkHash?: Hex
  /** The builds of Core that may open inputs. */
  measurements: readonly Hex[]
  /** Whether its hardware is simulated, so that nothing on it is private. */
  simulated: boolean
}

/** Reads a network's facts, for example those that `enigma up` writes to `.enigma/network.json`. */
export function parseNetwork(json: unknown): EnigmaNetwork {
  if (typeof json !== 'object' || json === null) throw new NetworkFileError('it is no object')
  const file = json as Record<string, unknown>
  const { chainId, attestationUrl, simulated, networkHash } = file
  if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId <= 0)
    throw new NetworkFileError('chainId must be a positive integer')
  if (typeof attestationUrl !== 'string' || !URL.canParse(attestationUrl))
    throw new NetworkFileError('attestationUrl must be a URL')
  if (typeof simulated !== 'boolean') throw new NetworkFileError('simulated must be true or false')
  const measurements = Array.isArray(file.measurements) ? file.measurements : [file.measurement]
  if (measurements.length === 0) throw new NetworkFileError('measurements is empty')
  return {
    chainId,
    enigma: hex(file.enigma, 20, 'enigma'),
    attestationUrl,
    measurements: measurements.map((value) => hex(value, 32, 'measurement')),
    simulated,
    ...(networkHash === undefined ? {} : { networkHash: hex(networkHash, 32, 'networkHash') }),
  }
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

function hex(value: unknown, bytes: number, what: string): Hex {
  try {
    return parseHex(value, { bytes, what })
  } catch {
    throw new NetworkFileError(`${what} must be ${bytes} bytes of 0x-hex`)
  }
}
