import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { assemble, RETURN_TOP, word } from '../../core/src/testing/assemble.ts'
import { GasOutOfBoundsError } from './machine.ts'
import { A, B, codeHash, ENVIRONMENT, hashOfBlock, opened, run, USER, type World } from './testing/machine-run.ts'
import type { Miss, Outcome } from './types.ts'

const EMPTY = codeHash(new Uint8Array())
const outputOf = (outcome: Outcome) => (outcome.kind === 'halted' ? outcome.halt : bytesToHex(outcome.output))

/** Reads a slot, a block hash, and three things of B, one of them by a call. */
const CURIOUS: World = {
  [A]: {
    code: assemble(`0x05 SLOAD 0x03e7 BLOCKHASH ADD ${B} BALANCE ADD ${B} EXTCODESIZE ADD
      0x20 PUSH0 PUSH0 PUSH0 ${B} GAS STATICCALL POP PUSH0 MLOAD ADD ${RETURN_TOP}`),
    slots: { [word(5)]: word(500) },
  },
  [B]: { code: assemble(`0x07 SLOAD ${RETURN_TOP}`), balanceWei: 70_000n, slots: { [word(7)]: word(9) } },
}

describe('what is missing', () => {
  test('is asked for one by one, in the order in which the code touches it', () => {
    const { misses, outcome } = run(CURIOUS)

    expect(misses).toEqual<Miss[]>([
      { kind: 'account', address: A },
      { kind: 'code', address: A, codeHash: codeHash(CURIOUS[A]?.code) },
      { kind: 'slot', address: A, slot: word(5) },
      { kind: 'blockHash', number: 999n },
      { kind: 'account', address: B },
      { kind: 'code', address: B, codeHash: codeHash(CURIOUS[B]?.code) },
      { kind: 'slot', address: B, slot: word(7) },
    ])
    const size = CURIOUS[B]?.code?.length ?? 0
    expect(outputOf(outcome)).toBe(word(500n + BigInt(hashOfBlock(999n)) + 70_000n + BigInt(size) + 9n))
  })

  test('S13: what was put ahead, and what nothing touches, changes neither output nor gas', () => {
    const more: World = {
      ...CURIOUS,
      [USER]: { balanceWei: 5n },
      [`0x${'dd'.repeat(20)}`]: { slots: { [word(1)]: word(2) } },
    }
    const ahead = run(more, { isAhead: true })

    expect(ahead.misses).toEqual([])
    expect(ahead.outcome).toEqual(run(CURIOUS).outcome)
    expect(run(more, { isAhead: true, limits: { reads: 3, accounts: 2 } }).outcome).toEqual(ahead.outcome)
  })

  test.each([
    ['CREATE', `0x05 PUSH0 PUSH0 CREATE ${RETURN_TOP}`],
    ['SELFDESTRUCT', `${B} SELFDESTRUCT`],
    ['EXTCODECOPY', `0x20 PUSH0 PUSH0 ${B} EXTCODECOPY PUSH0 MLOAD ${RETURN_TOP}`],
    ['EXTCODEHASH', `${B} EXTCODEHASH ${RETURN_TOP}`],
    ['SSTORE', `0x08 0x05 SSTORE STOP`],
    ['a call with value', `PUSH0 PUSH0 PUSH0 PUSH0 0x03 ${B} GAS CALL ${RETURN_TOP}`],
  ])('costs nothing: %s is charged once, however often it is begun', (_, source) => {
    const world: World = { ...CURIOUS, [A]: { code: assemble(source), balanceWei: 10n } }
    const one = run(world)
    const { machine } = one
    // In this world all is known but what the code has made.
    const again = run(world, { machine })

    expect(one.misses.length).toBeGreaterThan(2)
    expect(run(world, { isAhead: true }).outcome).toEqual(one.outcome)
    expect(again.misses.length).toBeLessThan(2)
  })

  test('is a zero slot and not asked for where this very transaction made the contract', () => {
    // The init code stores 1 + slot 3 in slot 3 and returns nothing.
    const init = bytesToHex(assemble('0x03 SLOAD 0x01 ADD 0x03 SSTORE STOP'))
    const size = (init.length - 2) / 2
    const world = {
      [A]: {
        code: assemble(`${init} PUSH0 MSTORE 0x0${size} 0x${(32 - size).toString(16)} PUSH0 CREATE ${RETURN_TOP}`),
      },
    }
    const { misses, machine, outcome } = run(world)

    expect(misses.map(({ kind }) => kind)).toEqual(['account', 'code', 'account'])
    const made = machine.writes().find(({ slots }) => slots.length > 0)
    expect(made).toMatchObject({
      account: { nonce: 1n },
      hasFreshStorage: true,
      slots: [{ slot: word(3), value: word(1) }],
    })
    expect(outputOf(outcome)).toBe(`0x${'00'.repeat(12)}${made?.address.slice(2)}`)
  })
})

