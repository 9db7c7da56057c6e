import { type TrustRoot, trustRoots } from '@enigma/attestation'
import { simulatedKind } from '@enigma/attestation/simulated'
import { type Clock, openDatabase, Secret, silentLogger, systemClock } from '@enigma/process'
import { createRecordedLog, until } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryCache } from '../memory-cache.ts'
import { type SimulatedPcs, startSimulatedPcs } from '../simulated-pcs.ts'
import { startVerifierChain, type VerifierChain } from '../testing/verifier.ts'
import { createCollateralContract } from './contract.ts'
import { KEEPER_SCHEMA, startKeeper } from './daemon.ts'

const DAY = 86_400
const TCB_INFO = `tcbInfo-${simulatedKind.fmspc}`
const kinds = { fmspcs: [simulatedKind.fmspc], cas: ['platform'] } as const

let chain: VerifierChain
let pcs: SimulatedPcs
/** Seconds that the world is ahead of real time, in which a pause is short. */
let aheadSeconds: number
const clock: Clock = {
  nowMs: () => systemClock.nowMs() + aheadSeconds * 1000,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 10), signal),
}
const stopping = new AbortController()

beforeEach(async () => {
  aheadSeconds = 0
  chain = await startVerifierChain()
  pcs = await startSimulatedPcs({}, { clock })
})
afterEach(async () => {
  await pcs.stop()
  await chain.stop()
})

type Changes = { trustRoot?: TrustRoot; chainId?: bigint; db?: ReturnType<typeof openKeeperDatabase> } & Partial<
  Record<'key' | 'verifier' | 'enigma', Hex>
>
const openKeeperDatabase = () => openDatabase(':memory:', [KEEPER_SCHEMA])

function start({
  trustRoot = trustRoots.simulated,
  chainId = 31_337n,
  db = openKeeperDatabase(),
  ...its
}: Changes = {}) {
  const log = createRecordedLog()
  const source = { url: pcs.url, trustRoot: trustRoots.simulated, signal: stopping.signal }
  const cache = createMemoryCache(source, { clock, log: silentLogger })
  let kept = 0
  const keeper = startKeeper(
    {
      ...{ rpcUrl: chain.url, chainId, verifier: its.verifier ?? chain.verifier, enigma: its.enigma, kinds },
      ...{ key: new Secret(its.key ?? chain.key), lookSeconds: 0, pollMs: 10 },
      ...{ replaceAfterBlocks: 3, tipWei: 1n, mostFeeWei: 10n ** 12n },
    },
    { ...{ db, cache, trustRoot, clock, log }, onKept: () => void kept++ },
  )
  const settled = async () => {
    const before = kept
    await until(() => kept > before + 1, 'a look that finds nothing to do')
  }
  const sent = () => log.lines.filter(({ event }) => event === 'collateral-sent').map(({ document }) => document)
  return { keeper, log, cache, settled, sent, kept: () => kept }
}

/** Lets a keeper do what there is to do, and tells what it sent. */
async function keepOnce(changes: Changes = {}): Promise<unknown[]> {
  const { keeper, settled, sent } = start(changes)
  await settled()
  await keeper.stop()
  return sent()
}

async function letPass(days: number): Promise<void> {
  aheadSeconds += days * DAY
  await chain.rpc.call('evm_increaseTime', [days * DAY])
  await chain.mine()
}

const contract = () => createCollateralContract(chain.rpc, chain.verifier)
const heldTcbInfo = () => contract().tcbInfo(`0x${simulatedKind.fmspc}`, '0x0000')

