import { type Hex, PRIVATE_CALLS } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import {
  address,
  assemble,
  dApp,
  RETURN_TOP,
  returnWords,
  selector,
  word,
  words,
} from '../../../core/src/testing/assemble.ts'
import { HEADER, HISTORY, TestChain, type World } from '../../../core/src/testing/chain.ts'
import { Machine } from '../machine.ts'
import { decodeHeader } from '../proof/index.ts'
import {
  askCallable,
  askPrefetch,
  CAPS,
  isDelegation,
  isPending,
  type PendingCall,
  PrivateRun,
  type PrivateRunOptions,
  type PrivateSteps,
  ProvenView,
  type Steps,
  type Traced,
  type Wanted,
} from './index.ts'

const DAPP = address(0xdab)
const OTHER = address(0x707)
const ALICE = address(0xa11ce)
const machine = Machine.createSync()

/** Runs of `code` as the dApp; `drive` proves whatever they ask for, and nothing else. */
function open(code: Uint8Array, world: World = {}, options: PrivateRunOptions = {}) {
  const chain = new TestChain({ ...world, accounts: { ...world.accounts, [DAPP]: { code } } })
  const view = new ProvenView(decodeHeader(chain.header))
  const run = new PrivateRun(machine, { chainId: 31_337n, dApp: DAPP, requester: ALICE, view }, options)
  const prove = chain.prover()
  const asked: Wanted[] = []
  let turns = 0
  function drive<Value>(steps: Steps<Value>): Value {
    for (;;) {
      const { value, done } = steps.next()
      if (done) return value
      if (value === 'turn') {
        turns++
        continue
      }
      asked.push(value)
      view.learn(prove(value))
    }
  }
  return { run, drive, asked, turns: () => turns }
}

function call(source: string, world?: World, options?: PrivateRunOptions) {
  const { run, drive, asked } = open(assemble(source), world, options)
  return { outcome: drive(run.call(new Uint8Array(0), 10_000_000n)), asked }
}

const top = (source: string, world?: World) => call(`${source} ${RETURN_TOP}`, world).outcome
const isWord = (value: bigint) => ({ kind: 'returned', output: words(value) })
const callTo = (to: Hex, opcode = 'STATICCALL') => `PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS ${opcode}`

