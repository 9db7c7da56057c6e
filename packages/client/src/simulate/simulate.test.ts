import { startLyingProxy } from '@enigma/process/testing'
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { createClient, http, parseAbi } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { address, dApp, RETURN_TOP, returnWords, word } from '../../../core/src/testing/assemble.ts'
import { chain, startChain, type TestChain } from '../testing/chain.ts'
import { deployLoan, type Loan } from '../testing/loan.ts'
import { simulate } from './index.ts'

const DAPP = address(0xdab)

let local: TestChain
let proxy: Awaited<ReturnType<typeof startLyingProxy>>
let loan: Loan
beforeAll(async () => {
  local = await startChain()
  proxy = await startLyingProxy(local.url)
  loan = await deployLoan(local)
})
afterEach(() => {
  proxy.lie = undefined
})
afterAll(async () => {
  await proxy?.stop()
  await local?.stop()
})

const client = () =>
  createClient({ chain, transport: http(proxy.url, { retryCount: 0 }), account: local.account(0), cacheTime: 0 })

const abi = parseAbi(['function f(uint256 n) view returns (uint256)', 'error Never()'])

/** Puts a contract of these functions at DAPP; returns a call of its `f`. */
async function place(functions: Record<string, string>, options?: Parameters<typeof dApp>[1]) {
  await local.client.setCode({ address: DAPP, bytecode: bytesToHex(dApp(functions, options)) })
  await local.mine(1)
  return { client: client(), address: DAPP, abi, functionName: 'f', args: [3n] } as const
}
const F = 'f(uint256)'

