import { bytesToHex, concatBytes, hexToBytes, signerAddress } from '@enigma/protocol'
import { RLP } from '@ethereumjs/rlp'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { describe, expect, test } from 'vitest'
import { keccak256 } from '../src/keccak.ts'
import type { World } from '../src/testing/engine.ts'
import { createMachineEngine } from '../src/testing/machine-engine.ts'
import { type Applied, applyTransaction } from './apply.ts'
import { blockOf, worldOf } from './environment.ts'
import { type Rules, rulesOf } from './rules.ts'
import { account, COINBASE, CONTRACT, env, SENDER } from './testing/fixtures.ts'
import type { Authorization, Transaction } from './transaction.ts'

const engine = await createMachineEngine()
const osaka = rulesOf('Osaka') as Rules
const cancun = rulesOf('Cancun') as Rules
const WEALTH = 10n ** 18n
const BASE_FEE = 7n

const plain: Transaction = {
  sender: SENDER,
  to: CONTRACT,
  nonce: 0n,
  gasLimit: 100_000n,
  valueWei: 0n,
  data: new Uint8Array(),
  maxFeeWei: 10n,
  maxPriorityFeeWei: 10n,
  accessList: [],
}

function worldWith(code: string, storage: Record<string, string> = {}): World {
  return worldOf({
    [SENDER]: account({ balance: `0x${WEALTH.toString(16)}` }),
    [CONTRACT]: account({ nonce: '0x01', code, storage }),
  })
}

function apply(transaction: Partial<Transaction>, world: World, rules = osaka, excess = '0x00'): Promise<Applied> {
  const block = blockOf({ ...env, currentExcessBlobGas: excess }, rules.blobUpdateFraction)
  return applyTransaction(engine, { ...plain, ...transaction }, { block, rules, chainId: 1n }, world)
}

async function done(transaction: Partial<Transaction>, world: World, rules = osaka, excess?: string) {
  const applied = await apply(transaction, world, rules, excess)
  if (applied.kind === 'refused') throw new Error(applied.reason)
  const balanceOf = (address: string) => applied.world.get(address as `0x${string}`)?.balanceWei ?? 0n
  return { ...applied, paidWei: WEALTH - balanceOf(SENDER), rewardWei: balanceOf(COINBASE) }
}

describe('fees', () => {
  test('the sender pays base fee and priority, and the coinbase gets the priority alone', async () => {
    const { gasUsed, paidWei, rewardWei } = await done({ maxFeeWei: 20n, maxPriorityFeeWei: 2n }, worldWith('0x00'))
    expect([gasUsed, paidWei, rewardWei]).toEqual([21_000n, 21_000n * (BASE_FEE + 2n), 21_000n * 2n])
  })

  test('the priority is cut where the fee ends', async () => {
    const { rewardWei } = await done({ maxFeeWei: 8n, maxPriorityFeeWei: 5n }, worldWith('0x00'))
    expect(rewardWei).toBe(21_000n)
  })

  test('a coinbase that gets nothing does not come to exist', async () => {
    const { world } = await done({ maxFeeWei: BASE_FEE, maxPriorityFeeWei: 0n }, worldWith('0x00'))
    expect(world.has(COINBASE)).toBe(false)
  })

  test('what comes back for cleared storage is a fifth of the gas at most', async () => {
    const cleared = '0x5f5f555f600155'
    const { gasUsed } = await done({}, worldWith(cleared, { '0x00': '0x01', '0x01': '0x01' }))
    const spent = 21_000n + 2n * 5_000n + 2n + 2n + 2n + 3n
    expect(gasUsed).toBe(spent - spent / 5n)
  })

  test('calldata costs its floor from Prague on, and its old price before', async () => {
    const data = new Uint8Array(1_000).fill(1)
    expect((await done({ data }, worldWith('0x00'))).gasUsed).toBe(21_000n + 40_000n)
    expect((await done({ data }, worldWith('0x00'), cancun)).gasUsed).toBe(21_000n + 16_000n)
  })

  test('blobs are paid at their own base fee, to nobody', async () => {
    const blobs = { hashes: [`0x01${'00'.repeat(31)}`] as const, maxFeeWei: 100n }
    // e to the power of 12 blobs' gas over the fraction, rounded down.
    const { paidWei, rewardWei } = await done({ blobs }, worldWith('0x00'), cancun, '0x8c0000')
    const blobFee = 15n
    expect(paidWei).toBe(21_000n * 10n + 131_072n * blobFee)
    expect(rewardWei).toBe(21_000n * 3n)
  })

  test('an access list is charged ahead and makes warm what it lists', async () => {
    const accessList = [{ address: CONTRACT, slots: [`0x${'00'.repeat(32)}`] }] as Transaction['accessList']
    const { gasUsed } = await done({ accessList }, worldWith('0x5f54'))
    expect(gasUsed).toBe(21_000n + 2_400n + 1_900n + 2n + 100n)
  })

  test('a halted frame takes all gas, and the nonce stays used', async () => {
    const { gasUsed, world } = await done({}, worldWith('0xfe'))
    expect(gasUsed).toBe(100_000n)
    expect(world.get(SENDER)?.nonce).toBe(1n)
  })
})

