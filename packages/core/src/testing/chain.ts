/** One block of a chain: state as a real trie, a real header over it, signed by observers; and a host that proves it. */

import type { Wanted } from '@enigma/evm/private'
import {
  type Address,
  type CompactSignature,
  type Hex,
  hexToBytes,
  keccak256,
  signerAddress,
  signHeader,
  ZERO_HASH,
} from '@enigma/protocol'
import type { CallParams } from '../calls.ts'
import { address, word } from './assemble.ts'
import { rlp, rlpList, rlpNumber, Trie } from './trie.ts'

export const HISTORY: Address = '0x0000f90827f1c53a10cb7a02335b175320002935'

/** What the state holds. Unknown accounts and slots are empty, as on any chain. */
export type World = {
  accounts?: Record<Address, { nonce?: bigint; balance?: bigint; code?: Uint8Array }>
  storage?: Record<Address, Record<Hex, Hex>>
  blockHashes?: Record<number, Hex>
}

/** Fields of the header that a test may choose. */
export type HeaderFields = {
  number: bigint
  timestamp: bigint
  baseFeePerGas: bigint
  gasLimit: bigint
  coinbase: Address
  prevRandao: Hex
  excessBlobGas: bigint
}

export const HEADER: HeaderFields = {
  number: 1_000n,
  timestamp: 1_700_000_000n,
  baseFeePerGas: 7n,
  gasLimit: 60_000_000n,
  coinbase: address(0xc01),
  prevRandao: word(0x5eed),
  excessBlobGas: 0n,
}

export const OBSERVER_KEYS = [1, 2, 3].map((n) => new Uint8Array(32).fill(n))
export const OBSERVERS: Address[] = OBSERVER_KEYS.map(signerAddress)

export type Proof = CallParams<'execute'>['proof']

/** Answers what Core asks for. Each node and code goes out once, as Core wants it. */
export type Prover = (wanted: Partial<Wanted>) => Proof

export class TestChain {
  readonly header: Uint8Array
  readonly hash: Hex
  readonly number: bigint
  readonly #codes = new Map<Address, Uint8Array>()
  readonly #storage = new Map<Address, Trie>()
  readonly #accounts: Trie

  constructor({ accounts = {}, storage = {}, blockHashes = {} }: World, fields: Partial<HeaderFields> = {}) {
    const history = Object.entries(blockHashes).map(([number, hash]) => [word(Number(number) % 8_191), hash])
    const slots: World['storage'] = {
      ...storage,
      ...(history.length > 0 && { [HISTORY]: Object.fromEntries(history) }),
    }
    const all = new Set([...Object.keys(accounts), ...Object.keys(slots)] as Address[])
    this.#accounts = new Trie(
      [...all].map((key) => {
        const { nonce = 1n, balance = 0n, code = new Uint8Array(0) } = accounts[key] ?? {}
        const trie = storageTrie(slots[key] ?? {})
        this.#storage.set(key, trie)
        if (code.length > 0) this.#codes.set(key, code)
        const body = [
          rlpNumber(nonce),
          rlpNumber(balance),
          rlp(hexToBytes(trie.root)),
          rlp(hexToBytes(keccak256(code))),
        ]
        return { key, value: rlpList(body) }
      }),
    )
    this.number = fields.number ?? HEADER.number
    this.header = headerBytes(this.#accounts.root, { ...HEADER, ...fields })
    this.hash = keccak256(this.header)
  }

  signatures(chainId: bigint, keys: readonly Uint8Array[] = OBSERVER_KEYS.slice(0, 2)): CompactSignature[] {
    return keys.map((key) => signHeader(key, { chainId, number: this.number, hash: this.hash }))
  }

  /** For one execution, from its beginning. */
  prover(): Prover {
    const sent = new Set<Hex>()
    const fresh = (bytes: Uint8Array): boolean => {
      const hash = keccak256(bytes)
      return !sent.has(hash) && sent.add(hash).size > 0
    }
    return ({ accounts = [], slots = [] }) => {
      const paths = [
        ...accounts.map((key) => this.#accounts.path(key)),
        ...slots.map(({ address: at, slot }) => this.#storage.get(at)?.path(slot) ?? []),
      ]
      const codes = accounts.flatMap((key) => this.#codes.get(key) ?? [])
      return {
        accounts: [...accounts],
        slots: [...slots],
        nodes: paths.flat().filter(fresh),
        codes: codes.filter(fresh),
      }
    }
  }
}

function storageTrie(slots: Record<Hex, Hex>): Trie {
  const set = (Object.entries(slots) as [Hex, Hex][]).filter(([, value]) => value !== ZERO_HASH)
  return new Trie(set.map(([key, value]) => ({ key, value: rlpNumber(BigInt(value)) })))
}

function headerBytes(stateRoot: Hex, fields: HeaderFields): Uint8Array {
  const { number, timestamp, baseFeePerGas, gasLimit, coinbase, prevRandao, excessBlobGas } = fields
  const hash = rlp(hexToBytes(ZERO_HASH))
  const before = [hash, hash, rlp(hexToBytes(coinbase)), rlp(hexToBytes(stateRoot)), hash, hash]
  const middle = [rlp(new Uint8Array(256)), ...[0n, number, gasLimit, 0n, timestamp].map(rlpNumber)]
  const after = [rlp(new Uint8Array(0)), rlp(hexToBytes(prevRandao)), rlp(new Uint8Array(8)), rlpNumber(baseFeePerGas)]
  return rlpList([...before, ...middle, ...after, hash, rlpNumber(0n), rlpNumber(excessBlobGas), hash, hash])
}
