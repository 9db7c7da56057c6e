import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address, Hex } from '@enigma/protocol'
import { keccak256, parseTransaction } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseBlock } from './blocks.ts'
import { createRpc } from './rpc.ts'
import { createSender, type Head } from './sender.ts'
import { type Database, openDatabase } from './sqlite.ts'
import { ANVIL_KEYS, type Anvil, startAnvil } from './testing/anvil.ts'
import { type FaultProxy, startFaultProxy } from './testing/fault-proxy.ts'
import { createRecordedLog } from './testing/recorded-log.ts'
import { TRANSACTIONS_SCHEMA } from './transactions.ts'
import { createWallet, type Wallet } from './wallet.ts'

const GWEI = 1_000_000_000n
const account = privateKeyToAccount(ANVIL_KEYS[1])
const own = account.address.toLowerCase() as Address
const sink: Address = `0x${'99'.repeat(20)}`

let anvil: Anvil
let proxy: FaultProxy
let folder: string
let db: Database

beforeEach(async () => {
  anvil = await startAnvil()
  proxy = await startFaultProxy(anvil.port)
  folder = mkdtempSync(join(tmpdir(), 'sender-'))
  db = openDatabase(join(folder, 'x.db'), [TRANSACTIONS_SCHEMA])
})
afterEach(async () => {
  db.close()
  await proxy.stop()
  await anvil.stop()
  rmSync(folder, { recursive: true })
})

function walletWith(change: Partial<Wallet> = {}): Wallet {
  const wallet = createWallet(
    createRpc(proxy.url, { timeoutMs: 500 }),
    own,
    async ({ to, data, nonce, gas, ...fees }) => {
      const raw = await account.signTransaction({
        type: 'eip1559',
        chainId: 31_337,
        ...{
          to,
          data,
          nonce,
          gas,
          value: fees.valueWei,
          maxFeePerGas: fees.maxFeeWei,
          maxPriorityFeePerGas: fees.tipWei,
        },
      })
      return { raw, hash: keccak256(raw) }
    },
  )
  return { ...wallet, ...change }
}

function senderWith(wallet = walletWith()) {
  const log = createRecordedLog()
  const settings = { replaceAfterBlocks: 2, tipWei: GWEI, mostFeeWei: 500n * GWEI }
  return { log, ...createSender({ db, wallet, settings, log }) }
}

const head = async (): Promise<Head> => {
  const block = parseBlock(await anvil.rpc.call('eth_getBlockByNumber', ['latest', false]))
  return block as Head
}
const intent = (topic: string, data: Hex = '0x') => ({ topic, to: sink, data, valueWei: 1n, gas: 50_000n })
const received = async () => BigInt((await anvil.rpc.call('eth_getBalance', [sink, 'latest'])) as string)
/** Somebody else who has the same key. */
const sendElsewhere = async (nonce: number, maxFeeWei = 10n * GWEI) => {
  const raw = await account.signTransaction({
    type: 'eip1559',
    chainId: 31_337,
    ...{ nonce, to: own, gas: 21_000n, maxFeePerGas: maxFeeWei, maxPriorityFeePerGas: GWEI },
  })
  return (await anvil.rpc.call('eth_sendRawTransaction', [raw])) as Hex
}

describe('transactions are sent', () => {
  test('in order, many at once, each once', async () => {
    const sender = senderWith()
    const now = await head()
    await Promise.all(Array.from({ length: 8 }, (_, index) => sender.submit(intent(`settle:${index}`), now)))
    await anvil.mine()
    await sender.tick(await head())
    expect(Array.from({ length: 8 }, (_, index) => sender.find(`settle:${index}`)?.nonce)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ])
    expect(sender.find('settle:7')).toMatchObject({ state: 'mined' })
    expect(await received()).toBe(8n)
  })

  test('S20: once for one topic, however often they are asked for', async () => {
    const sender = senderWith()
    for (let time = 0; time < 3; time++) {
      await sender.submit(intent('settle:a'), await head())
      await anvil.mine()
      await sender.tick(await head())
    }
    expect(await received()).toBe(1n)
  })

  test('together with the change of their caller, or not at all', async () => {
    const sender = senderWith()
    const failing = sender.submit(intent('settle:a'), await head(), () => {
      throw new Error('overtaken')
    })
    await expect(failing).rejects.toThrow('overtaken')
    expect(sender.find('settle:a')).toBeUndefined()
    await sender.submit(intent('settle:b'), await head())
    expect(sender.find('settle:b')?.nonce).toBe(0)
  })
})

