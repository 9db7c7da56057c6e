/**
 * The code that a part must have on chain, immutables included: what its committed creation code returns there.
 *
 * The creation code is put in the place of the part for one call, on the state of now, and run: its constructor reads the other parts,
 * which stand already, and its own address, as it did at the deployment. Nothing is written.
 */
import { EnigmaError, type Hex } from '@enigma/protocol'
import { BaseError, type PublicClient, RpcRequestError } from 'viem'

export type Expectation = {
  address: Hex
  creationCode: Hex
  /** Who created it; anyone if its constructor does not ask. */
  from?: Hex
  /** The block in which it was created, where its constructor asks. */
  blockNumber?: number
  /** What its constructor creates first: not there for this call, or it could not be created again. */
  creates?: Hex
}

/** Returns the code that `creationCode` leaves at `address`. */
export async function expectedCode(
  client: Pick<PublicClient, 'request'>,
  { address, creationCode, from, blockNumber, creates }: Expectation,
): Promise<Hex> {
  const call = { to: address, ...(from && { from }) }
  // Its storage as it was then: empty. A constructor admits no measurement twice.
  const state = {
    // The nonce of a new contract (EIP-161): by it are the addresses of what it creates.
    [address]: { code: creationCode, state: {}, nonce: '0x1' },
    ...(creates && { [creates]: { code: '0x', state: {}, nonce: '0x0' } }),
  }
  const block = blockNumber === undefined ? [] : [{ number: `0x${blockNumber.toString(16)}` }]
  try {
    const params = [call, 'latest', state, ...block]
    return await client.request<{ Method: 'eth_call'; Parameters: unknown[]; ReturnType: Hex }>({
      ...{ method: 'eth_call', params },
    })
  } catch (error) {
    const rpc = error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError)
    throw new CannotRunError(address, rpc instanceof RpcRequestError ? rpc.details : String(error))
  }
}

/** Thrown where the node does not run the creation code, or the constructor refuses. */
export class CannotRunError extends EnigmaError {
  override readonly name = 'ExpectedCode.CannotRunError'
  readonly code = 'CANNOT_RUN'
  constructor(address: Hex, reason: string) {
    super(`The node cannot say what code belongs at ${address}: ${reason}.`, {
      hint: 'It must know eth_call with state and block overrides, as Geth, Reth, Erigon and Nethermind do.',
    })
  }
}
