/**
 * The Enigma contract as the Principal sees it: epochs, and the one call that gives an epoch its seed.
 *
 * The only file here that knows the chain library.
 */
import { drandBeaconAbi, enigmaAbi } from '@enigma/contracts'
import {
  type Block,
  createWallet,
  parseBlock,
  quantity,
  type Rpc,
  RpcError,
  type Secret,
  type Wallet,
} from '@enigma/process'
import {
  type Address,
  bytesToHex,
  type DrandBeacon,
  EnigmaError,
  type Hex,
  hexToBytes,
  parseHex,
} from '@enigma/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { decodeErrorResult, decodeFunctionResult, encodeFunctionData, keccak256 } from 'viem/utils'
import { type Header, parseHeader } from './header.ts'

/** `cutBlocks` behind a boundary the contract takes the last seed; from then on a fallback. */
export type EpochGrid = { genesisBlock: bigint; epochBlocks: number; cutBlocks: number }
export type Chain = ReturnType<typeof createChain>

type View = 'networkHash' | 'knowsNetwork' | 'parameters' | 'genesisBlock' | 'epoch' | 'seatCount' | 'beacon'
type BeaconView = 'enigma' | 'publicKey' | 'genesisTime' | 'periodSeconds' | 'delaySeconds'

export function createChain(rpc: Rpc, enigma: Address) {
  async function view(
    functionName: View,
    args: readonly (bigint | Hex)[] = [],
    block: Hex | 'latest' = 'latest',
  ): Promise<unknown> {
    const data = encodeFunctionData({ abi: enigmaAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0])
    const answer = await rpc.call('eth_call', [{ to: enigma, data }, block])
    try {
      return decodeFunctionResult({ abi: enigmaAbi, functionName, data: answer as Hex })
    } catch {
      throw new RpcError('RPC_NONSENSE', `The node's answer to ${functionName} cannot be read.`)
    }
  }

  async function beaconView(beacon: Address, functionName: BeaconView): Promise<unknown> {
    const data = encodeFunctionData({ abi: drandBeaconAbi, functionName })
    try {
      const answer = await rpc.call('eth_call', [{ to: beacon, data }, 'latest'])
      return decodeFunctionResult({ abi: drandBeaconAbi, functionName, data: answer as Hex })
    } catch (error) {
      if (error instanceof RpcError && error.code !== 'RPC_REFUSED') throw error
      throw new NoDrandBeaconError(beacon)
    }
  }

  return {
    enigma,
    chainId: async (): Promise<bigint> => quantity(await rpc.call('eth_chainId'), 'a chain id'),
    hasCode: async (): Promise<boolean> => (await rpc.call('eth_getCode', [enigma, 'latest'])) !== '0x',
    networkHash: async () => (await view('networkHash')) as Hex,
    knowsNetwork: async (networkHash: Hex) => (await view('knowsNetwork', [networkHash])) as boolean,
    async grid(): Promise<EpochGrid> {
      const [parameters, genesisBlock] = await Promise.all([view('parameters'), view('genesisBlock')])
      const { epochBlocks, cutBlocks } = parameters as { epochBlocks: number; cutBlocks: number }
      return { genesisBlock: genesisBlock as bigint, epochBlocks, cutBlocks }
    },
    /** What the contract's beacon goes by; throws a `NoDrandBeaconError` if that is of another kind. */
    async drandBeacon(): Promise<DrandBeacon> {
      const beacon = (await view('beacon')) as Address
      const names = ['enigma', 'publicKey', 'genesisTime', 'periodSeconds', 'delaySeconds'] as const
      const answers = names.map((name) => beaconView(beacon, name))
      const [named, publicKey, ...schedule] = (await Promise.all(answers)) as [Address, Hex, bigint, bigint, bigint]
      const [genesisTime, periodSeconds, delaySeconds] = schedule.map(Number) as [number, number, number]
      return {
        chainId: quantity(await rpc.call('eth_chainId'), 'a chain id'),
        enigma: parseHex(named, { bytes: 20, what: 'the contract that the beacon names' }),
        publicKey: hexToBytes(publicKey),
        ...{ genesisTime, periodSeconds, delaySeconds },
      }
    },
    /** Undefined while the epoch has no seed of either kind. */
    async startedEpoch(epoch: number): Promise<{ isFallback: boolean } | undefined> {
      try {
        return (await view('epoch', [BigInt(epoch)])) as { isFallback: boolean }
      } catch (error) {
        if (errorNameOf(error) === 'SeedNotPosted') return undefined
        throw error
      }
    },
    seatCountAt: async (block: bigint): Promise<bigint> =>
      (await view('seatCount', [], `0x${block.toString(16)}`)) as bigint,
    async head(): Promise<Block> {
      const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
      if (!block) throw new RpcError('RPC_NONSENSE', 'The node has no latest block.')
      return block
    },
    header: async (number: bigint): Promise<Header | null> =>
      parseHeader(await rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]), number),
    postSeed: (epoch: number, signature: Uint8Array): Hex =>
      encodeFunctionData({ abi: enigmaAbi, functionName: 'postSeed', args: [BigInt(epoch), bytesToHex(signature)] }),
    postFallbackSeed: (epoch: number): Hex =>
      encodeFunctionData({ abi: enigmaAbi, functionName: 'postFallbackSeed', args: [BigInt(epoch)] }),
  }
}

/** The account that pays for posting. */
export function createPrincipalWallet(rpc: Rpc, chainId: bigint, key: Secret): Wallet {
  const account = privateKeyToAccount(key.reveal() as Hex)
  return createWallet(rpc, parseHex(account.address, { bytes: 20, what: 'operator' }), async (transaction) => {
    const { nonce, to, data, valueWei, gas, maxFeeWei, tipWei } = transaction
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: Number(chainId),
      ...{ nonce, to, data, value: valueWei, gas, maxFeePerGas: maxFeeWei, maxPriorityFeePerGas: tipWei },
    })
    return { raw, hash: keccak256(raw) }
  })
}

function errorNameOf(error: unknown): string | undefined {
  if (!(error instanceof RpcError) || error.code !== 'RPC_REFUSED' || !error.data) return undefined
  try {
    return decodeErrorResult({ abi: enigmaAbi, data: error.data as Hex }).errorName
  } catch {
    return undefined
  }
}

/** Thrown when the contract's beacon does not take drand's rounds. */
export class NoDrandBeaconError extends EnigmaError {
  override readonly name = 'Chain.NoDrandBeaconError'
  readonly code = 'NO_DRAND_BEACON'
  constructor(beacon: Address) {
    super(`The contract's beacon ${beacon} is no DrandBeacon.`, {
      hint: 'This network gets its seeds from a Principal: run that, or compare --enigma with the network that you mean.',
    })
  }
}
