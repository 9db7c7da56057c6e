/**
 * The Enigma contract as Surface sees it: facts read, events decoded, calls encoded and signed.
 *
 * The only file here that knows the chain library. It keeps no state and waits for nothing.
 */
import { dcapVerifierAbi, enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import {
  createWallet,
  type Log,
  quantity,
  type Rpc,
  type RpcCall,
  RpcError,
  type Secret,
  type Wallet,
} from '@enigma/process'
import { type Address, EnigmaError, type Hex, type PackedTask, parseHex, ZERO_HASH } from '@enigma/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import {
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  keccak256,
} from 'viem/utils'
import type { SignedReceipt } from './settled-receipts.ts'

export type EnigmaEvent =
  | { name: 'TaskRequested'; taskId: Hex; task: PackedTask; inputs: Hex }
  | { name: 'TaskSettled'; taskId: Hex; seat: number; rank: number; status: number; delivered: boolean }
  | { name: 'TaskCancelled'; taskId: Hex }
  | { name: 'SeatTaken'; seat: number; signer: Address; operator: Address; activeEpoch: number; exitEpoch: number }
  | { name: 'SeatRenewed' | 'SeatLeft'; seat: number; exitEpoch: number }
  | { name: 'SeatEnded'; seat: number; exitEpoch: number; revoked: boolean }
  | { name: 'SeatActivated'; seat: number; activeEpoch: number }
  | { name: 'SeatRelocated'; seat: number; to: number; activeEpoch: number }
  | { name: 'SeatSlashed'; seat: number; taskId: Hex }
  | { name: 'MeasurementRevoked'; measurement: Hex }
  | { name: 'EpochStarted'; epoch: number }

export type NetworkFacts = {
  genesisBlock: bigint
  epochBlocks: number
  windowBlocks: number
  cutBlocks: number
  coolEpochs: number
  lifeEpochs: number
}
export type SeatFacts = {
  signer: Address
  operator: Address
  activeEpoch: number
  exitEpoch: number
  measurementId: number
  creditGwei: bigint
  bondGwei: bigint
  /** keccak256 of the record of the platform that vouched for it. */
  platformHash: Hex
  /** Of the events that carry its latest quote, and its platform's certificate. */
  quoteBlock: bigint
  leafBlock: bigint
}
export type EpochFacts = { seed: bigint; seatCount: number; revokedMask: number }
export type Settlement = { task: PackedTask; rank: number; status: number; output: Hex; r: Hex; vs: Hex }
export type Admission = { signer: Address; inputKey: Hex; identityBlock: bigint; quote: Hex; evidence: Hex }
export type Chain = ReturnType<typeof createChain>

type ViewName = Extract<(typeof enigmaAbi)[number], { type: 'function'; stateMutability: 'view' }>['name']