describe('creation', () => {
  test('a contract comes to stand where sender and nonce say, with nonce 1', async () => {
    // Returns one zero byte as its code.
    const { world } = await done({ to: null, data: hexToBytes('0x60015ff3') }, worldWith('0x00'))
    const created = '0x6295ee1b4f6dd65047762f924ecd367c17eabf8f'
    expect(world.get(created)).toMatchObject({ nonce: 1n, code: Uint8Array.of(0) })
  })

  test('a coinbase that is created and destroys itself takes its reward with it', async () => {
    const coinbase = '0x6295ee1b4f6dd65047762f924ecd367c17eabf8f'
    const block = blockOf({ ...env, currentCoinbase: coinbase }, osaka.blobUpdateFraction)
    const chain = { block, rules: osaka, chainId: 1n }
    const applied = await applyTransaction(
      engine,
      { ...plain, to: null, data: hexToBytes('0x5fff') },
      chain,
      worldWith('0x00'),
    )
    expect(applied.world.has(coinbase)).toBe(false)
  })
})

describe('authorizations', () => {
  const key = new Uint8Array(32).fill(7)
  const authority = signerAddress(key)

  function signed(fields: Partial<Authorization> = {}): Authorization {
    const tuple = { chainId: 1n, address: CONTRACT, nonce: 0n, ...fields } as const
    const payload = RLP.encode([tuple.chainId, hexToBytes(tuple.address), tuple.nonce])
    const hash = keccak256(concatBytes(Uint8Array.of(5), payload))
    const signature = secp256k1.sign(hash, key, { prehash: false, format: 'recovered' })
    const [r, s] = [signature.subarray(1, 33), signature.subarray(33)].map((part) => BigInt(bytesToHex(part)))
    return { ...tuple, yParity: BigInt(signature[0] as number), r: r as bigint, s: s as bigint, ...fields }
  }

  test('lends the authority’s address to a code, which then runs as it', async () => {
    const { world } = await done({ to: authority, authorizations: [signed()] }, worldWith('0x60015f55'))
    expect(bytesToHex(world.get(authority)?.code ?? new Uint8Array())).toBe(`0xef0100${CONTRACT.slice(2)}`)
    expect(world.get(authority)).toMatchObject({
      nonce: 1n,
      storage: new Map([[`0x${'00'.repeat(32)}`, `0x${'00'.repeat(31)}01`]]),
    })
  })

  test('gives half of the charge back where the authority is an account already', async () => {
    const world = worldWith('0x00')
    const fresh = await done({ authorizations: [signed()] }, world)
    world.set(authority, { nonce: 0n, balanceWei: 1n, code: new Uint8Array(), storage: new Map() })
    const known = await done({ authorizations: [signed()] }, world)
    expect(fresh.gasUsed).toBe(21_000n + 25_000n)
    expect(known.gasUsed).toBe(46_000n - 46_000n / 5n)
  })

  test('takes a delegation back when it is to nobody', async () => {
    const lent = (await done({ authorizations: [signed()] }, worldWith('0x00'))).world
    lent.set(SENDER, { nonce: 0n, balanceWei: WEALTH, code: new Uint8Array(), storage: new Map() })
    const tuple = signed({ address: `0x${'00'.repeat(20)}`, nonce: 1n })
    expect((await done({ authorizations: [tuple] }, lent)).world.get(authority)).toMatchObject({
      nonce: 2n,
      code: new Uint8Array(),
    })
  })

  test.each([
    ['for another chain', signed({ chainId: 2n })],
    ['with another nonce', signed({ nonce: 1n })],
    ['with a parity that is none', { ...signed(), yParity: 2n }],
    [
      'with s in the upper half',
      { ...signed(), s: secp256k1.Point.Fn.ORDER - signed().s, yParity: 1n - signed().yParity },
    ],
  ])('passes over a tuple %s', async (_, tuple) => {
    const { world } = await done({ authorizations: [tuple] }, worldWith('0x00'))
    expect(world.has(authority)).toBe(false)
  })

  test('passes over an authority that has no nonce left', async () => {
    const world = worldWith('0x00')
    const nonce = (1n << 64n) - 1n
    world.set(authority, { nonce, balanceWei: 0n, code: new Uint8Array(), storage: new Map() })
    expect((await done({ authorizations: [signed({ nonce })] }, world)).world.get(authority)?.code).toHaveLength(0)
  })

  test('passes over an authority that is a contract', async () => {
    const world = worldWith('0x00')
    world.set(authority, { nonce: 0n, balanceWei: 0n, code: Uint8Array.of(0), storage: new Map() })
    expect((await done({ authorizations: [signed()] }, world)).world.get(authority)?.code).toEqual(Uint8Array.of(0))
  })
})

