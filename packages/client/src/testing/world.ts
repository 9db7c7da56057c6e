/** A whole network for tests of the client: real contracts, and workers that the test plays itself. */
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { enigmaAbi } from '@enigma/contracts'
import { type Address, type Hex, hexToBytes } from '@enigma/protocol'
import {
  type Abi,
  type Account,
  createWalletClient,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  parseEventLogs,
} from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { additionAbi, additionBytecode } from '../../../../examples/addition/abi.ts'
import { loanAbi, loanBytecode } from '../../../../examples/loan/abi.ts'
import { privateTokenAbi, privateTokenBytecode } from '../../../../examples/private-token/abi.ts'
import { createEnigma, type Enigma, type EnigmaOptions } from '../index.ts'
import { requestIn, type TaskRequest } from '../task-events.ts'
import { chain, startChain, type TestChain } from './chain.ts'
import { type Deployment, deployEnigma, EPOCH_BLOCKS } from './deployment.ts'
import { type Answer, type FakeWorker, serve, takeSeat } from './fake-worker.ts'
import { openWire, type Wire } from './wire.ts'

export { EPOCH_BLOCKS, WINDOW_BLOCKS } from './deployment.ts'

const LOAN_TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
  collateralBps: 5_000,
  maxPriceAgeSeconds: 86_400,
}
/** Where no contract is: nothing here computes what the loan would read there. */
const NOWHERE: Address = `0x${'00'.repeat(19)}ff`

type Options = Partial<Omit<EnigmaOptions, 'client' | 'publicClient' | 'walletClient'>> & { account?: Account }
type Write = { functionName: string; args: readonly unknown[]; value?: bigint; address?: Address }

export type World = Pick<TestChain, 'client' | 'stop' | 'account' | 'mine' | 'send'> &
  Pick<Deployment, 'deployer' | 'domain' | 'network' | 'networkHash' | 'genesisBlock' | 'publish'> & {
    workers: FakeWorker[]
    addition: Address
    /** Another of the same code. */
    second: Address
    /** Addition again, with four lanes. */
    lanes: Address
    loan: Address
    /** Its token is nobody's: nothing is paid in or out. */
    privateToken: Address
    nowSeconds(): number
    /** A key with money that no other test uses. */
    user(): Promise<PrivateKeyAccount>
    /** A client of this network, on a wire that the test holds. */
    enigma(options?: Options): Promise<{ enigma: Enigma; wire: Wire; user: Account }>
    /** Serves collateral of the simulated PKI, issued at `atSeconds`. */
    fetchCollateral(atSeconds?: number): typeof globalThis.fetch
    /** Calls the Enigma contract. */
    write(from: PrivateKeyAccount, call: Write): Promise<Hex>
    /** Mines into epoch `epoch`, where it is not reached yet, and posts its seed. */
    startEpoch(epoch: number): Promise<void>
    /** The worker of rank 0 answers task `taskId` with what `compute` makes of its arguments. */
    serve(taskId: Hex, compute: (args: Hex) => Answer): Promise<Hex>
  }

/** Starts the network with `workers` live workers in an epoch whose seed is posted. */
export async function startWorld({
  workers = 3,
  keyName,
}: {
  workers?: number
  keyName?: string
} = {}): Promise<World> {
  const test = await startChain()
  try {
    const world = await buildWorld(test, await deployEnigma(test))
    await world.publish()
    for (let index = 0; index < workers; index++) {
      await test.fund(test.account(20 + index).address)
      world.workers.push(await takeSeat(world, index, keyName))
    }
    await setLanes(test, world, 4)
    await world.startEpoch(2)
    return world
  } catch (error) {
    await test.stop()
    throw error
  }
}