describe('a message', () => {
  test('keeps what earlier ones wrote, and begins originals, warmth and transient storage anew', () => {
    // Adds one to slot 1 and tells what it was.
    const world = { [A]: { code: assemble(`0x01 SLOAD DUP1 0x01 ADD 0x01 SSTORE ${RETURN_TOP}`) } }
    const first = run(world)
    const second = run(world, { machine: first.machine })
    const third = run(world, { machine: first.machine })

    expect([first, second, third].map(({ outcome }) => outputOf(outcome))).toEqual([word(0), word(1), word(2)])
    const gasOf = ({ outcome }: typeof first) => 1_000_000n - (outcome.kind === 'returned' ? outcome.gasLeft : 0n)
    // From zero to one, then from one original value to another: the third costs as the second.
    expect(gasOf(first) - gasOf(second)).toBe(17_100n)
    expect(gasOf(third)).toBe(gasOf(second))
  })

  test('may be a creation, whose output becomes code that later messages run', () => {
    const runtime = bytesToHex(assemble(`0x2a ${RETURN_TOP}`))
    const size = (runtime.length - 2) / 2
    const init = assemble(`${runtime} PUSH0 MSTORE 0x0${size} 0x${(32 - size).toString(16)} RETURN`)
    const created = run({}, { message: { kind: 'create', data: init } })
    const called = run({}, { machine: created.machine })

    expect(outputOf(created.outcome)).toBe(runtime)
    expect(created.machine.writes()).toContainEqual(
      expect.objectContaining({
        address: A,
        code: hexToBytes(runtime),
        account: expect.objectContaining({ nonce: 1n }),
      }),
    )
    expect(outputOf(called.outcome)).toBe(word(42))
  })

  test('moves its value, unless it fails', () => {
    const world: World = {
      [USER]: { balanceWei: 10n },
      [A]: { code: assemble('STOP') },
      [B]: { code: assemble('INVALID') },
    }
    const paid = run(world, { message: { valueWei: 4n } })
    const failed = run(world, { message: { valueWei: 4n, to: B } })
    const balances = ({ machine }: typeof paid) =>
      Object.fromEntries(machine.writes().map(({ address, account }) => [address, account?.balanceWei]))

    expect(balances(paid)).toEqual({ [USER]: 6n, [A]: 4n })
    expect(balances(failed)).toEqual({ [USER]: 10n, [B]: 0n })
    expect(failed.outcome).toEqual({ kind: 'halted', halt: 'invalidOpcode' })
  })

  test('without the balance for its value comes back with all of its gas', () => {
    const { outcome } = run({ [A]: {}, [USER]: {} }, { message: { valueWei: 1n } })
    expect(outcome).toEqual({ kind: 'reverted', output: new Uint8Array(), gasLeft: 1_000_000n })
  })

  test('to an account without code returns nothing, also where the account does not exist', () => {
    expect(run({}).outcome).toEqual({ kind: 'returned', output: new Uint8Array(), gasLeft: 1_000_000n, refund: 0n })
  })

  test('is refused with gas that is no number of the machine', () => {
    for (const gas of [-1n, 1n << 63n]) expect(() => run({}, { message: { gas } })).toThrow(GasOutOfBoundsError)
  })

  test('writes logs, of which those of a reverted frame are gone', () => {
    const call = (to: Hex) => `PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS CALL POP`
    const world: World = {
      [A]: { code: assemble(`0x01 0x1f LOG0 ${call(B)} 0x02 PUSH0 MSTORE 0x01 0x1f LOG0 STOP`) },
      [B]: { code: assemble('0x20 PUSH0 LOG0 PUSH0 PUSH0 REVERT') },
    }
    const { machine } = run(world)

    expect(machine.logs()).toEqual([
      { address: A, topics: [], data: Uint8Array.of(0) },
      { address: A, topics: [], data: Uint8Array.of(2) },
    ])
  })
})

describe('a machine', () => {
  test('forgets everything when it is opened again', () => {
    const { machine } = run(CURIOUS, { isAhead: true })
    machine.open({ environment: ENVIRONMENT, limits: { memoryWords: 1, depth: 1, reads: 9, accounts: 9 } })

    expect(run(CURIOUS, { machine }).misses).toHaveLength(7)
  })

  test('hashes', () => {
    expect(bytesToHex(opened().keccak256(new Uint8Array()))).toBe(EMPTY)
  })
})
