/**
 * Is this the chain and the contract that the operator and Core mean? Asked before anything is signed.
 */
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { Chain } from './chain.ts'

/** Returns whether the contract is there; throws a `WrongNetworkError` if the chain or the contract is another one. */
export async function checkNetwork(
  chain: Pick<Chain, 'chainId' | 'hasCode' | 'networkHash'>,
  expected: { chainId: bigint; enigma: Address; networkHash: Hex },
): Promise<boolean> {
  const chainId = await chain.chainId()
  if (chainId !== expected.chainId) throw new WrongNetworkError('chain id', String(chainId), String(expected.chainId))
  if (!(await chain.hasCode())) return false
  const found = await chain.networkHash()
  if (found !== expected.networkHash) throw new WrongNetworkError('network hash', found, expected.networkHash)
  return true
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
