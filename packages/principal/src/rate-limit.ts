/** How often one client may ask: bursts pass, and in the long run no more than the rate. */

export type RateLimit = {
  /** Whether this client may ask now. */
  take(client: string, nowMs: number): boolean
}

export function createRateLimit({ perSecond, burst }: { perSecond: number; burst: number }): RateLimit {
  const spent = new Map<string, { asked: number; atMs: number }>()
  return {
    take(client, nowMs) {
      // Forgetting all is no gift worth having: whoever can ask from that many addresses needs none.
      if (spent.size >= MOST_CLIENTS && !spent.has(client)) spent.clear()
      const before = spent.get(client) ?? { asked: 0, atMs: nowMs }
      const asked = Math.max(0, before.asked - ((nowMs - before.atMs) * perSecond) / 1_000)
      const isAllowed = asked + 1 <= burst
      spent.set(client, { asked: isAllowed ? asked + 1 : asked, atMs: nowMs })
      return isAllowed
    },
  }
}

/** Some 100 bytes each. */
const MOST_CLIENTS = 10_000
