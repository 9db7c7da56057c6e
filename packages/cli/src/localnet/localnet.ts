/**
 * The whole network on one machine: chain, contracts, Attestation service, Principal, workers, each in its own process.
 *
 *   pcs ──────► attestation ──► collateral on chain ─┐
 *   chain ─┬──► verifier ────────┘                   ├──► contracts ──► seats
 *          ├──► principal (with its Core) ───────────┘
 *          └──► workers (Surface, each with its Core): they wait for the Enigma contract
 *
 * Whatever does not wait for another starts at once; the machine's processors, not the order, decide how long it takes. The
 * Enigma contract comes last, so that no worker asks for a seat before its quote can be verified.
 */
import type { Hex } from '@enigma/protocol'
import type { NetworkFile } from '../network-file.ts'
import { type Account, accountNames, accountOf, devAccounts } from './accounts.ts'
import { StartStoppedError, waitForCollateral, waitForSeats, waitForSecret, windToActivation } from './activate.ts'
import { startAnvil } from './anvil.ts'
import { type AttestationConfig, startAttestation, startPcs } from './attestation.ts'
import { createWinder, type Winder } from './chain.ts'
import type { LogSink } from './child.ts'
import { type Dapp, deployDapps, deployNetwork, deployVerifier, predictAddresses } from './deploy.ts'
import { freePort, type Observation } from './observers.ts'
import type { Parameters } from './parameters.ts'
import { startPrincipal } from './principal.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'
import { startWorker } from './worker.ts'

/** Chains of this id hold nothing of value; wallets and tools know it as anvil's. */
const LOCAL_CHAIN_ID = 31_337

export type LocalnetConfig = {
  workers: number
  /** Where its processes keep their databases and sealed keys. */
  data: string
  /** Of the chain; 0 for a free one. */
  port: number
  /** `every-second`, as a real chain; the others for whoever winds the chain himself. */
  mining: 'every-second' | 'each-transaction' | 'by-hand'
  parameters: Parameters
  /** Code that is admitted besides the sources' own. */
  otherMeasurements?: readonly Hex[]
  /** Deployed as part of the start, each with the Enigma contract as its constructor's argument. */
  dApps: Readonly<Record<string, Dapp>>
  /** A worker that ends unexpectedly: start it again, or leave it to the caller. */
  onWorkerCrash: 'restart' | 'ignore'
  /** Starts PCS and Attestation service in place of ours, for callers who change what they serve. */
  attestation?: (config: Omit<AttestationConfig, 'upstream'>) => Promise<{ url: string }>
  /** Starts observers in place of ours, for callers who change what they sign. */
  observers?: (chain: { rpcUrl: string; chainId: number }) => Promise<Observation>
  /** Where a worker finds the chain, for callers that stand in between. */
  workerRpcUrl?: (worker: string, rpcUrl: string) => Promise<string>
}

export type LocalnetParts = { log: LogSink; signal: AbortSignal }

/** With the key and the port of the observer that this start brings itself. */
type Observing = Observation & { observer?: { key: Hex; port: number } }

type Stage = { name: string; ms: number }

export type Localnet = {
  readonly network: NetworkFile
  readonly winder: Winder
  readonly supervisor: Supervisor
  /** How long each part of the start took, from its beginning. */
  readonly stages: readonly Stage[]
  stop(): Promise<void>
}

/** Operators' accounts beyond those of the workers, for workers that join later. */
const SPARE_OPERATORS = 3

/** Starts everything and resolves once a task would be served; leaves nothing behind if it can't. */
export async function startLocalnet(config: LocalnetConfig, parts: LocalnetParts): Promise<Localnet> {
  const supervisor = createSupervisor(parts.log)
  try {
    return await Promise.race([start(config, parts, supervisor), supervisor.failed, whenAborted(parts.signal)])
  } catch (error) {
    await supervisor.stop()
    throw error
  }
}

