/**
 * What would a Core compute? Runs a private function on this machine, on the live state of the client's own RPC.
 *
 * The same code runs as in a Core, on the same proven facts, with the same caps. Nothing is sent or paid; the arguments stay
 * here, and what the function seals is sealed to keys of the simulation's own. The RPC sees which accounts and slots are read, as an operator would.
 */
import { Machine } from '@enigma/evm'
import {
  askCallable,
  askPrefetch,
  CAPS,
  type Caps,
  type Halt,
  isDelegation,
  type Outcome,
  PrivateRun,
  type Wanted,
} from '@enigma/evm/private'
import {
  type Address,
  bytesToHex,
  concatBytes,
  EnigmaError,
  gasLimitOf,
  type Hex,
  hexToBytes,
  parseHex,
} from '@enigma/protocol'
import { type Abi, type Account, BaseError } from 'viem'
import { getChainId } from 'viem/actions'
import type { AbiType, AbiValue } from '../abi-value.ts'
import {
  decodeOutput,
  encodeCallable,
  type PlainCall,
  type PrivateArgs,
  type PrivateName,
  type PrivateResult,
} from '../callable.ts'
import { accountOf, type ChainClient, connect } from '../connection.ts'
import { NotCallableError, ProxyError, UnknownDAppError } from '../dapp.ts'
import type { PrivateCall } from '../enigma.ts'
import { lower } from '../enigma-contract.ts'
import { decodeReason, type FailureReason } from '../outcome.ts'
import { openPrivateResult, type ReplyCall, type ReplyName, replyIn, requireConvention } from '../private-result.ts'
import { createReplyKey, type ReplyKey } from '../reply-key.ts'
import { ChainError } from '../session.ts'
import { type TermsOptions, termsOf } from '../terms.ts'
import { type ChainState, openChainState } from './chain-state.ts'
import { drive } from './drive.ts'
import { type SealedData, SIMULATED_TASK, SimulatedEnclave } from './enclave.ts'
import { TraceBuilder, type TracedCall } from './trace.ts'

export type SimulateOptions = Pick<TermsOptions, 'gasClass' | 'outputCap'> & {
  client: ChainClient
  /** Who would ask. Default: the client's account. */
  account?: Account | Address
  /** The state at the end of this block. Default: the latest. */
  blockNumber?: bigint
  /** Tighter than a Core's own, to know what is left. */
  caps?: Partial<Caps>
  /** What sealed data on chain is to hold: only an enclave opens it. */
  sealedData?: SealedData
}

export type SimulatedOutcome<result> =
  | { kind: 'returned'; result: result; output: Hex }
  /** `reason` is missing where the function gave none. */
  | { kind: 'reverted'; reason?: FailureReason }
  /** `output`: it returned more than `outputCap`. */
  | { kind: 'halted'; halt: Halt | 'output' }

/** An account, or one of its slots. */
export type SimulatedRead = {
  address: Address
  slot?: Hex
  /** Whether the dApp's `enigmaPrefetch` named it: then seeing it tells nothing about the arguments. */
  isPrefetched: boolean
}

export type Simulation<result = unknown> = {
  outcome: SimulatedOutcome<result>
  /** Of the function itself; all that its class allows where it was halted. */
  gasUsed: bigint
  trace: TracedCall
  /** What an operator would see of the state that is read, in the order in which he would. */
  reads: readonly SimulatedRead[]
  blockNumber: bigint
}

/** Runs a private function as a Core would, and says how it ends, what it called and what it read. */
export function simulate<
  const abi extends Abi,
  name extends PrivateName<abi>,
  const args extends PrivateArgs<abi, name>,
>(parameters: PrivateCall<abi, name, args> & SimulateOptions): Promise<Simulation<PrivateResult<abi, name>>>
/** The same where the result is sealed to the caller: the result is what the function's `reply` holds. */
export function simulate<const abi extends Abi, name extends ReplyName<abi>, const result extends AbiType>(
  parameters: Omit<ReplyCall<abi, name, result>, 'replyKeyPair'> & SimulateOptions,
): Promise<Simulation<AbiValue<result>>>
export async function simulate(parameters: object): Promise<Simulation> {
  try {
    return await simulateCall(parameters as PlainParameters)
  } catch (error) {
    throw error instanceof BaseError ? new ChainError(error) : error
  }
}

// The types above do the work for callers; from here on a call is plain.
type PlainParameters = Omit<PlainCall, 'args'> & {
  args?: readonly unknown[]
  privateResult?: AbiType
} & SimulateOptions

