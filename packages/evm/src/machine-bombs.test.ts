import { bytesToHex } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { assemble, RETURN_TOP, word } from '../../core/src/testing/assemble.ts'
import { A, B, type Options, push, run, type World } from './testing/machine-run.ts'

const MOST_CODE = 24_576
const JUMPDEST = 0x5b
const JUMP_BACK = '@again JUMP'
const endOf = (world: World, options?: Options) => run(world, options).outcome
const only = (source: string): World => ({ [A]: { code: assemble(source) } })
const filled = (...bytes: number[]): World => ({
  [A]: { code: Uint8Array.from({ length: MOST_CODE }, (_, i) => bytes[i % bytes.length] as number) },
})
const PUSH0 = 0x5f
const OUT_OF_GAS = { kind: 'halted', halt: 'outOfGas' }

describe('S19: code made to break the machine ends like any other', () => {
  test.each([
    ['nothing but JUMPDEST', filled(JUMPDEST), { kind: 'returned' }],
    ['PUSH32 up to the last byte, which needs bytes beyond', filled(0x7f), { kind: 'returned' }],
    ['nothing but PUSH0, to the last place on the stack', filled(PUSH0), { kind: 'halted', halt: 'stackOverflow' }],
    ['DUP16 on an empty stack', filled(0x8f), { kind: 'halted', halt: 'stackUnderflow' }],
    ['SWAP16 where one word lacks', filled(...Array(16).fill(PUSH0), 0x9f), { kind: 'halted', halt: 'stackUnderflow' }],
    ['an opcode that is none', filled(0x0c), { kind: 'halted', halt: 'invalidOpcode' }],
    ['0xef', filled(0xef), { kind: 'halted', halt: 'invalidOpcode' }],
    ['a jump into a PUSH', only('0x04 JUMP 0x5b STOP'), { kind: 'halted', halt: 'badJump' }],
    ['a jump beyond all code', only('0xffffffffffffffff JUMP'), { kind: 'halted', halt: 'badJump' }],
    [
      'a jump by a number that is a target in its low 64 bits',
      only(`0x01${'00'.repeat(7)}0b JUMP x: STOP`),
      { kind: 'halted', halt: 'badJump' },
    ],
    ['a loop', only(`again: ${JUMP_BACK}`), OUT_OF_GAS],
  ])('%s', (_, world, ending) => {
    expect(endOf(world)).toMatchObject(ending)
  })

  test('recursion into itself, with every gas there is, meets the EVM’s depth and comes back', () => {
    const world = only(`PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${A} GAS CALL POP STOP`)
    expect(endOf(world, { limits: { depth: 1_024 }, message: { gas: 1n << 40n } }).kind).toBe('returned')
  })

  test('recursion by creation', () => {
    // Copies its own code to memory, and creates of it again.
    const data = assemble('CODESIZE PUSH0 PUSH0 CODECOPY CODESIZE PUSH0 PUSH0 CREATE STOP')
    const { outcome, machine } = run(
      {},
      { limits: { depth: 1_024, accounts: 4_096 }, message: { kind: 'create', data, gas: 1n << 40n } },
    )

    expect(outcome.kind).toBe('returned')
    expect(machine.writes().length).toBeGreaterThan(100)
  })

  test('a stack filled anew in each of a thousand frames', () => {
    const pushes = 'PUSH0 '.repeat(1_000)
    const world = only(`${pushes} PUSH0 PUSH0 PUSH0 PUSH0 ${A} GAS STATICCALL STOP`)
    expect(endOf(world, { limits: { depth: 1_024 }, message: { gas: 1n << 40n } }).kind).toBe('returned')
  })

  test('return data of a megabyte, again and again', () => {
    const size = push(1 << 20)
    const world: World = {
      [A]: { code: assemble(`again: PUSH0 PUSH0 PUSH0 PUSH0 ${B} GAS STATICCALL POP ${JUMP_BACK}`) },
      [B]: { code: assemble(`${size} PUSH0 RETURN`) },
    }
    expect(endOf(world, { message: { gas: 100_000_000n } })).toEqual(OUT_OF_GAS)
  })

  test('reverts and logs without end', () => {
    const world: World = {
      [A]: { code: assemble(`again: PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${B} GAS CALL POP ${JUMP_BACK}`) },
      [B]: {
        code: assemble(
          `0x01 0x01 SSTORE PUSH0 SLOAD 0x02 PUSH0 SSTORE 0x0400 PUSH0 LOG0 PUSH0 PUSH0 REVERT`.replace(
            '0x400',
            '0x0400',
          ),
        ),
      },
    }
    expect(endOf(world, { message: { gas: 50_000_000n } })).toEqual(OUT_OF_GAS)
  })

  test('transient slots and logs beyond the machine’s own room end the run as memory does', () => {
    const transient = only(`PUSH0 again: 0x01 ADD DUP1 DUP1 TSTORE ${JUMP_BACK}`)
    const logs = only(`again: 0x1000 PUSH0 LOG0 ${JUMP_BACK}`)

    for (const world of [transient, logs])
      expect(endOf(world, { message: { gas: 1n << 40n } })).toEqual({ kind: 'halted', halt: 'memory' })
  })

  test('a code for which the machine has no room ends the run as memory does', () => {
    const world = { [A]: { code: new Uint8Array(20 << 20) } }
    expect(endOf(world, { limits: { accounts: 1 } })).toEqual({ kind: 'halted', halt: 'memory' })
  })

  test('offsets at the end of every number copy zeros where they are sources, and cost too much where they are places', () => {
    const offsets = ['0x7fffffff', '0xffffffff', '0x0100000000', `0x${'ff'.repeat(8)}`, `0x${'ff'.repeat(32)}`]
    for (const offset of offsets) {
      for (const copy of ['CALLDATACOPY', 'CODECOPY', `${B} EXTCODECOPY`]) {
        const source = `0x01 PUSH0 MSTORE 0x20 ${offset} PUSH0 ${copy} PUSH0 MLOAD ${RETURN_TOP}`.replace(
          'CODECOPY',
          'CODECOPY',
        )
        expect(bytesToHex(outputOf(only(source)))).toBe(word(0))
        expect(endOf(only(`0x20 PUSH0 ${offset} ${copy} STOP`))).toEqual(OUT_OF_GAS)
      }
      expect(bytesToHex(outputOf(only(`${offset} CALLDATALOAD ${RETURN_TOP}`)))).toBe(word(0))
      expect(endOf(only(`0x01 ${offset} PUSH0 RETURNDATACOPY STOP`))).toEqual({
        kind: 'halted',
        halt: 'returnDataOutOfBounds',
      })
      for (const touch of [
        `${offset} MLOAD`,
        `PUSH0 ${offset} MSTORE`,
        `0x01 ${offset} KECCAK256`,
        `0x01 ${offset} RETURN`,
        `0x01 ${offset} LOG0`,
        `0x01 ${offset} PUSH0 CREATE`,
      ])
        expect(endOf(only(`${touch} STOP`))).toEqual(OUT_OF_GAS)
    }
  })
})