describe('a simulation', () => {
  test('returns what the chain computes from the same state, typed by the ABI', async () => {
    const { outcome, blockNumber } = await simulate({ client: client(), ...loan.score(4_200n, 3_000n) })
    const answer = await local.client.readContract({ ...loan.score(4_200n, 3_000n), account: local.account(0) })
    expect(outcome).toMatchObject({ kind: 'returned', result: answer })
    if (outcome.kind === 'returned') {
      const [applicant, amount, rateBps]: readonly [Address, bigint, bigint, Hex, bigint] = outcome.result
      expect([applicant, amount > 100_000n, rateBps]).toEqual([local.account(0).address, true, 369n])
    }
    expect(blockNumber).toBe(await local.client.getBlockNumber())
  })

  test('takes the requester, and the state of an earlier block, from the caller', async () => {
    const before = (await local.client.getBlockNumber()) - 1n
    const call = loan.score(4_200n, 3_000n)
    const amounts = []
    for (const options of [
      { account: local.account(1) },
      { account: local.account(1).address },
      { blockNumber: before },
    ]) {
      const { outcome } = await simulate({ client: client(), ...call, ...options })
      amounts.push(outcome.kind === 'returned' && outcome.result[1])
    }
    // Without collateral: somebody else’s, somebody else’s, and before it was locked.
    expect(amounts).toEqual([97_055n, 97_055n, 97_055n])
  })

  test('decodes why the function reverts: its own errors, Solidity’s, and those that no ABI knows', async () => {
    const refused = await simulate({ client: client(), ...loan.score(4_200n, 60_000n) })
    expect(refused.outcome).toEqual({ kind: 'reverted', reason: { errorName: 'DebtsTooHigh', args: [] } })
    const overflow = await simulate({ client: client(), ...loan.score(4_200n, 2n ** 256n - 1n) })
    expect(overflow.outcome).toEqual({ kind: 'reverted', reason: { errorName: 'Panic', args: [17n] } })
    const silent = await simulate(await place({ [F]: 'PUSH0 PUSH0 REVERT' }))
    expect(silent.outcome).toEqual({ kind: 'reverted' })
    const odd = await simulate(await place({ [F]: `${word(7)} PUSH0 MSTORE 0x20 PUSH0 REVERT` }))
    expect(odd.outcome).toEqual({ kind: 'reverted', reason: { data: word(7) } })
  })

  test('lists what an operator would see, in his order: own slots, vault, feed', async () => {
    const { reads } = await simulate({ client: client(), ...loan.score(4_200n, 3_000n) })
    const { address: own, vault, feed } = loan
    expect(reads.map((read) => [read.address, 'slot' in read])).toEqual([
      [own, true],
      [vault, false],
      [vault, true],
      [vault, true],
      [feed, false],
      [feed, true],
      [feed, true],
      [feed, true],
    ])
    expect(reads.every(({ isPrefetched }) => !isPrefetched)).toBe(true)
  })

  test('shows what is prefetched, so that what is not stands out', async () => {
    const f = `0x04 CALLDATALOAD SLOAD 0x09 SLOAD ADD ${RETURN_TOP}`
    const call = await place({ [F]: f, 'enigmaPrefetch(bytes4)': returnWords(32, 1, DAPP, 2, 3) })
    await local.client.setStorageAt({ address: DAPP, index: 3, value: word(40) })
    await local.client.setStorageAt({ address: DAPP, index: 9, value: word(2) })
    await local.mine(1)
    const { outcome, reads } = await simulate(call)
    expect(outcome).toMatchObject({ kind: 'returned', result: 42n })
    expect(reads).toEqual([
      ...[2, 3, 4].map((n) => ({ address: DAPP, slot: word(n), isPrefetched: true })),
      { address: DAPP, slot: word(9), isPrefetched: false },
    ])
  })

  test('sends the same code once, though several accounts have it', async () => {
    const twins = [address(0x701), address(0x702)] as const
    for (const twin of twins) await local.client.setCode({ address: twin, bytecode: '0x60015f5260205ff3' })
    const ask = (to: Hex) => `0x20 PUSH0 PUSH0 PUSH0 ${to} GAS STATICCALL POP PUSH0 MLOAD`
    const call = await place({
      [F]: `${ask(twins[0])} ${ask(twins[1])} ADD ${RETURN_TOP}`,
      'enigmaPrefetch(bytes4)': returnWords(32, 2, twins[0], 0, 1, twins[1], 0, 1),
    })
    expect((await simulate(call)).outcome).toMatchObject({ kind: 'returned', result: 2n })
  })

  test('takes block hashes from the state, as Core does', async () => {
    const call = await place({ [F]: `0x01 NUMBER SUB BLOCKHASH ${RETURN_TOP}` })
    const number = await local.client.getBlockNumber()
    const { hash } = await local.client.getBlock({ blockNumber: number - 1n })
    const history: Address = '0x0000f90827f1c53a10cb7a02335b175320002935'
    const code = await local.client.getCode({ address: history })
    expect(code?.length).toBeGreaterThan(2)
    const { outcome, reads } = await simulate({ ...call, blockNumber: number })
    expect(outcome).toMatchObject({ kind: 'returned', output: hash })
    expect(reads.at(-1)).toEqual({ address: history, slot: word((number - 1n) % 8_191n), isPrefetched: false })
  })

  test('ends where a Core would: at the gas of the class, at its caps, at the cap of the output', async () => {
    const endless = await place({ [F]: 'loop: @loop JUMP' })
    expect(await simulate({ ...endless, gasClass: 3 })).toMatchObject({
      outcome: { kind: 'halted', halt: 'outOfGas' },
      gasUsed: 1n << 19n,
    })
    const reader = await place({ [F]: `0x01 SLOAD 0x02 SLOAD ADD ${RETURN_TOP}` })
    expect(await simulate({ ...reader, caps: { reads: 1 } })).toMatchObject({
      outcome: { kind: 'halted', halt: 'reads' },
    })
    const long = await place({ [F]: '0x0400 PUSH0 RETURN' })
    expect((await simulate(long)).outcome).toEqual({ kind: 'halted', halt: 'output' })
    expect((await simulate({ ...long, outputCap: 1_024 })).outcome).toMatchObject({ kind: 'returned' })
  })
})

