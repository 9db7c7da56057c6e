/** Contracts for tests, from mnemonics: small enough that a reader sees what they do. */
import { bytesToHex, concatBytes, type Hex, hexToBytes, label } from '@enigma/protocol'

// biome-ignore format: a table reads better in rows
const OPCODES: Record<string, number> = {
  STOP: 0x00, ADD: 0x01, MUL: 0x02, SUB: 0x03, LT: 0x10, GT: 0x11, EQ: 0x14, ISZERO: 0x15, SHL: 0x1b, SHR: 0x1c,
  KECCAK256: 0x20, ADDRESS: 0x30, BALANCE: 0x31, ORIGIN: 0x32, CALLER: 0x33, CALLVALUE: 0x34, CALLDATALOAD: 0x35,
  CALLDATASIZE: 0x36, CALLDATACOPY: 0x37, CODESIZE: 0x38, CODECOPY: 0x39, GASPRICE: 0x3a, EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c, RETURNDATASIZE: 0x3d, RETURNDATACOPY: 0x3e, EXTCODEHASH: 0x3f, BLOCKHASH: 0x40, COINBASE: 0x41,
  TIMESTAMP: 0x42, NUMBER: 0x43, PREVRANDAO: 0x44, GASLIMIT: 0x45, CHAINID: 0x46, SELFBALANCE: 0x47, BASEFEE: 0x48,
  BLOBBASEFEE: 0x4a, POP: 0x50, MLOAD: 0x51, MSTORE: 0x52, MSTORE8: 0x53, SLOAD: 0x54, SSTORE: 0x55, JUMP: 0x56,
  JUMPI: 0x57, GAS: 0x5a, TSTORE: 0x5d, PUSH0: 0x5f, DUP1: 0x80, DUP2: 0x81, SWAP1: 0x90, LOG0: 0xa0, CREATE: 0xf0,
  CALL: 0xf1, CALLCODE: 0xf2, RETURN: 0xf3, DELEGATECALL: 0xf4, STATICCALL: 0xfa, REVERT: 0xfd, INVALID: 0xfe,
  SELFDESTRUCT: 0xff,
}

/** `0x…` pushes, `name:` marks a jump target, `@name` pushes where it is; the rest are mnemonics. */
export function assemble(source: string): Uint8Array {
  const code: number[] = []
  const targets = new Map<string, number>()
  const uses: { at: number; name: string }[] = []
  for (const token of source.trim().split(/\s+/)) {
    const opcode = OPCODES[token]
    if (opcode !== undefined) code.push(opcode)
    else if (token.startsWith('0x')) {
      const bytes = hexToBytes(token as Hex)
      code.push(0x5f + bytes.length, ...bytes)
    } else if (token.endsWith(':')) {
      targets.set(token.slice(0, -1), code.length)
      code.push(0x5b)
    } else if (token.startsWith('@')) {
      uses.push({ at: code.length + 1, name: token.slice(1) })
      code.push(0x61, 0, 0)
    } else throw new Error(`No such opcode: ${token}`)
  }
  for (const { at, name } of uses) {
    const target = targets.get(name)
    if (target === undefined) throw new Error(`No such target: ${name}`)
    code[at] = target >> 8
    code[at + 1] = target & 0xff
  }
  return Uint8Array.from(code)
}

export function selector(signature: string): Hex {
  return label(signature).slice(0, 10) as Hex
}

/**
 * A dApp with these functions, by signature. It allows every function but those of `closed` in private, as
 * `enigmaCallback` says; what is unknown reverts.
 */
export function dApp(functions: Record<string, string>, { closed = [] }: { closed?: string[] } = {}): Uint8Array {
  const entries = Object.entries({ 'enigmaCallback(bytes4)': lookup(closed), ...functions })
  const dispatch = entries.map(([signature], i) => `DUP1 ${selector(signature)} EQ @f${i} JUMPI`)
  const bodies = entries.map(([, body], i) => `f${i}: POP ${body}`)
  return assemble(`PUSH0 CALLDATALOAD 0xe0 SHR ${dispatch.join(' ')} PUSH0 PUSH0 REVERT ${bodies.join(' ')}`)
}

/** The callback is simply the callable's own selector. */
function lookup(closed: string[]): string {
  const refusals = closed.map((signature) => `DUP1 0xe0 SHR ${selector(signature)} EQ @closed JUMPI`)
  return `0x04 CALLDATALOAD ${refusals.join(' ')} ${RETURN_TOP} closed: PUSH0 ${RETURN_TOP}`
}

/** Returns the word on top of the stack. */
export const RETURN_TOP = 'PUSH0 MSTORE 0x20 PUSH0 RETURN'

/** Returns these words. */
export function returnWords(...values: (bigint | number | Hex)[]): string {
  const at = (index: number) => `0x${(32 * index).toString(16).padStart(6, '0')}`
  const stores = values.map((value, i) => `${word(BigInt(value))} ${at(i)} MSTORE`)
  return `${stores.join(' ')} ${at(values.length)} PUSH0 RETURN`
}

/** The ABI encoding of words. */
export function words(...values: (bigint | number)[]): Uint8Array {
  return concatBytes(...values.map((value) => hexToBytes(word(value))))
}

export function word(value: bigint | number): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

export function address(value: number): Hex {
  return `0x${value.toString(16).padStart(40, '0')}`
}

/** `Error(string)` with a text of at most 32 bytes, as revert data. */
export function revertWith(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const padded = bytesToHex(concatBytes(bytes, new Uint8Array(32 - bytes.length)))
  const head = `0x08c379a0${'00'.repeat(28)}`
  return `${head} PUSH0 MSTORE 0x20 0x04 MSTORE ${word(bytes.length)} 0x24 MSTORE ${padded} 0x44 MSTORE 0x64 PUSH0 REVERT`
}
