/** The contract's refusals, by the names that IEnigma.sol explains. */
import { EnigmaError } from '@enigma/protocol'
import { BaseError, ContractFunctionRevertedError } from 'viem'

/** Waits for a call of the contract; where the contract refuses it, throws a `RefusedError` that says so. */
export async function orRefusal<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const reverted = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError)
    if (!(reverted instanceof ContractFunctionRevertedError) || !reverted.data) throw error
    throw new RefusedError(reverted.data.errorName, reverted.data.args ?? [])
  }
}

/** Thrown when the contract refuses; carries its error's name and the values it found. */
export class RefusedError extends EnigmaError {
  override readonly name = 'Refusal.RefusedError'
  readonly code = 'REFUSED'
  readonly errorName: string
  readonly args: readonly unknown[]
  constructor(errorName: string, args: readonly unknown[]) {
    super(`The contract refuses: ${errorName}(${args.map(String).join(', ')}).`, {
      hint: 'Its errors are explained in contracts/src/interfaces/IEnigma.sol.',
    })
    this.errorName = errorName
    this.args = args
  }
}
