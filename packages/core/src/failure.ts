/**
 * What does the requester read about a failed task?
 *
 * Revert data as the function gave it; for everything else Solidity's `Error(string)`, so that one decoder reads both.
 * Only the holder of the reply key sees it. The texts are part of the protocol: all ranks must seal the same bytes.
 */
import { CAPS, type Halt, type Outcome } from '@enigma/evm/private'
import { abiBytes, abiEncode, concatBytes, utf8 } from '@enigma/protocol'

export type Failure = Exclude<Outcome, { kind: 'returned' | 'halted' }> | { kind: 'halted'; halt: Halt | 'output' }

const TEXTS: Record<Halt | 'output', string> = {
  outOfGas: 'Enigma: out of gas',
  invalid: 'Enigma: invalid operation',
  proxyCode: 'Enigma: delegatecall as the dApp',
  memory: `Enigma: more than ${CAPS.memoryWords} words of memory`,
  reads: `Enigma: more than ${CAPS.reads} slots read`,
  accounts: `Enigma: more than ${CAPS.accounts} accounts read`,
  depth: `Enigma: more than ${CAPS.depth} nested calls`,
  output: 'Enigma: output over its cap',
}

/** selector of `Error(string)` */
const ERROR = new Uint8Array([0x08, 0xc3, 0x79, 0xa0])

export function reasonOf(failure: Failure): Uint8Array {
  if (failure.kind === 'reverted') return failure.data
  return concatBytes(ERROR, abiEncode(abiBytes(utf8(TEXTS[failure.halt]))))
}
