/** The key registry as Surface sees it: words read, requests found in its events, calls encoded. Keeps no state. */
import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import { parseLogs, type Rpc, type RpcCall, RpcError } from '@enigma/process'
import { type Address, type Hex, keyRegistryOf, type RegistryState, ZERO_HASH } from '@enigma/protocol'
import { decodeEventLog, decodeFunctionResult, type EncodeFunctionDataParameters, encodeFunctionData } from 'viem/utils'
import { refusal } from './chain.ts'
import { toQuantity } from './node.ts'

export type KeyRegistry = ReturnType<typeof createKeyRegistry>
export type ContractKeyOf = { dApp: Address; codeHash: Hex; generation: number }
export type Committed = { commitment: Hex; seat: number; epoch: number }
/** What somebody asked for, or was given, in a range of blocks. */
export type RegistryEvent = { block: bigint } & (
  | { name: 'JoinRequested'; seat: number; joinKey: Hex; r: Hex; vs: Hex }
  | ({ name: 'KeyRequested' } & ContractKeyOf)
  | { name: 'KeyGranted'; seat: number; donorSeat: number; generation: number; joinKey: Hex; ciphertext: Hex }
)
/** What an event of the seat showed. */
export type ShownQuote = {
  signer: Address
  operator: Address
  inputKey: Hex
  identityBlock: bigint
  quote: Hex
  evidence: Hex
}

type Name = Extract<(typeof keyRegistryAbi)[number], { type: 'function'; stateMutability: 'view' }>['name']
type Signed = { r: Hex; vs: Hex }

export function createKeyRegistry(rpc: Rpc, enigma: Address) {
  const address = keyRegistryOf(enigma)
  const decode = (functionName: Name, data: unknown): unknown => {
    try {
      return decodeFunctionResult({ abi: keyRegistryAbi, functionName, data: data as Hex })
    } catch {
      throw new RpcError('RPC_NONSENSE', `The node's answer to ${functionName} cannot be read.`)
    }
  }

  /** What the registry says at the end of one block. */
  function at(block: bigint) {
    const viewCall = (functionName: Name, args: readonly unknown[]): RpcCall => ({
      method: 'eth_call',
      params: [{ to: address, data: encode(functionName, args) }, toQuantity(block)],
    })
    async function views<T>(functionName: Name, all: readonly (readonly unknown[])[]): Promise<T[]> {
      if (all.length === 0) return []
      const answers = await rpc.batch(all.map((args) => viewCall(functionName, args))).catch(refusal)
      return answers.map((answer) => decode(functionName, answer) as T)
    }
    const view = async <T>(functionName: Name) => (await views<T>(functionName, [[]]))[0] as T

    return {
      state: () => view<RegistryState>('state'),
      policyHash: () => view<Hex>('policyHash'),
      /** Undefined where nobody has committed. */
      async generations(numbers: readonly number[]): Promise<(Committed | undefined)[]> {
        const found = await views<Committed>(
          'generation',
          numbers.map((number) => [number]),
        )
        return found.map((generation) => (generation.commitment === ZERO_HASH ? undefined : generation))
      },
      /** The keys that these seats wait under, undefined where one does not. */
      async joinKeys(seats: readonly number[]): Promise<(Hex | undefined)[]> {
        const keys = await views<Hex>(
          'joinKeyOf',
          seats.map((seat) => [BigInt(seat)]),
        )
        return keys.map((key) => (key === ZERO_HASH ? undefined : key))
      },
      /** The last generations that these signers made or were given, 0 where none. */
      heldBy: (signers: readonly Address[]) =>
        views<number>(
          'heldBy',
          signers.map((signer) => [signer]),
        ),
      /** Which of these are published. */
      async arePublished(keys: readonly ContractKeyOf[]): Promise<boolean[]> {
        const found = await views<Hex>(
          'contractKey',
          keys.map(({ dApp, codeHash, generation }) => [dApp, codeHash, generation]),
        )
        return found.map((key) => key !== ZERO_HASH)
      },
    }
  }

  return {
    address,
    at,
    async events(fromBlock: bigint, toBlock: bigint): Promise<RegistryEvent[]> {
      const filter = { address, fromBlock: toQuantity(fromBlock), toBlock: toQuantity(toBlock) }
      const logs = parseLogs(await rpc.call('eth_getLogs', [filter]))
      return logs.flatMap(
        ({ topics, data, blockNumber }) => decodeRegistryEvent(topics as Hex[], data as Hex, blockNumber) ?? [],
      )
    },
    /** What a seat showed in this block, oldest first: its quote and its platform's evidence. */
    async shownIn(seat: number, block: bigint): Promise<ShownQuote[]> {
      const filter = { address: enigma, fromBlock: toQuantity(block), toBlock: toQuantity(block) }
      const logs = parseLogs(await rpc.call('eth_getLogs', [filter]))
      return logs.flatMap(({ topics, data }) => decodeShown(topics as Hex[], data as Hex, seat) ?? [])
    },
  }
}

