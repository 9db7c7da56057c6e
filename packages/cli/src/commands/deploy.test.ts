import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { parseNetwork } from '@enigma/client'
import { drandBeaconAbi, enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import { type Anvil, startAnvil } from '@enigma/process/testing'
import { type Hex, keyRegistryOf, QUICKNET } from '@enigma/protocol'
import {
  createPublicClient,
  createTestClient,
  custom,
  getContract,
  http,
  type PublicClient,
  publicActions,
  walletActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partsOf } from '../deploy/parts.ts'
import { planDeployment } from '../deploy/plan.ts'
import { findMissing } from '../deploy/preflight.ts'
import { deployParts, openChain } from '../deploy/send.ts'
import { accountOf, devAccounts } from '../localnet/accounts.ts'
import { networkFileText, parseNetworkFile } from '../network-file.ts'
import { runProgram } from '../program.ts'
import { exampleNetworkFile, localConfig } from '../testing/deployed.ts'
import { commands } from './index.ts'

const deployer = privateKeyToAccount(accountOf(devAccounts(0), 'deployer').privateKey)

/** Three slots after the boundary block. */
const DRAND = { genesisTime: QUICKNET.genesisTime, periodSeconds: QUICKNET.periodSeconds, delaySeconds: 36 }

const DEPLOYING = readFileSync(new URL('../../../../docs/deploying.md', import.meta.url), 'utf8')

let anvil: Anvil
let cwd: string
beforeEach(async () => {
  anvil = await startAnvil([])
  cwd = mkdtempSync(path.join(tmpdir(), 'enigma-deploy-'))
})
afterEach(async () => {
  await anvil.stop()
  rmSync(cwd, { recursive: true, force: true })
})

const clientOf = () =>
  createTestClient({ mode: 'anvil', transport: http(anvil.url), pollingInterval: 10, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram([...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd, env, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, ...JSON.parse(String(stdout.read())), said: String(stderr.read() ?? '') }
}

/** Deploys what the local config says, changed by `changes`. */
async function deploy(
  changes: object = {},
  { args = [] as string[], key = accountOf(devAccounts(0), 'deployer').privateKey } = {},
) {
  writeConfig(changes)
  return run(['deploy', 'config.json', ...args], { ENIGMA_DEPLOYER_KEY: key })
}

function writeConfig(changes: object) {
  const json = (_key: string, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)
  writeFileSync(path.join(cwd, 'config.json'), JSON.stringify({ ...localConfig(anvil.url), ...changes }, json))
}

const readNetwork = () => readFileSync(path.join(cwd, 'test-network.network.json'), 'utf8')
const verify = () => run(['deploy', 'verify', 'test-network.network.json'])
const faultsOf = (answer: { findings: { what: string; fault?: string }[] }) =>
  answer.findings.filter(({ fault }) => fault !== undefined).map(({ what }) => what)

describe('enigma deploy', () => {
  test('deploys a network whose file others can use, and which is what the file says', async () => {
    const deployed = await deploy()
    expect(deployed).toMatchObject({ code: 0, faults: [] })
    const network = parseNetworkFile(readNetwork(), 'file')
    expect(network.enigma).toBe(deployed.enigma)
    expect(network.deploymentBlock).toBe(network.genesisBlock + 1)
    expect(parseNetwork(JSON.parse(readNetwork()))).toMatchObject({ enigma: network.enigma, simulated: true })
    expect(await verify()).toMatchObject({ code: 0, isSame: true })
  })

  test('finds everything there when it is run again, and sends nothing', async () => {
    await deploy()
    const [client, before] = [clientOf(), readNetwork()]
    const nonce = await client.getTransactionCount({ address: deployer.address })
    const again = await deploy()
    expect(again.said).toContain('Nothing is missing.')
    expect(await client.getTransactionCount({ address: deployer.address })).toBe(nonce)
    expect(readNetwork()).toBe(before)
  })

  test('puts a network at the same addresses, whatever its account sent before', async () => {
    const client = clientOf()
    const planned = await deploy({}, { args: ['--dry-run'] })
    await client.waitForTransactionReceipt({
      hash: await client.sendTransaction({ account: deployer, to: deployer.address, chain: null }),
    })
    const { enigma, networkHash } = await deploy()
    expect({ enigma, networkHash }).toEqual({ enigma: planned.enigma, networkHash: planned.networkHash })
    expect(planned.said).toContain(networkHash)
    expect((await deploy({ name: 'another' })).enigma).not.toBe(planned.enigma)
  })

  test.each([1, 3, 5])('goes on after part %i, where an earlier run ended', async (count) => {
    const client = openChain(anvil.url)
    const plan = await planDeployment(client, localConfig(anvil.url), deployer.address)
    const begun = { ...plan, parts: plan.parts.slice(0, count) }
    await deployParts(client, begun, { rpcUrl: anvil.url, account: deployer, onPart: () => {} })
    const resumed = await deploy()
    expect(resumed).toMatchObject({ code: 0, faults: [] })
    expect(resumed.said.match(/ stands at /g)).toHaveLength(plan.parts.length - count)
  })

  test('leaves a part alone that an earlier run’s transaction created meanwhile', async () => {
    const client = openChain(anvil.url)
    const plan = await planDeployment(client, localConfig(anvil.url), deployer.address)
    const sending = { rpcUrl: anvil.url, account: deployer, onPart: () => {} }
    await deployParts(client, plan, sending)
    await deployParts(client, plan, sending)
    expect(await deploy()).toMatchObject({ code: 0, faults: [] })
  })

  test('says in a dry run what would be deployed where, for how much, and sends nothing', async () => {
    writeConfig({})
    const planned = await run(['deploy', 'config.json', '--dry-run', '--owner', deployer.address])
    expect(planned).toMatchObject({ code: 0, isComplete: true })
    expect(planned.parts.map(({ name }: { name: string }) => name)).toEqual([
      ...['verifier', 'deployer', 'beacon', 'timelock', 'seats', 'enigma'],
    ])
    for (const { gas } of planned.parts) expect(Number(gas)).toBeGreaterThan(100_000)
    expect(await clientOf().getBlockNumber()).toBe(0n)
  })

  test('says in a dry run where Enigma will be before there is a beacon key, and deploys nothing without one', async () => {
    const early = await deploy({ beaconKey: null }, { args: ['--dry-run'] })
    expect(early).toMatchObject({ code: 0, isComplete: false })
    expect(early.said).toContain('Start the Principal')
    expect(await deploy({ beaconKey: null })).toMatchObject({ code: 1, error: { code: 'NO_BEACON_KEY' } })
    expect((await deploy()).enigma).toBe(early.enigma)
  })

  test('gives a local chain the CREATE2 deployer first', async () => {
    await anvil.stop()
    anvil = await startAnvil(['--disable-default-create2-deployer'])
    const deployed = await deploy()
    expect(deployed).toMatchObject({ code: 0, faults: [] })
    expect(deployed.said).toContain('The CREATE2 deployer is put on this local chain first.')
  })

  test('deploys one that nobody governs', async () => {
    expect(await deploy({ governor: null, guardian: null })).toMatchObject({ code: 0, faults: [] })
    expect((await verify()).findings).toContainEqual({ what: 'governor: nobody' })
  })

  test.each([1, 2])('takes the parameters that docs/deploying.md recommends, column %i', async (column) => {
    const recommended = Object.fromEntries(
      [...DEPLOYING.matchAll(/^\| `(\w+)` \| ([\d,]+)[^|]*\| ([\d,]+)[^|]*\|$/gm)].map((row) => [
        row[1],
        Number(row[column + 1]?.replaceAll(',', '')),
      ]),
    )
    const { depth, ...changed } = recommended
    expect(Object.keys(changed)).toHaveLength(9)
    const parameters = { ...localConfig(anvil.url).parameters, ...changed }
    expect(await deploy({ depth, parameters }, { args: ['--dry-run'] })).toMatchObject({ code: 0, isComplete: true })
  })

  test('deploys one whose seeds are drand’s, by the key that drand publishes', async () => {
    const [, shown = ''] = DEPLOYING.match(/^```json\n("beaconKey".*?)^```$/ms) ?? []
    expect(JSON.parse(`{${shown}}`)).toEqual({ beaconKey: QUICKNET.publicKey, drand: DRAND })
    const deployed = await deploy(JSON.parse(`{${shown}}`))
    expect(deployed).toMatchObject({ code: 0, faults: [] })
    expect(deployed.said).toContain('DrandBeacon stands at')
    const network = parseNetworkFile(readNetwork(), 'file')
    const beacon = getContract({ address: network.beacon, abi: drandBeaconAbi, client: clientOf() }).read
    expect(await Promise.all([beacon.genesisTime(), beacon.periodSeconds(), beacon.delaySeconds()])).toEqual([
      ...[BigInt(QUICKNET.genesisTime), 3n, 36n],
    ])
    expect(await beacon.publicKey()).toBe(network.beaconKey)
    expect((await verify()).findings).toContainEqual({ what: `code of DrandBeacon at ${network.beacon}` })
    const file = { ...JSON.parse(readNetwork()), drand: { ...DRAND, delaySeconds: 37 } }
    writeFileSync(path.join(cwd, 'test-network.network.json'), JSON.stringify(file))
    expect(faultsOf(await verify())).toEqual([`code of DrandBeacon at ${network.beacon}`])
  })

  test('S24: a real network’s timelock waits for 7 days at least', async () => {
    const real = { simulated: false, governor: { owner: deployer.address, delaySeconds: 7 * 86_400 - 1 } }
    expect(await deploy(real)).toMatchObject({
      code: 1,
      error: { code: 'REFUSED_PART', message: expect.stringContaining('governor is no timelock of 7 days') },
    })
    real.governor.delaySeconds += 1
    expect(await deploy(real)).toMatchObject({ code: 0, faults: [] })
  })
})

describe('enigma deploy refuses', () => {
  const nothingWasSent = async () => expect(await clientOf().getBlockNumber()).toBe(0n)
  const parameters = (changes: object) => ({
    parameters: { ...localConfig('http://127.0.0.1:1').parameters, ...changes },
  })

  test.each([
    ['a short epoch', parameters({ epochBlocks: 1 }), 'REFUSED_PART', 'EnigmaSeats refuses'],
    ['no bond', parameters({ bondGwei: 0n }), 'REFUSED_PART', 'bondGwei is zero'],
    ['long windows', parameters({ windowBlocks: 50, epochBlocks: 600 }), 'REFUSED_PART', 'three windows reach 128'],
    ['a depth that windows do not allow', { depth: 4 }, 'REFUSED_PART', 'windowBlocks is below depth + 2'],
    ['a threshold of nobody', { threshold: 0 }, 'REFUSED_PART', 'threshold is not 1 to the number'],
    [
      'a measurement twice',
      { measurements: [`0x${'11'.repeat(32)}`, `0x${'11'.repeat(32)}`] },
      'REFUSED_PART',
      'twice',
    ],
    ['no measurement', { measurements: [] }, 'REFUSED_PART', 'no measurement'],
    ['a key that is no point', { beaconKey: `0x${'01'.repeat(256)}` }, 'REFUSED_PART', 'InvalidPublicKey()'],
    ['rounds of no period', { drand: { ...DRAND, periodSeconds: 0 } }, 'REFUSED_PART', 'InvalidSchedule(0, 36)'],
    ['a policy that accepts nothing', { policy: { tcbStatuses: [], advisoryIds: [] } }, 'REFUSED_PART', 'no status'],
    ['another chain', { chainId: 1 }, 'WRONG_CHAIN', 'chain 31337; the config is for chain 1'],
  ])('%s', async (_what, changes, code, message) => {
    expect(await deploy(changes)).toMatchObject({ code: 1, error: { code, message: expect.stringContaining(message) } })
    await nothingWasSent()
  })

  test.each([
    ['version', { version: 2 }],
    ['name', { name: 'No Name' }],
    ['guardian', { guardian: 'me' }],
    ['observers', { observers: [] }],
    ['gouvernor', { gouvernor: null }],
    ['depth', { depth: 65_536 }],
    ['parameters.seatsPerPlatform', parameters({ seatsPerPlatform: 256 })],
    ['parameters.bondGwei', parameters({ bondGwei: 1n << 56n })],
    ['beaconKey', { beaconKey: `0x${'01'.repeat(96)}` }],
    ['beaconKey', { beaconKey: `0x${'01'.repeat(95)}` }],
    ['beaconKey', { beaconKey: null, drand: DRAND }],
    ['drand', { drand: { ...DRAND, delaySeconds: 60 } }],
    ['drand.periodSeconds', { drand: { ...DRAND, periodSeconds: -3 } }],
    ['policy', { policy: { tcbStatuses: ['Fine'], advisoryIds: [] } }],
  ])('a file whose %s is wrong, by that name', async (field, changes) => {
    expect(await deploy(changes)).toMatchObject({
      ...{ code: 1, error: { code: 'DEPLOY_CONFIG', message: expect.stringContaining(`${field}: `) } },
    })
  })

  test('S15: simulated hardware off local chains', async () => {
    await anvil.stop()
    anvil = await startAnvil(['--chain-id', '10'])
    expect(await deploy({ chainId: 10 })).toMatchObject({ code: 1, error: { code: 'SIMULATED_ABROAD' } })
    await nothingWasSent()
  })

  test('a chain without the CREATE2 deployer that is not local, and says how it gets there', async () => {
    await anvil.stop()
    anvil = await startAnvil(['--chain-id', '10', '--disable-default-create2-deployer'])
    const refused = await deploy({ chainId: 10, simulated: false })
    expect(refused).toMatchObject({ code: 1, error: { code: 'NO_CREATE2_DEPLOYER' } })
    expect(refused.error.hint).toContain('0.01 ETH to 0x3fab184622dc19b6109349b94811493bf2a45362')
  })

  test('an account that cannot pay', async () => {
    await clientOf().setBalance({ address: deployer.address, value: 10n ** 15n })
    expect(await deploy()).toMatchObject({ code: 1, error: { code: 'POOR_DEPLOYER' } })
    await nothingWasSent()
  })

  test('no key, and one that is none, and says nothing of it', async () => {
    writeConfig({})
    expect(await run(['deploy', 'config.json'])).toMatchObject({ code: 1, error: { code: 'NO_KEY' } })
    const refused = await deploy({}, { key: '0xsecret' as Hex })
    expect(refused).toMatchObject({ code: 1, error: { code: 'NO_KEY' } })
    expect(refused.said).not.toContain('secret')
    expect(await run(['deploy', 'config.json', '--dry-run'])).toMatchObject({ code: 2 })
  })

  test('to go on with another config than the one that was begun', async () => {
    const client = openChain(anvil.url)
    const plan = await planDeployment(client, localConfig(anvil.url), deployer.address)
    const begun = { ...plan, parts: plan.parts.slice(0, 5) }
    await deployParts(client, begun, { rpcUrl: anvil.url, account: deployer, onPart: () => {} })
    const { parameters } = localConfig(anvil.url)
    const other = await deploy({ parameters: { ...parameters, bondGwei: 2n } })
    expect(other).toMatchObject({
      code: 1,
      error: { code: 'OTHER_PART', message: expect.stringContaining('EnigmaSeats') },
    })
    const governor = { owner: deployer.address, delaySeconds: 1 }
    expect(await deploy({ governor })).toMatchObject({ error: { message: expect.stringContaining('Timelock') } })
  })
})

describe('a chain is asked for what a network needs', () => {
  /** anvil, but for the calls to which `lie` has another answer. */
  function lyingClient(lie: (call: { to?: string; data?: string }) => Hex | undefined): PublicClient {
    return createPublicClient({
      cacheTime: 0,
      transport: custom({
        async request({ method, params }) {
          const told = method === 'eth_call' ? lie(params[0]) : undefined
          return told ?? anvil.rpc.call(method, params)
        },
      }),
    })
  }

  test('and has it all', async () => {
    await anvil.mine(3)
    expect(await findMissing(lyingClient(() => undefined))).toEqual([])
  })

  test.each([
    ['0x0000000000000000000000000000000000000100', 'EIP-7951'],
    ['0x000000000000000000000000000000000000000b', 'G1ADD'],
    ['0x000000000000000000000000000000000000000f', 'PAIRING'],
    ['0x0000000000000000000000000000000000000010', 'MAP_FP_TO_G1'],
    ['0x0000f90827f1c53a10cb7a02335b175320002935', 'EIP-2935'],
  ] as const)('and lacks %s', async (address, what) => {
    await anvil.mine(3)
    for (const answer of ['0x', `0x${'00'.repeat(32)}`] as const) {
      const missing = await findMissing(lyingClient(({ to }) => (to === address ? answer : undefined)))
      expect(missing).toEqual([expect.stringContaining(what)])
    }
  })

  test('and counts other blocks than its own, as Arbitrum does', async () => {
    await anvil.mine(3)
    const client = lyingClient(({ to }) => (to === undefined ? `0x${'00'.repeat(31)}ff` : undefined))
    expect(await findMissing(client)).toEqual(['a block.number of its own (contracts see 255 in block 3)'])
  })

  test('and the whole deployment is refused by what it lacks', async () => {
    const client = lyingClient(({ to }) => (to?.endsWith('0100') ? '0x' : undefined))
    await expect(planDeployment(client, localConfig(anvil.url), deployer.address)).rejects.toMatchObject({
      ...{ code: 'UNFIT_CHAIN', message: expect.stringContaining('EIP-7951') },
    })
  })
})

const changedParameters = (changes: object) => {
  const { parameters } = JSON.parse(networkFileText(exampleNetworkFile('http://127.0.0.1:1')))
  return { ...parameters, ...changes }
}

test('S15: enigma deploy verify says of simulated hardware off local chains that it is', async () => {
  await anvil.stop()
  anvil = await startAnvil(['--chain-id', '10'])
  const file = { ...exampleNetworkFile(anvil.url), chainId: 10 }
  writeFileSync(path.join(cwd, 'test-network.network.json'), networkFileText(file))
  expect((await verify()).findings).toContainEqual({
    ...{ what: 'hardware', fault: 'it is simulated, and chain 10 is not local' },
  })
})

describe('enigma deploy verify', () => {
  beforeEach(async () => void (await deploy()))

  test('finds other code, were it one byte, and other values in it', async () => {
    const client = clientOf()
    const config = localConfig(anvil.url)
    for (const { address, label, name } of partsOf(config, deployer.address)) {
      if (name === 'deployer') continue
      const code = (await client.getCode({ address })) as Hex
      await client.setCode({ address, bytecode: `${code.slice(0, -2)}00` as Hex })
      const found = faultsOf(await verify())
      expect(found).toEqual([expect.stringContaining(`code of ${label.replace(' with KeyRegistry', '')}`)])
      await client.setCode({ address, bytecode: code })
    }
    const { enigma } = parseNetworkFile(readNetwork(), 'file')
    const code = (await client.getCode({ address: keyRegistryOf(enigma) })) as Hex
    const other = code.replaceAll(enigma.slice(2), '99'.repeat(20)) as Hex
    await client.setCode({ address: keyRegistryOf(enigma), bytecode: other })
    expect(faultsOf(await verify())).toContainEqual(expect.stringContaining('code of KeyRegistry'))
  })

  test.each([
    [{ genesisBlock: 1 }, ['code of EnigmaSeats', 'genesis block']],
    [{ threshold: 0 }, ['code of Enigma at']],
    [{ guardian: `0x${'12'.repeat(20)}` }, ['guardian']],
    [{ measurements: [`0x${'22'.repeat(32)}`] }, ['measurements']],
    [{ networkHash: `0x${'22'.repeat(32)}` }, ['network hash', 'network hash of the observers']],
    [{ seats: `0x${'12'.repeat(20)}` }, ['code of EnigmaSeats', 'code of Enigma at']],
    [{ beacon: `0x${'12'.repeat(20)}` }, ['code of BlsBeacon', 'beacon']],
    [{ beaconKey: `0x${'01'.repeat(256)}` }, ['code of BlsBeacon']],
    [{ drand: DRAND }, ['code of DrandBeacon']],
    [{ attestationVerifier: `0x${'12'.repeat(20)}` }, ['code of DcapVerifier', 'attestation verifier']],
    [{ policy: { tcbStatuses: ['UpToDate'], advisoryIds: [] } }, ['code of DcapVerifier', 'policy']],
    [{ governor: `0x${'12'.repeat(20)}` }, ['governor', 'code of Timelock', 'owner of the timelock']],
    [{ governor: `0x${'00'.repeat(20)}` }, ['governor', 'governor: nobody']],
    [{ timelock: { owner: `0x${'12'.repeat(20)}`, delaySeconds: 3 * 86_400 } }, ['owner of the timelock']],
    [{ timelock: { owner: deployer.address.toLowerCase(), delaySeconds: 86_400 } }, ['code of Timelock']],
    [{ observers: [{ address: `0x${'12'.repeat(20)}`, url: 'http://a' }] }, ['network hash of the observers']],
    [{ depth: 1 }, ['network hash of the observers']],
    [{ serial: 1 }, ['network hash of the observers']],
    [{ deploymentBlock: 5 }, ['deployment block']],
    [{ parameters: changedParameters({ bondGwei: '7' }) }, ['code of EnigmaSeats', 'parameter bondGwei']],
    [{ parameters: changedParameters({ coolEpochs: 3 }) }, ['code of EnigmaSeats', 'parameter coolEpochs']],
    [{ enigma: `0x${'12'.repeat(20)}` }, ['code of Enigma at', 'code of KeyRegistry']],
    [{ chainId: 1 }, ['chain id']],
    [{ simulated: false }, ['code of DcapVerifier']],
  ])('finds a file with %j', async (changes, faults) => {
    const file = { ...JSON.parse(readNetwork()), ...changes }
    writeFileSync(path.join(cwd, 'test-network.network.json'), JSON.stringify(file))
    const answer = await verify()
    expect(answer).toMatchObject({ code: 1, isSame: false })
    for (const fault of faults) expect(faultsOf(answer)).toContainEqual(expect.stringContaining(fault))
  })

  test('finds what the governor changed since', async () => {
    const client = clientOf()
    const { enigma, governor } = parseNetworkFile(readNetwork(), 'file')
    await client.impersonateAccount({ address: governor })
    await client.setBalance({ address: governor, value: 10n ** 18n })
    const as = { account: governor, chain: null } as const
    const registry = { address: keyRegistryOf(enigma), abi: keyRegistryAbi }
    await client.writeContract({ ...registry, ...as, functionName: 'setGuardian', args: [deployer.address] })
    const admitted = `0x${'33'.repeat(32)}` as const
    const hash = await client.writeContract({
      ...{ address: enigma, abi: enigmaAbi, ...as, functionName: 'admitMeasurement', args: [admitted] },
    })
    await client.waitForTransactionReceipt({ hash })
    expect(faultsOf(await verify())).toEqual(['guardian', 'measurements'])
  })

  test('refuses a file that is none', async () => {
    writeFileSync(path.join(cwd, 'test-network.network.json'), networkFileText({} as never))
    expect(await verify()).toMatchObject({ code: 1, error: { code: 'NETWORK_FILE' } })
  })
})
