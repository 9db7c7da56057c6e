/** How is a call handed to the host, where a contract of its own stands at the address? */
import { answerCall, endWithoutFrame } from './frames.ts'
import { reach } from './heap.ts'
import { undoTo } from './journal.ts'
import * as at from './layout.ts'
import { clearReturnData, reserveReturnData, returnData } from './memory.ts'

/** The frame that called; 0 for the message itself. */
let caller: usize = 0
let mark: u32 = 0
let gas: i64 = 0
let input: usize = 0
let inputSize: u32 = 0
let output: u32 = 0
let outputSize: u32 = 0
/** Where the host writes what it answers. */
let answer: usize = 0
let answerSize: u32 = 0

export function beginPrecompile(
  frame: usize,
  journal: u32,
  callGas: i64,
  inputAt: usize,
  inputBytes: u32,
  outputAt: u32,
  outputBytes: u32,
): i32 {
  caller = frame
  mark = journal
  gas = callGas
  input = inputAt
  inputSize = inputBytes
  output = outputAt
  outputSize = outputBytes
  return at.PRECOMPILE
}

export function precompileInput(): usize {
  return input
}

export function precompileInputSize(): u32 {
  return inputSize
}

export function precompileGas(): i64 {
  return gas
}

/** Makes room for the answer: GO, and its place is `precompileAnswer`. */
export function reserveAnswer(size: u32): i32 {
  answerSize = size
  if (caller !== 0) {
    const status = reserveReturnData(caller, size)
    answer = returnData()
    return status
  }
  answer = (input + <usize>inputSize + 31) & ~31
  return reach(answer + <usize>size) ? at.GO : at.EXHAUSTED
}

export function precompileAnswer(): usize {
  return answer
}

/** Ends the call: RETURNED or REVERTED with the reserved answer and the gas that is left, or a halt without either. */
export function endPrecompile(how: i32, gasLeft: i64): i32 {
  const success = how === at.RETURNED
  const hasAnswer = success || how === at.REVERTED
  const size = hasAnswer ? answerSize : 0
  if (!success) undoTo(mark)
  if (caller === 0) return endWithoutFrame(how, gasLeft, answer, size)
  if (hasAnswer) store<i64>(caller, load<i64>(caller, at.GAS) + gasLeft, at.GAS)
  else clearReturnData()
  answerCall(caller, success, answer, size, output, outputSize)
  return at.GO
}
