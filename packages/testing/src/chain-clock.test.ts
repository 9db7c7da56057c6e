import { type Anvil, startAnvil } from '@enigma/process/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChainClock, followChain } from './chain-clock.ts'

const DAY_MS = 86_400_000

let chain: Anvil
let clock: ChainClock
beforeEach(async () => {
  chain = await startAnvil()
  clock = await followChain(chain.url)
})
afterEach(async () => {
  await clock?.stop()
  await chain?.stop()
})

async function wind(ms: number): Promise<void> {
  await chain.rpc.call('evm_increaseTime', [ms / 1000])
  await chain.mine()
}

test('shows the time of the chain’s head, and the wall’s where that is later', async () => {
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(5_000)
  await wind(3 * DAY_MS)
  await clock.look()
  const aheadMs = clock.nowMs() - Date.now()
  expect(aheadMs).toBeGreaterThan(3 * DAY_MS - 5_000)
  expect(aheadMs).toBeLessThan(3 * DAY_MS + 60_000)
})

test('a sleep is over once its time has passed on the chain, or on the wall, or somebody asks for its end', async () => {
  const slept = clock.sleep(DAY_MS)
  // A chain counts whole seconds.
  await wind(DAY_MS + 2_000)
  await slept
  // No block comes.
  await clock.sleep(20)
  const asked = new AbortController()
  const cut = clock.sleep(DAY_MS, asked.signal)
  asked.abort()
  await cut
})

test('a chain that is gone leaves the time as it was', async () => {
  await wind(DAY_MS)
  await clock.look()
  await chain.stop()
  await expect(clock.look()).rejects.toThrow()
  expect(clock.nowMs()).toBeGreaterThan(Date.now() + DAY_MS - 60_000)
})
