/**
 * A whole network for tests of the client: the real contracts on a chain of its own, workers that the test plays itself.
 *
 * The service that vouches for quotes on chain signs whatever it is given: so a quote that is no good reaches the client.
 */

import { createSimulatedPki } from '@enigma/attestation/simulated'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  enigmaAbi,
  enigmaBytecode,
  signedVerdictVerifierAbi,
  signedVerdictVerifierBytecode,
} from '@enigma/contracts'
import {
  type Address,
  beaconPublicKey,
  bytesToHex,
  compactSignature,
  type Domain,
  type Hex,
  hexToBytes,
  seedMessage,
  signSeed,
} from '@enigma/protocol'
import {
  type Abi,
  type Account,
  createTestClient,
  createWalletClient,
  type EncodeFunctionDataParameters,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  http,
  keccak256,
  parseEventLogs,
  parseSignature,
  publicActions,
  stringToHex,
  walletActions,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { anvil as chain } from 'viem/chains'
import { additionAbi, additionBytecode } from '../../../../examples/addition/abi.ts'
import { loanAbi, loanBytecode } from '../../../../examples/loan/abi.ts'
import { startAnvil } from '../../../process/src/testing/index.ts'
import { createEnigma, type Enigma, type EnigmaOptions } from '../index.ts'
import type { EnigmaNetwork } from '../network.ts'
import { requestIn, type TaskRequest } from '../task-events.ts'
import { type Answer, type FakeWorker, MEASUREMENT, serve, takeSeat } from './fake-worker.ts'
import { openWire, type Wire } from './wire.ts'

export const EPOCH_BLOCKS = 100
export const WINDOW_BLOCKS = 4
const PARAMETERS = {
  epochBlocks: EPOCH_BLOCKS,
  windowBlocks: WINDOW_BLOCKS,
  graceBlocks: 10,
  coolEpochs: 2,
  lifeEpochs: 100,
  secondsPerEpoch: 100,
  collateralGraceSeconds: 86_400,
  bondGwei: 1_000_000_000n,
  floorGwei: 10_000n,
  computeGweiPerMgas: 1_000n,
}
const LOAN_TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
}
const BEACON_KEY = hexToBytes(keccak256(stringToHex('beacon')))
const YEAR_SECONDS = 365 * 86_400

type Opened = { enigma: Enigma; wire: Wire; user: Account }