async function start(
  config: LocalnetConfig,
  { log, signal }: LocalnetParts,
  supervisor: Supervisor,
): Promise<Localnet> {
  const { data, parameters } = config
  const stages = createStages(log)
  const operators = config.workers + SPARE_OPERATORS
  const chainId = LOCAL_CHAIN_ID
  const chain = stages.time(
    'chain',
    startAnvil({ accounts: accountNames(operators).length, chainId, port: config.port }, supervisor),
  )
  const pcs = config.attestation ? undefined : startPcs(supervisor)
  // While these two start.
  const accounts = devAccounts(operators)
  const [deployer, keeper] = [accountOf(accounts, 'deployer'), accountOf(accounts, 'keeper')]
  const { enigma, attestationVerifier } = predictAddresses(deployer.address)

  const attestationPort = await freePort()
  const verifier = chain.then(({ rpcUrl }) => deployVerifier(rpcUrl, deployer))
  const attestation = stages.time(
    'attestation',
    Promise.all([chain, pcs]).then(([{ rpcUrl }, source]) => {
      const facts = {
        rpcUrl,
        chainId,
        verifier: attestationVerifier,
        keeperKey: keeper.privateKey,
        data,
        port: attestationPort,
      }
      if (config.attestation) return config.attestation(facts)
      return startAttestation({ ...facts, upstream: source?.url ?? '' }, supervisor)
    }),
  )
  const collateral = stages.time(
    'collateral',
    Promise.all([chain, verifier, attestation]).then(([{ rpcUrl }]) =>
      waitForCollateral(rpcUrl, attestationVerifier, signal),
    ),
  )
  const observers = chain.then(
    ({ rpcUrl }): Promise<Observing> => config.observers?.({ rpcUrl, chainId }) ?? ownObserver(accounts),
  )
  const principal = stages.time(
    'principal',
    Promise.all([chain, observers]).then(([{ rpcUrl }, { observer, ...observation }]) => {
      const operatorKey = accountOf(accounts, 'principal').privateKey
      return startPrincipal(
        { rpcUrl, enigma, chainId, operatorKey, observation, ...(observer && { observer }), data },
        supervisor,
      )
    }),
  )
  const contracts = stages.time(
    'contracts',
    Promise.all([chain, observers, principal, collateral]).then(async ([{ rpcUrl }, observation, made]) => {
      const { beaconKey, measurement } = made
      const deployment = {
        parameters,
        observation,
        beaconKey,
        measurements: [measurement, ...(config.otherMeasurements ?? [])],
      }
      const deployed = await deployNetwork(deployment, rpcUrl, deployer)
      return { ...deployed, dApps: await deployDapps(config.dApps, { enigma, rpcUrl, from: deployer }) }
    }),
  )
  const workers = Promise.all([chain, observers]).then(([{ rpcUrl }, observation]) =>
    Promise.all(
      Array.from({ length: config.workers }, async (_, index) => {
        const name = `worker-${index + 1}`
        const operatorKey = accountOf(accounts, name).privateKey
        const seenRpcUrl = (await config.workerRpcUrl?.(name, rpcUrl)) ?? rpcUrl
        const attestationUrl = urlOf(attestationPort)
        const where = { rpcUrl: seenRpcUrl, enigma, chainId, observation, attestationUrl }
        return startWorker({ name, ...where, operatorKey, data, onCrash: config.onWorkerCrash }, supervisor)
      }),
    ),
  )
  const [{ rpcUrl }, { observers: vouching, threshold, depth }, { url: attestationUrl }, made, deployed] =
    await Promise.all([chain, observers, attestation, principal, contracts, workers])
  const { url: principalUrl, measurement, networkHash } = made
  const winder = createWinder(rpcUrl)
  await stages.time('seats', waitForSeats({ enigma, rpcUrl }, winder, config.workers, signal))
  await stages.time('seed', windToActivation({ enigma, rpcUrl, depth }, winder, signal))
  // One enclave alone holds no secret that anything may rest on.
  if (config.workers > 1) await stages.time('secret', waitForSecret({ enigma, rpcUrl }, winder, signal))
  if (config.mining === 'every-second') await winder.mineEverySecond()
  if (config.mining === 'by-hand') await winder.mineByHand()
  const network: NetworkFile = {
    chainId,
    rpcUrl,
    ...deployed,
    attestationUrl,
    principalUrl,
    simulated: true,
    measurement,
    networkHash,
    observers: [...vouching],
    threshold,
    depth,
    serial: 0,
    abi: 'contracts/abi',
    accounts,
    workers: config.workers,
    pid: process.pid,
  }
  return { network, winder, supervisor, stages: stages.all, stop: () => supervisor.stop() }
}

/** The Principal's process is the observer; its port is chosen now, so that workers need not wait for it. */
async function ownObserver(accounts: readonly Account[]): Promise<Observing> {
  const { address, privateKey: key } = accountOf(accounts, 'observer')
  const port = await freePort()
  return { observers: [{ address, url: urlOf(port) }], threshold: 1, depth: 0, observer: { key, port } }
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`
}

function createStages(log: LogSink) {
  const began = performance.now()
  const all: Stage[] = []
  return {
    all,
    async time<T>(name: string, stage: Promise<T>): Promise<T> {
      const result = await stage
      const ms = Math.round(performance.now() - began)
      all.push({ name, ms })
      log('localnet', `${name} ready after ${(ms / 1000).toFixed(2)} s`)
      return result
    },
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new StartStoppedError())
    signal.addEventListener('abort', () => reject(new StartStoppedError()), { once: true })
  })
}
