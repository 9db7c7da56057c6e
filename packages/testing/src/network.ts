/**
 * The whole network for a test: the processes of `enigma up`, on a chain that the test winds itself.
 *
 * Blocks come with transactions, or from `chain.mine`, and from nowhere else. Processes die and come back when the test
 * says so. Everything they write is kept.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type Account,
  type Dapp,
  deployDapps,
  LOCAL_PARAMETERS,
  type LogSink,
  type Observation,
  type Parameters,
  startLocalnet,
  startWorker,
  type Winder,
  windToEpoch,
} from '@enigma/cli/localnet'
import { createEnigma, type Enigma, type EnigmaOptions, parseNetwork } from '@enigma/client'
import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import { systemClock } from '@enigma/process'
import { EnigmaError, type Hex, keyRegistryOf } from '@enigma/protocol'
import { readStatus, type SurfaceStatus } from '@enigma/surface'
import { createClient, getContract, http, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { eventually } from './eventually.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'
import { type Hardware, type Published, type StartedHardware, startHardware } from './hardware.ts'
import { type ObserversOptions, type StartedObservers, startObservers, type TestObserver } from './observers.ts'
import { type WorkerHandle, workerHandle } from './worker-handle.ts'

export type NetworkOptions = {
  workers?: number
  parameters?: Partial<Parameters>
  /** Code that the contract admits besides the sources' own; see `addWorker`. */
  otherMeasurements?: readonly Hex[]
  /** `each-transaction`: one block for each; `by-hand`: none but by `chain.mine`; `every-second`: as on a real chain. */
  mining?: 'each-transaction' | 'by-hand' | 'every-second'
  /** Puts a proxy between each worker and the chain; see `rpc` of a worker. */
  faultyRpc?: boolean
  dApps?: Readonly<Record<string, Dapp>>
  /** Observers that fail when told to, in place of the Principal's process; see `observers` of the network. */
  observers?: ObserversOptions
  /** What the hardware's maker has published when the network starts. */
  published?: Published
}

export type TestWorker = WorkerHandle & {
  readonly name: string
  readonly operator: Account
  /** Between it and the chain, where `faultyRpc` asked for one. */
  readonly rpc?: FaultProxy
  /** What it wrote of itself last, running or not. */
  status(): SurfaceStatus
}
export type LogLine = { process: string; line: string }
export type TestNetwork = Awaited<ReturnType<typeof startNetwork>>

/** How often clients and tests look at the chain: it is on this machine. */
const POLL_MS = 40

