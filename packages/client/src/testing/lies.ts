/** What an RPC may lie about workers, and what the client then says: each refusal, with nothing sent. */
import { enigmaAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import {
  decodeEventLog,
  decodeFunctionData,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionResult,
  size,
} from 'viem'
import { expect } from 'vitest'
import { additionAbi } from '../../../../examples/addition/abi.ts'
import { NoVerifiedWorkerError } from '../index.ts'
import type { Wire } from './wire.ts'
import type { World } from './world.ts'

export type SeatEvent = {
  seat: bigint
  signer: Hex
  operator: Hex
  inputKey: Hex
  identityBlock: bigint
  quote: Hex
  evidence: Hex
}
export type RpcLog = { address: Hex; data: Hex; topics: [Hex, ...Hex[]] }

/** Has the RPC lie about the events of seats. */
export function alterSeats(wire: Wire, change: (event: SeatEvent) => Partial<SeatEvent>): void {
  wire.alter('eth_getLogs', (logs) => (logs as RpcLog[]).map((log) => alterEvent(log, change)))
}

/** The log with another word for what it says of a seat; any other log as it is. */
export function alterEvent(log: RpcLog, change: (event: SeatEvent) => Partial<SeatEvent>): RpcLog {
  const { eventName, args } = decodeEventLog({ abi: enigmaAbi, ...log })
  if (eventName !== 'SeatTaken' && eventName !== 'SeatRenewed') return log
  const altered: Record<string, unknown> = { ...args, ...change(args) }
  const plain = inputsOf(eventName).filter(({ indexed }) => !indexed)
  return {
    ...log,
    topics: encodeEventTopics({ abi: enigmaAbi, eventName, args: altered as never }) as RpcLog['topics'],
    data: encodeAbiParameters(
      plain,
      plain.map(({ name }) => altered[name]),
    ),
  }
}

/** Has it lie about certificates, and leave records alone. */
export function alterLeaves(wire: Wire, change: (leaf: Hex, event: SeatEvent) => Hex): void {
  alterSeats(wire, (event) => (size(event.evidence) === 192 ? {} : { evidence: change(event.evidence, event) }))
}

/** Has it lie about the block in which seats showed their certificate. */
export function alterLeafBlocks(wire: Wire, leafBlock: bigint): void {
  wire.alter('eth_call', (answer, params) => {
    const [{ data }] = params as [{ data: Hex }]
    const { functionName } = decodeFunctionData({ abi: enigmaAbi, data })
    if (functionName !== 'seat') return answer
    const view = decodeFunctionResult({ abi: enigmaAbi, functionName, data: answer as Hex })
    return encodeFunctionResult({ abi: enigmaAbi, functionName, result: { ...view, leafBlock } })
  })
}

/** Verifies nobody, sends nothing, and returns why each worker was refused. */
export async function refusalsOf(
  world: World,
  prepare: (wire: Wire) => void = () => {},
  options: Parameters<World['enigma']>[0] = {},
): Promise<string[]> {
  const { enigma, wire } = await world.enigma(options)
  prepare(wire)
  const addition = { address: world.addition, abi: additionAbi, functionName: 'add', args: [1n, 2n] } as const
  const error = await enigma.call({ ...addition, timeoutMs: 10_000 }).catch((error: unknown) => error)
  expect(wire.sent).toEqual([])
  expect(error).toBeInstanceOf(NoVerifiedWorkerError)
  return (error as NoVerifiedWorkerError).rejected.map(({ error }) => error.code)
}

/** One code for each of three workers. */
export const all = (code: string) => [code, code, code]

function inputsOf(eventName: string): readonly { name: string; type: string; indexed?: boolean }[] {
  const event = enigmaAbi.find((item) => item.type === 'event' && item.name === eventName)
  return event && 'inputs' in event ? (event.inputs as ReturnType<typeof inputsOf>) : []
}
