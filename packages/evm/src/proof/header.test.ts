import { type Anvil, startAnvil } from '@enigma/process/testing'
import { type Hex, hexToBytes, keccak256, ZERO_HASH } from '@enigma/protocol'
import { RLP } from '@ethereumjs/rlp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeHeader } from './header.ts'
import { ProvenState } from './proven-state.ts'
import { headerRlp, ProofWriter, type RpcHeader, type RpcProof } from './writer.ts'

const HISTORY = '0x0000f90827f1c53a10cb7a02335b175320002935'
const slotOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

describe('on a chain', () => {
  let anvil: Anvil
  beforeAll(async () => {
    anvil = await startAnvil([])
  })
  afterAll(() => anvil?.stop())

  test('the bytes written from a node’s answer hash to the block’s hash, and its state is proven below them', async () => {
    await anvil.rpc.call('anvil_mine', ['0x5'])
    const block = (await anvil.rpc.call('eth_getBlockByNumber', ['0x4', false])) as RpcHeader
    const parent = (await anvil.rpc.call('eth_getBlockByNumber', ['0x3', false])) as RpcHeader
    const header = decodeHeader(headerRlp(block))
    expect(header).toMatchObject({ hash: block.hash, number: 4n, parentHash: parent.hash, stateRoot: block.stateRoot })
    expect(header.timestamp).toBe(BigInt(block.timestamp as Hex))
    expect(header.baseFeePerGas).toBe(BigInt(block.baseFeePerGas as Hex))
    expect(header.excessBlobGas).toBe(0n)

    const state = new ProvenState(header.stateRoot)
    const proof = (await anvil.rpc.call('eth_getProof', [HISTORY, [slotOf(3), slotOf(9)], '0x4'])) as RpcProof
    state.learn(new ProofWriter().write([proof]))
    expect(state.slot(HISTORY, slotOf(3))).toBe(parent.hash)
    expect(state.slot(HISTORY, slotOf(9))).toBe(ZERO_HASH)
  })
})

describe('a header', () => {
  const hash = hexToBytes(ZERO_HASH)
  const london = [
    ...[hash, hash, new Uint8Array(20), hash, hash, hash, new Uint8Array(256)],
    ...[0n, 7n, 30_000_000n, 0n, 1_700_000_000n],
    ...[new Uint8Array(0), hash, new Uint8Array(8), 7n],
  ]
  const later = [hash, 0n, 5n, hash, hash]

  test.each([16, 17, 20, 21])('of %i fields is read, and hashes to the hash of its bytes', (count) => {
    const rlp = RLP.encode([...london, ...later].slice(0, count))
    const header = decodeHeader(rlp)
    expect(header).toMatchObject({ number: 7n, hash: keccak256(rlp), gasLimit: 30_000_000n })
    expect(header.excessBlobGas).toBe(count > 18 ? 5n : undefined)
  })

  test.each<[string, unknown[]]>([
    ['a field too few', london.slice(1)],
    ['a field that nobody knows', [...london, ...later, hash]],
    ['half of Cancun’s fields', [...london, ...later.slice(0, 3)]],
    ['a short root', london.with(3, hash.subarray(1))],
    ['a list for a field', [...london.slice(0, 12), [], ...london.slice(13)]],
    ['a number that begins with zero', london.with(8, Uint8Array.of(0, 7))],
    ['a number of nine bytes', london.with(8, 1n << 64n)],
    ['a base fee of 33 bytes', london.with(15, 1n << 256n)],
    ['more bytes than a header has', london.with(12, new Uint8Array(2_000))],
  ] as [string, unknown[]][])('with %s is none', (_, fields) => {
    expect(() => decodeHeader(RLP.encode(fields as Uint8Array[]))).toThrow(
      expect.objectContaining({ code: 'HEADER_MALFORMED' }),
    )
  })

  test('is not written from an answer that lacks a field or spells it otherwise', () => {
    expect(() => headerRlp({})).toThrow('parentHash of the block is no bytes')
    const well = Object.fromEntries(
      ['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom'].map(
        (name) => [name, ZERO_HASH],
      ),
    )
    expect(() => headerRlp({ ...well, difficulty: 'zero' })).toThrow('difficulty of the block is no quantity')
  })

  test('of Amsterdam is written, and is not read before its rules are known', () => {
    const rlp = headerRlp(AMSTERDAM)
    expect(keccak256(rlp)).toBe(AMSTERDAM.hash)
    expect(() => decodeHeader(rlp)).toThrow(expect.objectContaining({ code: 'HEADER_MALFORMED' }))
  })
})

/** The second block of a local chain of EDR 0.22. */
const AMSTERDAM = {
  hash: '0x0ee8571af8f42eda2c5775fecff022ab115e3b3707e4c342db7c6d48628c038a',
  parentHash: '0x4057c42a1cd1e6475a0bbe93ccbfafc69a4139c4a49f5362dc51aa49e145ed62',
  sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
  miner: `0x${'00'.repeat(20)}`,
  stateRoot: '0xbafa0470e06311c1a28ca8efcc9a4ee12a11fd2c98fa1d14d1039acdb2a8e702',
  transactionsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  receiptsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  logsBloom: `0x${'00'.repeat(256)}`,
  difficulty: '0x0',
  number: '0x2',
  gasLimit: '0x3b9aca00',
  gasUsed: '0x0',
  timestamp: '0x6955b902',
  extraData: '0x',
  mixHash: '0x36e0e2ad178d961006334c968a7f38fc9e049070a61e5b8203219acebd7bfd59',
  nonce: '0x0000000000000000',
  baseFeePerGas: '0x2da282a8',
  withdrawalsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  blobGasUsed: '0x0',
  excessBlobGas: '0x0',
  parentBeaconBlockRoot: '0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563',
  requestsHash: '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  blockAccessListHash: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
  slotNumber: '0x2',
}
