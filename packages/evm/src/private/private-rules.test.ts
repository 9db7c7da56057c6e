import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { address, assemble, RETURN_TOP, word, words } from '../../../core/src/testing/assemble.ts'
import { HEADER, type HeaderFields, HISTORY, TestChain, type World } from '../../../core/src/testing/chain.ts'
import { ALICE, DAPP, NETWORK } from '../../../core/src/testing/world.ts'
import { Machine } from '../machine.ts'
import { decodeHeader } from '../proof/index.ts'
import { CAPS, type Outcome, PrivateRun, ProvenView, type Steps, type Wanted } from './index.ts'

const machine = Machine.createSync()
const OTHER = address(0x07)

type Ran = { outcome: Outcome; asked: Wanted[] }
type Options = { world?: World; data?: Uint8Array; gasLimit?: bigint; header?: Partial<HeaderFields> }

/** A run whose misses are answered one by one, and what it asked for. */
function drive<Value>(steps: Steps<Value>, answer: (wanted: Wanted) => void) {
  const asked: Wanted[] = []
  for (;;) {
    const { value, done } = steps.next()
    if (done) return { value, asked }
    if (value === 'turn') continue
    asked.push(value)
    answer(value)
  }
}

function open(code: Uint8Array, { world = {}, header = {} }: Pick<Options, 'world' | 'header'> = {}) {
  const accounts = { ...world.accounts, [DAPP]: { code, ...world.accounts?.[DAPP] } }
  const chain = new TestChain({ ...world, accounts }, header)
  const view = new ProvenView(decodeHeader(chain.header))
  const prove = chain.prover()
  const run = new PrivateRun(machine, { chainId: NETWORK.chainId, dApp: DAPP, requester: ALICE, view })
  return { run, learn: (wanted: Wanted) => view.learn(prove(wanted)) }
}

/** Runs code as the dApp and answers each miss from `world`. */
function run(source: string | Uint8Array, options: Options = {}): Ran {
  const { data = new Uint8Array(0), gasLimit = 10_000_000n } = options
  const { run, learn } = open(typeof source === 'string' ? assemble(source) : source, options)
  const { value: outcome, asked } = drive(run.call(data, gasLimit), learn)
  return { outcome, asked }
}

function top(source: string, options?: Parameters<typeof run>[1]): bigint {
  const { outcome } = run(`${source} ${RETURN_TOP}`, options)
  if (outcome.kind !== 'returned') throw new Error(`It ended otherwise: ${outcome.kind}`)
  return BigInt(bytesToHex(outcome.output))
}

function end(source: string, options?: Parameters<typeof run>[1]): string {
  const { outcome } = run(source, options)
  return outcome.kind === 'halted' ? outcome.halt : outcome.kind
}

/** A static call with all gas to `to`, its success on the stack. */
const callTo = (to: Hex, opcode = 'STATICCALL') =>
  `PUSH0 PUSH0 PUSH0 PUSH0 ${opcode === 'CALL' || opcode === 'CALLCODE' ? 'PUSH0' : ''} ${to} GAS ${opcode}`

