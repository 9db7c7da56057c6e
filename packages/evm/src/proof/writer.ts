/**
 * Proofs as they are written for a ProvenState, out of what a node answers.
 *
 * Nothing here is trusted by anybody: what is written wrongly does not prove.
 */
import { type Address, concatBytes, type Hex, hexToBytes } from '@enigma/protocol'
import type { StateProof } from './proven-state.ts'

export type { StateProof } from './proven-state.ts'

/** What `eth_getProof` answers (EIP-1186), as far as it is used. Keys are slots of 32 bytes. */
export type RpcProof = {
  address: Address
  codeHash: Hex
  accountProof: readonly Hex[]
  storageProof: readonly { key: Hex; proof: readonly Hex[] }[]
}

/** Remembers what one reader has been sent, so that nothing is sent twice. */
export class ProofWriter {
  readonly #sent = new Set<Hex>()
  readonly #accounts = new Set<Address>()

  /** Proves the accounts that are new and all slots of `answers`; `codes` as they are. */
  write(answers: readonly RpcProof[], codes: readonly Uint8Array[] = []): StateProof {
    const accounts = answers.map(({ address }) => address).filter((address) => !this.#accounts.has(address))
    for (const address of accounts) this.#accounts.add(address)
    const slots = answers.flatMap(({ address, storageProof }) =>
      storageProof.map(({ key: slot }) => ({ address, slot })),
    )
    const paths = [
      ...answers.map(({ accountProof }) => accountProof),
      ...answers.flatMap(({ storageProof }) => storageProof.map(({ proof }) => proof)),
    ]
    return { accounts: [...new Set(accounts)], slots, nodes: paths.flatMap((path) => this.#fresh(path)), codes }
  }

  #fresh(path: readonly Hex[]): Uint8Array[] {
    const fresh: Uint8Array[] = []
    for (const [depth, node] of path.entries()) {
      const bytes = hexToBytes(node)
      // Some nodes list those too that stand inside their parents, and an empty trie as its RLP.
      if ((depth > 0 && bytes.length < 32) || bytes.length === 1 || this.#sent.has(node)) continue
      this.#sent.add(node)
      fresh.push(bytes)
    }
    return fresh
  }
}

/** A block as `eth_getBlockBy…` answers it: the fields of its header. */
export type RpcHeader = Readonly<Record<string, unknown>>

/** In the order of the header; those from the withdrawals' root on came with later forks. */
const NAMES = [
  ...['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom'],
  ...['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'extraData', 'mixHash', 'nonce', 'baseFeePerGas'],
  ...['withdrawalsRoot', 'blobGasUsed', 'excessBlobGas', 'parentBeaconBlockRoot', 'requestsHash'],
  // Amsterdam's (EIP-7928, EIP-7843): contracts read such a header, Core waits for the rules that come with it.
  ...['blockAccessListHash', 'slotNumber'],
]
const LONDON_FIELDS = 16
const QUANTITIES = new Set([
  ...['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas', 'blobGasUsed', 'excessBlobGas'],
  'slotNumber',
])

/**
 * The header's bytes; whether they hash to the block's hash is for the caller to see.
 * Throws RangeError where a field is missing or malformed.
 */
export function headerRlp(block: RpcHeader): Uint8Array {
  const names = NAMES.filter((name, i) => i < LONDON_FIELDS || (block[name] !== undefined && block[name] !== null))
  return rlpList(names.map((name) => rlpString(fieldOf(block, name))))
}

function fieldOf(block: RpcHeader, name: string): Uint8Array {
  const value = block[name]
  const isQuantity = QUANTITIES.has(name)
  const isWell = typeof value === 'string' && (isQuantity ? /^0x[0-9a-f]{1,64}$/i : /^0x([0-9a-f]{2})*$/i).test(value)
  if (!isWell) throw new RangeError(`${name} of the block is no ${isQuantity ? 'quantity' : 'bytes'}`)
  if (!isQuantity) return hexToBytes(value as Hex)
  const digits = BigInt(value).toString(16)
  return digits === '0' ? new Uint8Array(0) : hexToBytes(`0x${digits.length % 2 === 0 ? '' : '0'}${digits}`)
}

function rlpString(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && (bytes[0] as number) < 0x80) return bytes
  return concatBytes(head(0x80, bytes.length), bytes)
}

function rlpList(items: readonly Uint8Array[]): Uint8Array {
  const payload = concatBytes(...items)
  return concatBytes(head(0xc0, payload.length), payload)
}

function head(base: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(base + length)
  return length < 256 ? Uint8Array.of(base + 56, length) : Uint8Array.of(base + 57, length >> 8, length & 255)
}
