import { type TrustRoot, trustRoots } from '@enigma/attestation'
import { createSimulatedPki, simulatedKind } from '@enigma/attestation/simulated'
import { type Clock, Secret, silentLogger, systemClock } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryCache } from '../memory-cache.ts'
import { type SimulatedPcs, startSimulatedPcs } from '../simulated-pcs.ts'
import { startVerifierChain, type VerifierChain } from '../testing/verifier.ts'
import { rootHashOf, trustRootOfHash } from '../trust.ts'
import { createCollateralContract } from './contract.ts'
import { syncCollateral } from './sync.ts'

const kinds = { fmspcs: [simulatedKind.fmspc], cas: ['platform'] } as const
/** Real time, in which a pause is short. */
const clock: Clock = { nowMs: systemClock.nowMs, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 10), signal) }
const stopping = new AbortController()
const cacheOf = (url: string, trustRoot: TrustRoot = trustRoots.simulated) =>
  createMemoryCache({ url, trustRoot, signal: stopping.signal }, { clock, log: silentLogger })

let chain: VerifierChain
let pcs: SimulatedPcs

beforeEach(async () => {
  chain = await startVerifierChain()
  pcs = await startSimulatedPcs()
})
afterEach(async () => {
  await pcs.stop()
  await chain.stop()
})

const sync = (changes: { key?: Hex; verifier?: Hex; fmspcs?: string[] } = { key: chain.key }) =>
  syncCollateral(
    {
      rpcUrl: chain.url,
      verifier: changes.verifier ?? chain.verifier,
      ...(changes.key && { key: new Secret(changes.key) }),
      kinds: { ...kinds, fmspcs: changes.fmspcs ?? kinds.fmspcs },
    },
    { cacheFor: (trustRoot) => cacheOf(pcs.url, trustRoot), clock, log: silentLogger },
  )
const states = (parts: readonly { label: string; state: string }[]) =>
  Object.fromEntries(parts.map(({ label, state }) => [label, state]))

const EVERYTHING = [
  'rootCrl',
  'pckCa-platform',
  'pckCrl-platform',
  'tcbSigner',
  'tcbInfo-00606a000000',
  'qeIdentity',
] as const
const all = (state: string) => Object.fromEntries(EVERYTHING.map((label) => [label, state]))

describe('syncCollateral', () => {
  test('fills an empty contract, and has nothing to do the second time', async () => {
    const first = await sync()
    expect(states(first)).toEqual(all('set'))
    for (const { gas, txHash, reason } of first) {
      expect([gas !== undefined && gas > 50_000n, txHash?.length, reason]).toEqual([true, 66, 'missing'])
    }
    expect(await chain.transactions()).toBe(6)
    expect(states(await sync())).toEqual(all('current'))
    expect(await chain.transactions()).toBe(6)
  })

  test('sends what is newer', async () => {
    await sync()
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 18 }, qeIdentity: { tcbEvaluationDataNumber: 17 } })
    // A node estimates at the time of its latest block: while that lies before the document's, it has to wait.
    const tcbInfo = async () => {
      await chain.mine()
      return (await sync()).find(({ label }) => label.startsWith('tcbInfo'))
    }
    let sent = await tcbInfo()
    while (sent?.state === 'waiting') sent = await tcbInfo()
    expect(sent).toMatchObject({ state: 'set', reason: 'evaluation' })
    const held = await createCollateralContract(chain.rpc, chain.verifier).tcbInfo('0x00606a000000', '0x0000')
    expect(held.evaluationNumber).toBe(18)
  })

  test('rehearses without a key, and sends nothing', async () => {
    const rehearsed = await sync({})
    expect(states(rehearsed)).toMatchObject({ rootCrl: 'wanted', 'pckCa-platform': 'waiting', tcbSigner: 'waiting' })
    expect(await chain.transactions()).toBe(0)
  })

  test('says what is not to be had, and sends the rest', async () => {
    const parts = await sync({ key: chain.key, fmspcs: [simulatedKind.fmspc, '00906ed50000'] })
    expect(states(parts)).toEqual({ ...all('set'), 'tcbInfo-00906ed50000': 'unavailable' })
  })

  test('two at a time do no harm', async () => {
    const both = await Promise.all([sync({ key: chain.key }), sync({ key: chain.otherKey })])
    expect(both.flat().filter(({ state }) => state !== 'set' && state !== 'current')).toEqual([])
    expect(states(await sync())).toEqual(all('current'))
  })

  test('S16: re-signs nothing in vain: what an earlier signer signed goes before the next signer', async () => {
    await sync()
    await chain.mine()
    const cache = cacheOf(pcs.url)
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 18 } })
    await cache.getOwn({ kind: 'tcbInfo', tee: 'sgx', fmspc: simulatedKind.fmspc, edition: 'standard' })
    pcs.change({ signerChanges: 1 })
    await chain.mine()
    const parts = await syncCollateral(
      { rpcUrl: chain.url, verifier: chain.verifier, key: new Secret(chain.key), kinds },
      { cacheFor: () => cache, clock, log: silentLogger },
    )
    expect(parts.map(({ label, state }) => `${label} ${state}`).slice(-4)).toEqual([
      'tcbSigner current',
      'tcbInfo-00606a000000 set',
      'tcbSigner set',
      'qeIdentity set',
    ])
  })

  test('ends where the account cannot pay, and says so', async () => {
    const poor: Hex = `0x${'5a'.repeat(32)}`
    const parts = await sync({ key: poor })
    expect(parts[0]).toMatchObject({ label: 'rootCrl', state: 'refused', code: 'NO_FUNDS' })
  })

  test('says where there is no contract', async () => {
    await expect(sync({ verifier: `0x${'11'.repeat(20)}` })).rejects.toMatchObject({ code: 'NO_VERIFIER' })
  })

  test('S15: serves no contract of an unknown root, and none that trusts simulated hardware elsewhere', () => {
    const simulated = rootHashOf(trustRoots.simulated)
    expect(trustRootOfHash(simulated, 31_337n)).toBe(trustRoots.simulated)
    expect(trustRootOfHash(rootHashOf(trustRoots.intel), 1n)).toBe(trustRoots.intel)
    expect(rootHashOf(trustRoots.intel)).toBe('0x44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3')
    expect(() => trustRootOfHash(simulated, 1n)).toThrow(expect.objectContaining({ code: 'UNTRUSTED_ROOT' }))
    const another = rootHashOf(createSimulatedPki({ name: 'another' }).trustRoot)
    expect(() => trustRootOfHash(another, 31_337n)).toThrow(expect.objectContaining({ code: 'UNTRUSTED_ROOT' }))
  })
})