async function simulateCall(parameters: PlainParameters): Promise<Simulation> {
  const { client, abi, functionName, blockNumber, privateResult, sealedData } = parameters
  const call = { ...parameters, args: parameters.args ?? [] }
  const replyKey = await createReplyKey()
  if (privateResult !== undefined) {
    requireConvention(call, privateResult)
    call.args = [...call.args, replyKey.publicKey]
  }
  const callable = encodeCallable(call)
  const { gasClass, outputCap } = termsOf(callable, parameters)
  const dApp = parseHex(parameters.address, { bytes: 20, what: 'address' })
  const requester = lower(accountOf(connect({ client }), parameters.account).address)
  const [chainId, state] = await Promise.all([getChainId(client), openChainState(client, blockNumber)])
  const { view } = state
  const codeHash = await requireCode(state, dApp)

  const reads: SimulatedRead[] = []
  const note = (isPrefetched: boolean) => (wanted: Wanted) => {
    for (const address of wanted.accounts) reads.push({ address, isPrefetched })
    for (const slot of wanted.slots) reads.push({ ...slot, isPrefetched })
  }
  let trace = new TraceBuilder(abi)
  const caps = { ...CAPS, ...parameters.caps }
  const task = { chainId: BigInt(chainId), dApp, requester, view }
  const run = new PrivateRun(Machine.createSync(), task, { caps, onTrace: (step) => trace.note(step) })

  const isCallable = await drive(state, askCallable(run, callable.selector), { note: note(false) })
  if (isForeignCode(trace.root())) throw new ProxyError(dApp, 'it delegates')
  if (!isCallable) throw new NotCallableError(dApp, functionName, callable.selector)
  const slots = await drive(state, askPrefetch(run, callable.selector), { note: note(false) })
  if (slots === null || !(await drive(state, run.prefetch(slots), { note: note(true) }))) {
    throw new PrefetchTooLargeError(dApp, caps.reads)
  }

  trace = new TraceBuilder(abi)
  const data = concatBytes(hexToBytes(callable.selector), callable.args)
  const facts = { chainId: BigInt(chainId), dApp, codeHash, anchor: view.header.hash, sealedData }
  const enclave = await SimulatedEnclave.start(facts)
  const outcome = await drive(state, run.callInPrivate(data, gasLimitOf(gasClass)), { note: note(false), enclave })
  const root = trace.root()
  const described = describe(outcome, { abi, functionName, outputCap })
  return {
    outcome: privateResult === undefined ? described : await openResult(described, { ...call, dApp, replyKey }),
    gasUsed: root.gasUsed,
    trace: root,
    reads,
    blockNumber: view.header.number,
  }
}

/** Refuses what no Core would open inputs for; returns the code's hash. */
async function requireCode(state: ChainState, dApp: Address): Promise<Hex> {
  const account = await drive(state, state.view.account(dApp))
  const code = account && (await drive(state, state.view.code(dApp, account.codeHash)))
  if (!code || code.length === 0) throw new UnknownDAppError(dApp)
  if (isDelegation(code)) throw new ProxyError(dApp, 'EIP-7702 delegation')
  return account.codeHash
}

function isForeignCode({ end }: TracedCall): boolean {
  return end.kind === 'halted' && end.halt === 'borrowedCode'
}

type Described = { abi: Abi; functionName: string; outputCap: number }

function describe(outcome: Outcome, { abi, functionName, outputCap }: Described): SimulatedOutcome<unknown> {
  if (outcome.kind === 'halted') return outcome
  if (outcome.kind === 'reverted') {
    const reason = decodeReason(abi, bytesToHex(outcome.data))
    return { kind: 'reverted', ...(reason && { reason }) }
  }
  if (outcome.output.length > outputCap) return { kind: 'halted', halt: 'output' }
  const output = bytesToHex(outcome.output)
  return { kind: 'returned', result: decodeOutput({ abi, functionName }, output), output }
}

type ReplyCallOf = PlainParameters & { dApp: Address; replyKey: ReplyKey }

/** The same with what the function sealed to its caller, in place of the bytes that hold it. */
async function openResult(
  outcome: SimulatedOutcome<unknown>,
  { abi, functionName, privateResult: abiType, dApp, replyKey: keyPair }: ReplyCallOf,
): Promise<SimulatedOutcome<unknown>> {
  if (outcome.kind !== 'returned') return outcome
  const reply = replyIn(abi, functionName, outcome.result)
  return { ...outcome, result: await openPrivateResult({ ...SIMULATED_TASK, reply, keyPair, dApp, abiType }) }
}

/** The dApp prefetches so much that no Core runs its function. */
export class PrefetchTooLargeError extends EnigmaError {
  override readonly name = 'PrefetchTooLargeError'
  readonly code = 'PREFETCH_TOO_LARGE'
  constructor(address: Address, most: number) {
    super(`${address} prefetches more than the ${most} slots that a computation may read: its tasks fail.`, {
      hint: 'Name fewer slots in enigmaPrefetch, or split the function.',
    })
  }
}
