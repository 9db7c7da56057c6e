/** What the module shows: the machine, and the parts that are tested or used alone. */
export {
  addMod,
  divide,
  mulMod,
  multiply,
  power,
  remainder,
  signExtend,
  signedDivide,
  signedRemainder,
} from './arithmetic.ts'
export { blake2Block, blake2Compress } from './blake2.ts'
export { firstFact } from './facts.ts'
export { endingOf, gasAtEnd, outputAt, outputBytes, refundOf, runningFrame } from './frames.ts'
export {
  answerRoom,
  endCode,
  environmentWords,
  fail,
  messageData,
  noteAddress,
  noteValue,
  noteWord,
  open,
  putBlockHash,
  putCode,
  putKnownAccount,
  putNoAccount,
  putSlotValue,
  sortAccount,
  step,
  warmAddress,
  warmSlot,
} from './host.ts'
export { keccak256, keccakAbsorb, keccakBegin, keccakBytes, keccakFinish, keccakInput } from './keccak.ts'
export { logMark } from './logs.ts'
export { start } from './message.ts'
export { endPrecompile, precompileAnswer, precompileGas, precompileInput, precompileInputSize } from './precompiles.ts'
export { leadingZeros, shiftLeft, shiftRight, shiftRightSigned } from './word.ts'
