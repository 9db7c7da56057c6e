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

function asked({ agreeMs }: { agreeMs?: number } = {}) {
  const { observers, threshold } = started.observation
  const [addresses, urls] = [observers.map(({ address }) => address), observers.map(({ url }) => url)]
  const facts = { chainId: 31_337n, observers: addresses, threshold, urls }
  return createObservers(facts, { timeoutMs: 300, againMs: 10, ...(agreeMs === undefined ? {} : { agreeMs }) })
}

async function blockOf(number: '0x2' | 'latest') {
  return (await chain.rpc.call('eth_getBlockByNumber', [number, false])) as { hash: Hex; timestamp: Hex }
}

const observe = async () => asked().observe({ number: 2n, hash: (await blockOf('0x2')).hash })

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

test('they do so of the head of now as well', async () => {
  const nonce: Hex = `0x${'17'.repeat(32)}`
  const [first, second] = started.observers
  const { hash, timestamp } = await blockOf('latest')
  const truth = { chainId: 31_337n, number: 3n, hash, timestamp: BigInt(timestamp), nonce }
  expect(await asked().head(nonce)).toMatchObject({ ...truth, signatures: [expect.anything(), expect.anything()] })
  if (first) first.fault = 'lying'
  expect(await asked().head(nonce)).toMatchObject(truth)
  if (second) second.fault = 'silent'
  expect(await asked({ agreeMs: 400 }).head(nonce)).toBeUndefined()
  if (second) second.fault = 'lying'
  expect(await asked().head(nonce)).toMatchObject({ number: 3n, hash: expect.not.stringMatching(hash) })
})