/** Starts a network; resolves once a task would be served. Call `stop` in the end, whatever happened. */
export async function startNetwork(options: NetworkOptions = {}) {
  const { workers: count = 3, mining = 'each-transaction', faultyRpc = false, dApps = {}, published } = options
  const parameters = { ...LOCAL_PARAMETERS, ...options.parameters }
  const home = await mkdtemp(path.join(tmpdir(), 'enigma-'))
  const logs: LogLine[] = []
  const log: LogSink = (process, line) => void logs.push({ process, line })
  const stopping = new AbortController()
  const proxies = new Map<string, FaultProxy>()
  const outside: { hardware?: Promise<StartedHardware>; observers?: Promise<StartedObservers> } = {}
  const tidy = async () => {
    for (const started of [outside.hardware, outside.observers]) {
      await started?.then(
        ({ stop }) => stop(),
        () => {},
      )
    }
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()))
    await rm(home, { recursive: true, force: true })
  }

  const localnet = await startLocalnet(
    {
      workers: count,
      data: home,
      port: 0,
      mining,
      parameters,
      otherMeasurements: options.otherMeasurements ?? [],
      dApps,
      onWorkerCrash: 'ignore',
      async attestation(config) {
        outside.hardware = startHardware(config, published, log)
        return { url: (await outside.hardware).serviceUrl }
      },
      ...(options.observers && {
        async observers({ rpcUrl, chainId }: { rpcUrl: string; chainId: number }) {
          outside.observers = startObservers(
            options.observers as ObserversOptions,
            { rpcUrl, chainId, data: home },
            log,
          )
          return (await outside.observers).observation
        },
      }),
      ...(faultyRpc && {
        workerRpcUrl: async (worker: string, rpcUrl: string) => {
          const proxy = await openFaultProxy(rpcUrl)
          proxies.set(worker, proxy)
          return proxy.url
        },
      }),
    },
    { log, signal: stopping.signal },
  ).catch(async (error: unknown) => {
    await tidy()
    throw new NetworkStartError(logs, error)
  })
  const { network, winder, supervisor } = localnet
  const hardware = (await outside.hardware) as Hardware
  const { rpcUrl, enigma, depth } = network
  const observers: readonly TestObserver[] = (await outside.observers)?.observers ?? []

  const accounts = Object.fromEntries(network.accounts.map((account) => [account.name, account]))
  const account = (name: string): Account => {
    const found = accounts[name]
    if (!found) throw new RangeError(`no account is called ${name}; there are ${Object.keys(accounts).join(', ')}`)
    return found
  }
  const clientOf = (name: string) =>
    createClient({
      account: privateKeyToAccount(account(name).privateKey),
      transport: http(rpcUrl),
      pollingInterval: POLL_MS,
      cacheTime: 0,
    })
      .extend(publicActions)
      .extend(walletActions)
  const reader = clientOf('deployer')
  const contract = getContract({ address: enigma, abi: enigmaAbi, client: reader })

  const { measurements } = network
  const registry = getContract({ address: keyRegistryOf(enigma), abi: keyRegistryAbi, client: reader })

  const testWorker = (_: unknown, index: number): TestWorker => {
    const name = `worker-${index + 1}`
    const rpc = proxies.get(name)
    const status = () => readStatus(path.join(home, name))
    return { ...workerHandle(name, supervisor), name, operator: account(name), status, ...(rpc && { rpc }) }
  }
  const workers = Array.from({ length: count }, testWorker)

  return {
    /** What `enigma up` writes to network.json. */
    network,
    parameters,
    /** One of its accounts: `alice` to `grace`, `worker-1`, … */
    account,
    workers,
    /** To be silenced: give the network `observers` then, who otherwise fall silent with it. */
    principal: {
      stop: () => supervisor.stopOne('principal'),
      async restart(): Promise<void> {
        await supervisor.restart('principal').ready
      },
    },
    /** The hardware's maker, and the service that carries what he publishes. */
    hardware,
    /** Those that the test asked for, to be told what to sign. */
    observers,
    /** The worker that holds a seat. */
    workerOf: async (seat: number): Promise<TestWorker> => {
      const { operator } = await contract.read.seat([BigInt(seat)])
      const found = workers.find((worker) => worker.operator.address === operator.toLowerCase())
      if (!found) throw new RangeError(`seat ${seat} belongs to none of the network's own workers`)
      return found
    },
    /** Folder in which the processes keep their databases and sealed keys. */
    data: home,
    /** Every line that a process wrote. */
    logs,
    chain: {
      ...chainOf(winder),
      rpcUrl,
      /** Its blocks are a second apart, or `secondsApart`. */
      nextEpoch: (secondsApart?: number) => nextEpoch(secondsApart),
    },
    /** The Enigma contract, to read from. */
    contract,
    /** The registry of its network secret, to read from. */
    registry,
    /** One more worker, of the sources or of `coreProgram`, with other observers if given. Resolves once it runs: its seat takes blocks. */
    async addWorker(coreProgram?: string, observation: Observation = network): Promise<TestWorker> {
      const worker = testWorker(undefined, workers.length)
      const where = { rpcUrl, chainId: network.chainId, enigma, observation, data: home }
      const own = { name: worker.name, operatorKey: worker.operator.privateKey, ...(coreProgram && { coreProgram }) }
      const { attestationUrl } = network
      await startWorker({ ...own, ...where, attestationUrl, onCrash: 'ignore' }, supervisor)
      workers.push(worker)
      return worker
    },
    /** Mines on until a generation of the network secret is final. */
    async untilGeneration(generation: number): Promise<void> {
      await eventually(`generation ${generation} of the network secret`, async () => {
        if ((await registry.read.state()).generation >= generation) return true
        await winder.mine()
        return false
      })
    },
    /** A viem client that signs as this account. */
    client: clientOf,
    /** The client library, as this account. */
    enigma: (name: string, attestationUrl = network.attestationUrl, given: Partial<EnigmaOptions> = {}): Enigma =>
      createEnigma({
        ...given,
        client: clientOf(name),
        network: given.network ?? parseNetwork({ ...network, attestationUrl, measurements }),
        allowSimulated: true,
        pollIntervalMs: POLL_MS,
        // A chain that is wound runs ahead of the clock on the wall.
        clock: { ...systemClock, nowMs: hardware.clock.nowMs },
      }),
    /** Deploys a dApp whose constructor takes the Enigma contract. */
    deploy: async (dApp: Dapp): Promise<Hex> => {
      const { it } = await deployDapps({ it: dApp }, { enigma, rpcUrl, from: account('deployer') })
      return it as Hex
    },
    stop: async () => {
      stopping.abort()
      await localnet.stop()
      await tidy()
    },
  }

  async function nextEpoch(secondsApart?: number): Promise<number> {
    const current = await contract.read.currentEpoch()
    return windToEpoch({ enigma, rpcUrl, depth }, winder, Number(current) + 1, stopping.signal, secondsApart)
  }
}

/** Thrown when the network did not come up; carries what its processes said. */
export class NetworkStartError extends EnigmaError {
  override readonly name = 'Testing.NetworkStartError'
  readonly code = 'NETWORK_START'
  constructor(logs: readonly LogLine[], cause: unknown) {
    super(`The network did not start.\n${logs.map(({ process, line }) => `${process}: ${line}`).join('\n')}`, { cause })
  }
}

function chainOf({ blockNumber, mine, mineByHand, mineEachTransaction, reorganise, waiting }: Winder) {
  return { blockNumber, mine, mineByHand, mineEachTransaction, reorganise, waiting }
}
