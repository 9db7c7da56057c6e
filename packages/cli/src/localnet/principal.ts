/** The Principal of a local network, which starts its Core and posts the seed of each epoch. */
import path from 'node:path'
import { type Hex, parseHex } from '@enigma/protocol'
import { daemon, readyText } from './daemon.ts'
import type { Supervisor } from './supervisor.ts'

export type PrincipalConfig = {
  rpcUrl: string
  chainId: number
  enigma: Hex
  operatorKey: Hex
  data: string
}

const POLL_MS = 100

/** Starts the Principal; resolves once its Core has the key that the beacon contract will be made for. */
export async function startPrincipal({ data, ...options }: PrincipalConfig, supervisor: Supervisor) {
  const child = supervisor.start(
    daemon({
      name: 'principal',
      main: new URL('./main.ts', import.meta.resolve('@enigma/principal')),
      options: { ...options, dataDir: path.join(data, 'principal'), port: 0, simulated: true, pollMs: POLL_MS },
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
