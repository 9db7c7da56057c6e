import { PassThrough } from 'node:stream'
import { blsBeaconAbi, blsBeaconBytecode } from '@enigma/contracts'
import { beaconPublicKey, bytesToHex, type Hex, keyRegistryOf } from '@enigma/protocol'
import { encodeDeployData } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountOf } from '../localnet/accounts.ts'
import { runProgram } from '../program.ts'
import { DELAY_SECONDS, type GovernedNetwork, startGovernedNetwork } from '../testing/governed.ts'
import { commands } from './index.ts'

const DAY = 86_400
const OTHER = '0x00000000000000000000000000000000000000ee'

let network: GovernedNetwork
beforeAll(async () => {
  network = await startGovernedNetwork()
})
afterAll(() => network?.stop())

/** Signed by the deployer, who owns the timelock, unless `args` name another account. The guardian is the keeper. */
async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram(['network', ...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd: network.cwd, env: {}, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, ...JSON.parse(String(stdout.read())), said: String(stderr.read() ?? '') }
}

const now = async () => Number((await network.client.getBlock()).timestamp)

/** Schedules a change and executes it when its time has come. */
async function govern(...args: string[]) {
  const { operation, said } = await run(...args)
  await network.wind(operation.readyAt - (await now()))
  expect(await run('execute', operation.id, '--account', 'alice')).toMatchObject({ code: 0 })
  return said
}

async function deployBeacon(enigma: Hex): Promise<Hex> {
  const key = bytesToHex(beaconPublicKey(new Uint8Array(32).fill(2)))
  const account = privateKeyToAccount(accountOf(network.accounts, 'deployer').privateKey)
  const data = encodeDeployData({ abi: blsBeaconAbi, bytecode: blsBeaconBytecode, args: [enigma, key] })
  const hash = await network.client.sendTransaction({ account, data, gas: 4_000_000n, chain: null })
  return (await network.client.waitForTransactionReceipt({ hash })).contractAddress as Hex
}

describe('a pause', () => {
  test('S24: is the guardian’s at once, for 14 days, and his to end; status shows it', async () => {
    const paused = await run('pause', '--account', 'keeper')
    expect(paused).toMatchObject({ code: 0, pausedUntil: expect.any(Number) })
    expect(paused.said).toContain('No new task will be taken until')
    expect(paused.pausedUntil - (await now())).toBeGreaterThan(13 * DAY)
    expect(await run('status')).toMatchObject({ isPaused: true, pausedUntil: paused.pausedUntil })
    expect((await run('status')).said).toContain('paused until')

    expect(await run('unpause', '--account', 'keeper')).toMatchObject({ code: 0, pausedUntil: 0 })
    expect(await run('status')).toMatchObject({ isPaused: false })
    expect(await run('pause', '--account', 'keeper')).toMatchObject({
      ...{ code: 1, error: { message: expect.stringContaining('PauseTooSoon') } },
    })
  })

  test('S24: is a stranger’s in no way', async () => {
    expect(await run('pause', '--account', 'alice')).toMatchObject({ code: 1 })
    expect(await run('unpause', '--account', 'alice')).toMatchObject({ code: 1 })
  })
})

describe('what the governor changes', () => {
  test('S24: is said beforehand, scheduled, and not the guardian’s', async () => {
    const scheduled = await run('price', '36')
    expect(scheduled).toMatchObject({ code: 0, operation: { state: 'waiting' } })
    expect(scheduled.said).toContain('Prices are at level 32: 1 ×')
    expect(scheduled.said).toContain('Epochs that start later will be at level 36: 2 × the prices at deployment')
    const changes = [
      ['price', '36'],
      ['admit', `0x${'22'.repeat(32)}`],
      ['guardian', OTHER],
    ]
    for (const change of changes) {
      expect(await run(...change, '--account', 'keeper')).toMatchObject({
        ...{ code: 1, error: { message: expect.stringContaining('OnlyOwner(') } },
      })
    }
    expect(await run('status')).toMatchObject({ priceLevel: 32 })
  })

  test('prices', async () => {
    await govern('price', '40')
    const { priceLevel, said } = await run('status')
    expect(priceLevel).toBe(40)
    expect(said).toContain('level 40: 4 × the prices at deployment, 0.00004 ETH a task')
  })

  test('which code is admitted', async () => {
    const admitted = `0x${'22'.repeat(32)}`
    expect(await govern('admit', admitted)).toContain('Compare it with a build of your own first')
    expect((await run('status')).measurements).toMatchObject([{ id: 0 }, { id: 1, measurement: admitted }])
  })

  test('the beacon, which must serve this network', async () => {
    const beacon = await deployBeacon(network.enigma)
    await govern('beacon', beacon)
    expect((await run('status')).beacon.toLowerCase()).toBe(beacon.toLowerCase())
    const others = await deployBeacon(keyRegistryOf(network.enigma))
    expect(await run('beacon', others)).toMatchObject({ code: 1, error: { code: 'OTHER_NETWORKS' } })
  })

  test('the verifier, whose policy it compares', async () => {
    expect(await govern('verifier', network.verifier)).toContain('Its policy is the same.')
    const { said } = await run('verifier', OTHER)
    expect(said).toContain('As things stand the call would fail then.')
    expect(said).toContain('attestation verifier is not a contract')
  })

  test('S24: the guardian, who cannot cancel that, and the delay is four times as long', async () => {
    const { operation, said } = await run('guardian', OTHER)
    expect(said).toContain(`${OTHER} will be guardian`)
    expect(operation.readyAt - (await now())).toBeGreaterThan(4 * DELAY_SECONDS - 60)
    expect(await run('cancel', operation.id, '--account', 'keeper')).toMatchObject({
      ...{ code: 1, error: { message: expect.stringContaining('OnlyOwner(') } },
    })
    await network.wind(4 * DELAY_SECONDS)
    expect(await run('execute', operation.id)).toMatchObject({ code: 0 })
    expect((await run('status')).guardian.toLowerCase()).toBe(OTHER)
  })

  test.each([
    ['price', '64'],
    ['price', '-1'],
    ['admit', '0x12'],
    ['beacon', 'x'],
    ['verifier', `0x${'0'.repeat(39)}`],
    ['guardian', ''],
    ['pause', '--days', '15'],
    ['pause', '--days', '0'],
  ])('is refused as %s %s', async (...args) => {
    expect(await run(...args)).toMatchObject({ code: 2, error: { code: 'USAGE' } })
  })
})
