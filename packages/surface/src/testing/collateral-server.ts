/** Where donors of a test ask for the collateral of simulated hardware. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSimulatedPki } from '@enigma/attestation/simulated'

export type CollateralServer = { url: string; stop(): Promise<void> }

export async function startCollateralServer(): Promise<CollateralServer> {
  const body = JSON.stringify(createSimulatedPki({ now: Math.floor(Date.now() / 1000) }).collateral())
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(body),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
