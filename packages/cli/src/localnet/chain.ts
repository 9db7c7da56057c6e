/** Winding a development chain: what only anvil can do, under names that say what it is for. */
import { enigmaAbi } from '@enigma/contracts'
import { createTestClient, type Hex, http, publicActions, toFunctionSelector } from 'viem'

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
  /** Transactions that wait for a block; with names, those alone that call one of these functions of IEnigma. */
  waiting(...functionNames: string[]): Promise<number>
}

type Reorganise = { Method: 'anvil_reorg'; Parameters: [number, Hex[]]; ReturnType: null }

function nameOf(input: Hex): string {
  const known = enigmaAbi.find((item) => item.type === 'function' && input.startsWith(toFunctionSelector(item)))
  return known && 'name' in known ? known.name : ''
}

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
    async waiting(...functionNames) {
      const { pending } = await client.getTxpoolContent()
      const inputs = Object.values(pending).flatMap((byNonce) => Object.values(byNonce).map(({ input }) => input))
      if (functionNames.length === 0) return inputs.length
      return inputs.filter((input) => functionNames.includes(nameOf(input))).length
    },
  }
}
