/**
 * The loop that runs code.
 *
 * Gas is taken for each opcode and looked at where it tells: at jumps, before memory grows, before work without bound, before
 * GAS, and before all that leaves a trace outside the frame. A frame that ran out of it before is the same then: it is gone.
 *
 * What a frame does with its own stack and memory is done here, with the frame's state in locals. All else ends the inner
 * loop: the locals are saved, `operate` or the end of the frame follows, and the frame that then runs is taken up.
 */
import {
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
import { setTurn, spend, turn } from './counts.ts'
import {
  BASE_FEE_WORD,
  BLOB_BASE_FEE_WORD,
  blobAt,
  CHAIN_ID_WORD,
  COINBASE_WORD,
  GAS_LIMIT_WORD,
  GAS_PRICE_WORD,
  NUMBER_WORD,
  ORIGIN_WORD,
  PREV_RANDAO_WORD,
  TIMESTAMP_WORD,
  wordAt,
} from './environment.ts'
import { BALANCE } from './facts.ts'
import { leave, runningFrame, stop } from './frames.ts'
import { keccak256 } from './keccak.ts'
import * as at from './layout.ts'
import { copyPadded, grow, NO_GAS, returnData, returnSize, wordsOf } from './memory.ts'
import * as op from './opcodes.ts'
import { operate } from './operations.ts'
import { NEVER, RULE_LEAST, RULE_RANGE, ruleAt } from './schedule.ts'
import { add, subtract } from './sums.ts'
import {
  copyWord,
  equal,
  high,
  isZero,
  leadingZeros,
  lessThan,
  loadBigEndian,
  saturated,
  setU64,
  setZero,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  signedLessThan,
  storeBigEndian,
} from './word.ts'

/** Gas of the code's own work between two turns of the host: some milliseconds. It is spent over misses and precompiles. */
const TURN_GAS: i64 = 1 << 22

const PARTIAL: usize = memory.data(32)

/** Runs until the message ends or the host is asked for something. */
export function run(): i32 {
  if (turn() < 0) setTurn(TURN_GAS)
  let status: i32 = at.GO
  while (status === at.GO && turn() >= 0) status = runFrame()
  return status === at.GO ? at.TURN : status
}

/** Runs the frame on top until another one is on top, or the host is asked. */
function runFrame(): i32 {
  const frame = runningFrame()
  const stack = frame + at.STACK
  const memoryBase = <usize>load<u32>(frame, at.MEMORY)
  const code = <usize>load<u32>(frame, at.CODE)
  const codeSize = <u64>load<u32>(frame, at.CODE_SIZE)
  const jumps = <usize>load<u32>(frame, at.JUMPS)
  const input = <usize>load<u32>(frame, at.INPUT)
  const inputSize = <u64>load<u32>(frame, at.INPUT_SIZE)

  for (;;) {
    let pc = <usize>load<u32>(frame, at.PC)
    let sp = <usize>load<u32>(frame, at.SP)
    let gas = load<i64>(frame, at.GAS)
    let memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
    let status: i32 = at.GO
    let opcode: u32 = 0
    const gasBefore = gas
    const turnAt = max<i64>(gas - turn(), 0)

    for (;;) {
      opcode = <u32>load<u8>(pc)
      const rule = ruleAt(opcode)
      if (<u32>(sp - stack) - <u32>load<u16>(rule, RULE_LEAST) > <u32>load<u16>(rule, RULE_RANGE)) {
        status = stackFault(rule, <u32>(sp - stack))
        break
      }
      gas -= <i64>load<u16>(rule)
      pc++

      switch (opcode) {
        case op.ADD: {
          sp -= 32
          add(sp, sp - 32, sp - 32)
          continue
        }
        case op.MUL: {
          sp -= 32
          multiply(sp, sp - 32, sp - 32)
          continue
        }
        case op.SUB: {
          sp -= 32
          subtract(sp, sp - 32, sp - 32)
          continue
        }
        case op.DIV: {
          sp -= 32
          divide(sp, sp - 32, sp - 32)
          continue
        }
        case op.SDIV: {
          sp -= 32
          signedDivide(sp, sp - 32, sp - 32)
          continue
        }
        case op.MOD: {
          sp -= 32
          remainder(sp, sp - 32, sp - 32)
          continue
        }
        case op.SMOD: {
          sp -= 32
          signedRemainder(sp, sp - 32, sp - 32)
          continue
        }
        case op.ADDMOD: {
          sp -= 64
          addMod(sp + 32, sp, sp - 32, sp - 32)
          continue
        }
        case op.MULMOD: {
          sp -= 64
          mulMod(sp + 32, sp, sp - 32, sp - 32)
          continue
        }
        case op.EXP: {
          sp -= 32
          gas -= 50 * <i64>((263 - leadingZeros(sp - 32)) >> 3)
          if (gas < 0) break
          power(sp, sp - 32, sp - 32)
          continue
        }
        case op.SIGNEXTEND: {
          sp -= 32
          signExtend(sp, sp - 32)
          continue
        }

        case op.LT: {
          sp -= 32
          setU64(sp - 32, u64(lessThan(sp, sp - 32)))
          continue
        }
        case op.GT: {
          sp -= 32
          setU64(sp - 32, u64(lessThan(sp - 32, sp)))
          continue
        }
        case op.SLT: {
          sp -= 32
          setU64(sp - 32, u64(signedLessThan(sp, sp - 32)))
          continue
        }
        case op.SGT: {
          sp -= 32
          setU64(sp - 32, u64(signedLessThan(sp - 32, sp)))
          continue
        }
        case op.EQ: {
          sp -= 32
          setU64(sp - 32, u64(equal(sp, sp - 32)))
          continue
        }
        case op.ISZERO: {
          setU64(sp - 32, u64(isZero(sp - 32)))
          continue
        }
        case op.AND: {
          sp -= 32
          v128.store(sp - 32, v128.and(v128.load(sp), v128.load(sp - 32)))
          v128.store(sp - 16, v128.and(v128.load(sp + 16), v128.load(sp - 16)))
          continue
        }
        case op.OR: {
          sp -= 32
          v128.store(sp - 32, v128.or(v128.load(sp), v128.load(sp - 32)))
          v128.store(sp - 16, v128.or(v128.load(sp + 16), v128.load(sp - 16)))
          continue
        }
        case op.XOR: {
          sp -= 32
          v128.store(sp - 32, v128.xor(v128.load(sp), v128.load(sp - 32)))
          v128.store(sp - 16, v128.xor(v128.load(sp + 16), v128.load(sp - 16)))
          continue
        }
        case op.NOT: {
          v128.store(sp - 32, v128.not(v128.load(sp - 32)))
          v128.store(sp - 16, v128.not(v128.load(sp - 16)))
          continue
        }
        case op.BYTE: {
          sp -= 32
          const index = saturated(sp)
          setU64(sp - 32, index < 32 ? <u64>load<u8>(sp - 1 - <usize>index) : 0)
          continue
        }
        case op.SHL: {
          sp -= 32
          shiftLeft(sp - 32, saturated(sp))
          continue
        }
        case op.SHR: {
          sp -= 32
          shiftRight(sp - 32, saturated(sp))
          continue
        }
        case op.SAR: {
          sp -= 32
          shiftRightSigned(sp - 32, saturated(sp))
          continue
        }
        case op.CLZ: {
          setU64(sp - 32, leadingZeros(sp - 32))
          continue
        }
        case op.KECCAK256: {
          sp -= 32
          const offset = saturated(sp)
          const size = saturated(sp - 32)
          gas -= hashGas(size)
          if (gas < 0) break
          if (size !== 0 && (offset + size > memorySize || offset > memorySize)) {
            const left = grow(frame, offset, size, gas)
            if (left < 0) {
              status = -(<i32>left)
              break
            }
            gas = left
            memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
          }
          keccak256(memoryBase + (size === 0 ? 0 : <usize>offset), <i32>size, sp - 32)
          if (gas < turnAt) {
            status = at.TURN
            break
          }
          continue
        }

        case op.ADDRESS: {
          copyWord(sp, frame + at.ADDRESS)
          sp += 32
          continue
        }
        case op.ORIGIN: {
          copyWord(sp, wordAt(ORIGIN_WORD))
          sp += 32
          continue
        }
        case op.CALLER: {
          copyWord(sp, frame + at.CALLER)
          sp += 32
          continue
        }
        case op.CALLVALUE: {
          copyWord(sp, frame + at.VALUE)
          sp += 32
          continue
        }
        case op.CALLDATALOAD: {
          const offset = saturated(sp - 32)
          if (offset < inputSize && inputSize - offset >= 32) {
            loadBigEndian(sp - 32, input + <usize>offset)
          } else if (offset >= inputSize) {
            setZero(sp - 32)
          } else {
            copyPadded(PARTIAL, input, inputSize, offset, 32)
            loadBigEndian(sp - 32, PARTIAL)
          }
          continue
        }
        case op.CALLDATASIZE: {
          setU64(sp, inputSize)
          sp += 32
          continue
        }
        case op.CALLDATACOPY:
        case op.CODECOPY:
        case op.RETURNDATACOPY: {
          sp -= 96
          const to = saturated(sp + 64)
          const from = saturated(sp + 32)
          const size = saturated(sp)
          gas -= copyGas(size)
          if (gas < 0) break
          if (opcode === op.RETURNDATACOPY && (from + size > <u64>returnSize() || from > <u64>returnSize())) {
            status = at.RETURN_DATA_OUT_OF_BOUNDS
            break
          }
          if (size === 0) continue
          if (to + size > memorySize || to > memorySize) {
            const left = grow(frame, to, size, gas)
            if (left < 0) {
              status = -(<i32>left)
              break
            }
            gas = left
            memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
          }
          if (opcode === op.CALLDATACOPY) copyPadded(memoryBase + <usize>to, input, inputSize, from, size)
          else if (opcode === op.CODECOPY) copyPadded(memoryBase + <usize>to, code, codeSize, from, size)
          else memory.copy(memoryBase + <usize>to, returnData() + <usize>from, <usize>size)
          continue
        }
        case op.CODESIZE: {
          setU64(sp, codeSize)
          sp += 32
          continue
        }
        case op.GASPRICE: {
          copyWord(sp, wordAt(GAS_PRICE_WORD))
          sp += 32
          continue
        }
        case op.RETURNDATASIZE: {
          setU64(sp, <u64>returnSize())
          sp += 32
          continue
        }
        case op.COINBASE: {
          copyWord(sp, wordAt(COINBASE_WORD))
          sp += 32
          continue
        }
        case op.TIMESTAMP: {
          copyWord(sp, wordAt(TIMESTAMP_WORD))
          sp += 32
          continue
        }
        case op.NUMBER: {
          copyWord(sp, wordAt(NUMBER_WORD))
          sp += 32
          continue
        }
        case op.PREVRANDAO: {
          copyWord(sp, wordAt(PREV_RANDAO_WORD))
          sp += 32
          continue
        }
        case op.GASLIMIT: {
          copyWord(sp, wordAt(GAS_LIMIT_WORD))
          sp += 32
          continue
        }
        case op.CHAINID: {
          copyWord(sp, wordAt(CHAIN_ID_WORD))
          sp += 32
          continue
        }
        case op.SELFBALANCE: {
          copyWord(sp, <usize>load<u32>(frame, at.ACCOUNT) + BALANCE)
          sp += 32
          continue
        }
        case op.BASEFEE: {
          copyWord(sp, wordAt(BASE_FEE_WORD))
          sp += 32
          continue
        }
        case op.BLOBHASH: {
          const blob = blobAt(saturated(sp - 32))
          if (blob === 0) setZero(sp - 32)
          else copyWord(sp - 32, blob)
          continue
        }
        case op.BLOBBASEFEE: {
          copyWord(sp, wordAt(BLOB_BASE_FEE_WORD))
          sp += 32
          continue
        }

        case op.POP: {
          sp -= 32
          continue
        }
        case op.MLOAD: {
          const offset = saturated(sp - 32)
          if (offset + 32 > memorySize || offset > memorySize) {
            const left = grow(frame, offset, 32, gas)
            if (left < 0) {
              status = -(<i32>left)
              break
            }
            gas = left
            memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
          }
          loadBigEndian(sp - 32, memoryBase + <usize>offset)
          continue
        }
        case op.MSTORE: {
          sp -= 64
          const offset = saturated(sp + 32)
          if (offset + 32 > memorySize || offset > memorySize) {
            const left = grow(frame, offset, 32, gas)
            if (left < 0) {
              status = -(<i32>left)
              break
            }
            gas = left
            memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
          }
          storeBigEndian(memoryBase + <usize>offset, sp)
          continue
        }
        case op.MSTORE8: {
          sp -= 64
          const offset = saturated(sp + 32)
          if (offset >= memorySize) {
            const left = grow(frame, offset, 1, gas)
            if (left < 0) {
              status = -(<i32>left)
              break
            }
            gas = left
            memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
          }
          store<u8>(memoryBase + <usize>offset, load<u8>(sp))
          continue
        }
        case op.JUMP: {
          sp -= 32
          if (high(sp) !== 0 || !canJump(jumps, codeSize, load<u64>(sp))) {
            status = at.BAD_JUMP
            break
          }
          pc = code + <usize>load<u64>(sp)
          if (gas < turnAt) {
            status = at.TURN
            break
          }
          continue
        }
        case op.JUMPI: {
          sp -= 64
          if (isZero(sp)) continue
          if (high(sp + 32) !== 0 || !canJump(jumps, codeSize, load<u64>(sp, 32))) {
            status = at.BAD_JUMP
            break
          }
          pc = code + <usize>load<u64>(sp, 32)
          if (gas < turnAt) {
            status = at.TURN
            break
          }
          continue
        }
        case op.PC: {
          setU64(sp, <u64>(pc - code - 1))
          sp += 32
          continue
        }
        case op.MSIZE: {
          setU64(sp, memorySize)
          sp += 32
          continue
        }
        case op.GAS: {
          if (gas < 0) break
          setU64(sp, <u64>gas)
          sp += 32
          continue
        }
        case op.JUMPDEST:
          continue
        case op.MCOPY: {
          sp -= 96
          const to = saturated(sp + 64)
          const from = saturated(sp + 32)
          const size = saturated(sp)
          gas -= copyGas(size)
          if (gas < 0) break
          if (size === 0) continue
          const left = grow(frame, max(to, from), size, gas)
          if (left < 0) {
            status = -(<i32>left)
            break
          }
          gas = left
          memorySize = <u64>load<u32>(frame, at.MEMORY_SIZE)
          memory.copy(memoryBase + <usize>to, memoryBase + <usize>from, <usize>size)
          continue
        }
        case op.PUSH0: {
          setZero(sp)
          sp += 32
          continue
        }
        case op.PUSH1: {
          setU64(sp, <u64>load<u8>(pc))
          sp += 32
          pc++
          continue
        }
        case op.PUSH2: {
          setU64(sp, <u64>bswap<u16>(load<u16>(pc)))
          sp += 32
          pc += 2
          continue
        }
        case op.PUSH32: {
          loadBigEndian(sp, pc)
          sp += 32
          pc += 32
          continue
        }

        default: {
          if (opcode - op.PUSH1 < 32) {
            const size = opcode - op.PUSH1 + 1
            push(sp, pc, size)
            sp += 32
            pc += <usize>size
            continue
          }
          if (opcode - op.DUP1 < 16) {
            copyWord(sp, sp - ((<usize>(opcode - op.DUP1) + 1) << 5))
            sp += 32
            continue
          }
          if (opcode - op.SWAP1 < 16) {
            swap(sp - 32, sp - ((<usize>(opcode - op.SWAP1) + 2) << 5))
            continue
          }
          break
        }
      }
      break
    }

    if (gas < 0) status = at.OUT_OF_GAS
    spend(gasBefore - gas)
    if (status !== at.GO && status !== at.TURN) return status < at.LIMITS ? leave(status, 0, 0) : fall(status)
    store<u32>(frame, <u32>pc, at.PC)
    store<u32>(frame, <u32>sp, at.SP)
    store<i64>(frame, gas, at.GAS)
    if (status === at.TURN) return status

    status = operate(frame, opcode)
    if (status === at.GO) {
      if (runningFrame() === frame) continue
      return status
    }
    if (status < at.LIMITS) return leave(status, 0, 0)
    if (status < at.EXITS) return stop(status)
    // What is missing is asked for by the same opcode, which therefore comes, and is charged, again.
    if (status >= at.ACCOUNT_UNSORTED && status <= at.BLOCK_HASH_MISSING) {
      store<u32>(frame, <u32>(pc - 1), at.PC)
      store<i64>(frame, load<i64>(frame, at.GAS) + <i64>load<u16>(ruleAt(opcode)), at.GAS)
    }
    return status
  }
}

/** A limit ends the run; a host without memory only stops it. */
function fall(status: i32): i32 {
  return status < at.EXITS ? stop(status) : status
}

function stackFault(rule: usize, height: u32): i32 {
  const least = load<u16>(rule, RULE_LEAST)
  if (least === NEVER) return at.INVALID_OPCODE
  return height < <u32>least ? at.STACK_UNDERFLOW : at.STACK_OVERFLOW
}

// @inline
function canJump(jumps: usize, codeSize: u64, to: u64): bool {
  return to < codeSize && ((<u32>load<u8>(jumps + <usize>(to >> 3)) >> (<u32>to & 7)) & 1) !== 0
}

// @inline
function hashGas(size: u64): i64 {
  return size > 0xffffffff ? NO_GAS : <i64>(6 * wordsOf(size))
}

// @inline
function copyGas(size: u64): i64 {
  return size > 0xffffffff ? NO_GAS : <i64>(3 * wordsOf(size))
}

/** A PUSH of 3 to 31 bytes. */
function push(sp: usize, pc: usize, size: u32): void {
  if (size <= 8) {
    setU64(sp, bswap<u64>(load<u64>(pc)) >> ((<u64>(8 - size)) << 3))
  } else {
    loadBigEndian(sp, pc)
    shiftRight(sp, (<u64>(32 - size)) << 3)
  }
}

// @inline
function swap(a: usize, b: usize): void {
  const low = v128.load(a)
  const up = v128.load(a, 16)
  v128.store(a, v128.load(b))
  v128.store(a, v128.load(b, 16), 16)
  v128.store(b, low)
  v128.store(b, up, 16)
}
