/**
 * Is this the network that the client pinned?
 *
 * S25: the hash is made here, from the observers that were pinned. A contract that names others has another one, and so has a
 * Core that its host started with others.
 */
import { type Address, EnigmaError, type Hex, keyRegistryOf } from '@enigma/protocol'
import { getCode } from 'viem/actions'
import type { ChainClient } from './connection.ts'
import type { EnigmaContract, Terms } from './enigma-contract.ts'
import { type EnigmaNetwork, networkHashesOf } from './network.ts'

export type NetworkFacts = {
  /** All that were pinned: which of them a worker is of, its quote says. */
  networkHashes: readonly Hex[]
  terms: Terms
}

/** Compares the contract with the pinned facts and reads its constants. */
export async function checkNetwork(
  network: EnigmaNetwork,
  client: ChainClient,
  contract: EnigmaContract,
): Promise<NetworkFacts> {
  // Its constructor creates the registry: what has none there is another contract, or another version.
  for (const address of [network.enigma, keyRegistryOf(network.enigma)]) {
    if (!(await getCode(client, { address }))) throw new NoEnigmaError(address)
  }
  const [hash, simulated, terms] = await Promise.all([contract.networkHash(), contract.simulated(), contract.terms()])
  if (simulated !== network.simulated)
    throw new NetworkMismatchError('simulated', String(simulated), String(network.simulated))
  const networkHashes = networkHashesOf(network)
  if (!networkHashes.includes(hash)) throw new NetworkMismatchError('networkHash', hash, networkHashes.join(' or '))
  return { networkHashes, terms }
}

/** Refuses a network on simulated hardware unless the dApp's own code allows it. */
export function requireAllowed(network: EnigmaNetwork, allowSimulated: boolean): void {
  if (network.simulated && !allowSimulated) throw new SimulatedNetworkError()
}

export class NoEnigmaError extends EnigmaError {
  override readonly name = 'NoEnigmaError'
  readonly code = 'NO_ENIGMA'
  constructor(address: Address) {
    super(`There is no contract at ${address}, where Enigma or its key registry should be.`, {
      hint: 'Compare the network description with the running network; a local one has new addresses at each start.',
    })
  }
}

export class NetworkMismatchError extends EnigmaError {
  override readonly name = 'NetworkMismatchError'
  readonly code = 'NETWORK_MISMATCH'
  constructor(what: string, found: string, expected: string) {
    super(`The Enigma contract says ${what} is ${found}; this client expects ${expected}.`, {
      hint: 'Compare the pinned observers, threshold and depth with what the network publishes. A change is announced beforehand: pin it as `next`.',
    })
  }
}

export class SimulatedNetworkError extends EnigmaError {
  override readonly name = 'SimulatedNetworkError'
  readonly code = 'SIMULATED_NETWORK'
  constructor() {
    super('This network runs on simulated hardware: its operators can read every input.', {
      hint: 'For development pass `allowSimulated: true`. Never do so where inputs are real.',
    })
  }
}
