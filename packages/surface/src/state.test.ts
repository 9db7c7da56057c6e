import { createRpc } from '@enigma/process'
import { type Anvil, type LyingProxy, Refusal, startAnvil, startLyingProxy } from '@enigma/process/testing'
import { type Address, keccak256 } from '@enigma/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Anchor, createStateSource, type StateSource } from './state.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const word = (value: number) => `0x${value.toString(16).padStart(64, '0')}` as const
/** Stores 7 in slot 5; its code reads slot 5. */
const RUNTIME = '6005545f5260205ff3'
const INIT = `0x6007600555600980600e5f395ff3${RUNTIME}`

let anvil: Anvil
let proxy: LyingProxy
let node: StateSource
let account: Address
let anchor: Anchor
beforeAll(async () => {
  anvil = await startAnvil()
  proxy = await startLyingProxy(anvil.url)
  const hash = await anvil.rpc.call('eth_sendTransaction', [{ from: anvil.accounts[0], data: INIT }])
  await anvil.mine()
  const receipt = (await anvil.rpc.call('eth_getTransactionReceipt', [hash])) as Record<string, `0x${string}`>
  account = receipt.contractAddress as Address
  anchor = { number: BigInt(receipt.blockNumber as string), hash: receipt.blockHash as Address }
  // What is asked for is not the newest state.
  await anvil.mine(3)
})
afterAll(async () => {
  await proxy?.stop()
  await anvil?.stop()
})
beforeEach(() => {
  proxy.lie = undefined
  node = createStateSource(createRpc(proxy.url))
})

const request = () => ({ accounts: [{ address: account, slots: [word(5), word(6)] }], codesOf: [account] })

test('a header is the bytes that its block’s hash is of', async () => {
  expect(keccak256(await node.header(anchor))).toBe(anchor.hash)
})

test('S20: a header that differs in one field, or of no block, is nonsense', async () => {
  for (const lie of [{ timestamp: '0x1' }, { stateRoot: hashOf(1) }, { stateRoot: 'x' }, undefined]) {
    proxy.lie = (_, block) => (lie ? { ...(block as object), ...lie } : null)
    await expect(node.header(anchor)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
  }
})

test('proofs and code come in the order of the request, of exactly that block', async () => {
  const { proofs, codes } = await node.state(request(), anchor)
  expect(codes.map((code) => Buffer.from(code).toString('hex'))).toEqual([RUNTIME])
  expect(proofs).toMatchObject([{ address: account, storageProof: [{ key: word(5) }, { key: word(6) }] }])
  expect(proofs[0]?.codeHash).toBe(keccak256(codes[0] as Uint8Array))
})

describe('where nodes differ', () => {
  test('short keys and values are read', async () => {
    proxy.lie = ({ method }, answer) => {
      if (method !== 'eth_getProof') return undefined
      const proof = answer as { storageProof: { key: string }[] }
      return { ...proof, storageProof: proof.storageProof.map((entry, index) => ({ ...entry, key: `0x${index + 5}` })) }
    }
    const { proofs } = await node.state(request(), anchor)
    expect(proofs[0]?.storageProof.map(({ key }) => key)).toEqual([word(5), word(6)])
  })

  test('an account that was never there has a proof, which may be empty', async () => {
    const absent = addressOf(0x77)
    proxy.lie = (_, answer) => ({ ...(answer as object), accountProof: [] })
    const { proofs } = await node.state({ accounts: [{ address: absent, slots: [] }], codesOf: [] }, anchor)
    expect(proofs).toMatchObject([{ address: absent, accountProof: [], storageProof: [] }])
  })

  test('one that proves by number alone is asked by number, from then on', async () => {
    const blocks: unknown[] = []
    proxy.lie = ({ method, params }) => {
      if (method !== 'eth_getProof') return undefined
      blocks.push(params[2])
      return typeof params[2] === 'string' ? undefined : new Refusal(-32_602, 'invalid argument 2')
    }
    await node.state(request(), anchor)
    await node.state(request(), anchor)
    expect(blocks).toEqual([{ blockHash: anchor.hash }, '0x1', '0x1'])
  })

  test.each([
    'distance to target block exceeds maximum proof window',
    'requested block is too old, block must be within 100000 blocks of the head block number',
    'missing trie node 5a3f (path ) state is not available',
    'historical state is not available in path scheme yet',
  ])('S20: state that it has pruned is called so, and what to do: %s', async (said) => {
    proxy.lie = ({ method }) => (method === 'eth_getProof' ? new Refusal(-32_000, said) : undefined)
    await expect(node.state(request(), anchor)).rejects.toMatchObject({
      code: 'PROOF_WINDOW',
      hint: expect.stringContaining('128 blocks'),
    })
  })

  test('so is one that proves nothing', async () => {
    proxy.lie = ({ method }) => (method === 'eth_getProof' ? new Refusal(-32_601, 'Method not found') : undefined)
    await expect(node.state(request(), anchor)).rejects.toMatchObject({ code: 'PROOF_WINDOW' })
  })

  test('S20: a block that it does not have yet is another matter', async () => {
    proxy.lie = ({ method }) => (method === 'eth_getProof' ? new Refusal(-32_000, 'header not found') : undefined)
    await expect(node.state(request(), anchor)).rejects.toMatchObject({ code: 'RPC_REFUSED' })
  })
})

test.each([
  ['another account', { address: addressOf(1) }],
  ['fewer slots', { storageProof: [] }],
  [
    'other slots',
    {
      storageProof: [
        { key: word(9), value: '0x0', proof: [] },
        { key: word(6), value: '0x0', proof: [] },
      ],
    },
  ],
  ['no nodes', { accountProof: undefined }],
  ['nodes that are no bytes', { accountProof: ['0x123'] }],
  ['a node longer than a branch', { accountProof: [`0x${'00'.repeat(533)}`] }],
  ['more nodes than a key has nibbles', { accountProof: Array(66).fill('0x00') }],
])('S18: a proof of %s is nonsense', async (_, change) => {
  proxy.lie = ({ method }, answer) => (method === 'eth_getProof' ? { ...(answer as object), ...change } : undefined)
  await expect(node.state(request(), anchor)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
})

test('S18: code longer than code can be is nonsense', async () => {
  proxy.lie = ({ method }) => (method === 'eth_getCode' ? `0x${'00'.repeat(24_577)}` : undefined)
  await expect(node.state(request(), anchor)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
})

const call = () => ({ from: addressOf(0x99), to: account, data: '0x11223344' as const })

describe('a call', () => {
  test('tells what is returned, at the end of exactly that block', async () => {
    await anvil.rpc.call('anvil_setStorageAt', [account, word(5), word(8)])
    expect(Buffer.from(await node.call(call(), anchor)).toString('hex')).toBe(word(7).slice(2))
  })

  test('S18: whose answer is no bytes is nonsense', async () => {
    for (const lie of ['0x1', 7, null]) {
      proxy.lie = () => lie
      await expect(node.call(call(), anchor)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    }
  })
})

describe('an access list', () => {
  test('tells what a call would read', async () => {
    expect(await node.accessList(call(), anchor)).toEqual({
      accounts: [account],
      slots: [{ address: account, slot: word(5) }],
    })
  })

  test('S18: that is none is nonsense', async () => {
    for (const lie of [{}, { accessList: [{ address: '0x1', storageKeys: [] }] }, { accessList: [7] }]) {
      proxy.lie = () => lie
      await expect(node.accessList(call(), anchor)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    }
  })
})
