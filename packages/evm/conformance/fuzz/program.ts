/** Programs that mean something to an EVM: most of their opcodes find what they need on the stack. */
import type { Address } from '@enigma/protocol'
import { ARITHMETIC, OP, PLAIN } from './opcodes.ts'
import { push, type Random } from './random.ts'

const MAX_CODE_BYTES = 24_576
const STACK_LIMIT = 1_024
/** Few, so that one slot is often written several times. */
const SLOTS = 4
const PRECOMPILES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 0x100]

/** `targets` are the accounts that calls go to; `depth` bounds init codes inside of init codes. */
type Builder = { random: Random; code: number[]; stack: number; targets: readonly Address[]; depth: number }

export function randomProgram(random: Random, targets: readonly Address[], depth = 0): Uint8Array {
  const builder: Builder = { random, code: [], stack: 0, targets, depth }
  const kind = random.below(100)
  if (kind < 60) pieces(builder, 3 + random.below(40), EVERYTHING)
  else if (kind < 68) pieces(builder, 100 + random.below(400), [arithmetic, arithmetic, shuffle])
  else if (kind < 76) loop(builder)
  else if (kind < 82) deepStack(builder)
  else if (kind < 90) pieces(builder, 10 + random.below(20), [storage, storage, call, create])
  else if (kind < 94 && depth === 0) return monotony(random)
  else if (kind < 97) return random.bytes(1 + random.below(200))
  else pieces(builder, 3 + random.below(20), [memory, copy, call, returnData])
  finish(builder)
  return Uint8Array.from(builder.code.slice(0, MAX_CODE_BYTES))
}

/** Calls or creates itself once on its way: with enough gas, down to the EVM's last level and back. */
export function descent(random: Random): Uint8Array {
  const builder: Builder = { random, code: [], stack: 0, targets: [], depth: 2 }
  const around = [arithmetic, memory, storage]
  emit(builder, ...balanced(builder, random.below(3), around))
  const opcode = random.pick([OP.call, OP.callCode, OP.delegateCall, OP.staticCall, OP.create, OP.create2])
  if (opcode === OP.create || opcode === OP.create2)
    emit(builder, OP.codeSize, 0x5f, 0x5f, OP.codeCopy, 0x5f, OP.codeSize, 0x5f, 0x5f, opcode)
  else {
    const valueWei = opcode === OP.call || opcode === OP.callCode ? push(BigInt(random.below(2))) : []
    emit(builder, 0x5f, 0x5f, 0x5f, 0x5f, ...valueWei, OP.address, OP.gas, opcode)
  }
  emit(builder, ...push(BigInt(random.below(SLOTS))), random.pick([OP.sstore, OP.tstore, OP.mstore]))
  emit(builder, ...balanced(builder, random.below(3), around))
  builder.targets = [`0x${'11'.repeat(20)}`]
  finish(builder)
  return Uint8Array.from(builder.code)
}

type Piece = (builder: Builder) => void

function pieces(builder: Builder, count: number, kinds: readonly Piece[]): void {
  for (let i = 0; i < count; i++) builder.random.pick(kinds)(builder)
}

function emit(builder: Builder, ...code: readonly number[]): void {
  builder.code.push(...code)
}

function constant(builder: Builder, value: bigint): void {
  emit(builder, ...push(value))
  builder.stack++
}

/** `opcode` with `operands`, the first of them on top. */
function apply(builder: Builder, opcode: number, operands: readonly bigint[], leaves: number): void {
  for (const operand of operands.toReversed()) constant(builder, operand)
  emit(builder, opcode)
  builder.stack += leaves - operands.length
}

/** A program that has underflowed goes on as if its stack were empty: nobody will get there. */
function settle(builder: Builder, takes: number, leaves: number): void {
  builder.stack = Math.max(0, builder.stack - takes) + leaves
}

/** Brings the stack to at least `needed`, but for a program in a few hundred that shall underflow. */
function provide(builder: Builder, needed: number): void {
  if (builder.random.below(400) === 0) return
  while (builder.stack < needed) constant(builder, builder.random.word())
}

function plain(builder: Builder): void {
  opcodeOf(builder, PLAIN)
}

function arithmetic(builder: Builder): void {
  if (builder.random.chance(8)) apply(builder, OP.exp, [builder.random.word(), builder.random.word()], 1)
  else if (builder.random.chance(30)) constant(builder, builder.random.word())
  else opcodeOf(builder, ARITHMETIC)
}

function opcodeOf(builder: Builder, table: typeof PLAIN): void {
  const [opcode, takes, leaves] = builder.random.pick(table)
  provide(builder, takes)
  emit(builder, opcode)
  settle(builder, takes, leaves)
}

