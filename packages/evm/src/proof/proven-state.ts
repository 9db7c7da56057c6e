/**
 * The state below one root, as far as it is proven.
 *
 * A slot is looked up under the storage root of its own account, and that account under the state root: no proof of another
 * contract, block or chain has a place here (S11, S12). What is known never changes: all of it hangs on one root.
 */

import { type Address, bytesToHex, type Hex, hexToBytes, ZERO_HASH } from '@enigma/protocol'
import { keccak256 } from '../keccak.ts'
import type { Account } from '../types.ts'
import { type AccountLeaf, decodeAccount, decodeSlot } from './account.ts'
import { NodeStream } from './node-stream.ts'
import { ProofError } from './proof-error.ts'
import { EMPTY_ROOT, walk } from './walk.ts'

/**
 * A list of facts and the one stream of nodes that proves them: accounts in their order, then slots in theirs, each node
 * where a walk first meets it. What was proven earlier is not sent again.
 */
export type StateProof = {
  accounts: readonly Address[]
  slots: readonly { address: Address; slot: Hex }[]
  nodes: readonly Uint8Array[]
  /** Code of accounts that are proven, each once. */
  codes: readonly Uint8Array[]
}

/** Beyond what a task may read, since a host may send ahead. */
const MAX_FACTS = 8_192
const MAX_CODES = 512
/** EIP-170. */
const MAX_CODE_BYTES = 24_576
const NO_CODE = new Uint8Array(0)

type Known = { account: Account; storageRoot: Uint8Array; slots: Map<Hex, Hex> }

export class ProvenState {
  readonly #root: Uint8Array
  readonly #stream = new NodeStream()
  readonly #accounts = new Map<Address, Known | null>()
  /** By code hash; undefined where an account names it and its bytes have not come. */
  readonly #codes = new Map<Hex, Uint8Array | undefined>([[bytesToHex(keccak256(NO_CODE)), NO_CODE]])
  #facts = 0

  constructor(stateRoot: Hex) {
    this.#root = hexToBytes(stateRoot)
  }

  /** Takes over what `proof` proves. Throws ProofError; this state must not be used any further then. */
  learn({ accounts, slots, nodes, codes }: StateProof): void {
    this.#facts += accounts.length + slots.length
    if (this.#facts > MAX_FACTS) throw new ProofError('PROOF_TOO_LARGE')
    this.#stream.open(nodes)
    for (const address of accounts) this.#learnAccount(address)
    for (const { address, slot } of slots) this.#learnSlot(address, slot)
    this.#stream.close()
    for (const code of codes) this.#learnCode(code)
  }

  /** Null: proven not to exist. Undefined: not known. */
  account(address: Address): Account | null | undefined {
    const known = this.#accounts.get(address)
    return known ? known.account : known
  }

  code(codeHash: Hex): Uint8Array | undefined {
    return this.#codes.get(codeHash)
  }

  /** Zero where it is proven absent, as all slots of an account are that has no storage or does not exist. */
  slot(address: Address, slot: Hex): Hex | undefined {
    const known = this.#accounts.get(address)
    if (known === undefined) return undefined
    if (known === null || !known.account.hasStorage) return ZERO_HASH
    return known.slots.get(slot)
  }

  #learnAccount(address: Address): void {
    const leaf = walk(this.#root, keccak256(hexToBytes(address)), this.#stream)
    if (this.#accounts.has(address)) return
    this.#accounts.set(address, leaf && this.#known(decodeAccount(leaf)))
  }

  #known({ nonce, balanceWei, storageRoot, codeHash: hash }: AccountLeaf): Known {
    const codeHash = bytesToHex(hash)
    if (!this.#codes.has(codeHash)) this.#codes.set(codeHash, undefined)
    const hasStorage = bytesToHex(storageRoot) !== EMPTY_ROOT
    return { account: { nonce, balanceWei, codeHash, hasStorage }, storageRoot, slots: new Map() }
  }

  #learnSlot(address: Address, slot: Hex): void {
    const known = this.#accounts.get(address)
    if (known === undefined) throw new ProofError('ACCOUNT_UNPROVEN')
    if (known === null) return
    const leaf = walk(known.storageRoot, keccak256(hexToBytes(slot)), this.#stream)
    known.slots.set(slot, leaf === null ? ZERO_HASH : `0x${decodeSlot(leaf).toString(16).padStart(64, '0')}`)
  }

  #learnCode(code: Uint8Array): void {
    if (code.length > MAX_CODE_BYTES) throw new ProofError('CODE_TOO_LARGE')
    const codeHash = bytesToHex(keccak256(code))
    if (!this.#codes.has(codeHash)) throw new ProofError('CODE_FORGED')
    if (this.#codes.get(codeHash) !== undefined) throw new ProofError('CODE_UNUSED')
    if (this.#codes.size > MAX_CODES) throw new ProofError('PROOF_TOO_LARGE')
    this.#codes.set(codeHash, code)
  }
}
