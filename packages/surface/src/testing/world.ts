/**
 * A network of one worker for tests: the real contracts on a chain that the test winds, collateral of simulated hardware kept
 * on it, and a Core that lives in the test itself.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareQuote, defaultPolicy, leafOf, platformRecord, trustRoots } from '@enigma/attestation'
import { type Issued, publishCollateral } from '@enigma/attestation-service/testing'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  dcapVerifierAbi,
  dcapVerifierBytecode,
  enigmaAbi,
  enigmaBytecode,
  enigmaSeatsAbi,
  enigmaSeatsBytecode,
} from '@enigma/contracts'
import type { CoreConfig } from '@enigma/core/calls'
import { readConfig } from '@enigma/process'
import { ANVIL_KEYS, type Anvil, startAnvil } from '@enigma/process/testing'
import {
  type Address,
  beaconPublicKey,
  bytesToHex,
  type Hex,
  hexToBytes,
  packTarget,
  seedMessage,
  signSeed,
} from '@enigma/protocol'
import { createWalletClient, defineChain, encodeDeployData, getContractAddress, http, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type SurfaceConfig, surfaceTable } from '../config.ts'
import { startCollateralServer } from './collateral-server.ts'
import { createFakeCores, FAKE_MEASUREMENT } from './fake-core.ts'
import { startObserver } from './observer.ts'

export const WINDOW_BLOCKS = 4
export const EPOCH_BLOCKS = 30
export type World = Awaited<ReturnType<typeof startWorld>>

const [DEPLOYER_KEY, OPERATOR_KEY, USER_KEY] = ANVIL_KEYS
export const BEACON_SECRET = new Uint8Array(32).fill(7)
const CHAIN_ID = 31_337
/** A dApp that takes whatever it is told: its code is one STOP. */
const MUTE_DAPP: Hex = '0x6001600c60003960016000f300'

/** UpToDate and SWHardeningNeeded, as the default policy has it. */
const POLICY = {
  statusMask: 0b11,
  minEvaluationNumber: 0,
  advisoryIds: defaultPolicy.advisoryIds,
  deniedFmspcs: [],
  deniedPlatforms: [],
}

type WorldOptions = {
  flags?: readonly string[]
  windowBlocks?: number
  /** Blocks that observers wait. */
  depth?: number
  seatsPerPlatform?: number
  epochBlocks?: number
  /** Whether the chain keeps collateral from the start. */
  hasCollateral?: boolean
  /** Deploys another beacon than that of BEACON_SECRET. */
  beaconCode?: (enigma: Address) => Hex
}

