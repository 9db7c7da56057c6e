/** The Principal of a local network, which starts its Core, posts the seed of each epoch, and may be an observer. */
import path from 'node:path'
import { type Hex, parseHex } from '@enigma/protocol'
import { daemon, readyText } from './daemon.ts'
import { type Observation, observerOptions } from './observers.ts'
import type { Supervisor } from './supervisor.ts'

export type PrincipalConfig = {
  rpcUrl: string
  chainId: number
  enigma: Hex
  operatorKey: Hex
  observation: Observation
  /** Serves as the network's observer at this port. */
  observer?: { key: Hex; port: number }
  data: string
}

const POLL_MS = 100

/** Starts the Principal; resolves once its Core has the key that the beacon contract will be made for. */
export async function startPrincipal(
  { data, observation, observer, ...options }: PrincipalConfig,
  supervisor: Supervisor,
) {
  const child = supervisor.start(
    daemon({
      name: 'principal',
      main: new URL('./main.ts', import.meta.resolve('@enigma/principal')),
      options: {
        ...options,
        ...observerOptions(observation),
        // Its own URL is among them.
        ...(observer && { observerKey: observer.key }),
        // A development chain reorganises when it is told to, and nothing on it is private.
        followReorganisations: true,
        dataDir: path.join(data, 'principal'),
        port: observer?.port ?? 0,
        simulated: true,
        pollMs: POLL_MS,
      },
      layer: 1,
      onCrash: 'fail',
    }),
  )
  const ready = await child.ready
  return {
    url: readyText(ready, 'url'),
    beaconKey: parseHex(ready.beaconKey, { bytes: 256, what: 'beacon key' }),
    measurement: parseHex(ready.measurement, { bytes: 32, what: 'measurement' }),
    networkHash: parseHex(ready.networkHash, { bytes: 32, what: 'network hash' }),
  }
}