describe('its trace', () => {
  test('names calls, arguments, results and reasons where the ABI knows them', async () => {
    const { trace } = await simulate({ client: client(), ...loan.score(4_200n, 3_000n) })
    const { address: own, vault, feed } = loan
    expect(trace).toMatchObject({
      to: own,
      functionName: 'score',
      end: { kind: 'returned', result: expect.any(Array) },
    })
    expect(trace.calls.map(({ to, call }) => [to, call])).toEqual(
      [vault, vault, feed, feed].map((to) => [to, 'staticcall']),
    )
    expect(trace.calls.every((inner) => inner.functionName === undefined && inner.gasUsed < trace.gasUsed)).toBe(true)
    const known = parseAbi(['function locked(address owner) view returns (uint256)'])
    const call = loan.score(4_200n, 3_000n)
    const wider = await simulate({ client: client(), ...call, abi: [...call.abi, ...known] })
    expect(wider.trace.calls[0]).toMatchObject({ functionName: 'locked', end: { result: 4n * 10n ** 18n } })
  })

  test('ends every frame that a cap ended, and shows what a call failed by that was caught', async () => {
    const callTo = (to: Hex) => `PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS STATICCALL`
    const [failing, reading] = [address(0xfa11), address(0x0ead)]
    await local.client.setCode({ address: failing, bytecode: '0xfe' })
    await local.client.setCode({ address: reading, bytecode: '0x5f5460015450' })
    const call = await place({ [F]: `${callTo(failing)} POP ${callTo(reading)} STOP` })
    const { trace, outcome } = await simulate({ ...call, gasClass: 8, caps: { reads: 1 } })
    expect(outcome).toEqual({ kind: 'halted', halt: 'reads' })
    expect(trace).toMatchObject({
      end: { kind: 'halted', halt: 'reads' },
      calls: [
        { to: failing, end: { kind: 'halted', halt: 'invalidOpcode' }, calls: [] },
        { to: reading, end: { kind: 'halted', halt: 'reads' }, calls: [] },
      ],
    })
  })
})

describe('a simulation is refused', () => {
  test('for a function that the dApp opens to nobody', async () => {
    const call = await place({ [F]: `0x01 ${RETURN_TOP}` }, { closed: [F] })
    await expect(simulate(call)).rejects.toMatchObject({ code: 'NOT_CALLABLE' })
  })

  test('where there is no contract, or code of somebody else’s', async () => {
    const call = await place({})
    const pointer = address(0xde1)
    await local.client.setCode({ address: pointer, bytecode: `0xef0100${DAPP.slice(2)}` })
    const proxied = address(0xde2)
    // DELEGATECALL to DAPP with all that it was sent.
    const clone: Hex = `0x363d3d373d3d3d363d73${DAPP.slice(2)}5af43d82803e903d91602b57fd5bf3`
    await local.client.setCode({ address: proxied, bytecode: clone })
    await local.mine(1)
    await expect(simulate({ ...call, address: address(0x404) })).rejects.toMatchObject({ code: 'UNKNOWN_DAPP' })
    await expect(simulate({ ...call, address: pointer })).rejects.toMatchObject({ code: 'PROXY' })
    await expect(simulate({ ...call, address: proxied })).rejects.toMatchObject({ code: 'PROXY' })
  })

  test('where the dApp prefetches more than a task may read', async () => {
    const call = await place({ [F]: 'STOP', 'enigmaPrefetch(bytes4)': returnWords(32, 1, DAPP, 0, 1_025) })
    await expect(simulate(call)).rejects.toMatchObject({ code: 'PREFETCH_TOO_LARGE' })
  })

  test('for arguments that do not fit, an address that is none, and a block that is not there', async () => {
    const call = await place({ [F]: 'STOP' })
    await expect(simulate({ ...call, args: ['three'] as never })).rejects.toMatchObject({ code: 'ARGUMENTS' })
    await expect(simulate({ ...call, functionName: 'g' as 'f' })).rejects.toMatchObject({ code: 'UNKNOWN_FUNCTION' })
    await expect(simulate({ ...call, address: '0x12' })).rejects.toMatchObject({ code: 'MALFORMED_HEX' })
    await expect(simulate({ ...call, gasClass: 13 })).rejects.toMatchObject({ code: 'INVALID_GAS_CLASS' })
    await expect(simulate({ ...call, blockNumber: 1n << 40n })).rejects.toMatchObject({ code: 'UNKNOWN_BLOCK' })
  })
})