export function createChain(rpc: Rpc, enigma: Address) {
  const viewCall = (functionName: ViewName, args: readonly unknown[] = []): RpcCall => ({
    method: 'eth_call',
    params: [{ to: enigma, data: encode(functionName, args) }, 'latest'],
  })
  const decode = (functionName: ViewName, data: unknown): unknown => {
    try {
      return decodeFunctionResult({ abi: enigmaAbi, functionName, data: data as Hex })
    } catch {
      throw new RpcError('RPC_NONSENSE', `The node's answer to ${functionName} cannot be read.`)
    }
  }

  async function view(functionName: ViewName, args: readonly unknown[] = []): Promise<unknown> {
    const call = viewCall(functionName, args)
    return decode(functionName, await rpc.call(call.method, call.params).catch(refusal))
  }

  return {
    enigma,
    async chainId(): Promise<bigint> {
      return quantity(await rpc.call('eth_chainId'), 'a chain id')
    },
    async hasCode(): Promise<boolean> {
      return (await rpc.call('eth_getCode', [enigma, 'latest'])) !== '0x'
    },
    networkHash: async () => (await view('networkHash')) as Hex,
    knowsNetwork: async (networkHash: Hex) => (await view('knowsNetwork', [networkHash])) as boolean,
    async networkFacts(): Promise<NetworkFacts> {
      const [parameters, genesisBlock] = await Promise.all([view('parameters'), view('genesisBlock')])
      return { ...(parameters as Omit<NetworkFacts, 'genesisBlock'>), genesisBlock: genesisBlock as bigint }
    },
    /** Undefined while the seed is not posted. */
    async epoch(number: number): Promise<EpochFacts | undefined> {
      try {
        const found = (await view('epoch', [BigInt(number)])) as {
          seed: bigint
          seatCount: bigint
          revokedMask: number
        }
        return { seed: found.seed, seatCount: Number(found.seatCount), revokedMask: found.revokedMask }
      } catch (error) {
        if (error instanceof ContractRefusedError && error.refusal === 'SeedNotPosted') return undefined
        throw error
      }
    },
    /** The bond and, once there is a secret to be had, the join fee. */
    seatPriceGwei: async () => (await view('seatPriceGwei')) as bigint,
    /** Bit i: measurement i is revoked. */
    revokedMeasurements: async () => (await view('revokedMeasurements')) as number,
    async seatCount(): Promise<number> {
      return Number(await view('seatCount'))
    },
    /** In one round trip; all of them must exist. */
    async seats(ids: readonly number[]): Promise<SeatFacts[]> {
      const answers = await rpc.batch(ids.map((id) => viewCall('seat', [BigInt(id)]))).catch(refusal)
      return answers.map((answer) => toSeat(decode('seat', answer)))
    },
    async balanceGwei(account: Address): Promise<bigint> {
      return quantity(await rpc.call('eth_getBalance', [account, 'latest']), 'a balance') / 1_000_000_000n
    },
    /** Whether the contract would believe this quote by its collateral of now; else throws a `ContractRefusedError`. */
    async checkQuote(quote: Hex, evidence: Hex): Promise<void> {
      const verifier = (await view('attestationVerifier')) as Address
      const data = encodeFunctionData({
        abi: dcapVerifierAbi,
        functionName: 'verify',
        args: [quote, evidence, ZERO_HASH],
      })
      await rpc.call('eth_call', [{ to: verifier, data }, 'latest']).catch(refusal)
    },
    /** What the call would use, or a `ContractRefusedError` with the contract's reason. */
    async estimateGas(from: Address, data: Hex, valueWei = 0n, to: Address = enigma): Promise<bigint> {
      const call = { from, to, data, value: `0x${valueWei.toString(16)}` }
      return quantity(await rpc.call('eth_estimateGas', [call]).catch(refusal), 'gas')
    },
  }
}

/** The operator's account on this chain. */
export function createOperatorWallet(rpc: Rpc, chainId: bigint, key: Secret): Wallet {
  const account = privateKeyToAccount(key.reveal() as Hex)
  return createWallet(rpc, parseHex(account.address, { bytes: 20, what: 'operator' }), async (transaction) => {
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: Number(chainId),
      nonce: transaction.nonce,
      to: transaction.to,
      data: transaction.data,
      value: transaction.valueWei,
      gas: transaction.gas,
      maxFeePerGas: transaction.maxFeeWei,
      maxPriorityFeePerGas: transaction.tipWei,
    })
    return { raw, hash: keccak256(raw) }
  })
}

export const calls = {
  settle: ({ task, rank, status, output, r, vs }: Settlement): Hex =>
    encode('settle', [task, rank, status, output, r, vs]),
  settleBatch: (seat: number, count: number, members: Hex, { r, vs }: { r: Hex; vs: Hex }): Hex =>
    encode('settleBatch', [BigInt(seat), BigInt(count), members, r, vs]),
  takeSeat: (reuse: number | undefined, { signer, inputKey, identityBlock, quote, evidence }: Admission): Hex =>
    encode('takeSeat', [BigInt(reuse === undefined ? 0 : reuse + 1), signer, inputKey, identityBlock, quote, evidence]),
  renewSeat: (seat: number, { inputKey, identityBlock, quote, evidence }: Admission): Hex =>
    encode('renewSeat', [BigInt(seat), inputKey, identityBlock, quote, evidence]),
  leaveSeat: (seat: number): Hex => encode('leaveSeat', [BigInt(seat)]),
  postFallbackSeed: (epoch: number): Hex => encode('postFallbackSeed', [BigInt(epoch)]),
  slash: (seat: number, a: SignedReceipt, b: SignedReceipt): Hex => {
    const { taskId, anchor } = a.receipt
    return encode('slash', [BigInt(seat), taskId, anchor, signedReceipt(a), signedReceipt(b)])
  },
} as const

