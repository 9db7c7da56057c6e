import { afterAll, beforeAll, expect, test } from 'vitest'
import { mayHoldLogsOf, parseBlock, parseLogs } from './blocks.ts'
import { type Anvil, startAnvil } from './testing/anvil.ts'

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
})
afterAll(() => anvil.stop())

test('the bloom filter of a block tells whose logs it may hold', async () => {
  const { rpc, accounts, mine } = anvil
  // Code that logs its calldata with one topic.
  const hash = await rpc.call('eth_sendTransaction', [
    { from: accounts[0], data: '0x69365f5f376042365fa1005f52600a6016f3' },
  ])
  await mine()
  const receipt = (await rpc.call('eth_getTransactionReceipt', [hash])) as { contractAddress: `0x${string}` }
  const emitter = receipt.contractAddress
  await rpc.call('eth_sendTransaction', [{ from: accounts[0], to: emitter, data: '0x1234' }])
  await mine()
  const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
  expect(block && mayHoldLogsOf(block.logsBloom, emitter)).toBe(true)
  expect(block && mayHoldLogsOf(block.logsBloom, `0x${'77'.repeat(20)}`)).toBe(false)
  expect(parseLogs(await rpc.call('eth_getLogs', [{ blockHash: block?.hash }]))).toMatchObject([
    { address: emitter, blockHash: block?.hash, logIndex: 0, data: '0x1234' },
  ])
})

test('S18: a block or log with anything missing, cut or of another kind is refused', async () => {
  const whole = (await anvil.rpc.call('eth_getBlockByNumber', ['latest', false])) as Record<string, unknown>
  for (const field of ['number', 'hash', 'parentHash', 'timestamp', 'baseFeePerGas', 'logsBloom']) {
    for (const value of [undefined, null, '', '0x', '0xzz', 7, {}, `0x${'00'.repeat(300)}`]) {
      expect(() => parseBlock({ ...whole, [field]: value }), `${field} = ${String(value)}`).toThrow(
        expect.objectContaining({ code: 'RPC_NONSENSE' }),
      )
    }
  }
  expect(parseBlock(null)).toBeNull()
  for (const value of [
    null,
    {},
    [null],
    [{}],
    [{ topics: 'x' }],
    [{ topics: Array(5).fill(`0x${'00'.repeat(32)}`) }],
  ]) {
    expect(() => parseLogs(value)).toThrow(expect.objectContaining({ code: 'RPC_NONSENSE' }))
  }
})