describe('the keeper', () => {
  test('fills an empty contract, and then leaves it alone', async () => {
    const { keeper, settled, sent } = start()
    await settled()
    expect(sent().sort()).toEqual(['pckCa-platform', 'pckCrl-platform', 'qeIdentity', 'rootCrl', TCB_INFO, 'tcbSigner'])
    await settled()
    await keeper.stop()
    expect(await chain.transactions()).toBe(6)
  })

  test('S16: sends a revocation at once, and nothing that is merely newer', async () => {
    await keepOnce()
    pcs.change({ revokedPlatforms: [{ platformName: 'machine' }] })
    expect(await keepOnce()).toEqual(['pckCrl-platform'])
  })

  test('S16: sends a new TCB evaluation at once, in one transaction', async () => {
    await keepOnce()
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 18 } })
    expect(await keepOnce()).toEqual([TCB_INFO])
  })

  test('S16: replaces what will expire within a week', async () => {
    await keepOnce()
    await letPass(20)
    expect(await keepOnce()).toEqual([])
    await letPass(3)
    expect((await keepOnce()).sort()).toEqual(['pckCrl-platform', 'qeIdentity', 'rootCrl', TCB_INFO])
  })

  test('S16: replaces it by the chain’s clock, where that is ahead of its own', async () => {
    await keepOnce()
    aheadSeconds += 2 * DAY
    await chain.rpc.call('evm_increaseTime', [23 * DAY])
    await chain.mine()
    expect(await keepOnce()).toHaveLength(4)
  })

  test('S16: keeps the chain alive with the evaluation that somebody brought early, until Intel is there', async () => {
    await keepOnce()
    pcs.publishEarly({ tcbInfo: { tcbEvaluationDataNumber: 18 }, qeIdentity: { tcbEvaluationDataNumber: 18 } })
    const early = await fetch(`${pcs.url}/sgx/certification/v4/tcb?fmspc=${simulatedKind.fmspc}&update=early`)
    const [, json, signature] = /^\{"tcbInfo":(.*),"signature":"(.*)"\}$/.exec(await early.text()) ?? []
    const call = {
      functionName: 'setTcbInfo',
      args: [
        `0x${Buffer.from(json ?? '').toString('hex')}`,
        `0x${signature?.slice(0, 64)}`,
        `0x${signature?.slice(64)}`,
      ],
    } as const
    const transaction = { from: chain.accounts[3], to: chain.verifier, data: contract().encodeCall(call) }
    await chain.rpc.call('eth_sendTransaction', [transaction])
    await until(async () => (await heldTcbInfo()).evaluationNumber === 18, 'the early evaluation')
    expect(await keepOnce()).toEqual([])
    await letPass(24)
    expect(await keepOnce()).toContain(TCB_INFO)
    const { evaluationNumber, nextUpdate } = await heldTcbInfo()
    expect([evaluationNumber, Number(nextUpdate) > clock.nowMs() / 1000 + 28 * DAY]).toEqual([18, true])
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 18 } })
    await letPass(24)
    expect(await keepOnce()).toContain(TCB_INFO)
  })

  test('S16: says that it cannot keep the chain alive where its source lacks the evaluation that the chain holds', async () => {
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 18 } })
    await keepOnce()
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 17 } })
    const { keeper, log, kept } = start()
    await until(() => log.events().includes('collateral-not-kept'), 'a complaint')
    await keeper.stop()
    expect(log.lines).toContainEqual(expect.objectContaining({ document: TCB_INFO, code: 'TCB_INFO_ROLLBACK' }))
    expect([kept(), log.events().filter((event) => event === 'collateral-not-kept').length]).toEqual([0, 1])
  })

  test('S16: sends the next TCB signer at once, and leaves what the last one signed', async () => {
    await keepOnce()
    pcs.change({ signerChanges: 1 })
    expect(await keepOnce()).toEqual(['tcbSigner'])
  })

  test('S16: sends anew what went void with a revoked TCB signer, though it would hold for weeks', async () => {
    await keepOnce()
    pcs.change({ signerChanges: 1, revokedByRoot: ['signer'] })
    const { keeper, log, settled, sent } = start()
    await settled()
    await keeper.stop()
    expect(sent()).toEqual(['rootCrl', 'tcbSigner', TCB_INFO, 'qeIdentity'])
    expect(log.lines.filter(({ event }) => event === 'collateral-sent').map(({ reason }) => reason)).toEqual([
      ...['revoked', 'ending', 'void', 'void'],
    ])
    expect(log.events()).not.toContain('collateral-not-kept')
  })

  test('S20: sends anew what a reorganisation took, and goes on', async () => {
    const { keeper, settled } = start()
    await settled()
    await chain.rpc.call('anvil_reorg', [6, []])
    expect((await contract().rootCrl()).nextUpdate).toBe(0n)
    await settled()
    await keeper.stop()
    expect((await heldTcbInfo()).evaluationNumber).toBe(17)
  })

  test('S20: goes on with another account in the same directory', async () => {
    const db = openKeeperDatabase()
    await chain.rpc.call('anvil_setNonce', [chain.accounts[0], '0x64'])
    await keepOnce({ db })
    pcs.change({ tcbInfo: { tcbEvaluationDataNumber: 18 } })
    expect(await keepOnce({ db, key: chain.otherKey })).toEqual([TCB_INFO])
  })

  test('S18: looks after what it knows where the seats cannot be read, and does not call that kept', async () => {
    const { keeper, log, sent, kept } = start({ enigma: `0x${'ee'.repeat(20)}` })
    await until(() => sent().length === 6, 'all of it sent')
    await keeper.stop()
    expect(log.lines).toContainEqual(expect.objectContaining({ event: 'collateral-not-kept', document: 'seats' }))
    expect(kept()).toBe(0)
  })

  test('says that there is no contract yet, and waits for it', async () => {
    const { keeper, log } = start({ verifier: `0x${'11'.repeat(20)}` })
    await until(() => log.events().includes('keeper-waits'), 'a word')
    expect(log.lines).toContainEqual(expect.objectContaining({ code: 'NO_VERIFIER' }))
    await keeper.stop()
    await keeper.finished
  })

  test('S15: ends where the contract trusts another root than the service', async () => {
    const { keeper } = start({ trustRoot: trustRoots.intel })
    await expect(keeper.finished).rejects.toMatchObject({ code: 'UNTRUSTED_ROOT' })
  })

  test('ends where the node is of another chain', async () => {
    const { keeper } = start({ chainId: 1n })
    await expect(keeper.finished).rejects.toMatchObject({ code: 'WRONG_CHAIN' })
  })
})
