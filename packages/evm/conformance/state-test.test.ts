import { expect, test } from 'vitest'
import { createMachineEngine } from '../src/testing/machine-engine.ts'
import { type StateFixture, stateCases } from './state-test.ts'
import { account, CONTRACT, NO_LOGS, SENDER, stateFixture } from './testing/fixtures.ts'

const engine = await createMachineEngine()
const WEALTH = '0x0de0b6b3a7640000'

/** Stores 5 in slot 1. 21,000 and 22,106 gas at 10 wei, of which 3 go to the coinbase. */
const store = stateFixture({
  pre: { [SENDER]: account({ balance: WEALTH }), [CONTRACT]: account({ nonce: '0x01', code: '0x600560015500' }) },
  transaction: {},
  after: {
    [SENDER]: account({ balance: `0x${(10n ** 18n - 43_106n * 10n).toString(16)}`, nonce: '0x01' }),
    [CONTRACT]: account({ nonce: '0x01', code: '0x600560015500', storage: { '0x01': '0x05' } }),
    '0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba': account({ balance: `0x${(43_106n * 3n).toString(16)}` }),
  },
})

/** Emits one empty log without topics. */
const log = {
  ...store,
  pre: { ...store.pre, [CONTRACT]: account({ nonce: '0x01', code: '0x60006000a000' }) },
}

async function verdictsOf(fixture: StateFixture) {
  const verdicts = []
  for (const { run } of stateCases('case', fixture, engine)) verdicts.push(await run())
  return verdicts
}

function altered(fixture: StateFixture, change: object): StateFixture {
  const [fork, posts] = Object.entries(fixture.post)[0] as [string, StateFixture['post'][string]]
  return { ...fixture, post: { [fork]: posts.map((post) => ({ ...post, ...change })) } }
}

test('passes a case whose world and logs come out as the fixture tells', async () => {
  expect(await verdictsOf(store)).toEqual([{ kind: 'passed' }])
})

test('fails a case whose state root was altered, and says which account differs', async () => {
  const hash = `0x${'11'.repeat(32)}`
  const state = { ...store.post.Osaka?.[0]?.state, [CONTRACT]: account({ nonce: '0x02' }) }
  const [verdict] = await verdictsOf(altered(store, { hash, state }))
  expect(verdict).toMatchObject({ kind: 'failed', why: expect.stringContaining(`expected ${hash}`) })
  expect(verdict).toMatchObject({ why: expect.stringContaining(`${CONTRACT} is nonce 1`) })
})

test('fails a case whose logs hash was altered', async () => {
  const logs = `0x${'22'.repeat(32)}`
  expect(await verdictsOf(altered(store, { logs }))).toMatchObject([
    { kind: 'failed', why: expect.stringContaining(logs) },
  ])
})

test('compares the hash of the logs that were emitted', async () => {
  expect(await verdictsOf(log)).toMatchObject([{ kind: 'failed', why: expect.stringContaining(`expected ${NO_LOGS}`) }])
})

test('fails a case that its world changes differently', async () => {
  const pre = { ...store.pre, [CONTRACT]: account({ nonce: '0x01', code: '0x600660015500' }) }
  expect(await verdictsOf({ ...store, pre })).toMatchObject([{ kind: 'failed' }])
})

test('runs the posts of each fork that it knows, and passes over the others', async () => {
  const [post] = store.post.Osaka ?? []
  const posts = { Cancun: [post], Prague: [post], Osaka: [post], Shanghai: [post] } as StateFixture['post']
  expect(await verdictsOf({ ...store, post: posts })).toHaveLength(3)
})

test('skips a case without a fork that it knows', async () => {
  const posts = { Berlin: store.post.Osaka } as StateFixture['post']
  expect(await verdictsOf({ ...store, post: posts })).toMatchObject([
    { kind: 'skipped', why: expect.stringContaining('Berlin') },
  ])
})

test('passes a refusal that the fixture expects, which leaves the world as it was', async () => {
  const refused = stateFixture({
    pre: store.pre,
    transaction: { gasLimit: ['0x5207'] },
    after: store.pre,
    expectException: 'TransactionException.INTRINSIC_GAS_TOO_LOW',
  })
  expect(await verdictsOf(refused)).toEqual([{ kind: 'passed' }])
})

test('fails a transaction that is accepted though it must be refused', async () => {
  expect(await verdictsOf(altered(store, { expectException: 'TransactionException.NONCE' }))).toMatchObject([
    { kind: 'failed', why: expect.stringContaining('accepted') },
  ])
})

test('fails a transaction that is refused though it must be accepted', async () => {
  const refused = { ...store, transaction: { ...store.transaction, nonce: '0x07' } }
  expect(await verdictsOf(refused)).toMatchObject([{ kind: 'failed', why: expect.stringContaining('refused') }])
})

test('takes a field beyond all bounds for a refusal where one is expected', async () => {
  const transaction = { ...store.transaction, to: `0x${'11'.repeat(21)}` }
  const fixture = altered({ ...store, transaction }, { expectException: 'TransactionException.ADDRESS_TOO_LONG' })
  expect(
    await verdictsOf(
      altered(fixture, {
        hash: stateFixture({ pre: store.pre, transaction: {}, after: store.pre }).post.Osaka?.[0]?.hash,
      }),
    ),
  ).toEqual([{ kind: 'passed' }])
})
