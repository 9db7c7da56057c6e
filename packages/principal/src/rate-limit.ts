/** How often one client may ask: bursts pass, and in the long run no more than the rate. */

export type RateLimit = {
  /** Whether this client may ask now. A question that costs more than another counts for as many. */
  take(client: string, nowMs: number, cost?: number): boolean
}

export function createRateLimit({ perSecond, burst }: { perSecond: number; burst: number }): RateLimit {
  const spent = new Map<string, { asked: number; atMs: number }>()
  return {
    take(client, nowMs, cost = 1) {
      // Forgetting all is no gift worth having: whoever can ask from that many addresses needs none.
      if (spent.size >= MOST_CLIENTS && !spent.has(client)) spent.clear()
      const before = spent.get(client) ?? { asked: 0, atMs: nowMs }
      const asked = Math.max(0, before.asked - ((nowMs - before.atMs) * perSecond) / 1_000)
      const isAllowed = asked + cost <= burst
      spent.set(client, { asked: isAllowed ? asked + cost : asked, atMs: nowMs })
      return isAllowed
    },
  }
}

/** Some 100 bytes each. */
const MOST_CLIENTS = 10_000