describe('a private run', () => {
  test('shows the code its requester, the block of the header, and nobody’s transaction', () => {
    expect(top('CALLER')).toEqual(isWord(BigInt(ALICE)))
    expect(top('ORIGIN')).toEqual(isWord(BigInt(ALICE)))
    expect(top('ADDRESS')).toEqual(isWord(BigInt(DAPP)))
    expect(top('GASPRICE CALLVALUE ADD')).toEqual(isWord(0n))
    expect(top('CHAINID')).toEqual(isWord(31_337n))
    expect(top('NUMBER')).toEqual(isWord(HEADER.number))
    expect(top('BLOBBASEFEE')).toEqual(isWord(1n))
  })

  test('finds requester, dApp, coinbase and precompiles warm, and else pays what the chain would ask', () => {
    const spent = (source: string) => top(`GAS ${source} POP GAS SWAP1 SUB`)
    // GAS itself costs 2, POP 2, the address on the stack 2 or 3.
    for (const warm of ['CALLER', 'ADDRESS', 'COINBASE'])
      expect(spent(`${warm} BALANCE`)).toEqual(isWord(100n + 2n + 2n + 2n))
    expect(spent(`${address(0x100)} BALANCE`)).toEqual(isWord(100n + 3n + 2n + 2n))
    expect(spent(`${OTHER} BALANCE`)).toEqual(isWord(2_600n + 3n + 2n + 2n))
  })

  test('asks for one fact at a time, with its account where that is new, and for none twice', () => {
    const world = { storage: { [DAPP]: { [word(1)]: word(40), [word(2)]: word(2) } } }
    const { outcome, asked } = call(
      `0x01 SLOAD 0x02 SLOAD 0x01 SLOAD POP ADD ${OTHER} BALANCE ADD ${RETURN_TOP}`,
      world,
    )
    expect(outcome).toEqual(isWord(42n))
    expect(asked).toEqual([
      { accounts: [DAPP], slots: [] },
      { accounts: [], slots: [{ address: DAPP, slot: word(1) }] },
      { accounts: [], slots: [{ address: DAPP, slot: word(2) }] },
      { accounts: [OTHER], slots: [] },
    ])
  })

  test('takes block hashes from the history in the state, and refuses a state that keeps none', () => {
    const slot = { address: HISTORY, slot: word(999) }
    const { outcome, asked } = call(`0x03e7 BLOCKHASH ${RETURN_TOP}`, { blockHashes: { 999: word(0xb) } })
    expect(outcome).toEqual(isWord(0xbn))
    expect(asked.slice(1)).toEqual([{ accounts: [HISTORY], slots: [slot] }])
    expect(() => call('0x03e7 BLOCKHASH')).toThrow(expect.objectContaining({ code: 'NO_BLOCK_HASH' }))
  })

  test('is static, and runs no foreign code as the dApp, whoever catches what', () => {
    expect(call('0x01 PUSH0 SSTORE').outcome).toEqual({ kind: 'halted', halt: 'invalid' })
    const world = { accounts: { [OTHER]: { code: assemble(callTo(DAPP)) }, [address(0x42)]: {} } }
    const back = `CALLER ${OTHER} EQ @again JUMPI ${callTo(OTHER)} STOP again: ${callTo(address(0x42), 'DELEGATECALL')}`
    expect(call(back, world).outcome).toEqual({ kind: 'halted', halt: 'proxyCode' })
  })

  test('S19: counts what it prefetched and what it reads together, over all its calls', () => {
    const reads = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `0x${(from + i).toString(16).padStart(4, '0')} SLOAD POP`).join(' ')
    const slots = Array.from({ length: 4 }, (_, i) => ({ address: DAPP, slot: word(i) }))
    const outcomeAfter = (source: string) => {
      const world = { storage: { [DAPP]: { [word(0)]: word(1) } } }
      const { run, drive } = open(assemble(source), world, { caps: { ...CAPS, reads: 6 } })
      expect(drive(run.prefetch(slots))).toBe(true)
      drive(run.call(new Uint8Array(0), 1_000_000n))
      return drive(run.call(new Uint8Array(0), 1_000_000n))
    }
    expect(outcomeAfter(reads(0, 6))).toMatchObject({ kind: 'returned' })
    expect(outcomeAfter(reads(0, 7))).toEqual({ kind: 'halted', halt: 'reads' })
    expect(outcomeAfter(reads(2, 5))).toEqual({ kind: 'halted', halt: 'reads' })
    const world = { blockHashes: { 999: word(9), 998: word(8) } }
    const hashes = '0x03e7 BLOCKHASH POP 0x03e6 BLOCKHASH POP STOP'
    const { run: asking, drive: answer } = open(assemble(hashes), world, { caps: { ...CAPS, reads: 5 } })
    expect(answer(asking.prefetch(slots))).toBe(true)
    expect(answer(asking.call(new Uint8Array(0), 1_000_000n))).toEqual({ kind: 'halted', halt: 'reads' })
    const { run, drive } = open(assemble('STOP'), {}, { caps: { ...CAPS, reads: 3 } })
    expect(drive(run.prefetch(slots))).toBe(false)
  })

  test('S19: counts the accounts of prefetched slots with those that it reads: each brings its code', () => {
    const at = (n: number) => address(0x900 + n)
    const slots = Array.from({ length: 3 }, (_, i) => ({ address: at(i), slot: word(0) }))
    const balances = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `${at(from + i)} BALANCE POP`).join(' ')
    const outcomeAfter = (source: string) => {
      const { run, drive } = open(assemble(`${source} STOP`), {}, { caps: { ...CAPS, accounts: 5 } })
      expect(drive(run.prefetch(slots))).toBe(true)
      return drive(run.call(new Uint8Array(0), 1_000_000n))
    }
    expect(outcomeAfter(balances(0, 4))).toMatchObject({ kind: 'returned' })
    expect(outcomeAfter(balances(0, 5))).toEqual({ kind: 'halted', halt: 'accounts' })
    expect(outcomeAfter(balances(3, 2))).toEqual({ kind: 'halted', halt: 'accounts' })
    const { run, drive, asked } = open(assemble('STOP'), {}, { caps: { ...CAPS, accounts: 2 } })
    expect(drive(run.prefetch(slots))).toBe(false)
    expect(asked).toEqual([])
  })

  test('waits for the code of what it prefetches: a host who keeps it back learns nothing of a call', () => {
    const code = assemble('STOP')
    const chain = new TestChain({ accounts: { [DAPP]: { code }, [OTHER]: { code } } })
    const view = new ProvenView(decodeHeader(chain.header))
    const run = new PrivateRun(machine, { chainId: 31_337n, dApp: DAPP, requester: ALICE, view })
    const slots = [{ address: OTHER, slot: word(1) }]
    const steps = run.prefetch(slots)
    expect(steps.next().value).toEqual({ accounts: [OTHER], slots })
    const { codes, ...withoutCode } = chain.prover()({ accounts: [OTHER], slots })
    view.learn({ ...withoutCode, codes: [] })
    expect(steps.next().value).toEqual({ accounts: [OTHER], slots: [] })
    view.learn({ accounts: [], slots: [], nodes: [], codes })
    expect(steps.next()).toEqual({ done: true, value: true })
  })

  test('gives the event loop its turn while it computes', () => {
    const { run, drive, turns } = open(assemble('loop: @loop JUMP'))
    expect(drive(run.call(new Uint8Array(0), 1n << 24n))).toEqual({ kind: 'halted', halt: 'outOfGas' })
    expect(turns()).toBeGreaterThan(0)
  })

  test('tells whoever traces it of every frame, the outermost included', () => {
    const seen: Traced[] = []
    const world = { accounts: { [OTHER]: { code: assemble('0x05 SLOAD POP STOP') } } }
    call(`${callTo(OTHER)} POP STOP`, world, { onTrace: (step) => seen.push(step) })
    expect(seen).toMatchObject([
      { kind: 'entered', depth: 0, to: DAPP },
      { kind: 'entered', depth: 1, to: OTHER },
      { kind: 'read', address: OTHER, slot: word(5) },
      { kind: 'left', depth: 1, outcome: { kind: 'returned' } },
      { kind: 'left', depth: 0, outcome: { kind: 'returned' } },
    ])
  })
})

