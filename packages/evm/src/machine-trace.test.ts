import { expect, test } from 'vitest'
import { assemble, RETURN_TOP, word } from '../../core/src/testing/assemble.ts'
import { A, B, place, run, USER, type World } from './testing/machine-run.ts'

const WORLD: World = {
  [A]: {
    code: assemble(`0x07 PUSH0 MSTORE 0x20 PUSH0 0x20 PUSH0 0x05 ${B} 0x010000 CALL POP
      PUSH0 PUSH0 PUSH0 PUSH0 0x04 0x1000 STATICCALL POP ${place(assemble('PUSH0 PUSH0 REVERT'))} PUSH0 CREATE POP STOP`),
    balanceWei: 9n,
  },
  [B]: { code: assemble(`0x03 SLOAD ${B} BALANCE ADD ${RETURN_TOP}`), slots: { [word(3)]: word(30) } },
}

test('a trace tells frames as they begin and end, and reads between, in their order', () => {
  const { steps, outcome } = run(WORLD, { isTraced: true })

  const [first, second, ...rest] = steps
  expect(first).toMatchObject({
    kind: 'entered',
    call: 'call',
    depth: 0,
    from: USER,
    to: A,
    valueWei: 0n,
    gas: 1_000_000n,
  })
  expect(second).toEqual({
    kind: 'entered',
    call: 'call',
    depth: 1,
    from: A,
    to: B,
    valueWei: 5n,
    gas: 0x10000n + 2_300n,
    input: new Uint8Array(32).fill(7, 31),
  })
  expect(rest).toMatchObject([
    { kind: 'read', address: B, slot: word(3) },
    { kind: 'read', address: B },
    { kind: 'left', depth: 1, outcome: { kind: 'returned', output: new Uint8Array(32).fill(35, 31) } },
    { kind: 'entered', call: 'call', depth: 1, from: A, to: `0x${'04'.padStart(40, '0')}`, gas: 0x1000n },
    { kind: 'left', depth: 1, outcome: { kind: 'returned', output: new Uint8Array(), gasLeft: 0x1000n - 15n } },
    { kind: 'entered', call: 'create', depth: 1, from: A, input: assemble('PUSH0 PUSH0 REVERT') },
    { kind: 'left', depth: 1, outcome: { kind: 'reverted', output: new Uint8Array() } },
  ])
  expect(outcome.kind).toBe('returned')
})

test('a trace changes nothing of what it watches', () => {
  expect(run(WORLD, { isTraced: true }).outcome).toEqual(run(WORLD).outcome)
  expect(run(WORLD).steps).toEqual([])
})

test('a trace tells of a halt, and of a precompile that fails', () => {
  const pairing = `0x${'08'.padStart(40, '0')}`
  const world: World = {
    [A]: {
      code: assemble(
        `PUSH0 PUSH0 0x01 PUSH0 0x08 GAS STATICCALL POP PUSH0 PUSH0 PUSH0 PUSH0 ${B} GAS STATICCALL POP STOP`,
      ),
    },
    [B]: { code: assemble('INVALID') },
  }
  const { steps } = run(world, { isTraced: true })

  expect(steps.slice(1)).toMatchObject([
    { kind: 'entered', to: pairing },
    { kind: 'left', depth: 1, outcome: { kind: 'halted', halt: 'precompileFailed' } },
    { kind: 'entered', call: 'staticcall', to: B },
    { kind: 'left', depth: 1, outcome: { kind: 'halted', halt: 'invalidOpcode' } },
  ])
})
