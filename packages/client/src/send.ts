/**
 * Sends transactions to the Enigma contract and its key registry, one account's one after the other.
 *
 * Each is tried by the node before it is signed: what the contract would refuse costs nothing. Two calls that ask for the
 * account's next nonce at once would get the same, so an account's sends wait in line; their being mined does not.
 */

import { type Address, EnigmaError } from '@enigma/protocol'
import {
  type Abi,
  type Account,
  BaseError,
  type ContractFunctionArgs,
  type EncodeFunctionDataParameters,
  type EstimateContractGasParameters,
  encodeFunctionData,
  InsufficientFundsError as ViemInsufficientFundsError,
} from 'viem'
import { estimateContractGas, estimateFeesPerGas } from 'viem/actions'
import { broadcast, type Sent } from './broadcast.ts'
import type { Deadline } from './clock.ts'
import type { Connection } from './connection.ts'
import { enigmaAbi } from './enigma-abi.ts'
import { contractRevert, lower } from './enigma-contract.ts'

const WEI_PER_GWEI = 1_000_000_000n

type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }
type Verb = 'abandon' | 'cancel' | 'fundSlot' | 'redeliver' | 'requestTask' | 'withdrawSlot'
type Args<name extends Verb> = ContractFunctionArgs<typeof enigmaAbi, 'nonpayable' | 'payable', name>

export type EnigmaTransaction = { valueWei?: bigint; fees?: Fees; leastGas?: bigint } & (
  | { functionName: 'requestTask'; args: Args<'requestTask'> }
  | { functionName: 'cancel'; args: Args<'cancel'> }
  | { functionName: 'redeliver'; args: Args<'redeliver'> }
  | { functionName: 'abandon'; args: Args<'abandon'> }
  | { functionName: 'fundSlot' | 'withdrawSlot'; args: Args<'fundSlot'> }
  | { to: Target; functionName: 'requestKey'; args: readonly [Address] }
)

type Target = { address: Address; abi: Abi }

export type Sender = {
  /**
   * `prepare` runs when it is this transaction's turn: facts that it checks there still hold when it is signed.
   * After `deadline` nothing is signed any more; what was handed to a wallet before is waited for.
   */
  send(account: Account, prepare: () => Promise<EnigmaTransaction>, deadline: Deadline): Promise<Sent>
}

export function openSender(
  connection: Connection,
  enigma: Address,
  { chainId, maxGasPriceGwei }: { chainId: number; maxGasPriceGwei: bigint },
): Sender {
  const lines = new Map<string, Promise<unknown>>()
  const nonces = new Map<string, Set<number>>()

  function inLine<T>(account: string, work: () => Promise<T>): Promise<T> {
    const turn = (lines.get(account) ?? Promise.resolve()).then(work)
    const over = () => undefined
    lines.set(account, turn.then(over, over))
    return turn
  }

  return {
    send: (account, prepare, deadline) =>
      inLine(account.address, async () => {
        deadline.check()
        const transaction = await deadline.race(prepare())
        const fees = transaction.fees ?? (await deadline.race(estimateFeesPerGas(connection.reader)))
        if (fees.maxFeePerGas > maxGasPriceGwei * WEI_PER_GWEI)
          throw new GasPriceTooHighError(fees.maxFeePerGas, maxGasPriceGwei)
        const target = 'to' in transaction ? transaction.to : { address: enigma, abi: enigmaAbi }
        const gas = await deadline.race(estimate(connection, target, account, { ...transaction, fees }))
        const inFlight = nonces.get(account.address) ?? new Set<number>()
        nonces.set(account.address, inFlight)
        const { functionName, args, valueWei = 0n, leastGas = 0n } = transaction
        // A fifth more: by the time it is mined, the lottery may need a draw more.
        const ampleGas = (gas * 6n) / 5n
        const ready = {
          chainId,
          to: target.address,
          data: encodeFunctionData({ abi: target.abi, functionName, args } as EncodeFunctionDataParameters),
          value: valueWei,
          gas: ampleGas > leastGas ? ampleGas : leastGas,
          ...fees,
        }
        return broadcast(connection, account, ready, inFlight, deadline)
      }),
  }
}

async function estimate(
  { reader }: Connection,
  target: Target,
  account: Account,
  { functionName, args, valueWei = 0n, fees }: EnigmaTransaction,
): Promise<bigint> {
  try {
    return await estimateContractGas(reader, {
      ...target,
      functionName,
      args,
      account: account.address,
      value: valueWei,
      ...fees,
    } as unknown as EstimateContractGasParameters)
  } catch (error) {
    const revert = contractRevert(error)
    if (revert) throw new RefusedError(functionName, revert.name, revert.args)
    if (error instanceof BaseError && error.walk((cause) => cause instanceof ViemInsufficientFundsError))
      throw new InsufficientFundsError(lower(account.address), valueWei)
    throw error
  }
}

/** The contract would refuse the transaction, so it was not sent. */
export class RefusedError extends EnigmaError {
  override readonly name = 'RefusedError'
  readonly code = 'REFUSED'
  /** The contract's error, as its interface documents it. */
  readonly errorName: string
  readonly args: readonly unknown[]
  constructor(functionName: string, errorName: string, args: readonly unknown[]) {
    super(`The contract refuses ${functionName}: ${errorName}(${args.map(String).join(', ')}). Nothing was sent.`, {
      hint: 'IEnigma.sol, or IKeyRegistry.sol, says what the error means.',
    })
    this.errorName = errorName
    this.args = args
  }
}

/** Base fee and tip are the RPC's word; above the ceiling they are not taken for true. */
export class GasPriceTooHighError extends EnigmaError {
  override readonly name = 'GasPriceTooHighError'
  readonly code = 'GAS_PRICE_TOO_HIGH'
  readonly gasPriceWei: bigint
  constructor(gasPriceWei: bigint, maxGasPriceGwei: bigint) {
    super(`The RPC asks for ${gasPriceWei} wei per gas; ${maxGasPriceGwei} gwei are allowed. Nothing was sent.`, {
      hint: 'Compare with another RPC. If gas is that dear, wait, or raise maxGasPriceGwei of createEnigma.',
    })
    this.gasPriceWei = gasPriceWei
  }
}

export class InsufficientFundsError extends EnigmaError {
  override readonly name = 'InsufficientFundsError'
  readonly code = 'INSUFFICIENT_FUNDS'
  constructor(account: Address, valueWei: bigint) {
    super(`${account} cannot pay ${valueWei} wei and the gas. Nothing was sent.`, { hint: 'Fund the account.' })
  }
}
