/** Winding a development chain: what only anvil can do, under names that say what it is for. */
import { createTestClient, type Hex, http, publicActions } from 'viem'

export type Winder = {
  blockNumber(): Promise<number>
  /** Mines `count` blocks at once, `secondsApart`, which is one if left out. */
  mine(count?: number, secondsApart?: number): Promise<void>
  /** A block a second from now on, as on a real chain, and none besides. */
  mineEverySecond(): Promise<void>
  /** A block for each transaction, at once. */
  mineEachTransaction(): Promise<void>
  /** No block but by `mine`. */
  mineByHand(): Promise<void>
  /** Puts as many empty blocks in the place of the last `depth`; their transactions are gone. */
  reorganise(depth: number): Promise<void>
  /** Transactions that wait for a block. */
  waiting(): Promise<number>
}

type Reorganise = { Method: 'anvil_reorg'; Parameters: [number, Hex[]]; ReturnType: null }

/** A handle on the anvil at `rpcUrl`. */
export function createWinder(rpcUrl: string): Winder {
  // No retries: a development chain on this machine answers or is gone.
  const transport = http(rpcUrl, { retryCount: 0 })
  const client = createTestClient({ mode: 'anvil', transport, cacheTime: 0 }).extend(publicActions)
  return {
    blockNumber: async () => Number(await client.getBlockNumber()),
    mine: (count = 1, secondsApart = 1) => client.mine({ blocks: count, interval: secondsApart }),
    async mineEverySecond() {
      await client.setAutomine(false)
      await client.setIntervalMining({ interval: 1 })
    },
    async mineEachTransaction() {
      await client.setIntervalMining({ interval: 0 })
      await client.setAutomine(true)
    },
    async mineByHand() {
      await client.setIntervalMining({ interval: 0 })
      await client.setAutomine(false)
    },
    async reorganise(depth) {
      await client.request<Reorganise>({ method: 'anvil_reorg', params: [depth, []] })
    },
    waiting: async () => (await client.getTxpoolStatus()).pending,
  }
}