export type World = {
  client: ReturnType<typeof connectTo>
  domain: Domain
  network: EnigmaNetwork
  networkHash: Hex
  genesisBlock: bigint
  workers: FakeWorker[]
  addition: Address
  /** Addition again, with four lanes. */
  lanes: Address
  loan: Address
  stop(): Promise<void>
  account(index: number): PrivateKeyAccount
  deploy(abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Address>
  nowSeconds(): number
  /** A key with money that no other test uses. */
  user(): Promise<PrivateKeyAccount>
  /** A client of this network, on a wire that the test holds. */
  enigma(options?: Options): Promise<Opened>
  /** Serves collateral of the simulated PKI, issued at `atSeconds`. */
  fetchCollateral(atSeconds?: number): typeof globalThis.fetch
  /** The Attestation service's word for a quote, whatever it is. */
  evidence(quote: Hex): Promise<Hex>
  write(from: PrivateKeyAccount, call: Write): Promise<Hex>
  mine(blocks: number): Promise<void>
  /** Mines into epoch `epoch`, where it is not reached yet, and posts its seed. */
  startEpoch(epoch: number): Promise<void>
  /** The worker of that rank answers task `taskId` with what `compute` makes of its arguments. */
  serve(taskId: Hex, compute: (args: Hex) => Answer): Promise<Hex>
}

type Options = Partial<Omit<EnigmaOptions, 'client' | 'publicClient' | 'walletClient'>> & { account?: Account }
type Write = { abi: Abi; functionName: string; args: readonly unknown[]; value?: bigint; address?: Address }

function connectTo(url: string) {
  return createTestClient({ chain, mode: 'anvil', transport: http(url), pollingInterval: 10, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
}

/** Starts the network with `workers` live workers in an epoch whose seed is posted. */
export async function startWorld(options: { workers?: number } = {}): Promise<World> {
  const { url, stop } = await startAnvil(['--prune-history', '2000'])
  try {
    return await buildWorld(url, stop, options)
  } catch (error) {
    await stop()
    throw error
  }
}

async function buildWorld(url: string, stop: () => Promise<void>, { workers: count = 3 }: { workers?: number }) {
  const client = connectTo(url)
  const account = (index: number): PrivateKeyAccount => privateKeyToAccount(keccak256(stringToHex(`account ${index}`)))
  const fund = (address: Address) => client.setBalance({ address, value: 10n ** 22n })
  const deployer = account(0)
  const attester = account(1)
  await fund(deployer.address)

  const at = (nonce: bigint) => getContractAddress({ from: deployer.address, nonce }).toLowerCase() as Address
  const [beacon, verifier, enigma] = [at(0n), at(1n), at(2n)]

  async function send(from: PrivateKeyAccount, to: Address | null, data: Hex, value = 0n): Promise<Hex> {
    const hash = await client.sendTransaction({ account: from, to, data, value, chain, gas: 15_000_000n })
    const receipt = await client.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`reverted: ${hash}`)
    return hash
  }
  const deploy = async (abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Address> => {
    const hash = await send(deployer, null, encodeDeployData({ abi, bytecode, args }))
    return (await client.getTransactionReceipt({ hash })).contractAddress?.toLowerCase() as Address
  }
  await deploy(blsBeaconAbi, blsBeaconBytecode, [enigma, bytesToHex(beaconPublicKey(BEACON_KEY))])
  await deploy(signedVerdictVerifierAbi, signedVerdictVerifierBytecode, [attester.address])
  await deploy(enigmaAbi, enigmaBytecode, [PARAMETERS, beacon, verifier, [MEASUREMENT], true])
  const genesisBlock = await client.getBlockNumber()
  const networkHash = await client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'networkHash' })
  const domain: Domain = { chainId: BigInt(chain.id), enigma }
  const network: EnigmaNetwork = {
    chainId: chain.id,
    enigma,
    attestationUrl: 'http://attestation.test',
    networkHash,
    measurements: [MEASUREMENT],
    simulated: true,
  }

  const world: World = {
    stop,
    client,
    account,
    domain,
    network,
    networkHash,
    genesisBlock,
    workers: [] as FakeWorker[],
    addition: await deploy(additionAbi, additionBytecode, [enigma]),
    lanes: await deploy(additionAbi, additionBytecode, [enigma]),
    loan: await deploy(loanAbi, loanBytecode, [enigma, LOAN_TERMS]),
    deploy,
    nowSeconds: () => Math.floor(Date.now() / 1000),

    async user() {
      const user = account(1000 + users++)
      await fund(user.address)
      return user
    },

    async enigma(options = {}) {
      await postMissingSeed()
      const user = options.account ?? (await world.user())
      const wire: Wire = openWire(client.request as never)
      const viem = createWalletClient({ account: user, chain, transport: wire.transport })
      const enigma = createEnigma({
        client: viem,
        network,
        allowSimulated: true,
        fetch: world.fetchCollateral(),
        pollIntervalMs: 5,
        ...options,
      })
      return { enigma, wire, user }
    },

    fetchCollateral(atSeconds = world.nowSeconds()) {
      const collateral = JSON.stringify(createSimulatedPki({ now: atSeconds }).collateral())
      return async () => new Response(collateral)
    },

    async evidence(quote) {
      const validUntil = BigInt(world.nowSeconds() + YEAR_SECONDS)
      const { r, s, yParity } = parseSignature(
        await attester.signTypedData({
          domain: { name: 'Enigma Attestation', version: '1', chainId: chain.id, verifyingContract: verifier },
          types: {
            Verdict: [
              { name: 'quoteHash', type: 'bytes32' },
              { name: 'validUntil', type: 'uint64' },
            ],
          },
          primaryType: 'Verdict',
          message: { quoteHash: keccak256(quote), validUntil },
        }),
      )
      const { vs } = compactSignature({ r, s, recovery: yParity === 1 ? 1 : 0 })
      const types = [{ type: 'uint64' }, { type: 'bytes32' }, { type: 'bytes32' }] as const
      return encodeAbiParameters(types, [validUntil, r, vs])
    },

    async write(from, call) {
      // Not tried first: the node would try it in the latest block, and much of this is right only in the next.
      const { abi, functionName, args, value = 0n } = call
      const data = encodeFunctionData({ abi, functionName, args } as EncodeFunctionDataParameters)
      return send(from, call.address ?? enigma, data, value)
    },

    mine: (blocks: number) => client.mine({ blocks, interval: 1 }),

    async startEpoch(epoch) {
      const missing = Number(boundaryOf(epoch) + 1n - (await client.getBlockNumber()))
      if (missing > 0) await world.mine(missing)
      await postSeed(epoch)
    },

    async serve(taskId, compute) {
      const { request, envelope } = await findRequest(taskId)
      const { epoch, dApp, lane } = request.task
      const { rank = 0 } = compute(`0x${'00'.repeat(1024)}` as Hex)
      const [seat] = await client.readContract({
        address: enigma,
        abi: enigmaAbi,
        functionName: 'selected',
        args: [BigInt(epoch), dApp, BigInt(lane), BigInt(rank)],
      })
      const worker = world.workers.find((candidate) => candidate.seat === Number(seat))
      if (!worker) throw new Error(`no worker in seat ${seat}`)
      return serve(world, worker, { ...request, envelope, anchor: request.blockHash }, compute)
    },
  }

  async function findRequest(taskId: Hex): Promise<{ request: TaskRequest; envelope: Uint8Array }> {
    const logs = await client.getLogs({ address: enigma, fromBlock: genesisBlock })
    const request = requestIn(logs, domain, (candidate) => candidate.taskId === taskId)
    const event = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRequested', logs }).find(
      ({ args }) => args.taskId === taskId,
    )
    if (!request || !event) throw new Error(`no task ${taskId}`)
    return { request, envelope: hexToBytes(event.args.inputs) }
  }

  const boundaryOf = (epoch: number) => genesisBlock + BigInt(epoch * EPOCH_BLOCKS)

  async function postSeed(epoch: number): Promise<void> {
    const { hash: anchor } = await client.getBlock({ blockNumber: boundaryOf(epoch) })
    const proof = bytesToHex(signSeed(seedMessage({ ...domain, epoch, anchor }), BEACON_KEY))
    await world.write(deployer, { abi: enigmaAbi, functionName: 'postSeed', args: [BigInt(epoch), proof] })
  }

  /** As the Principal does; tests that mine many blocks leave epochs behind. */
  async function postMissingSeed(): Promise<void> {
    const epoch = Number(((await client.getBlockNumber()) - genesisBlock) / BigInt(EPOCH_BLOCKS))
    if (boundaryOf(epoch) === (await client.getBlockNumber())) await world.mine(1)
    const args = [BigInt(epoch)] as const
    const isPosted = client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'epoch', args })
    await isPosted.catch(() => postSeed(epoch))
  }

  let users = 0
  for (let index = 0; index < count; index++) {
    await fund(account(20 + index).address)
    world.workers.push(await takeSeat(world, index))
  }
  await setLanes(4)
  await world.startEpoch(2)
  return world

  async function setLanes(lanes: number): Promise<void> {
    await fund(world.lanes)
    await client.impersonateAccount({ address: world.lanes })
    const data = { address: enigma, abi: enigmaAbi, functionName: 'setLanes', args: [lanes], chain } as const
    const hash = await client.writeContract({ ...data, account: world.lanes })
    await client.waitForTransactionReceipt({ hash })
  }
}