describe('a transaction is seen through', () => {
  test('S20: when the process dies between storing and broadcasting it', async () => {
    const dead = senderWith(walletWith({ broadcast: () => new Promise(() => {}) }))
    void dead.submit(intent('settle:a'), await head())
    await expect.poll(() => dead.find('settle:a')).toBeDefined()
    const sender = senderWith()
    await sender.tick(await head())
    await anvil.mine()
    await sender.tick(await head())
    expect(sender.find('settle:a')).toMatchObject({ state: 'mined', nonce: 0 })
    expect(await received()).toBe(1n)
  })

  test('S20: when the node is away as it is sent', async () => {
    const sender = senderWith()
    const now = await head()
    await sender.submit(intent('settle:a'), now)
    proxy.mode = 'refuse'
    await sender.submit(intent('settle:b'), now)
    expect(sender.find('settle:b')).toMatchObject({ broadcast: false })
    await expect(sender.tick(now)).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    proxy.mode = 'up'
    await sender.tick(now)
    await anvil.mine()
    await sender.tick(await head())
    expect(sender.find('settle:b')).toMatchObject({ state: 'mined', nonce: 1 })
  })

  test('S20: when the node drops it from its pool', async () => {
    const sender = senderWith()
    await sender.submit(intent('settle:a'), await head())
    await anvil.rpc.call('anvil_dropTransaction', [sender.lastHash('settle:a')])
    for (let block = 0; block < 4; block++) {
      await anvil.mine()
      await sender.tick(await head())
    }
    expect(sender.find('settle:a')).toMatchObject({ state: 'mined', nonce: 0 })
    expect(await received()).toBe(1n)
  })

  test('with a dearer one when it is stuck, and only one of the two is mined', async () => {
    const sender = senderWith()
    await anvil.rpc.call('anvil_setNextBlockBaseFeePerGas', ['0x2540be400'])
    await sender.submit(intent('settle:a'), { number: (await head()).number, baseFeeWei: GWEI })
    const cheap = sender.lastHash('settle:a')
    for (let block = 0; block < 6 && sender.find('settle:a')?.state === 'pending'; block++) {
      await anvil.mine()
      await sender.tick(await head())
    }
    expect(sender.lastHash('settle:a')).not.toBe(cheap)
    expect(sender.find('settle:a')).toMatchObject({ state: 'mined', nonce: 0 })
    expect(await received()).toBe(1n)
  })

  test('S20: when a reorganisation takes it out of the chain', async () => {
    const sender = senderWith()
    await anvil.mine(3)
    await sender.submit(intent('settle:a'), await head())
    await anvil.mine()
    const block = (await head()).number
    await sender.tick(await head())
    expect(sender.find('settle:a')?.state).toBe('mined')
    await anvil.rpc.call('anvil_reorg', [1, []])
    expect(await received()).toBe(0n)
    sender.rollback(block - 1n)
    await sender.tick(await head())
    await anvil.mine()
    await sender.tick(await head())
    expect(sender.find('settle:a')?.state).toBe('mined')
    expect(await received()).toBe(1n)
  })

  test('and reported as reverted when it reverts', async () => {
    const sender = senderWith()
    const code = '0x60006000fd'
    await anvil.rpc.call('anvil_setCode', [sink, code])
    await sender.submit(intent('settle:a'), await head())
    await anvil.mine()
    await sender.tick(await head())
    expect(sender.find('settle:a')?.state).toBe('reverted')
  })
})

describe('where somebody else uses the same key', () => {
  test('a new transaction takes the next nonce instead of a used one', async () => {
    const sender = senderWith()
    await sender.submit(intent('settle:a'), await head())
    await sendElsewhere(1)
    await anvil.mine()
    // Our own count still says 1: the node refuses, and nothing is lost.
    await sender.submit(intent('settle:b'), await head())
    await anvil.mine()
    await sender.tick(await head())
    expect(sender.find('settle:b')).toMatchObject({ state: 'mined', nonce: 2 })
  })

  test('and does not push out one that waits', async () => {
    const sender = senderWith()
    await sender.submit(intent('settle:a'), await head())
    const theirs = await sendElsewhere(1, 400n * GWEI)
    await sender.submit(intent('settle:b'), await head())
    await anvil.mine()
    await sender.tick(await head())
    expect(await anvil.rpc.call('eth_getTransactionReceipt', [theirs])).not.toBeNull()
    expect(sender.find('settle:b')).toMatchObject({ state: 'mined', nonce: 2 })
  })

  test('a transaction whose nonce was taken is reported as abandoned, never sent twice', async () => {
    const sender = senderWith()
    await sender.submit(intent('settle:a'), await head())
    await anvil.rpc.call('anvil_dropTransaction', [sender.lastHash('settle:a')])
    await sendElsewhere(0)
    for (let block = 0; block < 5; block++) {
      await anvil.mine()
      await sender.tick(await head())
    }
    expect(sender.find('settle:a')?.state).toBe('abandoned')
    expect(await received()).toBe(0n)
    await sender.submit(intent('settle:a2'), await head())
    expect(sender.find('settle:a2')?.nonce).toBe(1)
  })

  test('the place of a vanished transaction is filled, so that ours do not wait for ever', async () => {
    const sender = senderWith()
    const theirs = await sendElsewhere(0)
    await sender.submit(intent('settle:a'), await head())
    expect(sender.find('settle:a')?.nonce).toBe(1)
    await anvil.rpc.call('anvil_dropTransaction', [theirs])
    for (let block = 0; block < 6; block++) {
      await anvil.mine()
      await sender.tick(await head())
    }
    expect(sender.find('settle:a')?.state).toBe('mined')
  })
})

