import { type JsonCall, Refusal, startLyingProxy } from '@enigma/process/testing'
import { createClient, http } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chain, startChain, type TestChain } from '../testing/chain.ts'
import { deployLoan, type Loan } from '../testing/loan.ts'
import { simulate } from './index.ts'

let local: TestChain
let proxy: Awaited<ReturnType<typeof startLyingProxy>>
let loan: Loan
beforeAll(async () => {
  local = await startChain()
  proxy = await startLyingProxy(local.url)
  loan = await deployLoan(local)
})
afterEach(() => {
  proxy.lie = undefined
  proxy.status = 0
})
afterAll(async () => {
  await proxy?.stop()
  await local?.stop()
})

type Proof = {
  codeHash: string
  accountProof: string[]
  storageProof: { key: string; value: string; proof: string[] }[]
}

const lieAbout =
  <Answer>(method: string, lie: (answer: Answer, call: JsonCall) => unknown) =>
  (call: JsonCall, answer: unknown) =>
    call.method === method ? lie(answer as Answer, call) : undefined

function apply(options: { blockNumber?: bigint } = {}) {
  const transport = http(proxy.url, { retryCount: 0 })
  const client = createClient({ chain, transport, account: local.account(0), cacheTime: 0 })
  return simulate({ client, ...loan.score(4_200n, 3_000n), ...options })
}

/** Another byte near the end, where values stand. */
const bent = (hex: string) => `${hex.slice(0, -2)}${hex.endsWith('00') ? '01' : '00'}`

describe('an RPC that lies', () => {
  test('about a slot is believed in nothing: what counts is the proof', async () => {
    const truth = await apply()
    proxy.lie = lieAbout<Proof>('eth_getProof', (answer) => ({
      ...answer,
      storageProof: answer.storageProof.map((slot) => ({ ...slot, key: '0x1', value: '0x7' })),
    }))
    expect(await apply()).toEqual(truth)
  })

  test.each<[string, (proof: Proof) => unknown]>([
    [
      'changes the proof of a slot',
      (proof) => ({
        ...proof,
        storageProof: proof.storageProof.map((slot) => ({ ...slot, proof: slot.proof.map(bent) })),
      }),
    ],
    [
      'claims a slot empty by leaving its proof out',
      (proof) => ({
        ...proof,
        storageProof: proof.storageProof.map((slot) => ({ ...slot, proof: [] })),
      }),
    ],
    ['changes the proof of an account', (proof) => ({ ...proof, accountProof: proof.accountProof.map(bent) })],
    ['leaves a node out', (proof) => ({ ...proof, accountProof: proof.accountProof.slice(0, -1) })],
  ])('and %s is refused', async (_, lie) => {
    proxy.lie = lieAbout('eth_getProof', lie)
    await expect(apply()).rejects.toMatchObject({ code: 'UNPROVEN_STATE', hint: expect.any(String) })
  })

  test('about code is refused: other code, or none', async () => {
    proxy.lie = lieAbout('eth_getCode', () => '0x6001')
    await expect(apply()).rejects.toMatchObject({ code: 'UNPROVEN_STATE' })
    proxy.lie = lieAbout('eth_getCode', () => '0x')
    await expect(apply()).rejects.toMatchObject({ code: 'UNPROVEN_STATE' })
  })

  test('about the header is refused: other fields than its hash says, or another block', async () => {
    proxy.lie = lieAbout<object>('eth_getBlockByNumber', (block) => ({ ...block, timestamp: '0x1' }))
    await expect(apply()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    proxy.lie = lieAbout<object>('eth_getBlockByNumber', (block) => ({ ...block, stateRoot: undefined }))
    await expect(apply()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    const node = createClient({ chain, transport: http(local.url) })
    const earlier = await node.request({ method: 'eth_getBlockByNumber', params: ['0x2', false] })
    proxy.lie = lieAbout('eth_getBlockByNumber', () => earlier)
    await expect(apply({ blockNumber: 3n })).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
  })

  test.each([null, {}, { accountProof: 'no list', storageProof: [] }, 7])(
    'and proves by %j is refused',
    async (answer) => {
      proxy.lie = lieAbout('eth_getProof', () => answer)
      await expect(apply()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    },
  )
})

describe('an RPC that cannot', () => {
  test.each([
    ['knows no eth_getProof', new Refusal(-32_601, 'the method eth_getProof does not exist')],
    ['has the state no longer', new Refusal(-32_000, 'missing trie node')],
    ['proves only the last blocks', new Refusal(-32_000, 'distance to target block exceeds maximum proof window')],
  ])('prove because it %s is told apart from one that is down', async (_, refusal) => {
    proxy.lie = lieAbout('eth_getProof', () => refusal)
    await expect(apply()).rejects.toMatchObject({ code: 'NO_PROOFS', hint: expect.stringContaining('eth_getProof') })
  })

  test('be reached is an outage', async () => {
    proxy.status = 503
    await expect(apply()).rejects.toMatchObject({ code: 'CHAIN' })
    proxy.status = 0
    // Down only once the proofs are asked for.
    proxy.lie = ({ method }) => {
      if (method === 'eth_getCode') proxy.status = 503
    }
    await expect(apply()).rejects.toMatchObject({ code: 'CHAIN' })
  })
})
