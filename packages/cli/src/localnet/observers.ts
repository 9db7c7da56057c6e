/** Who vouches for the headers of a local network, and where: one observer, in the Principal's process. */
import { randomInt } from 'node:crypto'
import net from 'node:net'
import type { Hex } from '@enigma/protocol'

export type Observation = {
  observers: readonly { address: Hex; url: string }[]
  /** How many of them must have signed. */
  threshold: number
  /** Blocks that they wait. */
  depth: number
  /** How often they were changed; never, if left out. */
  serial?: number
}

/** The options that every daemon of the network shares. */
export function observerOptions({ observers, threshold, depth, serial = 0 }: Observation) {
  return {
    observers: observers.map(({ address }) => address).join(','),
    observerUrls: observers.map(({ url }) => url).join(','),
    threshold,
    depth,
    serial,
  }
}

/** As the contract's constructor takes them: sorted. */
export function observationOnChain({ observers, threshold, depth }: Observation) {
  return { observers: observers.map(({ address }) => address).sort(), threshold, depth }
}

/**
 * A port that is free now, for a URL that must be known before its server starts. Not one of those that systems give to
 * connections by themselves (Linux from 32,768 on, others from 49,152, RFC 6335): it would be taken before the server starts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768)
    const server = net.createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
