/**
 * What does an opcode cost before it does anything, and how high must the stack be for it?
 *
 * Eight bytes for each opcode: gas, the least height, and how far above that the stack may be (both in bytes). One
 * comparison without sign finds both underflow and overflow; an opcode that does not exist asks for a height that no
 * stack has.
 */
import { STACK_BYTES } from './layout.ts'
import * as op from './opcodes.ts'

const PRAGUE: i32 = 1
const OSAKA: i32 = 2

const RULES: usize = memory.data(256 * 8)
export const RULE_LEAST: usize = 2
export const RULE_RANGE: usize = 4
export const NEVER: u16 = 0xffff

/** Whose rules the table holds; 0 is Cancun. */
let rulesOf: i32 = -1

// @inline
export function ruleAt(opcode: u32): usize {
  return RULES + ((<usize>opcode) << 3)
}

// @inline
export function hasDelegation(): bool {
  return rulesOf >= PRAGUE
}

export function setRules(fork: i32): void {
  if (fork === rulesOf) return
  rulesOf = fork
  for (let opcode: u32 = 0; opcode < 256; opcode++) {
    store<u64>(ruleAt(opcode), 0)
    store<u16>(ruleAt(opcode), NEVER, RULE_LEAST)
  }
  setArithmetic()
  setReading()
  setMemory()
  setCalls()
  if (fork >= OSAKA) set(op.CLZ, 5, 1, 1)
}

function setArithmetic(): void {
  set(op.STOP, 0, 0, 0)
  setRange(op.ADD, op.SUB, 3, 2, 1)
  store<u16>(ruleAt(op.MUL), 5)
  setRange(op.DIV, op.SMOD, 5, 2, 1)
  setRange(op.ADDMOD, op.MULMOD, 8, 3, 1)
  set(op.EXP, 10, 2, 1)
  set(op.SIGNEXTEND, 5, 2, 1)
  setRange(op.LT, op.EQ, 3, 2, 1)
  set(op.ISZERO, 3, 1, 1)
  setRange(op.AND, op.XOR, 3, 2, 1)
  set(op.NOT, 3, 1, 1)
  setRange(op.BYTE, op.SAR, 3, 2, 1)
  set(op.KECCAK256, 30, 2, 1)
}

function setReading(): void {
  set(op.ADDRESS, 2, 0, 1)
  set(op.BALANCE, 0, 1, 1)
  setRange(op.ORIGIN, op.CALLVALUE, 2, 0, 1)
  set(op.CALLDATALOAD, 3, 1, 1)
  set(op.CALLDATASIZE, 2, 0, 1)
  set(op.CALLDATACOPY, 3, 3, 0)
  set(op.CODESIZE, 2, 0, 1)
  set(op.CODECOPY, 3, 3, 0)
  set(op.GASPRICE, 2, 0, 1)
  set(op.EXTCODESIZE, 0, 1, 1)
  set(op.EXTCODECOPY, 0, 4, 0)
  set(op.RETURNDATASIZE, 2, 0, 1)
  set(op.RETURNDATACOPY, 3, 3, 0)
  set(op.EXTCODEHASH, 0, 1, 1)
  set(op.BLOCKHASH, 20, 1, 1)
  setRange(op.COINBASE, op.CHAINID, 2, 0, 1)
  set(op.SELFBALANCE, 5, 0, 1)
  set(op.BASEFEE, 2, 0, 1)
  set(op.BLOBHASH, 3, 1, 1)
  set(op.BLOBBASEFEE, 2, 0, 1)
}

function setMemory(): void {
  set(op.POP, 2, 1, 0)
  set(op.MLOAD, 3, 1, 1)
  setRange(op.MSTORE, op.MSTORE8, 3, 2, 0)
  set(op.SLOAD, 0, 1, 1)
  set(op.SSTORE, 0, 2, 0)
  set(op.JUMP, 8, 1, 0)
  set(op.JUMPI, 10, 2, 0)
  setRange(op.PC, op.GAS, 2, 0, 1)
  set(op.JUMPDEST, 1, 0, 0)
  set(op.TLOAD, 100, 1, 1)
  set(op.TSTORE, 100, 2, 0)
  set(op.MCOPY, 3, 3, 0)
  set(op.PUSH0, 2, 0, 1)
  setRange(op.PUSH1, op.PUSH32, 3, 0, 1)
  for (let depth: u32 = 1; depth <= 16; depth++) {
    set(op.DUP1 + depth - 1, 3, depth, depth + 1)
    set(op.SWAP1 + depth - 1, 3, depth + 1, depth + 1)
  }
}

function setCalls(): void {
  for (let topics: u32 = 0; topics <= 4; topics++) set(op.LOG0 + topics, 375 + 375 * topics, 2 + topics, 0)
  set(op.CREATE, 32000, 3, 1)
  setRange(op.CALL, op.CALLCODE, 0, 7, 1)
  set(op.RETURN, 0, 2, 0)
  set(op.DELEGATECALL, 0, 6, 1)
  set(op.CREATE2, 32000, 4, 1)
  set(op.STATICCALL, 0, 6, 1)
  set(op.REVERT, 0, 2, 0)
  set(op.SELFDESTRUCT, 5000, 1, 0)
}

function setRange(first: u32, last: u32, gas: u32, pops: u32, pushes: u32): void {
  for (let opcode = first; opcode <= last; opcode++) set(opcode, gas, pops, pushes)
}

function set(opcode: u32, gas: u32, pops: u32, pushes: u32): void {
  const rule = ruleAt(opcode)
  const most = pushes > pops ? <u32>STACK_BYTES - ((pushes - pops) << 5) : <u32>STACK_BYTES
  store<u16>(rule, <u16>gas)
  store<u16>(rule, <u16>(pops << 5), RULE_LEAST)
  store<u16>(rule, <u16>(most - (pops << 5)), RULE_RANGE)
}
