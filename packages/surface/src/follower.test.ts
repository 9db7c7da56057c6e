import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRpc, type Database, type Log, openDatabase } from '@enigma/process'
import { type Anvil, type LyingProxy, Refusal, startAnvil, startLyingProxy } from '@enigma/process/testing'
import type { Address } from '@enigma/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFollower, FOLLOWER_SCHEMA, type FollowerSettings } from './follower.ts'
import { createNode } from './node.ts'

const SEEN =
  'CREATE TABLE seen (block INTEGER, position INTEGER, hash TEXT, data TEXT, PRIMARY KEY (block, position)) STRICT'
const settings: FollowerSettings = { firstBlock: 0n, keepBlocks: 24, rangeBlocks: 50 }

let anvil: Anvil
let proxy: LyingProxy
let emitter: Address
let folder: string
let db: Database
let written = 0

beforeEach(async () => {
  anvil = await startAnvil()
  proxy = await startLyingProxy(anvil.url)
  folder = mkdtempSync(join(tmpdir(), 'follower-'))
  db = openDatabase(join(folder, 'x.db'), [`${FOLLOWER_SCHEMA};${SEEN}`])
  // Code that logs its calldata with one topic.
  const data = '0x69365f5f376042365fa1005f52600a6016f3'
  const hash = await anvil.rpc.call('eth_sendTransaction', [{ from: anvil.accounts[0], data }])
  await anvil.mine()
  const receipt = (await anvil.rpc.call('eth_getTransactionReceipt', [hash])) as { contractAddress: Address }
  emitter = receipt.contractAddress
})
afterEach(async () => {
  db.close()
  await proxy.stop()
  await anvil.stop()
  rmSync(folder, { recursive: true })
})

const emission = () => {
  written++
  return { from: anvil.accounts[0], to: emitter, data: `0x${written.toString(16).padStart(64, '0')}` }
}

async function emit(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await anvil.rpc.call('eth_sendTransaction', [emission()])
  await anvil.mine()
}

/** A follower as after a start: everything it knows is in the database. */
function follow(change: Partial<FollowerSettings> = {}) {
  const put = (log: Log) =>
    db.prepare('INSERT INTO seen VALUES (?, ?, ?, ?)').run(log.blockNumber, log.logIndex, log.blockHash, log.data)
  const follower = createFollower({
    db,
    source: createNode(createRpc(proxy.url), emitter),
    handler: {
      apply: (_, logs) => logs.forEach(put),
      applyRange: (_, logs) => logs.forEach(put),
      rollback: (ancestor) => void db.prepare('DELETE FROM seen WHERE block > ?').run(ancestor),
    },
    settings: { ...settings, ...change },
  })
  return {
    ...follower,
    async toHead(): Promise<void> {
      for (let step = await follower.step(); step !== 'idle'; step = await follower.step());
    },
  }
}

const seen = () =>
  db
    .prepare('SELECT * FROM seen ORDER BY block, position')
    .all()
    .map((row) => `${row.block}/${row.position}/${row.hash}/${row.data}`)

/** What the chain says now, asked for in one go. */
async function truth(): Promise<string[]> {
  const logs = await createNode(anvil.rpc, emitter).logsOfRange(0n, 1_000_000n)
  return logs.map((log) => `${log.blockNumber}/${log.logIndex}/${log.blockHash}/${log.data}`)
}

describe('S20: the follower sees what a fresh query sees', () => {
  test('after reorganisations of every depth, with and without other transactions, and restarts in between', async () => {
    let follower = follow()
    for (let round = 0; round < 24; round++) {
      await emit(1 + (round % 3))
      const height = Number(await anvil.rpc.call('eth_blockNumber'))
      // At the same height as the branch that it had seen, and on top of one that it had not.
      if (round % 2) await follower.toHead()
      if (round % 3 === 2) {
        const depth = 1 + (round % Math.min(12, height - 1))
        await anvil.rpc.call('anvil_reorg', [depth, round % 2 ? [[emission(), 0]] : []])
      }
      if (round % 5 === 0) follower = follow()
      await follower.toHead()
      expect(seen(), `round ${round}`).toEqual(await truth())
    }
  })

  test('after having been away for longer than it keeps blocks', async () => {
    await follow().toHead()
    for (let round = 0; round < 6; round++) {
      await emit(2)
      await anvil.mine(40)
    }
    const follower = follow()
    let steps = 0
    while ((await follower.step()) !== 'idle') steps++
    // In ranges, not block by block, up to where blocks may still change.
    expect(steps).toBeLessThan(246 / 2)
    expect(seen()).toEqual(await truth())
  })

  test('after some blocks, which it asks for at once', async () => {
    await follow().toHead()
    for (let round = 0; round < 4; round++) {
      await emit(2)
      await anvil.mine(4)
    }
    expect(await follow().step()).toBe('arrived')
    expect(seen()).toEqual(await truth())
  })

  test('when it dies at any step, and starts again', async () => {
    for (let round = 0; round < 8; round++) {
      await emit(2)
      const follower = follow()
      // Dies after a step or two; a step's changes and its cursor are one transaction.
      await follower.step()
      if (round % 2) await anvil.rpc.call('anvil_reorg', [2, []])
      await follow().step()
    }
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })

  test('when the process dies in the middle of a step', async () => {
    await follow().toHead()
    await emit(2)
    const broken = createFollower({
      db,
      source: createNode(createRpc(proxy.url), emitter),
      handler: {
        apply() {
          db.prepare("INSERT INTO seen VALUES (999, 0, 'half', '0x')").run()
          throw new Error('killed')
        },
        applyRange: () => {},
        rollback: () => {},
      },
      settings,
    })
    await expect(broken.step()).rejects.toThrow('killed')
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })
})

