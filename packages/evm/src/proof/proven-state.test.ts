import { type Address, type Hex, hexToBytes, keccak256, ZERO_HASH } from '@enigma/protocol'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AccountSetup, TestState } from '../testing/state.ts'
import { ProofError, type ProofErrorCode } from './proof-error.ts'
import { ProvenState, type StateProof } from './proven-state.ts'
import { ProofWriter } from './writer.ts'

const word = (n: bigint | number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const address = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const CODE = hexToBytes('0x6001600101')
const [DAPP, OTHER, NOBODY, PLAIN] = [address(1), address(2), address(3), address(4)]

const ACCOUNTS: Record<Address, AccountSetup> = {
  [DAPP]: { nonce: 1n, balanceWei: 7n, code: CODE, slots: slotsOf(200, 1n) },
  [OTHER]: { nonce: 1n, code: CODE, slots: slotsOf(200, 1_000n) },
  [PLAIN]: { balanceWei: 10n ** 20n },
  ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [address(100 + i), { balanceWei: BigInt(i) + 1n }])),
}

let state: TestState
beforeAll(async () => {
  state = await TestState.of(ACCOUNTS)
})

describe('what is proven', () => {
  test('is what the state holds: accounts, code, slots, and that something is not there', async () => {
    const proven = new ProvenState(state.root)
    proven.learn(await written([DAPP, [word(5), word(9_999)]], [NOBODY, [word(1)]], [PLAIN, []]))
    expect(proven.account(DAPP)).toMatchObject({ nonce: 1n, balanceWei: 7n, hasStorage: true })
    expect(proven.account(PLAIN)).toMatchObject({ nonce: 0n, balanceWei: 10n ** 20n, hasStorage: false })
    expect(proven.account(NOBODY)).toBeNull()
    expect(proven.account(OTHER)).toBeUndefined()
    expect(proven.slot(DAPP, word(5))).toBe(word(6))
    expect(proven.slot(DAPP, word(9_999))).toBe(ZERO_HASH)
    expect(proven.slot(DAPP, word(6))).toBeUndefined()
    expect(proven.slot(NOBODY, word(77))).toBe(ZERO_HASH)
    expect(proven.slot(PLAIN, word(77))).toBe(ZERO_HASH)
    expect(proven.code(keccak256(CODE))).toEqual(CODE)
    expect(proven.code(keccak256(new Uint8Array(0)))).toEqual(new Uint8Array(0))
  })

  test('may come in parts, each node once, whatever the parts', async () => {
    const proven = new ProvenState(state.root)
    const writer = new ProofWriter()
    const first = writer.write([await state.prove(DAPP, [word(1)])])
    proven.learn(first)
    const slots = Array.from({ length: 100 }, (_, i) => word(i))
    const second = writer.write([await state.prove(DAPP, slots)], [CODE])
    proven.learn(second)
    for (const [i, slot] of slots.entries()) expect(proven.slot(DAPP, slot)).toBe(word(i + 1))
    const nodes = [...first.nodes, ...second.nodes].map(String)
    expect(new Set(nodes).size).toBe(nodes.length)
  })

  test('is nothing at all in a state that is empty', async () => {
    const empty = await TestState.of({})
    const proven = new ProvenState(empty.root)
    proven.learn({ accounts: [DAPP], slots: [{ address: DAPP, slot: word(0) }], nodes: [], codes: [] })
    expect(proven.account(DAPP)).toBeNull()
  })

  test('is found in tries of any shape, present or absent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.bigInt({ min: 0n, max: 1n << 200n }).map(word),
          fc.bigInt({ min: 1n, max: (1n << 256n) - 1n }),
          {
            maxKeys: 40,
          },
        ),
        fc.array(fc.bigInt({ min: 0n, max: 1n << 200n }).map(word), { maxLength: 5 }),
        async (slots, absent) => {
          const random = await TestState.of({ [DAPP]: { slots: slots as Record<Hex, bigint> } })
          const keys = [...new Set([...(Object.keys(slots) as Hex[]), ...absent])]
          const proven = new ProvenState(random.root)
          proven.learn(new ProofWriter().write([await random.prove(DAPP, keys)]))
          for (const key of keys) expect(proven.slot(DAPP, key)).toBe(word((slots as Record<Hex, bigint>)[key] ?? 0n))
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('S11, S12: what is refused', () => {
  const asked: [Address, Hex[]][] = [
    [DAPP, [word(5), word(9_999)]],
    [PLAIN, []],
  ]
  const forgeries: [string, ProofErrorCode, (proof: StateProof) => StateProof | Promise<StateProof>][] = [
    ['a truncated stream', 'NODE_MISSING', (p) => ({ ...p, nodes: p.nodes.slice(0, -1) })],
    ['a padded one', 'NODE_UNUSED', (p) => ({ ...p, nodes: [...p.nodes, Uint8Array.of(0xc0)] })],
    ['a node sent twice', 'NODE_FORGED', (p) => ({ ...p, nodes: [p.nodes[0] as Uint8Array, ...p.nodes] })],
    ['nodes in another order', 'NODE_FORGED', (p) => ({ ...p, nodes: p.nodes.toReversed() })],
    ['another block’s proof', 'NODE_FORGED', () => proofOfAnotherBlock()],
    ['another contract’s storage', 'NODE_FORGED', () => pasted()],
    [
      'a slot that is there, claimed empty by leaving its leaf out',
      'NODE_MISSING',
      async () => {
        const whole = await written([DAPP, [word(5)]])
        return { ...whole, nodes: whole.nodes.slice(0, -1) }
      },
    ],
    [
      'an account that is there, claimed absent by another’s path',
      'NODE_FORGED',
      async () => ({ ...(await written([NOBODY, []])), accounts: [DAPP] }),
    ],
    [
      'a slot of an account that was never proven',
      'ACCOUNT_UNPROVEN',
      async () => ({ ...(await written([DAPP, []])), slots: [{ address: OTHER, slot: word(5) }] }),
    ],
    ['code that nobody has', 'CODE_FORGED', (p) => ({ ...p, codes: [hexToBytes('0x6002')] })],
    ['code sent twice', 'CODE_UNUSED', (p) => ({ ...p, codes: [CODE, CODE] })],
    ['code beyond EIP-170', 'CODE_TOO_LARGE', (p) => ({ ...p, codes: [new Uint8Array(24_577)] })],
    [
      'more than one execution may read',
      'PROOF_TOO_LARGE',
      (p) => ({ ...p, accounts: Array.from({ length: 8_193 }, () => DAPP) }),
    ],
  ]

  test.each(forgeries)('%s: %s', async (_, code, forge) => {
    const forged = await forge(await written(...asked))
    expect(() => new ProvenState(state.root).learn(forged)).toThrow(expect.objectContaining({ code }))
  })

  test('any byte of any node changed', async () => {
    const honest = await written(...asked)
    for (const [i, node] of honest.nodes.entries()) {
      for (let at = 0; at < node.length; at++) {
        const changed = node.slice()
        changed[at] = (changed[at] as number) ^ 1
        const nodes = honest.nodes.with(i, changed)
        expect(() => new ProvenState(state.root).learn({ ...honest, nodes })).toThrow(ProofError)
      }
    }
  })

  async function proofOfAnotherBlock(): Promise<StateProof> {
    const later = await TestState.of({ ...ACCOUNTS, [PLAIN]: { balanceWei: 1n } })
    return new ProofWriter().write(await Promise.all(asked.map(([at, slots]) => later.prove(at, slots))))
  }

  async function pasted(): Promise<StateProof> {
    const own = await state.prove(DAPP, [word(5)])
    const foreign = await state.prove(OTHER, [word(5)])
    return new ProofWriter().write([{ ...own, storageProof: foreign.storageProof }])
  }
})

/** As an honest host writes it, with the code of the dApp. */
async function written(...asked: [Address, Hex[]][]): Promise<StateProof> {
  const answers = await Promise.all(asked.map(([at, slots]) => state.prove(at, slots)))
  return new ProofWriter().write(answers, asked.some(([at]) => at === DAPP) ? [CODE] : [])
}

function slotsOf(count: number, add: bigint): Record<Hex, bigint> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [word(i), BigInt(i) + add]))
}
