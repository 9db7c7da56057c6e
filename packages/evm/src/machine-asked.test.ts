/** Calls that the host answers in its own time. */
import { bytesToHex, type Hex } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { assemble, RETURN_TOP, word } from '../../core/src/testing/assemble.ts'
import type { Machine } from './machine.ts'
import type { Asked, AskedEnding, Step } from './step.ts'
import { A, B, codeHash, ENVIRONMENT, LIMITS, opened, USER } from './testing/machine-run.ts'
import type { Miss } from './types.ts'

const HOST: Hex = `0x${'a5'.repeat(20)}`
const THREE = Uint8Array.of(1, 2, 3)

/** Calls `to` with 32 bytes; what it answers goes to the second word of memory. */
const ask = (to: Hex, { gas = 'GAS', opcode = 'STATICCALL' } = {}) => {
  const value = opcode === 'CALL' ? 'PUSH0 ' : ''
  return `0x07 PUSH0 MSTORE 0x20 0x20 0x20 PUSH0 ${value}${to} ${gas} ${opcode}`
}

/** Passes all that it is sent on, and returns what comes back. */
const passTo = (to: Hex, opcode = 'STATICCALL') =>
  assemble(`CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 ${to} GAS ${opcode}
    POP RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 RETURN`)

/** Of every account that there is. */
type Codes = Record<Hex, Uint8Array>
type Options = {
  isTraced?: boolean
  to?: Hex
  answers?: readonly AskedEnding[]
  machine?: Machine
  /** Before the answer. */
  seen?: (step: Asked) => void
}

function run(codes: Codes, { isTraced = false, to = A, answers = [], machine, seen }: Options = {}) {
  const running = machine ?? opened({ isAsked: (address) => address === HOST, ownCodeOnly: A, isTraced })
  running.start({ kind: 'call', caller: USER, to, valueWei: 0n, data: THREE, gas: 1_000_000n, isStatic: true })
  const asked: Asked[] = []
  const steps: Step[] = []
  let turns = 0
  for (;;) {
    const step = running.step()
    if (step.kind === 'ended') return { outcome: step.outcome, asked, steps, turns }
    if (step.kind === 'missing') supply(running, step.miss, codes)
    else if (step.kind === 'turn') turns++
    else if (step.kind === 'asked') {
      seen?.(step)
      asked.push({ ...step, input: step.input.slice() })
      running.answer(answers[asked.length - 1] ?? { kind: 'returned', output: THREE, gasLeft: step.gas })
    } else steps.push(step)
  }
}

function supply(machine: Machine, miss: Miss, codes: Codes): void {
  if (miss.kind === 'account') {
    const hash = codeHash(codes[miss.address])
    machine.putAccount(miss.address, { nonce: 1n, balanceWei: 0n, codeHash: hash, hasStorage: false })
  } else if (miss.kind === 'code') machine.putCode(miss.codeHash, codes[miss.address] as Uint8Array)
}

const leave = () => {
  throw new Error('left')
}
const only = (source: string): Codes => ({ [A]: assemble(source) })
const returned = (output: Uint8Array, gasLeft: bigint): AskedEnding => ({ kind: 'returned', output, gasLeft })
const outputOf = (outcome: { kind: string; output?: Uint8Array }) => bytesToHex(outcome.output ?? new Uint8Array(0))