describe('memory', () => {
  test('leaves what the last call returned as it was, however it grows', () => {
    const world: World = {
      // Returns ten words, the first of which is 0x1111…
      [B]: {
        code: assemble(`0x${'11'.repeat(32)} PUSH0 MSTORE 0x${'22'.repeat(32)} 0x0120 MSTORE 0x0140 PUSH0 RETURN`),
      },
      [A]: {
        code: assemble(`PUSH0 PUSH0 PUSH0 PUSH0 ${B} GAS STATICCALL POP
          ${Array.from({ length: 64 }, (_, i) => `0x01 ${push(i * 32)} MSTORE`).join(' ')}
          RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 RETURN`),
      },
    }
    const output = outputOf(world)

    expect(output).toHaveLength(320)
    expect(bytesToHex(output.subarray(0, 32))).toBe(`0x${'11'.repeat(32)}`)
    expect(bytesToHex(output.subarray(288))).toBe(`0x${'22'.repeat(32)}`)
  })

  test('is zero where a callee had written before', () => {
    const world: World = {
      [B]: { code: assemble(`0x${'ff'.repeat(32)} PUSH0 MSTORE 0x${'ff'.repeat(32)} 0x0400 MSTORE STOP`) },
      [A]: { code: assemble(`PUSH0 PUSH0 PUSH0 PUSH0 ${B} GAS STATICCALL POP 0x0440 PUSH0 RETURN`) },
    }
    expect(outputOf(world)).toEqual(new Uint8Array(0x440))
  })
})

describe('a turn', () => {
  test('comes again and again in a loop, and the run goes on after it as if there were none', () => {
    const { outcome, turns } = run(only(`PUSH0 again: 0x01 ADD DUP1 0x100000 GT @again JUMPI ${RETURN_TOP}`), {
      message: { gas: 1n << 30n },
    })

    expect(bytesToHex(outcome.kind === 'returned' ? outcome.output : new Uint8Array())).toBe(word(0x100000))
    expect(turns).toBeGreaterThan(3)
  })

  test('comes in a loop of calls, of creations and of precompiles as well', () => {
    const call = (to: string) => `PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS STATICCALL POP`
    const loops = [call(B), call('0x01'), 'PUSH0 PUSH0 PUSH0 CREATE POP 0x8000 PUSH0 KECCAK256 POP']
    for (const body of loops) {
      const world: World = { ...only(`again: ${body} ${JUMP_BACK}`), [B]: { code: assemble('STOP') } }
      const { outcome, turns } = run(world, { limits: { accounts: 1 << 12 }, message: { gas: 40_000_000n } })

      expect(outcome).toEqual(OUT_OF_GAS)
      expect(turns).toBeGreaterThan(3)
    }
  })

  test('comes without any jump: in a tree of calls, and between long hashes', () => {
    const call = `PUSH0 PUSH0 PUSH0 PUSH0 ${A} GAS STATICCALL POP `
    const hash = '0x100000 PUSH0 KECCAK256 POP '
    for (const source of [call.repeat(2), hash.repeat(200)]) {
      const { turns } = run(only(`${source} STOP`), { limits: { depth: 1_024 }, message: { gas: 40_000_000n } })
      expect(turns).toBeGreaterThan(3)
    }
  })
})

function outputOf(world: World): Uint8Array {
  const outcome = endOf(world)
  return outcome.kind === 'returned' ? outcome.output : new Uint8Array()
}
