/**
 * What a task costs, and how much of each resource it may take.
 *
 * The contract compares the fee with the base fee of the block that carries the request, which nobody knows yet. So the
 * fee is quoted at the highest base fee at which the transaction can be mined at all: a request waits rather than fails.
 */
import { EnigmaError, gasLimitOf, LIMITS } from '@enigma/protocol'
import { estimateMaxPriorityFeePerGas } from 'viem/actions'
import { latestBlock } from './block.ts'
import type { Callable } from './callable.ts'
import type { ChainClient } from './connection.ts'
import type { EnigmaContract } from './enigma-contract.ts'

export type TermsOptions = {
  /** Gas for the dApp's callback. Default 200,000: a handful of new storage slots. */
  callbackGas?: number | undefined
  /** The computation may take 2^(16 + gasClass) gas. Default 6: 4.2 million. */
  gasClass?: number | undefined
  /** Most bytes that the result may have. Default: what the return types need, at least 512. */
  outputCap?: number | undefined
  /** Refuse to pay more than this. Default: `feeGwei`, else 50,000,000: 0.05 ether. */
  maxFeeGwei?: bigint | undefined
  /** Pay exactly this. Default: the least that the contract takes. */
  feeGwei?: bigint | undefined
}

export type TaskTerms = { callbackGas: number; gasClass: number; outputCap: number }
export type Quote = { feeGwei: bigint; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }

/**
 * Base fee, tip and the contract's quote are the RPC's word, and whoever serves the task gets the fee: without ceilings
 * a lying RPC could hand a colluding worker the whole balance. A caller who wants to pay more says so.
 */
const DEFAULT_MAX_FEE_GWEI = 50_000_000n
export const DEFAULT_MAX_GAS_PRICE_GWEI = 200n

const DEFAULT_CALLBACK_GAS = 200_000
const DEFAULT_GAS_CLASS = 6
/** Room for the sealed reason of a failure: 60 bytes of envelope and a custom error with a few arguments. */
const LEAST_OUTPUT_CAP = 512
const DYNAMIC_OUTPUT_CAP = 2048

export function termsOf(callable: Callable, options: TermsOptions): TaskTerms {
  const { callbackGas = DEFAULT_CALLBACK_GAS, gasClass = DEFAULT_GAS_CLASS } = options
  const { outputCap = defaultOutputCap(callable) } = options
  requireWithin('callbackGas', callbackGas, LIMITS.callbackGas)
  requireWithin('outputCap', outputCap, LIMITS.outputBytes)
  gasLimitOf(gasClass)
  return { callbackGas, gasClass, outputCap }
}

export async function quote(
  client: ChainClient,
  contract: EnigmaContract,
  { callbackGas, gasClass, outputCap }: TaskTerms,
  { feeGwei, maxFeeGwei = feeGwei ?? DEFAULT_MAX_FEE_GWEI }: TermsOptions,
): Promise<Quote> {
  const [block, maxPriorityFeePerGas] = await Promise.all([latestBlock(client), estimateMaxPriorityFeePerGas(client)])
  // Three full blocks in a row raise the base fee by 1.125³ = 1.42 (EIP-1559).
  const maxFeePerGas = (block.baseFeeWei * 3n) / 2n + maxPriorityFeePerGas
  const leastGwei = await contract.quoteFee(gasClass, callbackGas, outputCap, maxFeePerGas)
  if (feeGwei !== undefined && feeGwei < leastGwei) throw new FeeTooLowError(feeGwei, leastGwei)
  const pays = feeGwei ?? leastGwei
  if (pays > maxFeeGwei) throw new FeeTooHighError(pays, maxFeeGwei)
  return { feeGwei: pays, maxFeePerGas, maxPriorityFeePerGas }
}

function defaultOutputCap({ outputs }: Callable): number {
  const isStatic = outputs.every(({ type }) => /^(u?int\d*|address|bool|bytes\d+)$/.test(type))
  return isStatic ? Math.max(LEAST_OUTPUT_CAP, 32 * outputs.length) : DYNAMIC_OUTPUT_CAP
}

export function requireWithin(what: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) throw new OutOfLimitsError(what, value, most)
}

export class OutOfLimitsError extends EnigmaError {
  override readonly name = 'OutOfLimitsError'
  readonly code = 'OUT_OF_LIMITS'
  constructor(what: string, found: number, most: number) {
    super(`${what} is ${found}; a whole number from 0 to ${most} is allowed.`, { hint: `Choose another ${what}.` })
  }
}

export class FeeTooLowError extends EnigmaError {
  override readonly name = 'FeeTooLowError'
  readonly code = 'FEE_TOO_LOW'
  readonly leastGwei: bigint
  constructor(feeGwei: bigint, leastGwei: bigint) {
    super(`A fee of ${feeGwei} gwei is too low: this task costs at least ${leastGwei} gwei now.`, {
      hint: 'Leave feeGwei out to pay the least that the contract takes.',
    })
    this.leastGwei = leastGwei
  }
}

export class FeeTooHighError extends EnigmaError {
  override readonly name = 'FeeTooHighError'
  readonly code = 'FEE_TOO_HIGH'
  readonly feeGwei: bigint
  constructor(feeGwei: bigint, maxFeeGwei: bigint) {
    super(`This task costs ${feeGwei} gwei now, more than the ${maxFeeGwei} gwei that are allowed.`, {
      hint: 'Allow more with maxFeeGwei, wait for a lower base fee, or ask for less callbackGas, outputCap or gasClass.',
    })
    this.feeGwei = feeGwei
  }
}
