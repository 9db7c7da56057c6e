/**
 * Is this the network that the operator, Core and this data directory mean? Asked before anything is signed.
 */
import type { Values } from '@enigma/process'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { Chain } from './chain.ts'

export type Expected = { chainId: bigint; enigma: Address; networkHash: Hex }

/**
 * Throws a `WrongNetworkError` unless the node serves that chain, with that contract, of that network: in force, announced,
 * or left behind by a change of observers. Whether a seat is to be had for it, the contract says when one is taken.
 */
export async function checkNetwork(
  chain: Pick<Chain, 'chainId' | 'hasCode' | 'networkHash' | 'knowsNetwork'>,
  expected: Expected,
): Promise<void> {
  const chainId = await chain.chainId()
  if (chainId !== expected.chainId) throw new WrongNetworkError('chain id', String(chainId), String(expected.chainId))
  if (!(await chain.hasCode())) throw new NoContractError(expected.enigma)
  if (!(await chain.knowsNetwork(expected.networkHash)))
    throw new WrongNetworkError('network hash', await chain.networkHash(), expected.networkHash)
}

/**
 * Throws unless the data directory was made for this very network and operator; remembers it the first time. A chain that was
 * started anew has the same id and addresses and another first block: its old journal would name nonces and seats of a chain
 * that is no more.
 */
export function checkDirectory(values: Values, expected: Expected & { operator: Address; firstBlockHash: Hex }): void {
  const found = { ...expected, chainId: String(expected.chainId) }
  const known = values.get<typeof found>('made-for')
  if (!known) values.set('made-for', found)
  for (const what of ['chainId', 'firstBlockHash', 'enigma', 'networkHash', 'operator'] as const) {
    const before = known?.[what] ?? found[what]
    if (before !== found[what]) throw new WrongNetworkError(`data directory's ${what}`, before, found[what])
  }
}

/** Thrown where the chain is right and the contract is not (yet) there. */
export class NoContractError extends EnigmaError {
  override readonly name = 'NetworkCheck.NoContractError'
  readonly code = 'NO_CONTRACT'
  constructor(enigma: Address) {
    super(`There is no contract at ${enigma} on this chain.`, {
      hint: 'Compare --enigma with the network that you mean to serve.',
    })
  }
}

/** Thrown when the RPC, the contract or the data directory belongs to another network. */
export class WrongNetworkError extends EnigmaError {
  override readonly name = 'NetworkCheck.WrongNetworkError'
  readonly code = 'WRONG_NETWORK'
  constructor(what: string, found: string, expected: string) {
    super(`The ${what} is ${found}, not ${expected}.`, {
      hint: 'Compare --rpc-url, --chain-id, --enigma and --data-dir with the network that you mean to serve.',
    })
  }
}