describe('S20: a lie about the nonce', () => {
  const lyingOnce = (lie: { latest: number; pending: number }) => {
    const honest = walletWith()
    let lies = 1
    return { ...honest, nonces: async () => (lies-- > 0 ? lie : honest.nonces()) }
  }
  const minedAfter = async (sender: ReturnType<typeof senderWith>, topic: string) => {
    for (let block = 0; block < 12 && sender.find(topic)?.state === 'pending'; block++) {
      await anvil.mine()
      await sender.tick(await head())
    }
    return sender.find(topic)?.state
  }

  test('about what waits leaves at most a gap that is filled', async () => {
    const sender = senderWith(lyingOnce({ latest: 0, pending: 1_000_000 }))
    await sender.submit(intent('settle:a'), await head())
    expect(sender.find('settle:a')?.nonce).toBe(16)
    expect(await minedAfter(sender, 'settle:a')).toBe('mined')
  })

  test('about what is mined costs one transaction, which its owner sends anew', async () => {
    const sender = senderWith(lyingOnce({ latest: 1_000_000, pending: 1_000_000 }))
    await sender.submit(intent('settle:a'), await head())
    expect(await minedAfter(sender, 'settle:a')).toBe('abandoned')
    await sender.submit(intent('settle:b'), await head())
    expect(sender.find('settle:b')?.nonce).toBe(0)
    expect(await minedAfter(sender, 'settle:b')).toBe('mined')
  })

  test('that no number can hold is nonsense', async () => {
    const rpc = { call: async () => '0x0', batch: async () => ['0x0', `0x${'f'.repeat(15)}`] }
    const wallet = createWallet(rpc, own, walletWith().sign)
    await expect(wallet.nonces()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
  })

  test('of a node that lags behind gives up no transaction', async () => {
    let lag: number | undefined
    const honest = walletWith()
    const sender = senderWith({
      ...honest,
      nonces: async () => (lag === undefined ? honest.nonces() : { latest: lag, pending: lag }),
    })
    for (let index = 0; index < 20; index++) await sender.submit(intent(`settle:${index}`), await head())
    await anvil.mine()
    await sender.tick(await head())
    await sender.submit(intent('settle:20'), await head())
    lag = 0
    for (let block = 10n; block < 20n; block++) await sender.tick({ number: block, baseFeeWei: GWEI })
    expect(sender.find('settle:20')).toMatchObject({ state: 'pending', nonce: 20 })
  })
})

test('a transaction that nobody needs any more gives way to an empty one', async () => {
  const sender = senderWith()
  await anvil.rpc.call('anvil_setNextBlockBaseFeePerGas', ['0x2540be400'])
  await sender.submit(intent('settle:a'), { number: (await head()).number, baseFeeWei: GWEI })
  sender.drop('settle:a')
  for (let block = 0; block < 6 && sender.find('settle:a')?.state === 'pending'; block++) {
    await anvil.mine()
    await sender.tick(await head())
  }
  expect(sender.find('settle:a')?.state).toBe('abandoned')
  expect(await received()).toBe(0n)
})

test('a fee above the limit waits for cheaper blocks', async () => {
  const log = createRecordedLog()
  const settings = { replaceAfterBlocks: 1, tipWei: GWEI, mostFeeWei: 2n * GWEI }
  const sender = createSender({ db, wallet: walletWith(), settings, log })
  await anvil.rpc.call('anvil_setNextBlockBaseFeePerGas', ['0x2540be400'])
  await sender.submit(intent('settle:a'), { number: (await head()).number, baseFeeWei: GWEI })
  await anvil.mine(2)
  await sender.tick(await head())
  expect(log.events()).toContain('fee-at-limit')
  const raw = parseTransaction(await rawOf('settle:a'))
  expect(raw.maxFeePerGas).toBe(2n * GWEI)
})

test('an account without money offers the same transaction again, and does not drive up its own price', async () => {
  const sender = senderWith()
  await anvil.rpc.call('anvil_setBalance', [own, '0x0'])
  await sender.submit(intent('settle:a'), await head())
  const offered = await rawOf('settle:a')
  for (let block = 0; block < 5; block++) {
    await anvil.mine()
    await sender.tick(await head())
  }
  expect(await rawOf('settle:a')).toBe(offered)
  await anvil.rpc.call('anvil_setBalance', [own, '0xde0b6b3a7640000'])
  await sender.tick(await head())
  await anvil.mine()
  await sender.tick(await head())
  expect(sender.find('settle:a')).toMatchObject({ state: 'mined' })
})

async function rawOf(topic: string): Promise<Hex> {
  const row = db.prepare('SELECT raw FROM attempt WHERE topic = ? ORDER BY rowid DESC').get(topic)
  return row?.raw as Hex
}
