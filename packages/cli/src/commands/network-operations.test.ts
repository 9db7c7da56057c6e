import { PassThrough } from 'node:stream'
import { keyRegistryAbi, timelockAbi } from '@enigma/contracts'
import { until } from '@enigma/process/testing'
import { type Hex, keyRegistryOf } from '@enigma/protocol'
import { encodeFunctionData, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountOf } from '../localnet/accounts.ts'
import { runProgram } from '../program.ts'
import { DELAY_SECONDS, type GovernedNetwork, startGovernedNetwork } from '../testing/governed.ts'
import { commands } from './index.ts'

let network: GovernedNetwork
beforeAll(async () => {
  network = await startGovernedNetwork()
})
afterAll(() => network?.stop())

/** Signed by the deployer, who owns the timelock, unless `args` name another account. */
async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram(['network', ...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd: network.cwd, env: {}, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, ...JSON.parse(String(stdout.read())), said: String(stderr.read() ?? '') }
}

const addressOf = (name: string) => accountOf(network.accounts, name).address
const isFrozen = async () => (await run('status')).isFrozen
const stateOf = async (id: Hex) =>
  (await run('operations')).operations.find((operation: { id: Hex }) => operation.id === id)?.state

describe('a network whose governor is a timelock', () => {
  test('is shown as one, with its delay and owner', async () => {
    const { said, owner, delaySeconds } = await run('status')
    expect([owner.toLowerCase(), delaySeconds]).toEqual([addressOf('deployer'), DELAY_SECONDS])
    expect(said).toContain('a timelock of 3 days')
  })

  test('S24: a change is scheduled, listed, and made by anyone after the delay, not before', async () => {
    const scheduled = await run('freeze')
    const { id, readyAt, staleAt } = scheduled.operation
    expect(scheduled).toMatchObject({ code: 0, txHash: expect.any(String) })
    expect(staleAt - readyAt).toBe(14 * 86_400)
    expect(scheduled.said).toContain('Scheduled, not done yet: KeyRegistry.freezeJoins(true)')
    expect(scheduled.said).toContain('The guardian may do it at once.')
    expect(scheduled.said).toContain(`enigma network execute ${id}`)
    expect(await isFrozen()).toBe(false)

    const { operations, said } = await run('operations')
    expect(operations.at(-1)).toMatchObject({
      ...{ id, state: 'waiting', readyAt, staleAt },
      calls: [{ contract: 'KeyRegistry', functionName: 'freezeJoins', args: [true] }],
    })
    expect(said).toContain('KeyRegistry.freezeJoins(true)')
    expect(await run('execute', id)).toMatchObject({ code: 1, error: { code: 'NOT_READY' } })

    await network.wind(DELAY_SECONDS)
    expect(await stateOf(id)).toBe('ready')
    expect(await run('execute', id, '--account', 'alice')).toMatchObject({
      ...{ code: 0, id, calls: ['KeyRegistry.freezeJoins(true)'] },
    })
    expect(await isFrozen()).toBe(true)
    expect(await stateOf(id)).toBe('executed')
    expect(await run('execute', id)).toMatchObject({ code: 1, error: { code: 'NOT_READY' } })
  })

  test('S24: the guardian acts at once, and cancels what the owner scheduled', async () => {
    const { said, operation } = await run('freeze', '--end')
    const { id } = operation
    expect(said).not.toContain('The guardian may')
    expect(await run('cancel', id, '--account', 'alice')).toMatchObject({
      ...{ code: 1, error: { message: expect.stringContaining('OnlyOwnerOrGuardian') } },
    })
    expect(await run('cancel', id, '--account', 'keeper')).toMatchObject({
      ...{ code: 0, calls: ['KeyRegistry.freezeJoins(false)'] },
    })
    expect(await stateOf(id)).toBe('cancelled')
    expect(await run('freeze', '--account', 'keeper')).toMatchObject({ code: 0, isFrozen: true })
  })

  test('S24: a stranger schedules nothing', async () => {
    const before = (await run('operations')).operations.length
    expect(await run('revoke', '0', '--account', 'alice')).toMatchObject({
      ...{ code: 1, error: { code: 'REFUSED', message: expect.stringContaining('OnlyOwner(') } },
    })
    expect((await run('operations')).operations).toHaveLength(before)
  })

  test('says what the call would be refused for today, and why it was refused in the end', async () => {
    const { operation, said } = await run('retire', '7')
    expect(said).toContain('As things stand the call would fail then. The contract refuses: InvalidGeneration(7)')
    await network.wind(DELAY_SECONDS)
    expect(await run('execute', operation.id)).toMatchObject({
      code: 1,
      error: {
        code: 'CALL_FAILED',
        message: expect.stringMatching(/raiseMinGeneration\(7\) .*InvalidGeneration\(7\)/),
      },
    })
    expect(await stateOf(operation.id)).toBe('ready')
    await network.wind(14 * 86_400)
    expect(await stateOf(operation.id)).toBe('stale')
  })

  test('what is no change of the governor’s fails as ever: the first generation is still open', async () => {
    expect(await run('rotate')).toMatchObject({
      ...{ code: 1, error: { message: expect.stringContaining('GenerationStillOpen(1)') } },
    })
  })

  test('shows each call of an operation, its own and unknown ones too', async () => {
    const { client, timelock, enigma, accounts } = network
    const alice = addressOf('alice')
    const retire = encodeFunctionData({ abi: keyRegistryAbi, functionName: 'raiseMinGeneration', args: [1] })
    const hand = encodeFunctionData({ abi: timelockAbi, functionName: 'transferOwnership', args: [alice] })
    const calls = [
      { target: keyRegistryOf(enigma), data: retire },
      { target: timelock, data: hand },
      { target: enigma, data: '0xdeadbeef' as Hex },
    ]
    const account = privateKeyToAccount(accountOf(accounts, 'deployer').privateKey)
    const schedule = { address: timelock, abi: timelockAbi, functionName: 'schedule' } as const
    await client.writeContract({ ...schedule, args: [calls, zeroHash], account, chain: null })
    const { said, operations } = await run('operations')
    expect(operations.at(-1).calls.map(({ text }: { text: string }) => text.toLowerCase())).toEqual([
      'keyregistry.raisemingeneration(1)',
      `timelock.transferownership(${alice})`,
      'enigma.0xdeadbeef',
    ])
    expect(said).toContain('Enigma.0xdeadbeef')
  })

  test('S24: where execution and cancellation meet in a block, one of them says that it came too late', async () => {
    const { client } = network
    const { id } = (await run('freeze', '--end')).operation
    await network.wind(DELAY_SECONDS)
    await client.setAutomine(false)
    let refused = 0
    const counted = (end: Awaited<ReturnType<typeof run>>) => {
      refused += end.code
      return end
    }
    const both = [run('execute', id), run('cancel', id, '--account', 'keeper')].map((end) => end.then(counted))
    // A node that holds the one transaction when it reckons the other's gas refuses that one itself.
    await until(async () => (await client.getTxpoolStatus()).pending + refused === 2, 'both transactions')
    await client.mine({ blocks: 1 })
    await client.setAutomine(true)
    const ends = (await Promise.all(both)).map(({ code, error }) => [code, error?.code]).sort()
    expect(ends[0]).toEqual([0, undefined])
    expect(ends[1]).toEqual([1, expect.stringMatching(/^(REVERTED|REFUSED)$/)])
  })

  test.each([
    [['execute', '0x12'], 2, 'USAGE'],
    [['cancel', 'x'], 2, 'USAGE'],
    [['execute', `0x${'22'.repeat(32)}`], 1, 'UNKNOWN_OPERATION'],
    [['cancel', `0x${'22'.repeat(32)}`], 1, 'UNKNOWN_OPERATION'],
  ])('refuses %j', async (args, code, error) => {
    expect(await run(...args)).toMatchObject({ code, error: { code: error } })
  })
})

describe.each([
  ['an account', '0x'],
  ['a contract that answers nothing', '0x00'],
  ['a contract that refuses the question', '0x5f5ffd'],
] as const)('a network whose governor is %s', (_what, code) => {
  beforeAll(() => network.client.setCode({ address: network.timelock, bytecode: code }))

  test('has no operations, and refuses as its contracts do', async () => {
    expect(await run('status')).toMatchObject({ code: 0, owner: null, delaySeconds: 0 })
    expect(await run('operations')).toMatchObject({ code: 1, error: { code: 'NO_TIMELOCK' } })
    expect(await run('revoke', '0')).toMatchObject({
      ...{ code: 1, error: { code: 'REFUSED', message: expect.stringContaining('OnlyGuardian(') } },
    })
  })
})