function shuffle(builder: Builder): void {
  const { random } = builder
  const reach = random.below(16)
  provide(builder, reach + 2)
  const isDup = random.chance(50)
  emit(builder, (isDup ? OP.dup1 : OP.swap1) + reach)
  if (isDup) builder.stack++
}

/** An offset or a length: mostly small, sometimes where 32-bit, 64-bit and 256-bit numbers end. */
function place(random: Random): bigint {
  return random.below(300) > 0 ? BigInt(random.below(random.pick([3, 33, 65, 700]))) : random.word()
}

function memory(builder: Builder): void {
  const { random } = builder
  const kind = random.below(6)
  if (kind === 0) apply(builder, OP.mload, [place(random)], 1)
  else if (kind === 1) apply(builder, OP.mstore8, [place(random), random.word()], 0)
  else if (kind === 2) apply(builder, OP.mcopy, [place(random), place(random), place(random)], 0)
  else if (kind === 3) apply(builder, OP.keccak256, [place(random), place(random)], 1)
  else if (builder.stack > 0 && random.chance(50)) {
    constant(builder, place(random))
    emit(builder, OP.mstore)
    builder.stack -= 2
  } else apply(builder, OP.mstore, [place(random), random.word()], 0)
}

function copy(builder: Builder): void {
  const { random, targets } = builder
  const span = [place(random), place(random), place(random)]
  const opcode = random.pick([OP.callDataCopy, OP.codeCopy, OP.extCodeCopy])
  apply(builder, opcode, opcode === OP.extCodeCopy ? [target(random, targets), ...span] : span, 0)
}

function returnData(builder: Builder): void {
  const { random } = builder
  const kind = random.below(30)
  if (kind < 14) {
    emit(builder, OP.returnDataSize)
    builder.stack++
  } else if (kind < 29) emit(builder, OP.returnDataSize, ...push(0n), ...push(place(random)), OP.returnDataCopy)
  else apply(builder, OP.returnDataCopy, [place(random), BigInt(random.below(3)), BigInt(random.below(34))], 0)
}

function storage(builder: Builder): void {
  const { random } = builder
  const slot = random.chance(97) ? BigInt(random.below(SLOTS)) : random.word()
  const opcode = random.pick([OP.sload, OP.sstore, OP.sstore, OP.tload, OP.tstore])
  if (opcode === OP.sload || opcode === OP.tload) apply(builder, opcode, [slot], 1)
  else apply(builder, opcode, [slot, random.chance(85) ? BigInt(random.below(3)) : random.word()], 0)
}

function log(builder: Builder): void {
  const { random } = builder
  const topics = random.below(5)
  apply(builder, OP.log0 + topics, [place(random), place(random), ...Array.from({ length: topics }, random.word)], 0)
}

function account(builder: Builder): void {
  const { random, targets } = builder
  apply(builder, random.pick([OP.balance, OP.extCodeSize, OP.extCodeHash]), [target(random, targets)], 1)
}

function target(random: Random, targets: readonly Address[]): bigint {
  const kind = random.below(20)
  if (kind < 12) return BigInt(random.pick(targets))
  if (kind < 18) return BigInt(random.pick(PRECOMPILES))
  // The upper twelve bytes of an address on the stack mean nothing.
  return kind < 19 ? random.word() : BigInt(random.pick(targets)) + (1n << 160n)
}

function call(builder: Builder): void {
  const { random, targets } = builder
  const opcode = random.pick([OP.call, OP.call, OP.callCode, OP.delegateCall, OP.staticCall])
  const hasValue = opcode === OP.call || opcode === OP.callCode
  if (random.chance(30)) memory(builder)
  const spans = [place(random), place(random), place(random), place(random)]
  for (const operand of spans.toReversed()) constant(builder, operand)
  if (hasValue) constant(builder, random.chance(70) ? 0n : random.chance(80) ? BigInt(random.below(4)) : random.word())
  constant(builder, target(random, targets))
  if (random.chance(25)) emit(builder, OP.gas)
  else emit(builder, ...push(random.chance(90) ? BigInt(random.below(20_000)) : random.word()))
  emit(builder, opcode)
  builder.stack += 1 - spans.length - (hasValue ? 2 : 1)
}

/** Puts an init code into memory, creates from it, and now and then calls what came of it. */
function create(builder: Builder): void {
  const { random, targets, depth } = builder
  if (depth > 1) {
    storage(builder)
    return
  }
  const initCode = random.chance(60) ? deployer(builder) : randomProgram(random, targets, depth + 1).subarray(0, 300)
  for (let at = 0; at < initCode.length; at += 32) {
    const part = Uint8Array.from({ length: 32 }, (_, i) => initCode[at + i] ?? 0)
    emit(builder, 0x7f, ...part, ...push(BigInt(at)), OP.mstore)
  }
  const valueWei = random.chance(80) ? 0n : BigInt(random.below(3))
  const span = [valueWei, 0n, random.chance(97) ? BigInt(initCode.length) : place(random)]
  if (random.chance(50)) apply(builder, OP.create, span, 1)
  else apply(builder, OP.create2, [...span, BigInt(random.below(2))], 1)
  if (random.chance(60)) {
    // The address that was created stays on the stack: call it with everything empty.
    emit(builder, ...push(0n), 0x80, 0x80, 0x80, 0x80, 0x85, OP.gas, OP.call)
    builder.stack++
  }
}

