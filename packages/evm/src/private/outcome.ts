/** How does a private call end? As the machine ends it, but for the many ways to be invalid, with which nobody can do much. */
import type { Halt as MachineHalt, Outcome as MachineOutcome } from '../types.ts'

/** Why a call ended without the code's own word. Each is reached from the same bytes by everybody. */
export type Halt = 'outOfGas' | 'invalid' | 'proxyCode' | 'memory' | 'reads' | 'accounts' | 'depth'

export type Outcome =
  | { kind: 'returned'; output: Uint8Array }
  | { kind: 'reverted'; data: Uint8Array }
  | { kind: 'halted'; halt: Halt }

export function outcomeOf(outcome: MachineOutcome): Outcome {
  switch (outcome.kind) {
    case 'returned':
      return { kind: 'returned', output: outcome.output }
    case 'reverted':
      return { kind: 'reverted', data: outcome.output }
    case 'halted':
      return { kind: 'halted', halt: haltOf(outcome.halt) }
  }
}

function haltOf(halt: MachineHalt): Halt {
  switch (halt) {
    case 'outOfGas':
    case 'memory':
    case 'reads':
    case 'accounts':
    case 'depth':
      return halt
    case 'borrowedCode':
      return 'proxyCode'
    default:
      return 'invalid'
  }
}
