/** A network whose governor is a timelock: what is scheduled there, in words, and how a change becomes an operation. */
import { enigmaAbi, keyRegistryAbi, timelockAbi } from '@enigma/contracts'
import { bytesToHex, EnigmaError, type Hex } from '@enigma/protocol'
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  decodeFunctionData,
  getContract,
  isAddressEqual,
} from 'viem'
import type { OpenNetwork, SigningNetwork } from './network.ts'
import { orRefusal, RefusedError } from './refusal.ts'

export type Timelock = NonNullable<Awaited<ReturnType<typeof findTimelock>>>

export type Call = { target: Hex; data: Hex }

/** In the order of ITimelock's enum. */
const STATES = ['unknown', 'waiting', 'ready', 'stale', 'executed', 'cancelled'] as const

/** Times in Unix seconds. */
export type Operation = {
  id: Hex
  state: (typeof STATES)[number]
  readyAt: number
  staleAt: number
  calls: readonly Call[]
  salt: Hex
}

/** The network's governor, if it is a contract that answers as a timelock does. */
export async function findTimelock({ client, registry }: OpenNetwork) {
  const address = await registry.read.governor()
  const contract = getContract({ address, abi: timelockAbi, client })
  const delaySeconds = await orUndefined(contract.read.delay())
  if (delaySeconds === undefined) return undefined
  return { address, contract, delaySeconds: Number(delaySeconds), owner: await contract.read.owner() }
}

/** Like `findTimelock`; throws where the governor is none. */
export async function requireTimelock(network: OpenNetwork): Promise<Timelock> {
  const timelock = await findTimelock(network)
  if (!timelock) throw new NoTimelockError(await network.registry.read.governor())
  return timelock
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    const isRefusal = (cause: unknown) =>
      cause instanceof ContractFunctionZeroDataError || cause instanceof ContractFunctionRevertedError
    if (error instanceof BaseError && error.walk(isRefusal)) return undefined
    throw error
  }
}

/** Has the timelock's owner announce `calls`; resolves once they stand on chain. */
export async function scheduleCalls(
  network: SigningNetwork,
  { contract }: Timelock,
  calls: readonly Call[],
): Promise<{ operation: Operation; txHash: Hex }> {
  const { client, account } = network
  // The same calls may be scheduled again: an id is used once.
  const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
  const { result: id } = await orRefusal(contract.simulate.schedule([calls, salt], { account }))
  const txHash = await orRefusal(contract.write.schedule([calls, salt], { account, chain: null }))
  await confirm(client, txHash)
  return { operation: { id, calls, salt, ...(await readState(contract, id)) }, txHash }
}

/** Everything that was ever scheduled, the oldest first; with an id, that operation or none. */
export async function findOperations(
  { client, file }: OpenNetwork,
  { address, contract }: Timelock,
  id?: Hex,
): Promise<Operation[]> {
  const events = await client.getContractEvents({
    address,
    abi: timelockAbi,
    eventName: 'OperationScheduled',
    ...(id === undefined ? {} : { args: { id } }),
    // Nothing can be scheduled before the network is there.
    fromBlock: BigInt(file.genesisBlock),
    strict: true,
  })
  return Promise.all(
    events.map(async ({ args: { id, calls, salt } }) => ({ id, calls, salt, ...(await readState(contract, id)) })),
  )
}

/** The operation with this id. */
export async function findOperation(network: OpenNetwork, timelock: Timelock, id: Hex): Promise<Operation> {
  const [found] = await findOperations(network, timelock, id)
  if (!found) throw new UnknownOperationError(id)
  return found
}

async function readState(contract: Timelock['contract'], id: Hex) {
  const [state, readyAt, staleAt] = await contract.read.operation([id])
  return { state: STATES[state] ?? 'unknown', readyAt: Number(readyAt), staleAt: Number(staleAt) }
}

/** Executes what is ready. Where one of its calls is refused, throws with the refusal of that call. */
export async function executeOperation(
  network: SigningNetwork,
  timelock: Timelock,
  operation: Operation,
): Promise<Hex> {
  const { client, account } = network
  const { calls, salt } = operation
  if (operation.state !== 'ready') throw new NotReadyError(operation)
  await orRefusal(timelock.contract.simulate.execute([calls, salt], { account })).catch((error) => {
    throw failedCall(error, { network, timelock, calls }) ?? error
  })
  const txHash = await orRefusal(timelock.contract.write.execute([calls, salt], { account, chain: null }))
  await confirm(client, txHash)
  return txHash
}

/** Takes back what was scheduled and not executed yet; for good. */
export async function cancelOperation(
  { client, account }: SigningNetwork,
  { contract }: Timelock,
  id: Hex,
): Promise<Hex> {
  await orRefusal(contract.simulate.cancel([id], { account }))
  const txHash = await orRefusal(contract.write.cancel([id], { account, chain: null }))
  await confirm(client, txHash)
  return txHash
}