export async function startWorld({ flags = [], ...options }: WorldOptions = {}) {
  const anvil = await startAnvil(flags)
  try {
    return await furnish(anvil, options)
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

async function furnish(
  anvil: Anvil,
  {
    windowBlocks = WINDOW_BLOCKS,
    depth = 0,
    seatsPerPlatform = 2,
    epochBlocks = EPOCH_BLOCKS,
    hasCollateral = true,
    beaconCode = blsBeaconCode,
  }: Omit<WorldOptions, 'flags'>,
) {
  const [observer, collateral] = await Promise.all([
    startObserver(anvil.rpc, BigInt(CHAIN_ID), depth),
    startCollateralServer(),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'surface-'))
  const chain = defineChain({
    id: CHAIN_ID,
    name: 'test',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [anvil.url] } },
  })
  const clientOf = (key: Hex) =>
    createWalletClient({
      account: privateKeyToAccount(key),
      chain,
      transport: http(anvil.url),
      pollingInterval: 10,
    }).extend(publicActions)
  const deployer = clientOf(DEPLOYER_KEY)
  const user = clientOf(USER_KEY)

  const addressAt = (nonce: bigint) =>
    getContractAddress({ from: deployer.account.address, nonce }).toLowerCase() as Address
  const [verifier, beacon, seats, enigma, dApp] = ([0n, 1n, 2n, 3n, 4n] as const).map(addressAt) as [
    Address,
    Address,
    Address,
    Address,
    Address,
  ]
  const parameters = {
    epochBlocks,
    windowBlocks,
    graceBlocks: 5,
    cutBlocks: epochBlocks - 2,
    coolEpochs: 2,
    lifeEpochs: 20,
    secondsPerEpoch: 60,
    collateralGraceSeconds: 86_400,
    seatsPerPlatform,
    bondGwei: 1_000_000_000n,
    floorGwei: 10_000n,
    computeGweiPerMgas: 1_000n,
    joinFeeGwei: 10_000_000n,
  }
  const observation = { observers: [observer.address], threshold: 1, depth }
  const governance = { governor: deployer.account.address, guardian: deployer.account.address }
  const verifierCode = encodeDeployData({
    abi: dcapVerifierAbi,
    bytecode: dcapVerifierBytecode,
    args: [bytesToHex(trustRoots.simulated.certificate), POLICY, true],
  })
  const deployments = [
    beaconCode(enigma),
    encodeDeployData({ abi: enigmaSeatsAbi, bytecode: enigmaSeatsBytecode, args: [parameters, true] }),
    encodeDeployData({
      abi: enigmaAbi,
      bytecode: enigmaBytecode,
      args: [seats, observation, beacon, verifier, [FAKE_MEASUREMENT], governance],
    }),
    MUTE_DAPP,
  ]
  const deploy = async (data: Hex, nonce: number) => deployer.sendTransaction({ data, nonce, gas: 16_000_000n })
  await deploy(verifierCode, 0)
  await anvil.mine()
  // A wait for a block is over when there is one.
  const clock = { nowMs: Date.now, sleep: () => anvil.mine() }
  const publish = (issued?: Issued) => publishCollateral({ rpcUrl: anvil.url, verifier, key: USER_KEY }, clock, issued)
  // Before the network begins, whose epochs are counted in blocks.
  if (hasCollateral) await publish()
  for (const [index, data] of deployments.entries()) await deploy(data, index + 1)
  await anvil.mine()

  const contract = { address: enigma, abi: enigmaAbi } as const
  const read = <T>(functionName: string, args: readonly unknown[] = []) =>
    deployer.readContract({ ...contract, functionName, args } as never) as Promise<T>
  const genesisBlock = await read<bigint>('genesisBlock')

  const height = async () => (await deployer.getBlock()).number
  const epochNow = async () => Number(((await height()) - genesisBlock) / BigInt(epochBlocks))

  async function shown(seat: number): Promise<{ quote: Hex; evidence: Hex }[]> {
    const logs = await deployer.getContractEvents({ ...contract, fromBlock: genesisBlock })
    return logs.flatMap(({ eventName, args }) => {
      const isShown = (eventName === 'SeatTaken' || eventName === 'SeatRenewed') && args.seat === BigInt(seat)
      return isShown ? [args as { quote: Hex; evidence: Hex }] : []
    })
  }

  const network: CoreConfig['network'] = {
    chainId: BigInt(CHAIN_ID),
    enigma,
    ...observation,
    simulated: true,
    serial: 0,
  }
  const environment = (given: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries({
        DATA_DIR: join(folder, 'worker'),
        RPC_URL: anvil.url,
        CHAIN_ID: String(CHAIN_ID),
        ENIGMA: enigma,
        OBSERVERS: observer.address,
        DEPTH: String(depth),
        OBSERVER_URLS: observer.url,
        OPERATOR_KEY,
        ATTESTATION_URL: collateral.url,
        POLL_MS: '10',
        CONTRACT_WAIT_MS: '0',
        ...given,
      }).map(([key, value]) => [`ENIGMA_${key}`, value]),
    )

  return {
    anvil,
    observer,
    folder,
    enigma,
    dApp,
    contract,
    read,
    publish,
    user,
    deployer,
    height,
    epochNow,
    operator: privateKeyToAccount(OPERATOR_KEY).address.toLowerCase() as Address,
    network,
    genesisBlock,
    cutBlocks: parameters.cutBlocks,
    boundaryOf: (epoch: number) => genesisBlock + BigInt(epoch * epochBlocks),
    environment,
    config: (given: Record<string, string> = {}): SurfaceConfig =>
      readConfig(surfaceTable, { argv: [], env: environment(given) }),
    /** Takes a seat for an enclave that nobody runs. */
    async takeSeat(platformName = 'x'): Promise<void> {
      const core = await createFakeCores(network, 99).launch({
        role: 'worker',
        network,
        platform: 'simulated',
        platformName,
      })
      const { number, hash } = await deployer.getBlock()
      const operator = user.account.address.toLowerCase() as Address
      const { signer, inputKey, quote } = await core.attest({
        operator,
        identityBlock: number,
        identityBlockHash: hash,
      })
      const shown = [bytesToHex(bareQuote(quote)), bytesToHex(leafOf(quote))] as const
      const args = [0n, signer, inputKey, number, ...shown] as const
      await user.writeContract({
        ...contract,
        functionName: 'takeSeat',
        args,
        value: parameters.bondGwei * 1_000_000_000n,
        gas: 3_000_000n,
      })
      await anvil.mine()
    },
    /** What `SeatTaken` and `SeatRenewed` of a seat showed, oldest first. */
    shown,
    /** Has a seat's platform judged anew, as anyone may. */
    async recheck(seat: number): Promise<void> {
      const all = await shown(seat)
      const leaf = hexToBytes(all.findLast(({ evidence }) => isLeaf(evidence))?.evidence ?? '0x')
      const record = platformRecord(leaf, qeIsvSvnOf(hexToBytes(all.at(-1)?.quote ?? '0x')))
      const args = [BigInt(seat), bytesToHex(record)] as const
      await user.writeContract({ ...contract, functionName: 'recheck', args, gas: 1_000_000n })
      await anvil.mine()
    },
    /** Mines to the block after the boundary of `epoch` and posts its seed. */
    async startEpoch(epoch: number): Promise<void> {
      const boundary = genesisBlock + BigInt(epoch * epochBlocks)
      const missing = boundary - (await height())
      if (missing > 0n) await anvil.mine(Number(missing))
      const { hash } = await deployer.getBlock({ blockNumber: boundary })
      const proof = signSeed(seedMessage({ chainId: BigInt(CHAIN_ID), enigma, epoch, anchor: hash }), BEACON_SECRET)
      await deployer.writeContract({ ...contract, functionName: 'postSeed', args: [BigInt(epoch), bytesToHex(proof)] })
      await anvil.mine()
    },
    /** Asks for a task and returns its id; with `--no-mining`, once a block was mined. */
    async request(slot: number, inputs: Hex = '0x0102'): Promise<Hex> {
      const target = packTarget({ dApp, callable: '0x11223344', callbackGas: 50_000, outputCap: 64, gasClass: 4 })
      const { baseFeePerGas } = await deployer.getBlock()
      const feeGwei = await read<bigint>('quoteFee', [4, 50_000, 64, (baseFeePerGas ?? 0n) * 2n])
      const epoch = BigInt(await epochNow())
      const args = [slot, target, feeGwei, epoch, 0n, inputs] as const
      const hash = await user.writeContract({
        ...contract,
        functionName: 'requestTask',
        args,
        value: feeGwei * 1_000_000_000n,
        gas: 500_000n,
      })
      await anvil.mine()
      const receipt = await user.getTransactionReceipt({ hash })
      const requested = receipt.logs.find((log) => log.address.toLowerCase() === enigma)
      return requested?.topics[1] as Hex
    },
    async stop(): Promise<void> {
      await Promise.all([anvil.stop(), observer.stop(), collateral.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function blsBeaconCode(enigma: Address): Hex {
  const publicKey = bytesToHex(beaconPublicKey(BEACON_SECRET))
  return encodeDeployData({ abi: blsBeaconAbi, bytecode: blsBeaconBytecode, args: [enigma, publicKey] })
}

/** As they stand in an event: the platform's record has 192 bytes, its certificate some 1,200. */
export const isLeaf = (evidence: Hex): boolean => evidence.length > 2 + 2 * 192

/** In the quoting enclave's report, behind header, body, length, signature and key. */
function qeIsvSvnOf(bareQuote: Uint8Array): number {
  return new DataView(bareQuote.buffer, bareQuote.byteOffset).getUint16(48 + 384 + 4 + 64 + 64 + 258, true)
}
