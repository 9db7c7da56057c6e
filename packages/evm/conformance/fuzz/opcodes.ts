/** What a generated program is made of: opcodes by what they take from the stack and leave on it. */

/** Opcode → [takes, leaves]: those without operands of a special kind. */
export const PLAIN: readonly (readonly [opcode: number, takes: number, leaves: number])[] = [
  ...row(0x01, 0x07, 2, 1),
  ...row(0x08, 0x09, 3, 1),
  ...row(0x0b, 0x0b, 2, 1),
  ...row(0x10, 0x14, 2, 1),
  ...row(0x15, 0x15, 1, 1),
  ...row(0x16, 0x18, 2, 1),
  ...row(0x19, 0x19, 1, 1),
  ...row(0x1a, 0x1d, 2, 1),
  ...row(0x1e, 0x1e, 1, 1),
  ...row(0x30, 0x30, 0, 1),
  ...row(0x32, 0x34, 0, 1),
  ...row(0x35, 0x35, 1, 1),
  ...row(0x36, 0x36, 0, 1),
  ...row(0x38, 0x38, 0, 1),
  ...row(0x3a, 0x3a, 0, 1),
  ...row(0x3d, 0x3d, 0, 1),
  ...row(0x40, 0x40, 1, 1),
  ...row(0x41, 0x48, 0, 1),
  ...row(0x49, 0x49, 1, 1),
  ...row(0x4a, 0x4a, 0, 1),
  ...row(0x50, 0x50, 1, 0),
  ...row(0x58, 0x5a, 0, 1),
]

export const ARITHMETIC = PLAIN.filter(([opcode]) => opcode < 0x20)

export const OP = {
  exp: 0x0a,
  keccak256: 0x20,
  balance: 0x31,
  callDataCopy: 0x37,
  codeCopy: 0x39,
  extCodeSize: 0x3b,
  extCodeCopy: 0x3c,
  returnDataSize: 0x3d,
  returnDataCopy: 0x3e,
  extCodeHash: 0x3f,
  pop: 0x50,
  mload: 0x51,
  mstore: 0x52,
  mstore8: 0x53,
  sload: 0x54,
  sstore: 0x55,
  jump: 0x56,
  jumpi: 0x57,
  gas: 0x5a,
  jumpdest: 0x5b,
  tload: 0x5c,
  tstore: 0x5d,
  mcopy: 0x5e,
  push2: 0x61,
  dup1: 0x80,
  swap1: 0x90,
  log0: 0xa0,
  create: 0xf0,
  call: 0xf1,
  callCode: 0xf2,
  return: 0xf3,
  delegateCall: 0xf4,
  create2: 0xf5,
  staticCall: 0xfa,
  revert: 0xfd,
  invalid: 0xfe,
  selfDestruct: 0xff,
} as const

function row(from: number, to: number, takes: number, leaves: number): [number, number, number][] {
  return Array.from({ length: to - from + 1 }, (_, i) => [from + i, takes, leaves])
}