/** An init code that returns what stands behind it. */
function deployer({ random, targets, depth }: Builder): Uint8Array {
  const runtime = random.chance(15)
    ? Uint8Array.of(random.pick([0xef, 0x00, OP.invalid]), 0)
    : random.chance(40)
      ? Uint8Array.from([...push(BigInt(random.pick(targets))), OP.selfDestruct])
      : randomProgram(random, targets, depth + 1).subarray(0, 120)
  const head = [0x60, runtime.length, 0x60, 11, 0x5f, OP.codeCopy, 0x60, runtime.length, 0x5f, OP.return, 0x00]
  return Uint8Array.from([...head, ...runtime])
}

/** Forward over a few opcodes, taken or not, to a place that is a JUMPDEST but for one in a hundred. */
function jump(builder: Builder): void {
  const { random } = builder
  const inner = balanced(builder, random.below(3), [plain, memory, storage])
  const isConditional = random.chance(80)
  if (isConditional) provide(builder, 1)
  const to = builder.code.length + 4 + inner.length + (random.below(100) === 0 ? 1 : 0)
  emit(builder, OP.push2, to >> 8, to & 255, isConditional ? OP.jumpi : OP.jump, ...inner, OP.jumpdest)
  if (isConditional) settle(builder, 1, 0)
}

const EVERYTHING: readonly Piece[] = [
  ...[plain, plain, plain, arithmetic, arithmetic, shuffle, memory, memory, copy, returnData],
  ...[storage, storage, log, account, call, call, create, jump, jump],
]

function loop(builder: Builder): void {
  const { random } = builder
  constant(builder, BigInt(1 + random.below(random.chance(90) ? 20 : 1_000)))
  const start = builder.code.length
  emit(
    builder,
    OP.jumpdest,
    ...balanced(builder, 1 + random.below(6), [plain, arithmetic, memory, storage, returnData]),
  )
  emit(builder, 0x60, 1, OP.swap1, 0x03, OP.dup1, OP.push2, start >> 8, start & 255, OP.jumpi)
}

/** Pieces that touch nothing of the stack below them and leave nothing on it. */
function balanced(builder: Builder, count: number, kinds: readonly Piece[]): number[] {
  const inner: Builder = { ...builder, code: [], stack: 0 }
  pieces(inner, count, kinds)
  return [...inner.code, ...Array<number>(inner.stack).fill(OP.pop)]
}

function deepStack(builder: Builder): void {
  const { random } = builder
  const depth = random.pick([STACK_LIMIT - 2, STACK_LIMIT - 1, STACK_LIMIT, STACK_LIMIT + 1, random.below(STACK_LIMIT)])
  constant(builder, random.word())
  while (builder.stack < depth) {
    if (random.chance(90)) {
      emit(builder, OP.dup1 + random.below(Math.min(16, builder.stack)))
      builder.stack++
    } else constant(builder, random.word())
  }
  pieces(builder, random.below(60), [shuffle, arithmetic, plain])
}

/** The longest code there may be, all of one thing. */
function monotony(random: Random): Uint8Array {
  const unit = random.pick([
    [OP.jumpdest],
    [0x5f],
    [0x5f, OP.pop],
    [0x7f, ...random.bytes(32)],
    [OP.gas],
    [OP.mload],
    [0x36, OP.mstore],
    [0x5f, OP.sload, OP.pop],
    [0x5f, 0x35],
    [0x60, random.below(256), 0x80],
    [0x5f, 0x5f, OP.keccak256, OP.pop],
    [random.below(256)],
    [...random.bytes(3)],
  ])
  return Uint8Array.from({ length: MAX_CODE_BYTES }, (_, i) => unit[i % unit.length] as number)
}

/** Puts a good part of the stack into memory and ends one way or the other. */
function finish(builder: Builder): void {
  const { random } = builder
  const shown = Math.min(builder.stack, 8)
  for (let i = 0; i < shown; i++) emit(builder, ...push(BigInt(i * 32)), OP.mstore)
  const end = random.below(100)
  if (end < 70) emit(builder, ...push(BigInt(shown * 32)), ...push(0n), end < 60 ? OP.return : OP.revert)
  else if (end < 76) emit(builder, ...push(BigInt(random.pick(builder.targets))), OP.selfDestruct)
  else if (end < 78) emit(builder, OP.invalid)
}