describe('before its function is run, a dApp is asked', () => {
  const callable = selector('f()')
  const ask = (code: Uint8Array) => {
    const { run, drive } = open(code)
    return { isCallable: drive(askCallable(run, callable)), slots: drive(askPrefetch(run, callable)) }
  }

  test('whether the function has a callback: a bytes4 that is not zero', () => {
    expect(ask(dApp({})).isCallable).toBe(true)
    expect(ask(dApp({}, { closed: ['f()'] })).isCallable).toBe(false)
    const top = 1n << 255n
    const answers = [
      returnWords(1),
      returnWords(top + 1n),
      returnWords(top, 0),
      'STOP',
      'PUSH0 PUSH0 REVERT',
      'INVALID',
    ]
    for (const answer of answers) expect(ask(assemble(answer)).isCallable).toBe(false)
  })

  test('which slots to prove whatever the inputs say', () => {
    const code = dApp({ 'enigmaPrefetch(bytes4)': returnWords(32, 1, DAPP, 7, 2) })
    expect(ask(code).slots).toEqual([7, 8].map((n) => ({ address: DAPP, slot: word(n) })))
    expect(ask(dApp({})).slots).toEqual([])
    expect(ask(dApp({ 'enigmaPrefetch(bytes4)': returnWords(32, 1, DAPP, 0, CAPS.reads + 1) })).slots).toBeNull()
  })

  test('nothing where its code is only a pointer', () => {
    expect(isDelegation(Uint8Array.of(0xef, 1, 0, 7))).toBe(true)
    expect(isDelegation(Uint8Array.of(0xef, 1))).toBe(false)
    expect(isDelegation(new Uint8Array(0))).toBe(false)
  })
})

describe('a private call of a run', () => {
  const draws = assemble(`0x20 PUSH0 PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS STATICCALL POP PUSH0 MLOAD ${RETURN_TOP}`)

  /** Up to its private call. */
  function asking() {
    const { run, drive } = open(draws)
    const steps = run.callInPrivate(new Uint8Array(0), 1_000_000n)
    const step = drive(untilPending(steps))
    return { steps, step }
  }
  function* untilPending(steps: PrivateSteps<unknown>): Generator<Wanted | 'turn', PendingCall, void> {
    for (;;) {
      const { value, done } = steps.next()
      if (done) throw new Error('It has ended.')
      if (isPending(value)) return value
      yield value
    }
  }

  test('goes on with its answer', () => {
    const { steps, step } = asking()
    step.ending = { kind: 'returned', output: words(7), gasLeft: step.asked.gas }
    expect(steps.next()).toMatchObject({ done: true, value: isWord(7n) })
  })

  test('must have one', () => {
    const { steps } = asking()
    expect(() => steps.next()).toThrow(expect.objectContaining({ code: 'UNANSWERED_CALL' }))
  })
})
