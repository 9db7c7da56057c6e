/** A bucket of tokens: lets through bursts, and in the long run no more than its rate. */

export type TokenBucket = {
  /** Takes one token; returns 0, or the seconds to wait where there is none. */
  take(nowMs: number): number
  /** Whether it is as if nobody had ever taken one. */
  isFull(nowMs: number): boolean
}

export function createTokenBucket({ perMinute, burst }: { perMinute: number; burst: number }): TokenBucket {
  let tokens = burst
  let filledAtMs = 0
  function fill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - filledAtMs)
    tokens = Math.min(burst, tokens + (passedMs * perMinute) / 60_000)
    filledAtMs = nowMs
  }
  return {
    take(nowMs) {
      fill(nowMs)
      if (tokens >= 1) {
        tokens -= 1
        return 0
      }
      return Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute))
    },
    isFull(nowMs) {
      fill(nowMs)
      return tokens >= burst
    },
  }
}

/** A bucket for each client; a bounded table, from which those go first who asked longest ago. */
export function createRateLimit(rate: { perMinute: number; burst: number }) {
  const buckets = new Map<string, TokenBucket>()
  return {
    /** Returns 0, or the seconds that this client must wait. */
    take(client: string, nowMs: number): number {
      const bucket = buckets.get(client) ?? createTokenBucket(rate)
      buckets.delete(client)
      buckets.set(client, bucket)
      for (const [oldest, its] of buckets) {
        if (buckets.size <= MOST_CLIENTS && !its.isFull(nowMs)) break
        if (oldest === client) break
        buckets.delete(oldest)
      }
      return bucket.take(nowMs)
    },
    get size(): number {
      return buckets.size
    },
  }
}

/** Some 200 bytes each. */
const MOST_CLIENTS = 10_000
