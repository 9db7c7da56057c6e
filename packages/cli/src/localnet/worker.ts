/** A worker of a local network: Surface, which starts its Core and takes its seat by itself. */
import path from 'node:path'
import type { Hex } from '@enigma/protocol'
import { daemon } from './daemon.ts'
import { type Observation, observerOptions } from './observers.ts'
import type { Supervised, Supervisor } from './supervisor.ts'

export type WorkerConfig = {
  /** Also of the simulated machine that its Core runs on, and of its folder under `data`. */
  name: string
  rpcUrl: string
  chainId: number
  enigma: Hex
  operatorKey: Hex
  observation: Observation
  /** Where collateral comes from when it hands the network secret to another worker. */
  attestationUrl: string
  /** A program that brings a Core of its own; left out: Core's sources. */
  coreProgram?: string
  data: string
  onCrash: Supervised['onCrash']
}

/** On blocks of a second: soon enough not to cost a block, seldom enough not to cost a processor. */
const POLL_MS = 100

/** Starts a worker; resolves once it follows the chain, before it has its seat. */
export async function startWorker(
  { name, data, onCrash, observation, ...options }: WorkerConfig,
  supervisor: Supervisor,
): Promise<void> {
  const spec = daemon({
    name,
    main: new URL('./main.ts', import.meta.resolve('@enigma/surface')),
    options: {
      ...options,
      ...observerOptions(observation),
      dataDir: path.join(data, name),
      platformName: name,
      simulated: true,
      pollMs: POLL_MS,
    },
    layer: 2,
    onCrash,
  })
  await supervisor.start(spec).ready
}
