/** The tree of calls behind a simulation, with names and values where the ABI knows them. */
import type { Traced } from '@enigma/evm/private'
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { type Abi, decodeFunctionData, decodeFunctionResult } from 'viem'
import { decodeReason, type FailureReason } from '../outcome.ts'
import { isPrivateCall, namePrivateCall, privateResult } from './private-names.ts'

type Entered = Extract<Traced, { kind: 'entered' }>
type Ending = Extract<Traced, { kind: 'left' }>['outcome']
/** `private`: of a function of Private.sol. */
export type CallKind = Entered['call'] | 'private'
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
    const open = this.#open.pop() as Open
    const { from, to, input, gas, calls } = open
    const call: CallKind = isPrivateCall(to) ? 'private' : open.call
    const end = this.#end(open, ending)
    const gasUsed = ending.kind === 'halted' ? gas : gas - ending.gasLeft
    const closed = { call, from, to, input: bytesToHex(input), ...this.#named(open), gas, gasUsed, end, calls }
    const parent = this.#open.at(-1)
    if (parent) parent.calls.push(closed)
    else this.#root = closed
  }

  #named({ to, input }: Open): Pick<TracedCall, 'functionName' | 'args'> {
    if (isPrivateCall(to)) return namePrivateCall(to, bytesToHex(input))
    try {
      const { functionName, args } = decodeFunctionData({ abi: this.#abi, data: bytesToHex(input) })
      return { functionName, args: (args ?? []) as readonly unknown[] }
    } catch {
      return {}
    }
  }

  #end(open: Open, ending: Ending): TracedEnd {
    if (ending.kind === 'halted') return ending
    const data = bytesToHex(ending.output)
    if (ending.kind === 'returned') return { kind: 'returned', output: data, ...this.#result(open, data) }
    const reason = decodeReason(this.#abi, data)
    return { kind: 'reverted', data, ...(reason && { reason }) }
  }

  #result(open: Open, data: Hex): { result?: unknown } {
    try {
      if (isPrivateCall(open.to)) return { result: privateResult(open.to, data) }
      const { functionName, args } = this.#named(open)
      if (functionName === undefined) return {}
      const result: unknown = decodeFunctionResult({ abi: this.#abi, functionName, args, data } as never)
      // The ABI names no results, and still there are some.
      return result === undefined && data !== '0x' ? {} : { result }
    } catch {
      return {}
    }
  }
}