/**
 * What went through when it was tried may not go through in its block: an operation is executed and cancelled by several. A node
 * that knows of the other transaction already refuses to reckon the gas of this one; such a refusal is the contract's.
 */
async function confirm(client: OpenNetwork['client'], hash: Hex): Promise<void> {
  const { status } = await client.waitForTransactionReceipt({ hash })
  if (status !== 'success') throw new RevertedError(hash)
}

type Scope = { network: OpenNetwork; timelock: Timelock; calls: readonly Call[] }

function failedCall(error: unknown, { network, timelock, calls }: Scope): FailedCallError | undefined {
  if (!(error instanceof RefusedError) || error.errorName !== 'CallFailed') return undefined
  const [index, , reason] = error.args as [bigint, Hex, Hex]
  const call = calls[Number(index)]
  if (!call) return undefined
  const { abi } = partOf(call.target, network, timelock)
  return new FailedCallError(describeCall(call, network, timelock).text, describeReason(abi, reason))
}

function describeReason(abi: Abi, data: Hex): string {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi, data })
    return `${errorName}(${args.map(inWords).join(', ')})`
  } catch {
    return data === '0x' ? 'no reason given' : data
  }
}

/** What a call is, by the ABI of the contract that it is made of: `KeyRegistry.raiseMinGeneration(2)`. */
export function describeCall({ target, data }: Call, network: OpenNetwork, timelock: Timelock) {
  const { contract, abi } = partOf(target, network, timelock)
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data })
    return { contract, functionName, args, text: `${contract}.${functionName}(${args.map(inWords).join(', ')})` }
  } catch {
    // Of another version of the contracts: shown as it stands, never left out.
    return { contract, text: `${contract}.${data}` }
  }
}

/** A timelock calls its own network's contracts and no others; an address that is none of them is shown as it is. */
function partOf(target: Hex, { enigma, registry }: OpenNetwork, { address }: Timelock): { contract: string; abi: Abi } {
  if (isAddressEqual(target, enigma.address)) return { contract: 'Enigma', abi: enigmaAbi }
  if (isAddressEqual(target, registry.address)) return { contract: 'KeyRegistry', abi: keyRegistryAbi }
  if (isAddressEqual(target, address)) return { contract: 'Timelock', abi: timelockAbi }
  return { contract: target, abi: [] }
}

function inWords(value: unknown): string {
  if (typeof value !== 'object') return String(value)
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item))
}

/** A moment on the chain's clock: `2026-11-30 05:35:28 UTC`. */
export function formatTime(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `7 days`; what is no whole number of days, in seconds. */
export function formatDelay(delaySeconds: number): string {
  const days = delaySeconds / 86_400
  if (!Number.isInteger(days) || days === 0) return `${delaySeconds} s`
  return days === 1 ? '1 day' : `${days} days`
}

/** Thrown for what only a timelock has, where the governor is none. */
export class NoTimelockError extends EnigmaError {
  override readonly name = 'Timelock.NoTimelockError'
  readonly code = 'NO_TIMELOCK'
  constructor(governor: Hex) {
    super(`The governor ${governor} is no timelock: nothing is scheduled on this network.`, {
      hint: 'Its changes are made at once; enigma network status shows who governs.',
    })
  }
}

/** Thrown for an id under which nothing was scheduled. */
export class UnknownOperationError extends EnigmaError {
  override readonly name = 'Timelock.UnknownOperationError'
  readonly code = 'UNKNOWN_OPERATION'
  constructor(id: Hex) {
    super(`The timelock knows no operation ${id}.`, { hint: 'enigma network operations lists them.' })
  }
}

/** Thrown when an operation is executed too early, too late, or a second time. */
export class NotReadyError extends EnigmaError {
  override readonly name = 'Timelock.NotReadyError'
  readonly code = 'NOT_READY'
  constructor({ id, state, readyAt, staleAt }: Operation) {
    super(`Operation ${id} is ${state}; its time is from ${formatTime(readyAt)} to ${formatTime(staleAt)}.`, {
      hint:
        state === 'waiting' ? 'Wait until then; the chain’s clock counts.' : 'Its owner may schedule the calls anew.',
    })
  }
}

/** Thrown when somebody else's transaction came first. */
export class RevertedError extends EnigmaError {
  override readonly name = 'Timelock.RevertedError'
  readonly code = 'REVERTED'
  constructor(txHash: Hex) {
    super(`Transaction ${txHash} was mined and changed nothing: another one came first.`, {
      hint: 'enigma network operations shows what became of it.',
    })
  }
}

/** Thrown when one of an operation's calls is refused; none of them was made. */
export class FailedCallError extends EnigmaError {
  override readonly name = 'Timelock.FailedCallError'
  readonly code = 'CALL_FAILED'
  constructor(call: string, reason: string) {
    super(`${call} is refused: ${reason}. None of the operation's calls was made.`, {
      hint: 'It stays ready: execute it once the call goes through, or cancel it.',
    })
  }
}
