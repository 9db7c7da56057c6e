import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createObservers } from '@enigma/process'
import { type Anvil, startAnvil } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type StartedObservers, startObservers } from './observers.ts'

const data = mkdtempSync(path.join(tmpdir(), 'observers-'))
let chain: Anvil
let started: StartedObservers
beforeEach(async () => {
  chain = await startAnvil()
  await chain.mine(3)
  started = await startObservers({ count: 3, threshold: 2 }, { rpcUrl: chain.url, chainId: 31_337, data }, () => {})
})
afterEach(async () => {
  await started?.stop()
  await chain?.stop()
  rmSync(data, { recursive: true, force: true })
})

async function observe() {
  const { observers, threshold } = started.observation
  const [addresses, urls] = [observers.map(({ address }) => address), observers.map(({ url }) => url)]
  const { hash } = (await chain.rpc.call('eth_getBlockByNumber', ['0x2', false])) as { hash: Hex }
  const facts = { chainId: 31_337n, observers: addresses, threshold, urls }
  return createObservers(facts, { timeoutMs: 300 }).observe({ number: 2n, hash })
}

test('observers sign, keep silent and lie as they are told', async () => {
  const [first, second] = started.observers
  expect((await observe()).kind).toBe('observed')
  if (first) first.fault = 'silent'
  expect((await observe()).kind).toBe('observed')
  if (second) second.fault = 'lying'
  expect(await observe()).toMatchObject({ kind: 'silent', signatures: [expect.anything()] })
  if (first) first.fault = 'lying'
  expect((await observe()).kind).toBe('otherBranch')
  for (const observer of started.observers) observer.fault = undefined
  expect((await observe()).kind).toBe('observed')
})
