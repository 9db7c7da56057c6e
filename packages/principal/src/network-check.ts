/**
 * Is this the chain and the contract that the operator and Core mean? Asked before anything is signed.
 */
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { Chain } from './chain.ts'

/** Returns whether the contract is there; throws a `WrongNetworkError` if the chain or the contract is another one. */
export async function checkNetwork(
  chain: Pick<Chain, 'chainId' | 'hasCode' | 'networkHash' | 'knowsNetwork'>,
  expected: { chainId: bigint; enigma: Address; networkHash: Hex },
): Promise<boolean> {
  await checkChain(chain, expected.chainId)
  if (!(await chain.hasCode())) return false
  // Also one that a change of observers left behind: its Core gives seeds until the governor names another beacon.
  if (await chain.knowsNetwork(expected.networkHash)) return true
  throw new WrongNetworkError('network hash', await chain.networkHash(), expected.networkHash)
}

/** Throws a `WrongNetworkError` if the node serves another chain. */
export async function checkChain(chain: Pick<Chain, 'chainId'>, expected: bigint): Promise<void> {
  const found = await chain.chainId()
  if (found !== expected) throw new WrongNetworkError('chain id', String(found), String(expected))
}

/** Thrown when the RPC, the contract or Core belongs to another network. */
export class WrongNetworkError extends EnigmaError {
  override readonly name = 'NetworkCheck.WrongNetworkError'
  readonly code = 'WRONG_NETWORK'
  constructor(what: string, found: string, expected: string) {
    super(`The ${what} is ${found}, not ${expected}.`, {
      hint: 'Compare --rpc-url, --chain-id and --enigma with the network that you mean to serve.',
    })
  }
}
