import {
  type Block,
  type Intent,
  openDatabase,
  openValues,
  RpcError,
  type Sender,
  VALUES_SCHEMA,
} from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Chain, NetworkFacts, SeatFacts } from './chain.ts'
import type { CoreHost } from './core-host.ts'
import { createSeatKeeper, type SeatKeeper } from './seat-keeper.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const [OPERATOR, SIGNER] = [addressOf(1), addressOf(2)]
const facts = { genesisBlock: 0n, epochBlocks: 10, coolEpochs: 2, lifeEpochs: 20, bondGwei: 1n } as NetworkFacts
const blockAt = (number: bigint): Block => ({ number, parentHash: hashOf(1), baseFeeWei: 1n }) as Block

let keeper: SeatKeeper
let clock: ReturnType<typeof createManualClock>
let keys: Hex[]
let sent: { topic: string; state: 'pending' | 'mined' }[]
let service: () => Promise<Hex>
let seats: SeatFacts[]

beforeEach(() => {
  clock = createManualClock()
  keys = []
  sent = []
  seats = []
  service = async () => '0x01'
  const coreHost = {
    core: async () => ({ info: async () => ({ signer: SIGNER, inputKeys: keys.slice(-4) }) }),
    attest: async () => {
      const inputKey = hashOf(keys.length + 1)
      keys.push(inputKey)
      return { signer: SIGNER, inputKey, quote: new Uint8Array([keys.length]) }
    },
  } as unknown as CoreHost
  const sender = {
    address: OPERATOR,
    submit: async ({ topic }: Intent, _head: unknown, together?: () => void) => {
      sent.push({ topic, state: 'pending' })
      together?.()
    },
    find: (topic: string) => sent.find((transaction) => transaction.topic === topic),
  } as unknown as Sender
  keeper = createSeatKeeper({
    values: openValues(openDatabase(':memory:', [VALUES_SCHEMA])),
    chain: {
      enigma: addressOf(9),
      balanceGwei: async () => 10n ** 18n,
      estimateGas: async () => 1n,
      seatCount: async () => seats.length,
      seats: async () => seats,
    } as unknown as Chain,
    facts,
    coreHost,
    sender,
    attest: () => service(),
    signer: () => SIGNER,
    setSigner: () => {},
    clock,
    log: createRecordedLog(),
  })
})

async function at(head: bigint): Promise<void> {
  await clock.advance(60_000)
  await keeper.tick(blockAt(head))
}
const actions = () => sent.map(({ topic }) => topic.split(':')[0])
const taken = (exitEpoch = 20) =>
  ({ name: 'SeatTaken', seat: 0, signer: SIGNER, operator: OPERATOR, activeEpoch: 2, exitEpoch }) as const
const renewed = (exitEpoch: number) => ({ name: 'SeatRenewed', seat: 0, exitEpoch }) as const
const mine = () => {
  for (const transaction of sent) transaction.state = 'mined'
}

describe('while an admission fails', () => {
  const away = async () => {
    throw new RpcError('RPC_UNREACHABLE', 'gone')
  }

  test('S20: it keeps its one input key, however often it is tried, so that Core keeps the registered one', async () => {
    service = away
    for (let block = 2n; block < 1_000n; block += 10n) await at(block)
    expect(keys).toHaveLength(1)
    service = async () => '0x01'
    await at(1_000n)
    // The old quote is too old for the contract by now.
    expect([keys.length, actions()]).toEqual([2, ['take']])
  })

  test('the quote is made anew where a reorganisation took its block, and for each renewal', async () => {
    service = away
    await at(50n)
    keeper.rollback(48n)
    service = async () => '0x01'
    await at(51n)
    expect([keys.length, actions()]).toEqual([2, ['take']])
    mine()
    keeper.observe(taken(), 52n)
    await at(180n)
    expect([keys.length, actions()]).toEqual([3, ['take', 'renew']])
  })
})

describe('S20: a reorganisation', () => {
  beforeEach(async () => {
    await at(5n)
    keeper.observe(taken(), 6n)
    mine()
  })

  test('that takes back a renewal leaves the seat as it was, and renewals go on', async () => {
    await at(140n)
    keeper.observe(renewed(34), 141n)
    mine()
    await at(142n)
    // The queue lets the same transaction wait again, and it is mined again, further up.
    for (const transaction of sent.slice(-1)) transaction.state = 'pending'
    keeper.rollback(140n)
    expect(keeper.held()).toMatchObject({ exitEpoch: 20, block: '6' })
    await at(150n)
    expect(actions()).toEqual(['take', 'renew'])
    keeper.observe(renewed(35), 151n)
    mine()
    expect(keeper.held()).toMatchObject({ exitEpoch: 35 })
    await at(290n)
    expect(actions()).toEqual(['take', 'renew', 'renew'])
  })

  test('that takes back what was done from elsewhere stops nothing either', async () => {
    keeper.observe(renewed(21), 20n)
    keeper.rollback(19n)
    await at(140n)
    expect(actions()).toEqual(['take', 'renew'])
  })

  test('that takes back the taking waits for the same transaction, and takes no second seat', async () => {
    for (const transaction of sent) transaction.state = 'pending'
    keeper.rollback(5n)
    expect(keeper.held()).toBeUndefined()
    await at(7n)
    expect(actions()).toEqual(['take'])
    keeper.observe(taken(21), 8n)
    expect(keeper.held()).toMatchObject({ exitEpoch: 21 })
  })
})
