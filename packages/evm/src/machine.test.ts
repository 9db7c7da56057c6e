import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { assemble, RETURN_TOP, word } from '../../core/src/testing/assemble.ts'
import { GasOutOfBoundsError } from './machine.ts'
import {
  A,
  B,
  type Contract,
  codeHash,
  ENVIRONMENT,
  hashOfBlock,
  LIMITS,
  opened,
  place,
  push,
  run,
  USER,
  type World,
} from './testing/machine-run.ts'
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
    const init = assemble('0x03 SLOAD 0x01 ADD 0x03 SSTORE STOP')
    const world = { [A]: { code: assemble(`${place(init)} PUSH0 CREATE ${RETURN_TOP}`) } }
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
    const runtime = assemble(`0x2a ${RETURN_TOP}`)
    const init = assemble(`${place(runtime)} RETURN`)
    const created = run({}, { message: { kind: 'create', data: init } })
    const called = run({}, { machine: created.machine })

    expect(outputOf(created.outcome)).toBe(bytesToHex(runtime))
    expect(created.machine.writes()).toContainEqual(
      expect.objectContaining({
        address: A,
        code: runtime,
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

describe('a creation', () => {
  const creating: World = { [A]: { code: assemble(`PUSH0 PUSH0 PUSH0 CREATE ${RETURN_TOP}`) } }
  const deploying = (size: number, first: number) => assemble(`${push(first)} PUSH0 MSTORE8 ${push(size)} PUSH0 RETURN`)

  test.each<[string, Contract, boolean]>([
    ['an account with a balance alone', { nonce: 0n, balanceWei: 5n }, true],
    ['one with a nonce', { nonce: 1n }, false],
    ['one with code', { nonce: 0n, code: Uint8Array.of(0) }, false],
    ['one with storage, which has no other sign of life', { nonce: 0n, slots: { [word(1)]: word(1) } }, false],
  ])('at %s', (_, contract, succeeds) => {
    const free = run(creating).outcome
    const at: Hex = `0x${outputOf(free).slice(26)}`
    const { outcome, machine } = run({ ...creating, [at]: contract })

    expect(outputOf(outcome)).toBe(succeeds ? outputOf(free) : word(0))
    if (!succeeds) expect(outcome).toMatchObject({ gasLeft: expect.toSatisfy((gas: bigint) => gas < 16_000n) })
    // The creator's nonce is spent either way.
    expect(machine.writes().find(({ address }) => address === A)?.account?.nonce).toBe(2n)
  })

  test.each<[string, number, number, string]>([
    ['as long as it may be', 24_576, 0x60, 'returned'],
    ['one byte longer', 24_577, 0x60, 'halted'],
    ['that begins as none may', 1, 0xef, 'halted'],
  ])('of code %s', (_, size, first, ending) => {
    const message = { kind: 'create', data: deploying(size, first), gas: 10_000_000n } as const
    expect(run({}, { message }).outcome.kind).toBe(ending)
  })
})

describe('an account that has given its code away (EIP-7702)', () => {
  const C = `0x${'cd'.repeat(20)}` as const
  const pointer = (to: Hex) => hexToBytes(`0xef0100${to.slice(2)}`)
  const call = `0x20 PUSH0 PUSH0 PUSH0 ${B} GAS STATICCALL POP PUSH0 MLOAD ${RETURN_TOP}`
  const world: World = {
    [A]: { code: assemble(call) },
    [B]: { code: pointer(C), slots: { [word(1)]: word(11) } },
    [C]: { code: assemble(`0x01 SLOAD ${RETURN_TOP}`), slots: { [word(1)]: word(99) } },
  }

  test('runs the other’s code as itself, on its own storage, from a call and from a message', () => {
    expect(outputOf(run(world).outcome)).toBe(word(11))
    expect(outputOf(run(world, { message: { to: B } }).outcome)).toBe(word(11))
  })

  test('has a pointer that is not followed twice, nor before Prague', () => {
    const twice: World = { ...world, [A]: { code: pointer(B) } }
    const cancun = { environment: { ...ENVIRONMENT, fork: 'cancun' as const } }

    expect(outputOf(run(twice).outcome)).toBe('invalidOpcode')
    expect(outputOf(run(world, { ...cancun, message: { to: B } }).outcome)).toBe('invalidOpcode')
  })

  test.each([
    ['another', C, 2_600n],
    ['itself, which was looked at just now', B, 100n],
    ['a precompile, whose code is none', `0x${'04'.padStart(40, '0')}` as const, 100n],
  ])('costs an access of what it points to: %s', (_, to, accessGas) => {
    const source = `PUSH0 PUSH0 PUSH0 PUSH0 ${B} PUSH0 STATICCALL STOP`
    const { outcome } = run({ ...world, [A]: { code: assemble(source) }, [B]: { code: pointer(to) } })

    const pushes = 5n * 2n + 3n
    expect(outcome).toMatchObject({ kind: 'returned', gasLeft: 1_000_000n - pushes - 2_600n - accessGas })
  })
})

describe('a precompile', () => {
  test('is no account that is asked for, unless it is paid or looked at', () => {
    const identity = '0x04'
    const call = (value: string) => `PUSH0 PUSH0 0x20 PUSH0 ${value} ${identity} GAS CALL`
    const asked = (source: string) =>
      run({ [A]: { code: assemble(source), balanceWei: 9n } }).misses.filter(({ kind }) => kind === 'account').length

    expect(asked(`${call('PUSH0')} STOP`)).toBe(1)
    expect(asked(`${call('0x01')} STOP`)).toBe(2)
    expect(asked(`${call('PUSH0')} ${identity} BALANCE STOP`)).toBe(2)
  })

  test('that fails takes all of the gas that it was given, and gives back its value', () => {
    // Of BN254's pairing one byte, which is no pair.
    const world: World = {
      [A]: { code: assemble('PUSH0 PUSH0 0x01 PUSH0 0x05 0x08 0x2710 CALL STOP'), balanceWei: 9n },
    }
    const { outcome, machine } = run(world)

    // Memory, pushes, a payment to an account that does not exist; the stipend is part of what is lost.
    const cost = 3n + 2n * 3n + 4n * 3n + 100n + 9_000n + 25_000n + 10_000n
    expect(outcome).toMatchObject({ kind: 'returned', gasLeft: 1_000_000n - cost })
    expect(machine.writes()).toContainEqual(
      expect.objectContaining({ address: A, account: expect.objectContaining({ balanceWei: 9n }) }),
    )
  })

  test('may be what a message calls', () => {
    const to = `0x${'04'.padStart(40, '0')}` as const
    const { outcome } = run({}, { message: { to, data: Uint8Array.of(1, 2), gas: 100n } })

    expect(outcome).toEqual({ kind: 'returned', output: Uint8Array.of(1, 2), gasLeft: 82n, refund: 0n })
    expect(run({}, { message: { to, gas: 1n } }).outcome).toEqual({ kind: 'halted', halt: 'outOfGas' })
  })
})

describe('a machine', () => {
  test('forgets everything when it is opened again', () => {
    const { machine } = run(CURIOUS, { isAhead: true })
    machine.open({ environment: ENVIRONMENT, limits: { memoryWords: 1, depth: 1, reads: 9, accounts: 9 } })

    expect(run(CURIOUS, { machine }).misses).toHaveLength(7)
  })

  test('runs code that ends without STOP as if nothing had stood behind it before', () => {
    const { machine } = run({ [A]: { code: new Uint8Array(1_000).fill(0xfe) } })
    machine.open({ environment: ENVIRONMENT, limits: LIMITS })

    expect(run({ [A]: { code: Uint8Array.of(0x5f, 0x61, 0x5b) } }, { machine }).outcome.kind).toBe('returned')
  })

  test('hashes', () => {
    expect(bytesToHex(opened().keccak256(new Uint8Array()))).toBe(EMPTY)
  })
})
