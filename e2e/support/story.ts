/** What the stories have in common: the examples to call, and how to look at what became of a task. */
import { enigmaAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import type { TestNetwork } from '@enigma/testing'
import { additionAbi, additionBytecode } from '../../examples/addition/abi.ts'
import {
  loanAbi,
  loanBytecode,
  priceFeedAbi,
  priceFeedBytecode,
  vaultAbi,
  vaultBytecode,
} from '../../examples/loan/abi.ts'

export { additionAbi }

export const ADDITION = { abi: additionAbi, bytecode: additionBytecode }

const TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
  collateralBps: 5_000,
  maxPriceAgeSeconds: 30 * 86_400,
}
/** A lender, and what he reads of others' contracts: for the option `dApps`. */
export const LENDING = {
  loan: { abi: loanAbi, bytecode: loanBytecode, args: [TERMS, { at: 'priceFeed' }, { at: 'vault' }] },
  priceFeed: { abi: priceFeedAbi, bytecode: priceFeedBytecode, args: [8, 2_500_00000000n], isPlain: true },
  vault: { abi: vaultAbi, bytecode: vaultBytecode, isPlain: true },
}

/** The call `add(a, b)` of an Addition contract, for `enigma.call` and `enigma.encrypt`. */
export function addition(address: Hex, a: bigint, b: bigint) {
  return { address, abi: additionAbi, functionName: 'add', args: [a, b] } as const
}

/** The public sum that the contract stored last. */
export function sumOf(network: TestNetwork, address: Hex): Promise<bigint> {
  return network.client('deployer').readContract({ address, abi: additionAbi, functionName: 'sum' })
}

/** Every task that was asked for and every one that ended, in the order of the chain. */
export async function taskLogs(network: TestNetwork) {
  const client = network.client('deployer')
  const where = { address: network.network.enigma, abi: enigmaAbi, fromBlock: 0n, strict: true } as const
  const [requested, settled, cancelled] = await Promise.all([
    client.getContractEvents({ ...where, eventName: 'TaskRequested' }),
    client.getContractEvents({ ...where, eventName: 'TaskSettled' }),
    client.getContractEvents({ ...where, eventName: 'TaskCancelled' }),
  ])
  return {
    requested: requested.map(({ args, blockNumber }) => ({ ...args, blockNumber })),
    settled: settled.map(({ args, blockNumber }) => ({ ...args, blockNumber })),
    cancelled: cancelled.map(({ args, blockNumber }) => ({ ...args, blockNumber })),
  }
}

/** Seats of ranks 0, 1, 2 for tasks of this dApp in the current epoch, where its only lane is 0. */
export async function ranksFor({ contract }: TestNetwork, dApp: Hex, count = 3): Promise<number[]> {
  const epoch = await contract.read.currentEpoch()
  const ranks = Array.from({ length: count }, (_, rank) => contract.read.selected([epoch, dApp, 0n, BigInt(rank)]))
  return (await Promise.all(ranks)).map(([seat]) => Number(seat))
}
