/** The tree of calls behind a simulation, with names and values where the ABI knows them. */
import type { Traced } from '@enigma/evm/private'
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { type Abi, decodeFunctionData, decodeFunctionResult } from 'viem'
import { decodeReason, type FailureReason } from '../outcome.ts'

type Entered = Extract<Traced, { kind: 'entered' }>
type Ending = Extract<Traced, { kind: 'left' }>['outcome']
export type CallKind = Entered['call']
/** Why the EVM ended a frame without the code's own word. */
export type FrameHalt = Extract<Ending, { kind: 'halted' }>['halt']

export type TracedEnd =
  /** `result` is there where the ABI knows the function. */
  | { kind: 'returned'; output: Hex; result?: unknown }
  | { kind: 'reverted'; data: Hex; reason?: FailureReason }
  | { kind: 'halted'; halt: FrameHalt }

export type TracedCall = {
  call: CallKind
  from: Address
  to: Address
  input: Hex
  /** Where the ABI knows the function. */
  functionName?: string
  args?: readonly unknown[]
  gas: bigint
  gasUsed: bigint
  end: TracedEnd
  calls: readonly TracedCall[]
}

type Open = Entered & { calls: TracedCall[] }

/** Builds the tree from what a run tells. */
export class TraceBuilder {
  readonly #abi: Abi
  readonly #open: Open[] = []
  #root: TracedCall | undefined

  constructor(abi: Abi) {
    this.#abi = abi
  }

  note(step: Traced): void {
    if (step.kind === 'entered') this.#open.push({ ...step, calls: [] })
    if (step.kind !== 'left') return
    // What ends the whole run ends the frames inside without a word of their own.
    while (this.#open.length > step.depth) this.#close(step.outcome)
  }

  /** The outermost call, once it has ended. */
  root(): TracedCall {
    if (!this.#root) throw new RangeError('the run has not ended')
    return this.#root
  }

  #close(ending: Ending): void {
    const { call, from, to, input, gas, calls } = this.#open.pop() as Open
    const end = this.#end(input, ending)
    const gasUsed = ending.kind === 'halted' ? gas : gas - ending.gasLeft
    const closed = { call, from, to, input: bytesToHex(input), ...this.#named(input), gas, gasUsed, end, calls }
    const parent = this.#open.at(-1)
    if (parent) parent.calls.push(closed)
    else this.#root = closed
  }

  #named(input: Uint8Array): Pick<TracedCall, 'functionName' | 'args'> {
    try {
      const { functionName, args } = decodeFunctionData({ abi: this.#abi, data: bytesToHex(input) })
      return { functionName, args: (args ?? []) as readonly unknown[] }
    } catch {
      return {}
    }
  }

  #end(input: Uint8Array, ending: Ending): TracedEnd {
    if (ending.kind === 'halted') return ending
    const data = bytesToHex(ending.output)
    if (ending.kind === 'returned') return { kind: 'returned', output: data, ...this.#result(input, data) }
    const reason = decodeReason(this.#abi, data)
    return { kind: 'reverted', data, ...(reason && { reason }) }
  }

  #result(input: Uint8Array, data: Hex): { result?: unknown } {
    const { functionName, args } = this.#named(input)
    if (functionName === undefined) return {}
    try {
      const result: unknown = decodeFunctionResult({ abi: this.#abi, functionName, args, data } as never)
      // The ABI names no results, and still there are some.
      return result === undefined && data !== '0x' ? {} : { result }
    } catch {
      return {}
    }
  }
}