describe('refusals', () => {
  const hash = `0x01${'00'.repeat(31)}` as const
  const tuple: Authorization = { chainId: 1n, address: CONTRACT, nonce: 0n, yParity: 0n, r: 1n, s: 1n }

  test.each<[string, Partial<Transaction>, Rules?]>([
    ['a nonce too high', { nonce: 1n }],
    ['gas below the intrinsic', { gasLimit: 20_999n }, cancun],
    ['gas below the floor', { data: new Uint8Array(1_000).fill(1), gasLimit: 60_999n }],
    ['more gas than the block has', { gasLimit: 30_000_001n }, cancun],
    ['more gas than one transaction may have', { gasLimit: (1n << 24n) + 1n }],
    ['a fee below the base fee', { maxFeeWei: 6n, maxPriorityFeeWei: 0n }],
    ['a priority above the fee', { maxPriorityFeeWei: 11n }],
    ['more than the sender has', { valueWei: WEALTH }],
    ['another chain', { chainId: 2n }],
    ['init code too long', { to: null, data: new Uint8Array(49_153), gasLimit: 10_000_000n }],
    ['blobs without a hash', { blobs: { hashes: [], maxFeeWei: 1n } }],
    ['too many blobs', { blobs: { hashes: Array(7).fill(hash), maxFeeWei: 1n } }],
    ['a blob hash of another version', { blobs: { hashes: [`0x02${'00'.repeat(31)}`], maxFeeWei: 1n } }],
    ['a blob fee too low', { blobs: { hashes: [hash], maxFeeWei: 0n } }],
    ['blobs that create', { to: null, blobs: { hashes: [hash], maxFeeWei: 1n } }],
    ['no authorization', { authorizations: [] }],
    ['an authorization that creates', { to: null, authorizations: [tuple] }],
    ['an authorization before Prague', { authorizations: [tuple] }, cancun],
    ['an authorization beyond its fields', { authorizations: [{ ...tuple, yParity: 256n }] }],
  ])('%s', async (_, transaction, rules = osaka) => {
    const world = worldWith('0x00')
    const applied = await apply(transaction, world, rules)
    expect(applied.kind).toBe('refused')
    expect(applied.world).toBe(world)
  })

  test('a sender that has no nonce left', async () => {
    const world = worldWith('0x00')
    const sender = world.get(SENDER)
    const nonce = (1n << 64n) - 1n
    if (sender) sender.nonce = nonce
    expect((await apply({ nonce }, world)).kind).toBe('refused')
  })

  test('a sender that is a contract, unless its code is borrowed', async () => {
    const world = worldWith('0x00')
    const sender = world.get(SENDER)
    if (sender) sender.code = Uint8Array.of(0)
    expect((await apply({}, world)).kind).toBe('refused')
    if (sender) sender.code = concatBytes(hexToBytes('0xef0100'), hexToBytes(CONTRACT))
    expect((await apply({}, world)).kind).toBe('done')
  })
})
