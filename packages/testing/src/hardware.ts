/**
 * The hardware's maker and the Attestation service of a test network, on the chain's time: the test says what the maker
 * publishes, and whether the service runs.
 */
import { simulatedKind } from '@enigma/attestation/simulated'
import {
  createMemoryCache,
  readAttestationConfig,
  type SimulatedPcs,
  type SyncedPart,
  startAttestationService,
  startSimulatedPcs,
  syncCollateral,
} from '@enigma/attestation-service'
import { type AttestationConfig, attestationOptions, createWinder, type LogSink } from '@enigma/cli/localnet'
import { createLogger, environmentOf, Secret, silentLogger } from '@enigma/process'
import { type ChainClock, followChain } from './chain-clock.ts'

/** TCB levels, evaluation numbers, revoked platforms: what the maker may say otherwise than by default. */
export type Published = Parameters<SimulatedPcs['change']>[0]

export type Hardware = {
  /** In milliseconds since 1970, as the chain has it. */
  readonly clock: ChainClock
  /** Publishes anew, dated now, and mines a block; whatever is not named is as by default. */
  publish(published: Published): Promise<void>
  /** Brings what is published to the chain, as anyone may who pays for it. */
  bring(account: { privateKey: string }): Promise<SyncedPart[]>
  /** Stops the service, and with it the keeper of the collateral on chain. */
  stopService(): Promise<void>
}

export type StartedHardware = Hardware & { readonly serviceUrl: string; stop(): Promise<void> }

type Config = Omit<AttestationConfig, 'upstream'>

/** Starts both; resolves once they answer. */
export async function startHardware(
  config: Config,
  published: Published | undefined,
  log: LogSink,
): Promise<StartedHardware> {
  const closers: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const clock = await followChain(config.rpcUrl)
    closers.push(clock.stop)
    const pcs = await startSimulatedPcs({}, { clock })
    closers.push(pcs.stop)
    const publish = async (changes: Published) => {
      await clock.look()
      pcs.change(changes)
      // A node judges at the time of its latest block, which must not lie before what it is told.
      await createWinder(config.rpcUrl).mine()
    }
    if (published) await publish(published)
    const service = await startService({ ...config, upstream: pcs.url }, clock, log)
    closers.push(service.stop)
    return {
      serviceUrl: service.url,
      clock,
      publish,
      async bring({ privateKey }) {
        await clock.look()
        return bring(config, pcs.url, privateKey, clock)
      },
      stopService: service.stop,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function startService(config: AttestationConfig, clock: ChainClock, log: LogSink) {
  const options = Object.entries(attestationOptions(config))
  const env = Object.fromEntries(options.map(([key, value]) => [environmentOf(key), `${value}`]))
  const logger = createLogger('attestation', { clock, write: (line) => log('attestation', line) })
  return startAttestationService(readAttestationConfig({ argv: [], env }), { clock, log: logger })
}

function bring(config: Config, url: string, key: string, clock: ChainClock): Promise<SyncedPart[]> {
  const { rpcUrl, verifier } = config
  const { signal } = new AbortController()
  const parts = { clock, log: silentLogger }
  return syncCollateral(
    { rpcUrl, verifier, key: new Secret(key), kinds: { fmspcs: [simulatedKind.fmspc], cas: ['platform'] } },
    { cacheFor: (trustRoot) => createMemoryCache({ url, trustRoot, signal }, parts), ...parts },
  )
}