export const registryCalls = {
  commitGeneration: (
    seat: number,
    generation: number,
    { commitment, networkSigner, r, vs }: Signed & { commitment: Hex; networkSigner: Address },
  ): Hex => encode('commitGeneration', [BigInt(seat), generation, commitment, networkSigner, r, vs]),
  confirmHolder: (seat: number, generation: number, { r, vs }: Signed): Hex =>
    encode('confirmHolder', [BigInt(seat), generation, r, vs]),
  requestJoin: (seat: number, joinKey: Hex, { r, vs }: Signed): Hex =>
    encode('requestJoin', [BigInt(seat), joinKey, r, vs]),
  grantKey: (
    { seat, donorSeat, joinKey }: { seat: number; donorSeat: number; joinKey: Hex },
    { generation, ciphertext, r, vs }: Signed & { generation: number; ciphertext: Hex },
  ): Hex => encode('grantKey', [BigInt(seat), BigInt(donorSeat), joinKey, generation, ciphertext, r, vs]),
  publishKey: ({ dApp, codeHash, generation }: ContractKeyOf, { publicKey, r, vs }: Signed & { publicKey: Hex }): Hex =>
    encode('publishKey', [dApp, codeHash, generation, publicKey, r, vs]),
} as const

function encode(functionName: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: keyRegistryAbi, functionName, args } as EncodeFunctionDataParameters)
}

function decodeRegistryEvent(topics: Hex[], data: Hex, block: bigint): RegistryEvent | undefined {
  let event: { eventName: string; args: Record<string, unknown> }
  try {
    event = decodeEventLog({ abi: keyRegistryAbi, topics: topics as [Hex, ...Hex[]], data }) as typeof event
  } catch {
    return undefined
  }
  const { args } = event
  switch (event.eventName) {
    case 'JoinRequested':
      return {
        block,
        name: 'JoinRequested',
        seat: Number(args.seat),
        joinKey: args.joinKey as Hex,
        r: args.r as Hex,
        vs: args.vs as Hex,
      }
    case 'KeyRequested': {
      const dApp = (args.dApp as string).toLowerCase() as Address
      return { block, name: 'KeyRequested', dApp, codeHash: args.codeHash as Hex, generation: Number(args.generation) }
    }
    case 'KeyGranted':
      return {
        block,
        name: 'KeyGranted',
        seat: Number(args.seat),
        donorSeat: Number(args.donorSeat),
        generation: Number(args.generation),
        joinKey: args.joinKey as Hex,
        ciphertext: args.ciphertext as Hex,
      }
    default:
      return undefined
  }
}

function decodeShown(topics: Hex[], data: Hex, seat: number): ShownQuote | undefined {
  try {
    const { eventName, args } = decodeEventLog({ abi: enigmaAbi, topics: topics as [Hex, ...Hex[]], data })
    if ((eventName !== 'SeatTaken' && eventName !== 'SeatRenewed') || Number(args.seat) !== seat) return
    const { signer, operator, inputKey, identityBlock, quote, evidence } = args
    const lower = (address: string) => address.toLowerCase() as Address
    return { signer: lower(signer), operator: lower(operator), inputKey, identityBlock, quote, evidence }
  } catch {
    return undefined
  }
}
