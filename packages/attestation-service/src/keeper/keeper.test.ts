import type { Sender, Transaction } from '@enigma/process'
import { createRecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import type { CollateralContract, Trial } from './contract.ts'
import { createKeeper } from './keeper.ts'
import type { CrlPart } from './parts.ts'

const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const head = { number: 1n, baseFeeWei: 1n }
const part: CrlPart = {
  kind: 'pckCrl',
  label: 'pckCrl-platform',
  call: { functionName: 'setPckCrl', args: ['0x01'] },
  issuer: word('11'),
  issuedAt: 200,
  nextUpdate: 20_000_000,
  revoked: [word('22')],
}

/** A keeper before a contract that holds an older list and answers every trial so. */
function createWorld(trial: Trial, { areRevoked = false, isEager = false } = {}) {
  const topics: string[] = []
  const outcomes: string[] = []
  const balances: bigint[] = []
  const log = createRecordedLog()
  const world = { balanceWei: 10n ** 18n, state: 'mined' as Transaction['state'], gas: [] as bigint[] }
  const contract = {
    address: word('33').slice(0, 42) as Hex,
    encodeCall: () => '0x0102' as Hex,
    pckCrl: async () => ({ thisUpdate: 100n, nextUpdate: 10_000_000n }),
    areRevoked: async () => areRevoked,
    balanceWei: async () => world.balanceWei,
    tryCall: async () => trial,
  } as Partial<CollateralContract> as CollateralContract
  const sender: Pick<Sender, 'address' | 'submit' | 'find'> = {
    address: contract.address,
    find: (topic) => (topics.includes(topic) ? ({ state: world.state } as Transaction) : undefined),
    async submit({ topic, gas }) {
      topics.push(topic)
      world.gas.push(gas)
      return {} as Transaction
    },
  }
  const onPush = (kind: string, outcome: string) => void outcomes.push(`${kind} ${outcome}`)
  const settings = { tipWei: 1n, mostFeeWei: 100n }
  const onBalance = (wei: bigint) => void balances.push(wei)
  const keeper = createKeeper({ contract, sender, settings, log, isEager, onPush, onBalance })
  return Object.assign(world, {
    ...{ topics, outcomes, balances, log },
    tend: async () => (await keeper.tend([part], 300, head)).states[0],
  })
}

describe('the keeper', () => {
  test('sends a revocation, each time under another topic, and gives up after eight', async () => {
    const { topics, outcomes, tend } = createWorld({ gas: 1_000n })
    expect(await tend()).toMatchObject({ state: 'sent', reason: 'revoked' })
    for (let attempt = 2; attempt <= 8; attempt++) await tend()
    expect(await tend()).toMatchObject({ state: 'refused', code: 'ATTEMPTS_USED_UP' })
    expect(new Set(topics).size).toBe(8)
    expect(outcomes).toEqual([...Array(8).fill(['pckCrl sent', 'pckCrl mined']).flat(), 'pckCrl ATTEMPTS_USED_UP'])
  })

  test('leaves alone what is newer and changes nothing, unless it is eager', async () => {
    expect(await createWorld({ gas: 1n }, { areRevoked: true }).tend()).toMatchObject({ state: 'unneeded' })
    expect(await createWorld({ gas: 1n }, { areRevoked: true, isEager: true }).tend()).toMatchObject({
      reason: 'newer',
    })
  })

  test('takes a rollback for another keeper’s success, and a missing part for a reason to wait', async () => {
    const faster = createWorld({ code: 'PCK_CRL_ROLLBACK' })
    const early = createWorld({ code: 'PCK_CA_MISSING' })
    expect([await faster.tend(), await early.tend()]).toMatchObject([
      { state: 'current' },
      { state: 'waiting', code: 'PCK_CA_MISSING' },
    ])
    expect([faster.topics, early.topics, faster.outcomes, early.outcomes]).toEqual([[], [], [], []])
  })

  test('sends nothing that it cannot pay for, says so once, and sends it when there is money', async () => {
    const world = createWorld({ gas: 1_000n })
    // 1,000 and a quarter and 50,000 of gas, at 3 wei each.
    world.balanceWei = 3n * 51_250n - 1n
    expect(await world.tend()).toMatchObject({ state: 'refused', code: 'NO_FUNDS' })
    await world.tend()
    expect([world.topics, world.outcomes]).toEqual([[], Array(2).fill('pckCrl NO_FUNDS')])
    expect(world.log.events()).toEqual(['keeper-without-funds', 'collateral-not-kept'])
    expect(world.balances).toEqual(Array(2).fill(world.balanceWei))
    world.balanceWei++
    expect(await world.tend()).toMatchObject({ state: 'sent' })
  })

  test('says what became of what it sent', async () => {
    const world = createWorld({ gas: 1_000n })
    await world.tend()
    world.state = 'reverted'
    await world.tend()
    expect(world.outcomes).toEqual(['pckCrl sent', 'pckCrl reverted', 'pckCrl sent'])
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ event: 'collateral-concluded', state: 'reverted' }),
    )
  })

  test('offers no transaction more gas than it may have', async () => {
    const world = createWorld({ gas: 16_000_000n })
    await world.tend()
    expect(world.gas).toEqual([16_777_216n])
  })

  test('waits for the chain’s clock', async () => {
    expect(await createWorld({ code: 'PCK_CRL_NOT_YET_VALID' }).tend()).toMatchObject({ state: 'waiting' })
  })

  test('says what the contract refuses, and sends nothing of it', async () => {
    const { topics, outcomes, log, tend } = createWorld({ code: 'PCK_CRL_SIGNATURE' })
    expect(await tend()).toMatchObject({ state: 'refused', code: 'PCK_CRL_SIGNATURE' })
    expect([topics, outcomes, log.events()]).toEqual([[], ['pckCrl PCK_CRL_SIGNATURE'], ['collateral-not-kept']])
  })
})
