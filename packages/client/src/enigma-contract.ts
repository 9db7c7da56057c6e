/**
 * The Enigma contract's facts, as one block states them.
 *
 * Reads that belong together name the same block: facts of two blocks could describe a lottery that never was.
 */

import type { Address, Hex } from '@enigma/protocol'
import { BaseError, ContractFunctionRevertedError } from 'viem'
import { readContract } from 'viem/actions'
import type { ChainClient } from './connection.ts'
import { enigmaAbi } from './enigma-abi.ts'

export type EpochFacts = {
  number: number
  seed: bigint
  /** The seed is a block's hash, since the beacon's did not come. */
  isFallback: boolean
  /** No new task is taken. */
  isPaused: boolean
  seatCount: number
  revokedMask: number
}
export type SeatFacts = {
  signer: Address
  operator: Address
  activeEpoch: number
  exitEpoch: number
  measurementId: number
  /** Whose event carries the latest quote. */
  quoteBlock: bigint
  /** Whose event carries the certificate of the platform behind it. */
  leafBlock: bigint
}
export type SlotFacts = { pending: boolean; undelivered: boolean; hashBits: bigint; seq: bigint; balanceGwei: bigint }
/** The deployment's constants that a client needs. */
export type Terms = {
  genesisBlock: bigint
  windowBlocks: number
  graceBlocks: number
  epochBlocks: number
  secondsPerEpoch: number
}

export type EnigmaContract = ReturnType<typeof enigmaContract>

export function enigmaContract(client: ChainClient, address: Address) {
  const at = { address, abi: enigmaAbi } as const
  return {
    address,
    networkHash: async (): Promise<Hex> => readContract(client, { ...at, functionName: 'networkHash' }),
    simulated: async (): Promise<boolean> => readContract(client, { ...at, functionName: 'simulated' }),
    terms: async (): Promise<Terms> => {
      const [{ windowBlocks, graceBlocks, epochBlocks, secondsPerEpoch }, genesisBlock] = await Promise.all([
        readContract(client, { ...at, functionName: 'parameters' }),
        readContract(client, { ...at, functionName: 'genesisBlock' }),
      ])
      return { genesisBlock, windowBlocks, graceBlocks, epochBlocks, secondsPerEpoch }
    },
    epoch: async (number: number, blockNumber: bigint): Promise<EpochFacts> => {
      const view = await readContract(client, { ...at, functionName: 'epoch', args: [BigInt(number)], blockNumber })
      return { ...view, number, seatCount: Number(view.seatCount) }
    },
    seat: async (id: number, blockNumber: bigint): Promise<SeatFacts> => {
      const view = await readContract(client, { ...at, functionName: 'seat', args: [BigInt(id)], blockNumber })
      return {
        signer: lower(view.signer),
        operator: lower(view.operator),
        activeEpoch: Number(view.activeEpoch),
        exitEpoch: Number(view.exitEpoch),
        measurementId: view.measurementId,
        quoteBlock: view.quoteBlock,
        leafBlock: view.leafBlock,
      }
    },
    lanes: async (dApp: Address, epoch: number, blockNumber: bigint): Promise<number> =>
      readContract(client, { ...at, functionName: 'lanes', args: [dApp, BigInt(epoch)], blockNumber }),
    slot: async (requester: Address, slot: number, blockNumber?: bigint): Promise<SlotFacts> =>
      readContract(client, {
        ...at,
        functionName: 'slot',
        args: [requester, slot],
        ...(blockNumber === undefined ? {} : { blockNumber }),
      }),
    quoteFee: async (gasClass: number, callbackGas: number, outputCap: number, baseFeeWei: bigint): Promise<bigint> =>
      readContract(client, {
        ...at,
        functionName: 'quoteFee',
        args: [gasClass, callbackGas, outputCap, baseFeeWei],
      }),
  }
}

/** The contract's own error behind a failed read or estimate, if there is one. */
export function contractRevert(error: unknown): { name: string; args: readonly unknown[] } | undefined {
  if (!(error instanceof BaseError)) return
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError)
  if (!(revert instanceof ContractFunctionRevertedError) || !revert.data) return
  return { name: revert.data.errorName, args: revert.data.args ?? [] }
}

/** Hex crosses our borders in lower case; viem returns addresses with a checksum, which would compare unequal. */
export function lower(hex: string): Hex {
  return hex.toLowerCase() as Hex
}