async function buildWorld(test: TestChain, deployment: Deployment): Promise<World> {
  const { client } = test
  const { deployer, domain, network, genesisBlock, boundaryOf, postSeed } = deployment
  const { enigma: address } = network
  const dApp = (abi: Abi, bytecode: Hex, ...args: unknown[]) => test.deploy(deployer, abi, bytecode, [address, ...args])
  let users = 0

  const world: World = {
    ...test,
    ...deployment,
    workers: [],
    addition: await dApp(additionAbi, additionBytecode),
    lanes: await dApp(additionAbi, additionBytecode),
    second: await dApp(additionAbi, additionBytecode),
    loan: await dApp(loanAbi, loanBytecode, LOAN_TERMS, NOWHERE, NOWHERE),
    privateToken: await dApp(privateTokenAbi, privateTokenBytecode, NOWHERE),
    nowSeconds: () => Math.floor(Date.now() / 1000),

    async user() {
      const user = test.account(1000 + users++)
      await test.fund(user.address)
      return user
    },

    async enigma({ account, ...options } = {}) {
      await postMissingSeed()
      const user = account ?? (await world.user())
      const wire = openWire(client.request as never)
      const viem = createWalletClient({ account: user, chain, transport: wire.transport })
      const own = { client: viem, network, allowSimulated: true, fetch: world.fetchCollateral(), pollIntervalMs: 5 }
      return { enigma: createEnigma({ ...own, ...options }), wire, user }
    },

    fetchCollateral(atSeconds = world.nowSeconds()) {
      const collateral = JSON.stringify(createSimulatedPki({ now: atSeconds }).collateral())
      return async () => new Response(collateral)
    },

    write(from, { functionName, args, value = 0n }) {
      const data = encodeFunctionData({ abi: enigmaAbi, functionName, args } as EncodeFunctionDataParameters)
      return test.send(from, address, data, value)
    },

    async startEpoch(epoch) {
      const missing = Number(boundaryOf(epoch) + 1n - (await client.getBlockNumber()))
      if (missing > 0) await test.mine(missing)
      await postSeed(epoch)
    },

    async serve(taskId, compute) {
      const { request, envelope } = await findRequest(taskId)
      const { epoch, dApp, lane } = request.task
      const args = [BigInt(epoch), dApp, BigInt(lane), 0n] as const
      const [seat] = await client.readContract({ address, abi: enigmaAbi, functionName: 'selected', args })
      const worker = world.workers.find((candidate) => candidate.seat === Number(seat))
      if (!worker) throw new Error(`no worker in seat ${seat}`)
      return serve(world, worker, { ...request, envelope, anchor: request.blockHash }, compute)
    },
  }
  return world

  async function findRequest(taskId: Hex): Promise<{ request: TaskRequest; envelope: Uint8Array }> {
    const logs = await client.getLogs({ address, fromBlock: genesisBlock })
    const request = requestIn(logs, domain, (candidate) => candidate.taskId === taskId)
    const events = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRequested', logs })
    const event = events.find(({ args }) => args.taskId === taskId)
    if (!request || !event) throw new Error(`no task ${taskId}`)
    return { request, envelope: hexToBytes(event.args.inputs) }
  }

  /** Tests that mine many blocks leave epochs behind. */
  async function postMissingSeed(): Promise<void> {
    const head = await client.getBlockNumber()
    const epoch = Number((head - genesisBlock) / BigInt(EPOCH_BLOCKS))
    if (boundaryOf(epoch) === head) await test.mine(1)
    const args = [BigInt(epoch)] as const
    const isPosted = client.readContract({ address, abi: enigmaAbi, functionName: 'epoch', args })
    await isPosted.catch(() => postSeed(epoch))
  }
}

/** Only a dApp itself may set its lanes. */
async function setLanes({ client, fund }: TestChain, { lanes, network }: World, count: number): Promise<void> {
  await fund(lanes)
  await client.impersonateAccount({ address: lanes })
  const call = { address: network.enigma, abi: enigmaAbi, functionName: 'setLanes', args: [count], chain } as const
  const hash = await client.writeContract({ ...call, account: lanes })
  await client.waitForTransactionReceipt({ hash })
}
