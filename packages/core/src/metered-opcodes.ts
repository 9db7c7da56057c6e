/**
 * Which opcodes does Core watch inside @ethereumjs/evm, and for what?
 *
 * - calls: depth, and no DELEGATECALL or CALLCODE in a frame that is the dApp, since what runs as the dApp must be a
 *   function of its code hash alone (S8: code swapped behind a proxy);
 * - whatever can grow memory: what all live frames hold together (S19);
 * - jumps: every so often the event loop gets a turn, or a Core that computes would not notice that its host is gone.
 * Counting happens in the handler, after gas was charged: running out of gas must not depend on how Core counts.
 */

import type { Address } from '@enigma/protocol'
import type { EVM } from '@ethereumjs/evm'
import { HaltSignal, type Meter } from './engine.ts'
import type { PausedState } from './paused-state.ts'

type OpcodeEntry = EVM['_opcodeMap'][number]
type RunState = Parameters<OpcodeEntry['opHandler']>[0]

const JUMPS = [0x56, 0x57]
const CALLS = [0xf1, 0xf2, 0xf4, 0xfa]
/** They run foreign code as the frame's own address. */
const CODE_BORROWERS = [0xf2, 0xf4]
/** KECCAK256, the copies, MLOAD, MSTORE, MSTORE8, MCOPY, RETURN, REVERT. LOG and CREATE fail in a static call. */
const MEMORY_USERS = [0x20, 0x37, 0x39, 0x3c, 0x3e, 0x51, 0x52, 0x53, 0x5e, 0xf3, 0xfd]
const JUMPS_PER_TURN = 1 << 14

export function meterOpcodes(evm: EVM, parts: { dApp: Address; state: PausedState; meter: Meter }): void {
  const frames = new Frames(parts.meter)
  // biome-ignore lint/complexity/useLiteralKeys: protected, because @ethereumjs/evm offers opcodes of one's own instead of wrapped ones
  const opcodes = evm['_opcodeMap']
  for (const code of MEMORY_USERS) wrap(opcodes, code, (entry) => countMemory(entry, frames))
  for (const code of CALLS) wrap(opcodes, code, (entry) => watchCall(entry, code, evm, frames, parts))
  wrapJumps(opcodes)
}

/** The memory of the live frames, innermost last. */
class Frames {
  readonly #meter: Meter
  readonly #words: number[] = [0]

  constructor(meter: Meter) {
    this.#meter = meter
  }

  get depth(): number {
    return this.#words.length
  }

  /** Sees what the running frame holds now: its memory and the data its last call returned. */
  look({ memoryWordCount, returnBytes }: RunState): void {
    const words = Number(memoryWordCount) + (returnBytes.length >> 5)
    const last = this.#words.length - 1
    const before = this.#words[last] as number
    if (words === before) return
    this.#words[last] = words
    this.#meter.holdMemory(words - before)
  }

  enter(): void {
    this.#meter.enter(this.#words.length)
    this.#words.push(0)
  }

  leave(): void {
    this.#meter.holdMemory(-(this.#words.pop() as number))
  }
}

function countMemory({ opHandler }: OpcodeEntry, frames: Frames): OpcodeEntry['opHandler'] {
  return (runState, common) => {
    frames.look(runState)
    return opHandler(runState, common)
  }
}

function watchCall(
  { opHandler }: OpcodeEntry,
  code: number,
  evm: EVM,
  frames: Frames,
  { dApp, state }: { dApp: Address; state: PausedState },
): OpcodeEntry['opHandler'] {
  return async (runState, common) => {
    if (CODE_BORROWERS.includes(code) && runState.env.address.toString() === dApp) throw new HaltSignal('proxyCode')
    frames.look(runState)
    state.calledPrecompile = precompileOf(runState, evm)
    frames.enter()
    await opHandler(runState, common)
    frames.leave()
    state.calledPrecompile = undefined
    frames.look(runState)
  }
}

/** The precompile that a call goes to, if it does. The address lies second on the stack for all four. */
function precompileOf(runState: RunState, evm: EVM): Address | undefined {
  const [, target = 0n] = runState.stack.peek(2)
  const address: Address = `0x${BigInt.asUintN(160, target).toString(16).padStart(40, '0')}`
  return evm.getPrecompile(address) && address
}

function wrapJumps(opcodes: OpcodeEntry[]): void {
  let jumps = 0
  for (const code of JUMPS) {
    const entry = opcodes[code] as OpcodeEntry
    const opHandler: OpcodeEntry['opHandler'] = (runState, common) => {
      const done = entry.opHandler(runState, common)
      jumps++
      return jumps % JUMPS_PER_TURN === 0 ? new Promise<void>(setImmediate) : done
    }
    // Marked asynchronous, so that the interpreter waits for the turn.
    opcodes[code] = {
      ...entry,
      opHandler,
      opcodeInfo: { ...entry.opcodeInfo, isAsync: true } as typeof entry.opcodeInfo,
    }
  }
}

function wrap(opcodes: OpcodeEntry[], code: number, handler: (entry: OpcodeEntry) => OpcodeEntry['opHandler']): void {
  const entry = opcodes[code] as OpcodeEntry
  opcodes[code] = { ...entry, opHandler: handler(entry) }
}
