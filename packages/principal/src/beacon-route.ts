/** What a deployment must know of this Principal before there is a contract: see docs/deploying.md. Read-only. */
import type { Hex } from '@enigma/protocol'
import type { Route } from './server.ts'

/** `beaconKey`: 256 bytes as EIP-2537 has them; `networkHash`: of the network that its Core will serve and no other. */
export type BeaconFacts = { beaconKey: Hex; measurement: Hex; networkHash: Hex }

/** Serves them, and nothing that is not public. */
export function beaconRoute({ beaconKey, measurement, networkHash }: BeaconFacts): Route {
  return {
    method: 'GET',
    paths: '/v1/beacon',
    answer: (path) =>
      path === '/v1/beacon' ? { status: 200, body: { beaconKey, measurement, networkHash } } : undefined,
  }
}
