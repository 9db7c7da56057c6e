import { bytesToHex, concatBytes, hexToBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { assemble, RETURN_TOP, word } from '../../core/src/testing/assemble.ts'
import { A, B, type Options, push, run, USER, type World } from './testing/machine-run.ts'
import type { Halt } from './types.ts'

const C = `0x${'cd'.repeat(20)}` as const
const halted = (halt: Halt) => ({ kind: 'halted', halt })
const call = (to: string, size = 0) => `${push(size)} PUSH0 PUSH0 PUSH0 ${to} GAS STATICCALL`
const endOf = (world: World, options?: Options) => run(world, options).outcome
const only = (source: string): World => ({ [A]: { code: assemble(source) } })

describe('S19: counted limits end the run at once', () => {
  test('memory: so many words, and not one more', () => {
    const world = only('0x01 0x60 MSTORE STOP')

    expect(endOf(world, { limits: { memoryWords: 4 } }).kind).toBe('returned')
    expect(endOf(world, { limits: { memoryWords: 3 } })).toEqual(halted('memory'))
  })

  test('memory: frames count together while they live, and no caller catches it', () => {
    const world: World = {
      [A]: { code: assemble(`0x01 0x20 MSTORE ${call(B)} POP ${call(B)} ${RETURN_TOP}`) },
      [B]: { code: assemble('0x01 0x40 MSTORE STOP') },
    }

    expect(endOf(world, { limits: { memoryWords: 5 } }).kind).toBe('returned')
    expect(endOf(world, { limits: { memoryWords: 4 } })).toEqual(halted('memory'))
  })

  test('memory: what a call returned counts until the next call', () => {
    const returning: World = { [B]: { code: assemble('0x60 PUSH0 RETURN') } }
    const holding: World = { ...returning, ...only(`${call(B)} POP 0x01 PUSH0 MSTORE STOP`) }
    const released: World = { ...returning, ...only(`${call(B)} POP ${call(C)} POP 0x01 0x20 MSTORE STOP`) }

    expect(endOf(holding, { limits: { memoryWords: 4 } }).kind).toBe('returned')
    expect(endOf(holding, { limits: { memoryWords: 3 } })).toEqual(halted('memory'))
    expect(endOf(released, { limits: { memoryWords: 3 } }).kind).toBe('returned')
  })

  test('memory: what a precompile returns counts as well', () => {
    // The identity of two words.
    const world = only(`PUSH0 PUSH0 0x40 PUSH0 0x04 GAS STATICCALL POP STOP`)

    expect(endOf(world, { limits: { memoryWords: 4 } }).kind).toBe('returned')
    expect(endOf(world, { limits: { memoryWords: 3 } })).toEqual(halted('memory'))
  })

  test('memory: who cannot pay for it is out of gas, whatever the limit', () => {
    const world = only('0x01 0xffffffff MSTORE STOP')
    const beyond = only(`0x01 ${bytesToHex(new Uint8Array(32).fill(255))} MSTORE STOP`)

    for (const memoryWords of [0, 1 << 25])
      for (const tooMuch of [world, beyond])
        expect(endOf(tooMuch, { limits: { memoryWords } })).toEqual(halted('outOfGas'))
    for (const tooMuch of [world, beyond])
      expect(endOf(tooMuch, { message: { gas: (1n << 63n) - 1n } })).toEqual(halted('memory'))
  })

  test('reads: distinct slots and block hashes, over all messages', () => {
    const world = only('0x01 SLOAD 0x02 SLOAD 0x01 SLOAD 0x03e7 BLOCKHASH 0x03e7 BLOCKHASH STOP')
    const { machine, outcome } = run(world, { limits: { reads: 3 } })

    expect(outcome.kind).toBe('returned')
    expect(run(world, { machine }).outcome.kind).toBe('returned')
    expect(run(only('0x04 SLOAD STOP'), { machine }).outcome.kind).toBe('returned')
    expect(endOf(world, { limits: { reads: 2 } })).toEqual(halted('reads'))
    expect(run({ [B]: { code: assemble('0x04 SLOAD STOP') } }, { machine, message: { to: B } }).outcome).toEqual(
      halted('reads'),
    )
  })

  test('reads: slots of a contract that the run itself made count too', () => {
    const init = 'PUSH0 PUSH0 SSTORE 0x01 0x01 SSTORE STOP'
    const create = (limit: number) =>
      endOf({}, { limits: { reads: limit }, message: { kind: 'create', data: assemble(init) } })

    expect(create(2).kind).toBe('returned')
    expect(create(1)).toEqual(halted('reads'))
  })

  test('accounts: distinct ones, and precompiles are none', () => {
    const world = only(`${call(B)} POP ${B} BALANCE POP ${C} EXTCODEHASH POP ${call('0x02')} POP STOP`)

    expect(endOf(world, { limits: { accounts: 3 } }).kind).toBe('returned')
    expect(endOf(world, { limits: { accounts: 2 } })).toEqual(halted('accounts'))
  })

  test('depth: a call beyond it ends the run, and a shallower one does not', () => {
    const world = only(`${call(A)} ${RETURN_TOP}`)
    const chain: World = { [A]: { code: assemble(call(B)) }, [B]: { code: assemble(call(C)) }, [C]: {} }

    expect(endOf(world, { limits: { depth: 20 }, message: { gas: 1n << 30n } })).toEqual(halted('depth'))
    expect(endOf(chain, { limits: { depth: 2 } }).kind).toBe('returned')
    expect(endOf(chain, { limits: { depth: 1 } })).toEqual(halted('depth'))
    expect(endOf(only('PUSH0 PUSH0 PUSH0 CREATE STOP'), { limits: { depth: 0 } })).toEqual(halted('depth'))
  })

  test('depth: from 1,024 on the EVM’s own rule makes the call fail', () => {
    // Returns how deep it came: each frame one more than the frame that it called, which is nothing for one that failed.
    const world = only(`0x20 PUSH0 PUSH0 PUSH0 ${A} GAS STATICCALL POP PUSH0 MLOAD 0x01 ADD ${RETURN_TOP}`)
    const { outcome } = run(world, { limits: { depth: 1_024 }, message: { gas: 1n << 55n } })

    expect(outcome).toMatchObject({ kind: 'returned', output: hexToBytes(word(1_025)) })
  })

  test('leave the world as it was', () => {
    const { machine, outcome } = run(
      { ...only('0x01 0x01 SSTORE 0x20 PUSH0 LOG0 0x01 0x60 MSTORE STOP'), [USER]: { balanceWei: 3n } },
      { limits: { memoryWords: 3 }, message: { valueWei: 3n } },
    )

    expect(outcome).toEqual(halted('memory'))
    expect(machine.logs()).toEqual([])
    expect(machine.writes()).toContainEqual(
      expect.objectContaining({ address: USER, account: expect.objectContaining({ balanceWei: 3n }) }),
    )
    expect(machine.writes()).toContainEqual(
      expect.objectContaining({ address: A, slots: [{ slot: word(1), value: word(0) }] }),
    )
  })
})

describe('S8: an account that runs its own code only', () => {
  const borrow = (opcode: string, to: string) =>
    opcode === 'CALLCODE'
      ? `PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS CALLCODE`
      : `PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS DELEGATECALL`

  test.each(['DELEGATECALL', 'CALLCODE'])(
    'ends the run at a %s of its frame, and where a callee calls back',
    (opcode) => {
      const world: World = {
        [A]: {
          code: assemble(
            `CALLDATASIZE @borrow JUMPI 0x20 PUSH0 MSTORE PUSH0 PUSH0 0x20 PUSH0 ${B} GAS STATICCALL STOP borrow: ${borrow(opcode, C)} STOP`,
          ),
        },
        [B]: { code: assemble(`PUSH0 PUSH0 0x01 PUSH0 ${A} GAS STATICCALL STOP`) },
        [C]: {},
      }

      expect(endOf(world)).toMatchObject({ kind: 'returned' })
      expect(endOf(world, { ownCodeOnly: A })).toEqual(halted('borrowedCode'))
      expect(endOf(world, { ownCodeOnly: A, message: { data: Uint8Array.of(1) } })).toEqual(halted('borrowedCode'))
    },
  )

  test.each(['DELEGATECALL', 'CALLCODE'])('may call another that does as it likes with a %s', (opcode) => {
    const world: World = {
      [A]: { code: assemble(`${call(B)} ${RETURN_TOP}`) },
      [B]: { code: assemble(`${borrow(opcode, A)} STOP`) },
    }

    expect(endOf(world, { ownCodeOnly: B })).toEqual(halted('borrowedCode'))
    expect(endOf({ ...world, [B]: { code: assemble(`${borrow(opcode, C)} STOP`) } }, { ownCodeOnly: A }).kind).toBe(
      'returned',
    )
  })
})

describe('a static frame', () => {
  test.each([
    ['SSTORE', '0x01 0x01 SSTORE'],
    ['TSTORE', '0x01 0x01 TSTORE'],
    ['LOG', 'PUSH0 PUSH0 LOG0'],
    ['CREATE', 'PUSH0 PUSH0 PUSH0 CREATE'],
    ['SELFDESTRUCT', `${B} SELFDESTRUCT`],
    ['CALL with value', `PUSH0 PUSH0 PUSH0 PUSH0 0x01 ${B} GAS CALL`],
  ])('fails at %s, also in a frame that it calls', (_, source) => {
    const world: World = {
      ...only(source),
      [C]: { code: assemble(`PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${A} GAS CALL ${RETURN_TOP}`) },
    }

    expect(endOf(world).kind).toBe('returned')
    expect(endOf(world, { message: { isStatic: true } })).toEqual(halted('staticViolation'))
    const nested = endOf(
      { ...world, [B]: { code: assemble(`0x20 PUSH0 PUSH0 PUSH0 ${C} GAS STATICCALL POP 0x20 PUSH0 RETURN`) } },
      { message: { to: B } },
    )
    expect(nested).toMatchObject({ kind: 'returned', output: new Uint8Array(32) })
  })

  test('may call with no value', () => {
    expect(
      endOf(only(`PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${B} GAS CALL ${RETURN_TOP}`), { message: { isStatic: true } }),
    ).toMatchObject({
      output: concatBytes(new Uint8Array(31), Uint8Array.of(1)),
    })
  })
})