/** The event in a log of the Enigma contract; undefined for those that Surface has no use for. */
export function decodeEvent({ topics, data }: Log): EnigmaEvent | undefined {
  let event: { eventName: string; args: Record<string, unknown> }
  try {
    event = decodeEventLog({ abi: enigmaAbi, topics: topics as [Hex, ...Hex[]], data }) as typeof event
  } catch {
    return undefined
  }
  const { args } = event
  const lower = (value: unknown) => (value as string).toLowerCase() as Hex
  switch (event.eventName) {
    case 'TaskRequested': {
      const { ref, target, terms, codeHash } = args as { ref: bigint; target: bigint; terms: bigint; codeHash: Hex }
      const inputs = args.inputs as Hex
      const task = { ref, target, terms, codeHash, inputsHash: keccak256(inputs) }
      return { name: 'TaskRequested', taskId: args.taskId as Hex, task, inputs }
    }
    case 'TaskSettled':
      return {
        name: 'TaskSettled',
        taskId: args.taskId as Hex,
        seat: Number(args.seat),
        rank: Number(args.rank),
        status: Number(args.status),
        delivered: args.delivered as boolean,
      }
    case 'TaskCancelled':
      return { name: 'TaskCancelled', taskId: args.taskId as Hex }
    case 'SeatTaken':
      return {
        name: 'SeatTaken',
        seat: Number(args.seat),
        signer: lower(args.signer),
        operator: lower(args.operator),
        activeEpoch: Number(args.activeEpoch),
        exitEpoch: Number(args.exitEpoch),
      }
    case 'SeatRenewed':
    case 'SeatLeft':
      return { name: event.eventName, seat: Number(args.seat), exitEpoch: Number(args.exitEpoch) }
    case 'SeatEnded': {
      const { seat, exitEpoch, revoked } = args
      return { name: 'SeatEnded', seat: Number(seat), exitEpoch: Number(exitEpoch), revoked: revoked as boolean }
    }
    case 'SeatActivated':
      return { name: 'SeatActivated', seat: Number(args.seat), activeEpoch: Number(args.activeEpoch) }
    case 'SeatRelocated': {
      const { from, to, activeEpoch } = args
      return { name: 'SeatRelocated', seat: Number(from), to: Number(to), activeEpoch: Number(activeEpoch) }
    }
    case 'SeatSlashed':
      return { name: 'SeatSlashed', seat: Number(args.seat), taskId: args.taskId as Hex }
    case 'MeasurementRevoked':
      return { name: 'MeasurementRevoked', measurement: args.measurement as Hex }
    case 'EpochStarted':
      return { name: 'EpochStarted', epoch: Number(args.epoch) }
    default:
      return undefined
  }
}

/** Thrown when the contract refuses a call; `refusal` is the name of its error or, of a quote, the verifier's code. */
export class ContractRefusedError extends EnigmaError {
  override readonly name = 'Chain.ContractRefusedError'
  readonly code = 'CONTRACT_REFUSED'
  readonly refusal: string
  constructor(refusal: string) {
    super(`The Enigma contract refused: ${refusal}.`, {
      hint: 'IEnigma.sol says what this error means; docs/protocol/attestation.md, what a code in capitals does.',
    })
    this.refusal = refusal
  }
}

function signedReceipt({ receipt, index, batch, r, vs }: SignedReceipt) {
  const { codeHash, inputsHash, outputHash, status } = receipt
  return { codeHash, inputsHash, outputHash, status, index, batch, r, vs }
}

function encode(functionName: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: enigmaAbi, functionName, args } as EncodeFunctionDataParameters)
}

/** Throws a `ContractRefusedError` where the node says why a call was refused. */
export function refusal(error: unknown): never {
  if (!(error instanceof RpcError) || error.code !== 'RPC_REFUSED' || !error.data) throw error
  throw new ContractRefusedError(refusalIn(error.data as Hex))
}

function refusalIn(data: Hex): string {
  try {
    const { errorName, args } = decodeErrorResult({ abi: ERRORS, data })
    if (errorName !== 'AttestationRefused') return errorName
    const code = Buffer.from(args[0].slice(2), 'hex').toString('latin1').replace(/\0+$/, '')
    return /^[A-Z][A-Z0-9_]{0,31}$/.test(code) ? code : errorName
  } catch {
    return `Unknown_${data.slice(2, 10)}`
  }
}

/** Enigma's own, its key registry's, and what its verifier says of a quote. */
const ERRORS = [...enigmaAbi, ...dcapVerifierAbi, ...keyRegistryAbi] as const

function toSeat(value: unknown): SeatFacts {
  const seat = value as {
    signer: Address
    operator: Address
    activeEpoch: bigint
    exitEpoch: bigint
    measurementId: number
    creditGwei: bigint
    bondGwei: bigint
    platformHash: Hex
    quoteBlock: bigint
    leafBlock: bigint
  }
  return {
    signer: seat.signer.toLowerCase() as Address,
    operator: seat.operator.toLowerCase() as Address,
    activeEpoch: Number(seat.activeEpoch),
    exitEpoch: Number(seat.exitEpoch),
    measurementId: seat.measurementId,
    creditGwei: seat.creditGwei,
    bondGwei: seat.bondGwei,
    platformHash: seat.platformHash,
    quoteBlock: BigInt(seat.quoteBlock),
    leafBlock: BigInt(seat.leafBlock),
  }
}