describe('S20: a node that lies or fails changes nothing, and is asked again', () => {
  const logsWithheld = ({ method }: { method: string }) => (method === 'eth_getLogs' ? [] : undefined)

  test('where it withholds logs: the block’s receipts have them', async () => {
    await follow().toHead()
    await emit(2)
    proxy.lie = logsWithheld
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })

  test.each([
    [
      'logs of another block',
      'eth_getLogs',
      (logs: object[]) => logs.map((log) => ({ ...log, blockHash: `0x${'12'.repeat(32)}` })),
    ],
    [
      'logs of another contract',
      'eth_getLogs',
      (logs: object[]) => logs.map((log) => ({ ...log, address: `0x${'12'.repeat(20)}` })),
    ],
    ['no list', 'eth_getLogs', () => 'none'],
    ['a head without a hash', 'eth_getBlockByNumber', (block: object) => ({ ...block, hash: '0x' })],
    ['no head', 'eth_getBlockByNumber', () => null],
  ])('where it answers with %s', async (_, lyingMethod, twist) => {
    await follow().toHead()
    await emit(2)
    const before = seen()
    proxy.lie = ({ method }, answer) => (method === lyingMethod ? twist(answer as never) : undefined)
    await expect(follow().toHead()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    expect(seen()).toEqual(before)
    proxy.lie = undefined
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })

  test.each([
    ['at the beginning', async () => {}],
    ['far behind the head', async () => follow().toHead()],
  ])('where it answers with a block of another number, %s: the cursor does not jump', async (_, first) => {
    await first()
    await emit(1)
    await anvil.mine(60)
    const before = follow().cursor()?.number
    const wrong = await anvil.rpc.call('eth_getBlockByNumber', ['0x30', false])
    proxy.lie = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] !== 'latest' && Number(params[0]) !== Number(before)
        ? wrong
        : undefined
    await expect(follow().toHead()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    expect(follow().cursor()?.number).toBe(before)
    proxy.lie = undefined
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })

  test.each([
    ['third is not the child of the second', 3, (block: object) => ({ ...block, parentHash: `0x${'12'.repeat(32)}` })],
    ['third is one that it does not know yet', 3, () => null],
    ['first is one that it does not know yet', 1, () => null],
  ])('where it is asked for blocks whose %s: those before count', async (_, place, twist) => {
    await follow().toHead()
    const tip = follow().cursor()?.number ?? 0n
    for (let round = 0; round < 5; round++) await emit(1)
    proxy.lie = ({ method, params }, answer) =>
      method === 'eth_getBlockByNumber' && Number(params[0]) === Number(tip) + place
        ? twist(answer as object)
        : undefined
    expect(await follow().step()).toBe(place > 1 ? 'advanced' : 'idle')
    expect(follow().cursor()?.number).toBe(tip + BigInt(place - 1))
    proxy.lie = undefined
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })

  test('where it invents logs that its own block cannot hold', async () => {
    await emit(1)
    await follow().toHead()
    await anvil.mine()
    const [real] = (await anvil.rpc.call('eth_getLogs', [{ address: emitter, fromBlock: '0x0' }])) as object[]
    proxy.lie = ({ method, params }) => {
      const [{ blockHash }] = params as [{ blockHash: string }]
      return method === 'eth_getLogs' ? [{ ...real, blockHash, blockNumber: '0x3' }] : undefined
    }
    await expect(follow().toHead()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
  })

  test('where it is overloaded', async () => {
    await emit(1)
    proxy.status = 429
    await expect(follow().step()).rejects.toMatchObject({ code: 'RPC_LIMITED' })
    proxy.status = 0
    await follow().toHead()
    expect(seen()).toEqual(await truth())
  })

  test('where it refuses long ranges: they are halved', async () => {
    await follow().toHead()
    await emit(1)
    await anvil.mine(120)
    const asked: number[] = []
    proxy.lie = ({ method, params }) => {
      const [{ fromBlock, toBlock }] = params as [{ fromBlock?: string; toBlock?: string }]
      if (method !== 'eth_getLogs' || !fromBlock) return undefined
      const length = Number(toBlock) - Number(fromBlock) + 1
      asked.push(length)
      return length > 13 ? new Refusal(-32000, 'block range too wide') : undefined
    }
    await follow().toHead()
    expect(asked.slice(0, 3)).toEqual([50, 25, 12])
    expect(seen()).toEqual(await truth())
  })

  test('where it lags behind another node that was asked before: nothing is rolled back', async () => {
    await emit(1)
    await emit(1)
    await follow().toHead()
    const before = seen()
    const old = await anvil.rpc.call('eth_getBlockByNumber', ['0x2', false])
    proxy.lie = ({ method, params }) => (method === 'eth_getBlockByNumber' && params[0] === 'latest' ? old : undefined)
    expect(await follow().step()).toBe('idle')
    expect(seen()).toEqual(before)
  })

  test('where it suddenly serves another chain: an error, and nothing is forgotten', async () => {
    await emit(1)
    await anvil.mine(40)
    await follow().toHead()
    const before = seen()
    const other = await startAnvil()
    const otherProxy = await startLyingProxy(other.url)
    await other.mine(60)
    const lost = createFollower({
      db,
      source: createNode(createRpc(otherProxy.url), emitter),
      handler: { apply: () => {}, applyRange: () => {}, rollback: () => {} },
      settings,
    })
    await expect(lost.step()).rejects.toMatchObject({ code: 'REORG_TOO_DEEP' })
    expect(seen()).toEqual(before)
    await otherProxy.stop()
    await other.stop()
  })
})

test('a follower without a cursor begins where it is told, or so many blocks before the head', async () => {
  await anvil.mine(20)
  await follow({ firstBlock: -5n }).step()
  expect(follow().cursor()?.number).toBe(16n)
})