describe('a private run', () => {
  test('shows the code the call, the block and the chain of the task', () => {
    expect(top('CALLER')).toBe(BigInt(ALICE))
    expect(top('ORIGIN')).toBe(BigInt(ALICE))
    expect(top('ADDRESS')).toBe(BigInt(DAPP))
    expect(top('CALLVALUE')).toBe(0n)
    expect(top('GASPRICE')).toBe(0n)
    expect(top('CHAINID')).toBe(NETWORK.chainId)
    expect(top('NUMBER')).toBe(HEADER.number)
    expect(top('TIMESTAMP')).toBe(HEADER.timestamp)
    expect(top('COINBASE')).toBe(BigInt(HEADER.coinbase))
    expect(top('PREVRANDAO')).toBe(BigInt(HEADER.prevRandao))
    expect(top('GASLIMIT')).toBe(HEADER.gasLimit)
    expect(top('BASEFEE')).toBe(HEADER.baseFeePerGas)
    expect(top('BLOBBASEFEE')).toBe(1n)
    expect(top('SELFBALANCE', { world: { accounts: { [DAPP]: { balance: 99n } } } })).toBe(99n)
  })

  test('runs under Osaka rules: CLZ (EIP-7939) counts leading zeros', () => {
    const code = concatBytes(assemble('0x01'), new Uint8Array([0x1e]), assemble(RETURN_TOP))
    const { outcome } = run(code)
    expect(outcome).toEqual({ kind: 'returned', output: words(255) })
  })

  test('charges what the code costs on chain, where caller, dApp and coinbase are warm', () => {
    const spent = (source: string, world?: World) => Number(top(`GAS ${source} POP GAS SWAP1 SUB`, world && { world }))
    // GAS itself costs 2, POP 2, the address on the stack 2 or 3.
    expect(spent('CALLER BALANCE')).toBe(100 + 2 + 2 + 2)
    expect(spent('ADDRESS BALANCE')).toBe(100 + 2 + 2 + 2)
    expect(spent('COINBASE BALANCE')).toBe(100 + 2 + 2 + 2)
    for (const n of [1, 7, 0x0a, 0x11, 0x100]) expect(spent(`${address(n)} BALANCE`)).toBe(100 + 3 + 2 + 2)
    expect(spent(`${address(0x12)} BALANCE`)).toBe(2_600 + 3 + 2 + 2)
    expect(spent(`${address(0xbeef)} BALANCE`)).toBe(2_600 + 3 + 2 + 2)
    expect(spent('PUSH0 SLOAD')).toBe(2_100 + 2 + 2 + 2)
  })

  test('leaves warm what a call warmed, unless it reverts', () => {
    const looks = `${address(0xfeed)} BALANCE POP`
    const nested = (end: string) => ({
      accounts: {
        [address(0xbeef)]: { code: assemble(`${callTo(address(0xcafe))} POP ${end}`) },
        [address(0xcafe)]: { code: assemble(`${looks} PUSH0 SLOAD STOP`) },
      },
    })
    const spentAfter = (end: string) =>
      top(`${callTo(address(0xbeef))} POP GAS ${looks} GAS SWAP1 SUB`, { world: nested(end) })
    expect(spentAfter('STOP')).toBe(100n + 3n + 2n + 2n)
    expect(spentAfter('PUSH0 PUSH0 REVERT')).toBe(2_600n + 3n + 2n + 2n)
  })

  test('asks for one fact at a time, and goes on where it stopped', () => {
    const world = { storage: { [DAPP]: { [word(1)]: word(40), [word(2)]: word(2) } } }
    const { outcome, asked } = run(`0x01 SLOAD 0x02 SLOAD 0x01 SLOAD POP ADD ${RETURN_TOP}`, { world })
    expect(outcome).toEqual({ kind: 'returned', output: words(42) })
    expect(asked).toEqual([
      { accounts: [DAPP], slots: [] },
      { accounts: [], slots: [{ address: DAPP, slot: word(1) }] },
      { accounts: [], slots: [{ address: DAPP, slot: word(2) }] },
    ])
  })

  test('knows accounts by their code hash, and those that do not exist', () => {
    const code = assemble('STOP')
    const there = { world: { accounts: { [OTHER]: {}, [ALICE]: { nonce: 1n }, [address(0xbeef)]: { code } } } }
    expect(top(`${address(0xdead)} EXTCODEHASH`, there)).toBe(0n)
    expect(top('CALLER EXTCODEHASH', there)).toBe(BigInt(keccak256(new Uint8Array(0))))
    expect(top(`${address(0xbeef)} EXTCODEHASH`, there)).toBe(BigInt(keccak256(code)))
    expect(top(`${address(0xbeef)} EXTCODESIZE`, there)).toBe(1n)
  })

  test('takes BLOCKHASH from the history in the state, and only for the last 256 blocks', () => {
    const world = { blockHashes: { 999: word(0x999), 744: word(0x744) } }
    expect(top('0x01 NUMBER SUB BLOCKHASH', { world })).toBe(0x999n)
    expect(top('0x0100 NUMBER SUB BLOCKHASH', { world })).toBe(0x744n)
    const { outcome, asked } = run(`0x03e7 BLOCKHASH ${RETURN_TOP}`, { world })
    expect(outcome).toEqual({ kind: 'returned', output: words(0x999) })
    expect(asked.slice(1)).toEqual([{ accounts: [HISTORY], slots: [{ address: HISTORY, slot: word(999) }] }])
    for (const ago of ['0x0101 NUMBER SUB', 'NUMBER', '0x01 NUMBER ADD', `0x${'ff'.repeat(32)}`]) {
      const outside = run(`${ago} BLOCKHASH ${RETURN_TOP}`, { world })
      expect(outside.outcome).toEqual({ kind: 'returned', output: words(0) })
      expect(outside.asked.flatMap(({ slots }) => slots)).toEqual([])
    }
  })

  test('finds block n in slot n mod 8191 of the history', () => {
    const options = { world: { blockHashes: { 8191: word(0xb) } }, header: { number: 8_200n } }
    const { outcome, asked } = run(`0x1fff BLOCKHASH ${RETURN_TOP}`, options)
    expect(outcome).toEqual({ kind: 'returned', output: words(0xb) })
    expect(asked.at(-1)?.slots).toEqual([{ address: HISTORY, slot: word(0) }])
  })

  test('has no answer to BLOCKHASH where the chain keeps no history: that is no verdict on the task', () => {
    expect(() => run('0x01 NUMBER SUB BLOCKHASH')).toThrow(expect.objectContaining({ code: 'NO_BLOCK_HASH' }))
    const elsewhere = { world: { blockHashes: { 998: word(1) } } }
    expect(() => run('0x01 NUMBER SUB BLOCKHASH', elsewhere)).toThrow(
      expect.objectContaining({ code: 'NO_BLOCK_HASH' }),
    )
  })

  test('calls precompiles without asking the host for their accounts', () => {
    const { outcome, asked } = run(
      `0x2a PUSH0 MSTORE 0x20 0x20 0x20 PUSH0 ${address(4)} GAS STATICCALL POP 0x20 MLOAD ${RETURN_TOP}`,
    )
    expect(outcome).toEqual({ kind: 'returned', output: words(42) })
    expect(asked).toHaveLength(1)
  })

  test('answers the balance of a precompile from the chain, even after calling it', () => {
    const world = { accounts: { [address(4)]: { balance: 5n } } }
    expect(top(`${callTo(address(4))} POP ${address(4)} BALANCE`, { world })).toBe(5n)
  })

  test.each([
    ['SSTORE', '0x01 PUSH0 SSTORE'],
    ['TSTORE', '0x01 PUSH0 TSTORE'],
    ['LOG0', 'PUSH0 PUSH0 LOG0'],
    ['CREATE', 'PUSH0 PUSH0 PUSH0 CREATE'],
    ['SELFDESTRUCT', 'CALLER SELFDESTRUCT'],
    ['CALL with value', `PUSH0 PUSH0 PUSH0 PUSH0 0x01 ${address(0xbeef)} GAS CALL`],
  ])('refuses %s, as every static call does', (_, source) => {
    expect(end(source)).toBe('invalid')
  })

  test('keeps calls static in the contracts that are called', () => {
    const world = { accounts: { [address(0xbeef)]: { code: assemble('0x01 PUSH0 SSTORE') } } }
    expect(top(callTo(address(0xbeef), 'CALL'), { world })).toBe(0n)
  })

  test('tells running out of gas from other ends', () => {
    expect(end('loop: @loop JUMP', { gasLimit: 100_000n })).toBe('outOfGas')
    expect(end('INVALID')).toBe('invalid')
    expect(end('POP')).toBe('invalid')
    expect(end('0xff JUMP')).toBe('invalid')
    expect(run('0x2a PUSH0 MSTORE 0x20 PUSH0 REVERT').outcome).toEqual({ kind: 'reverted', data: words(42) })
  })

  test.each(['DELEGATECALL', 'CALLCODE'])('S8: %s in a frame that is the dApp ends the run', (opcode) => {
    expect(end(callTo(address(0xbeef), opcode))).toBe('proxyCode')
  })

  test('S8: nor may the dApp borrow code when another contract calls it back', () => {
    const world = { accounts: { [address(0xbeef)]: { code: assemble(`${callTo(DAPP)} STOP`) } } }
    const calledBack = (then: string) =>
      `CALLER ${ALICE} EQ @first JUMPI ${then} first: ${callTo(address(0xbeef))} STOP`
    expect(end(calledBack('STOP'), { world })).toBe('returned')
    expect(end(calledBack(`${callTo(address(0xbad), 'DELEGATECALL')} STOP`), { world })).toBe('proxyCode')
  })

  test('lets other contracts be proxies', () => {
    const implementation = assemble(`0x2a ${RETURN_TOP}`)
    const proxy = assemble(`PUSH0 PUSH0 PUSH0 PUSH0 ${address(0xd1)} GAS DELEGATECALL POP
      0x20 PUSH0 PUSH0 RETURNDATACOPY 0x20 PUSH0 RETURN`)
    const world = { accounts: { [address(0xd1)]: { code: implementation }, [address(0xd2)]: { code: proxy } } }
    const source = `0x20 PUSH0 PUSH0 PUSH0 ${address(0xd2)} GAS STATICCALL POP PUSH0 MLOAD`
    expect(top(source, { world })).toBe(42n)
  })

  test('follows an EIP-7702 designator of another account', () => {
    const designator = concatBytes(hexToBytes('0xef0100'), hexToBytes(address(0xd1)))
    const world = {
      accounts: { [address(0xd1)]: { code: assemble(`0x2a ${RETURN_TOP}`) }, [address(0xe0a)]: { code: designator } },
    }
    const source = `0x20 PUSH0 PUSH0 PUSH0 ${address(0xe0a)} GAS STATICCALL POP PUSH0 MLOAD`
    expect(top(source, { world })).toBe(42n)
  })

  test('S19: memory is counted over all live frames, and no frame can catch the end', () => {
    // Each frame takes 1 MiB and calls itself; it would get deeper than Core follows before its gas is used up.
    const bomb = `0x01 0x100000 MSTORE ${callTo(DAPP)} STOP`
    expect(end(bomb, { gasLimit: 1n << 28n })).toBe('memory')
  })

  test('S19: memory that a call gave back can be used again', () => {
    const world = { accounts: { [address(0xbeef)]: { code: assemble('0x01 0x100000 MSTORE STOP') } } }
    expect(end(`${`${callTo(address(0xbeef))} POP `.repeat(64)} STOP`, { gasLimit: 1n << 28n, world })).toBe('returned')
  })

  test('S19: an offset beyond all memory is out of gas, not out of memory', () => {
    expect(end(`0x01 0x${'ff'.repeat(32)} MSTORE`)).toBe('outOfGas')
  })

  test('S19: more slots than a task may read end the run', () => {
    expect(end(reads(CAPS.reads))).toBe('returned')
    expect(end(reads(CAPS.reads + 1))).toBe('reads')
  })

  test('S19: more accounts than Core holds end the run', () => {
    // The dApp's own account counts too.
    const looks = (
      count: number,
    ) => `0x${count.toString(16).padStart(4, '0')} loop: DUP1 ${address(0x10000)} ADD BALANCE
      POP 0x01 SWAP1 SUB DUP1 @loop JUMPI STOP`
    expect(end(looks(CAPS.accounts - 1))).toBe('returned')
    expect(end(looks(CAPS.accounts))).toBe('accounts')
  })

  test('S19: deeper calls than Core follows end the run', () => {
    // Calls itself until the number in its calldata is used up.
    const deep = `PUSH0 CALLDATALOAD DUP1 ISZERO @end JUMPI 0x01 SWAP1 SUB PUSH0 MSTORE
      PUSH0 PUSH0 0x20 PUSH0 ${DAPP} GAS STATICCALL POP STOP end: STOP`
    expect(end(deep, { data: words(CAPS.depth), gasLimit: 1n << 28n })).toBe('returned')
    expect(end(deep, { data: words(CAPS.depth + 1), gasLimit: 1n << 28n })).toBe('depth')
  })

  test('S19: refuses what a precompile is given in any wrong form, and goes on', () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0x100]) {
      for (const length of [0, 1, 31, 63, 128, 192, 213, 383, 4_096]) {
        const call = `0x20 PUSH0 0x${length.toString(16).padStart(4, '0')} PUSH0 ${address(n)} 0x0f4240 STATICCALL`
        expect(end(`0x${'ff'.repeat(32)} PUSH0 MSTORE ${call} STOP`)).toBe('returned')
      }
    }
  })

  test('S19: the caps count over all calls of one task', () => {
    const { run, learn } = open(assemble(reads(700)))
    expect(drive(run.call(words(0), 10_000_000n), learn).value.kind).toBe('returned')
    expect(drive(run.call(words(0), 10_000_000n), learn).value.kind).toBe('returned')
    const twice = open(assemble(`PUSH0 CALLDATALOAD @second JUMPI ${reads(700)} second: ${reads(700, 5_000)}`))
    expect(drive(twice.run.call(words(0), 10_000_000n), twice.learn).value.kind).toBe('returned')
    expect(drive(twice.run.call(words(1), 10_000_000n), twice.learn).value).toEqual({
      kind: 'halted',
      halt: 'reads',
    })
  })

  test('S19: what was prefetched counts as read, once', () => {
    const slots = (count: number) => Array.from({ length: count }, (_, i) => ({ address: DAPP, slot: word(i + 1) }))
    const reading = (prefetched: number, source: string) => {
      const { run, learn } = open(assemble(source), { world: { storage: { [DAPP]: { [word(9_999)]: word(1) } } } })
      const isAllowed = drive(run.prefetch(slots(prefetched)), learn)
      if (!isAllowed.value) return 'refused'
      const { value, asked } = drive(run.call(new Uint8Array(0), 10_000_000n), learn)
      return [value.kind === 'halted' ? value.halt : value.kind, asked.flatMap((wanted) => wanted.slots).length]
    }
    expect(reading(700, reads(700))).toEqual(['returned', 0])
    expect(reading(700, reads(CAPS.reads))).toEqual(['returned', CAPS.reads - 700])
    expect(reading(700, reads(400, 5_000))).toEqual(['reads', CAPS.reads - 700])
    expect(reading(CAPS.reads, 'STOP')).toEqual(['returned', 0])
    expect(reading(CAPS.reads + 1, 'STOP')).toBe('refused')
  })

  test('a run finds nothing of another task that the same machine ran', () => {
    const { run: first, learn } = open(assemble(`0x${'5e'.repeat(32)} DUP1 DUP1 PUSH0 MSTORE 0x1000 MSTORE STOP`))
    drive(first.call(new Uint8Array(0), 10_000_000n), learn)
    expect(top('0x1000 MLOAD PUSH0 MLOAD ADD')).toBe(0n)
  })
})

/** Reads slots `from + 1` to `from + count`. */
function reads(count: number, from = 0): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`
  const loop = `l${from}`
  return `${hex(count)} ${loop}: DUP1 ${hex(from)} ADD SLOAD POP 0x01 SWAP1 SUB DUP1 @${loop} JUMPI STOP`
}
