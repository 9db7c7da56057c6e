/**
 * A chain view that takes the host's word.
 *
 * It stands where proofs will stand: no header signature, no storage proof is checked here, so S10 to S12 do not hold
 * while it is in use. What it does hold: the dApp's code is the code whose hash the task names, and a fact once used
 * cannot be changed during the run, so that one execution sees one state.
 */
import { type Address, equalBytes, type Hex, keccak256 } from '@enigma/protocol'
import type { Facts } from './calls.ts'
import type { AccountFact, ChainView } from './chain-view.ts'
import { CoreError } from './errors.ts'

/** A host may send ahead, but not fill Core's memory: twice what a task may read. */
const MAX_FACTS = 2_048
const MAX_CODE_BYTES = 16 << 20

export class HostView implements ChainView {
  readonly #pinned: { address: Address; code: Uint8Array }
  readonly #accounts = new Map<Address, AccountFact>()
  readonly #slots = new Map<string, Hex>()
  readonly #blockHashes = new Map<number, Hex>()
  #codeBytes = 0

  /** `code` was checked against the task's code hash; it is the dApp's code whatever the host says later. */
  constructor(dApp: Address, code: Uint8Array) {
    this.#pinned = { address: dApp, code }
  }

  /** Takes facts over. Throws BAD_STATE on a fact that contradicts an earlier one, or on far too many. */
  learn(facts: Facts): void {
    for (const { address, nonce = 0n, balance, code } of facts.accounts) {
      if (address === this.#pinned.address && !equalBytes(code, this.#pinned.code)) throw new CoreError('BAD_STATE')
      const known = this.#accounts.get(address)
      if (known) {
        if (known.nonce === nonce && known.balance === balance && equalBytes(known.code, code)) continue
        throw new CoreError('BAD_STATE')
      }
      this.#codeBytes += code.length
      this.#accounts.set(address, { nonce, balance, code, codeHash: keccak256(code) })
    }
    for (const { address, slot, value } of facts.slots) once(this.#slots, `${address}${slot}`, value)
    for (const { number, hash } of facts.blockHashes) once(this.#blockHashes, number, hash)

    const count = this.#accounts.size + this.#slots.size + this.#blockHashes.size
    if (count > MAX_FACTS || this.#codeBytes > MAX_CODE_BYTES) throw new CoreError('BAD_STATE')
  }

  account(address: Address): AccountFact | undefined {
    return this.#accounts.get(address)
  }

  slot(address: Address, slot: Hex): Hex | undefined {
    return this.#slots.get(`${address}${slot}`)
  }

  blockHash(number: number): Hex | undefined {
    return this.#blockHashes.get(number)
  }
}

function once<Key, Value>(facts: Map<Key, Value>, key: Key, value: Value): void {
  const known = facts.get(key)
  if (known !== undefined && known !== value) throw new CoreError('BAD_STATE')
  facts.set(key, value)
}