describe('a call that its host answers', () => {
  test('shows input and gas, and goes on with what was answered', () => {
    const { outcome, asked } = run(only(`${ask(HOST, { gas: '0x1234' })} 0x20 MLOAD ADD ${RETURN_TOP}`))

    expect(asked).toEqual([
      { kind: 'asked', address: HOST, input: new Uint8Array(32).fill(7, 31), gas: 0x1234n, isOwn: true },
    ])
    expect(outputOf(outcome)).toBe(word((0x010203n << 232n) + 1n))
  })

  test('gives its caller the gas that is left, whether it returned or reverted, and none after a halt', () => {
    const spent = (ending: AskedEnding) => {
      const { outcome } = run(only(`GAS ${ask(HOST, { gas: '0x1000' })} POP GAS SWAP1 SUB ${RETURN_TOP}`), {
        answers: [ending],
      })
      return BigInt(outputOf(outcome))
    }
    const free = spent(returned(THREE, 0x1000n))
    expect(spent(returned(THREE, 0x0ff0n)) - free).toBe(0x10n)
    expect(spent({ kind: 'reverted', output: THREE, gasLeft: 0x0ff0n }) - free).toBe(0x10n)
    expect(spent({ kind: 'halted', halt: 'outOfGas' }) - free).toBe(0x1000n)
  })

  test('hands on what it reverted with, and nothing of a halt', () => {
    const ends = `0x02 MUL RETURNDATASIZE ADD ${RETURN_TOP}`
    const ended = (ending: AskedEnding) => outputOf(run(only(`${ask(HOST)} ${ends}`), { answers: [ending] }).outcome)
    expect(ended(returned(THREE, 0n))).toBe(word(5))
    expect(ended({ kind: 'reverted', output: THREE, gasLeft: 0n })).toBe(word(3))
    expect(ended({ kind: 'halted', halt: 'precompileFailed' })).toBe(word(0))
    const data = run(only(`${ask(HOST)} POP 0x03 PUSH0 PUSH0 RETURNDATACOPY 0x03 PUSH0 RETURN`), {
      answers: [{ kind: 'reverted', output: THREE, gasLeft: 0n }],
    })
    expect(data.outcome).toMatchObject({ kind: 'returned', output: THREE })
  })

  test('is asked for once each time, in the order of the code', () => {
    const { outcome, asked } = run(only(`${ask(HOST)} POP ${ask(HOST)} POP 0x20 MLOAD ${RETURN_TOP}`), {
      answers: [returned(THREE, 0n), returned(new Uint8Array(32).fill(9), 0n)],
    })
    expect(asked).toHaveLength(2)
    expect(outputOf(outcome)).toBe(`0x${'09'.repeat(32)}`)
  })

  test('ends the run where the answer has no room', () => {
    const machine = opened({ isAsked: (address) => address === HOST, limits: { memoryWords: 8 }, isTraced: true })
    const { outcome, steps } = run(only(`${ask(HOST)} STOP`), {
      machine,
      answers: [returned(new Uint8Array(1_000), 0n)],
    })
    expect(outcome).toEqual({ kind: 'halted', halt: 'memory' })
    // It ended while it was being answered: nothing is written, and no frame of it is left to tell.
    expect(steps.map(({ kind }) => kind)).toEqual(['entered'])
  })

  test('S19: no input is copied before it is paid for, a precompile’s neither', () => {
    const views: Uint8Array[] = []
    const gas = (input: Uint8Array) => {
      views.push(input)
      return 2n
    }
    const machine = opened({
      isAsked: (address) => address === HOST,
      precompiles: (address) => (address === B ? { gas, run: () => THREE } : undefined),
    })
    const call = (to: Hex) => `PUSH0 PUSH0 0x010000 PUSH0 ${to} 0x01 STATICCALL POP`
    run(only(`${call(HOST)} ${call(B)} STOP`), { machine, seen: (step) => views.push(step.input) })
    expect(views.map(({ length }) => length)).toEqual([0x10000, 0x10000])
    for (const view of views) expect(view.buffer).toBe(views[0]?.buffer)
  })

  test('S19: gives the event loop its turn, for what the host takes over it', () => {
    const answers = Array.from({ length: 6 }, () => returned(THREE, 0n))
    const source = `${ask(HOST, { gas: '0x4000' })} POP `.repeat(6)
    expect(run(only(`${source} STOP`), { answers }).turns).toBe(3)
    const free = Array.from({ length: 6 }, () => returned(THREE, 0x4000n))
    expect(run(only(`${source} STOP`), { answers: free }).turns).toBe(0)
  })

  test('takes one answer, and none that it did not ask for', () => {
    const machine = opened({ isAsked: (address) => address === HOST, ownCodeOnly: A })
    expect(() => machine.answer(returned(THREE, 0n))).toThrow(expect.objectContaining({ code: 'NOTHING_ASKED' }))
    run(only(`${ask(HOST)} STOP`), { machine })
    expect(() => machine.answer(returned(THREE, 0n))).toThrow(expect.objectContaining({ code: 'NOTHING_ASKED' }))
  })

  test('is forgotten where its machine begins anew', () => {
    const isAsked = (address: Hex) => address === HOST
    const machine = opened({ isAsked })
    expect(() => run(only(`${ask(HOST)} STOP`), { machine, seen: leave })).toThrow('left')
    machine.open({ environment: ENVIRONMENT, limits: LIMITS, isAsked })
    expect(() => machine.answer(returned(THREE, 0n))).toThrow(expect.objectContaining({ code: 'NOTHING_ASKED' }))
    const { outcome, asked } = run(only(`${ask(HOST)} POP 0x20 MLOAD ${RETURN_TOP}`), { machine })
    expect(asked).toHaveLength(1)
    expect(outputOf(outcome)).toBe(`0x010203${'00'.repeat(29)}`)
  })

  test('stands in a trace as any call does', () => {
    const { steps } = run(only(`${ask(HOST, { gas: '0x1000' })} PUSH0 PUSH0 MSTORE STOP`), {
      isTraced: true,
      answers: [{ kind: 'reverted', output: THREE, gasLeft: 7n }],
    })
    expect(steps.slice(1)).toMatchObject([
      { kind: 'entered', depth: 1, from: A, to: HOST, input: new Uint8Array(32).fill(7, 31), gas: 0x1000n },
      { kind: 'left', depth: 1, outcome: { kind: 'reverted', output: THREE, gasLeft: 7n } },
    ])
  })
})

describe('S26: it is the own code’s', () => {
  const isOwn = (codes: Codes, to: Hex = A) => run(codes, { to }).asked.map((step) => step.isOwn)

  test('where that calls, and where that calls itself', () => {
    expect(isOwn({ [A]: passTo(HOST) })).toEqual([true])
    expect(isOwn(only(`${ask(HOST, { opcode: 'CALL' })} STOP`))).toEqual([true])
    // The frame that was called asks, and so does the one that called, afterwards.
    const twice = `CALLER ${A} EQ @inner JUMPI ${ask(A)} inner: ${ask(HOST)} STOP`
    expect(isOwn(only(twice))).toEqual([true, true])
  })

  test('and not where another contract calls, whoever called that and however', () => {
    expect(isOwn({ [A]: passTo(B), [B]: passTo(HOST) })).toEqual([false])
    expect(isOwn({ [B]: passTo(HOST) }, B)).toEqual([false])
    expect(isOwn({ [A]: passTo(B), [B]: passTo(HOST, 'DELEGATECALL') })).toEqual([false])
  })

  test('and not where another contract called the own code back', () => {
    const back = assemble(`CALLER ${B} EQ @again JUMPI ${ask(B)} STOP again: ${ask(HOST)} STOP`)
    expect(isOwn({ [A]: back, [B]: passTo(A) })).toEqual([false])
  })

  test('nor where nobody’s code calls', () => {
    expect(isOwn({}, HOST)).toEqual([false])
  })
})
