/**
 * The facts of the world that a machine was given, until its code touches them.
 *
 * What was put ahead waits here. So it changes no result and no count, and the module never holds more than was touched.
 */
import type { Address, Hex } from '@enigma/protocol'
import { type MachineExports, STATUS } from './machine-exports.ts'
import type { MachineMemory } from './machine-memory.ts'
import type { Account, Miss, Precompile } from './types.ts'

export type Precompiles = (address: Address) => Precompile | undefined

export class MachineFacts {
  readonly accounts = new Map<Address, Account | null>()
  readonly codes = new Map<Hex, Uint8Array>()
  /** By address and slot, one after the other. */
  readonly slots = new Map<string, Hex>()
  readonly blockHashes = new Map<bigint, Hex>()
  readonly #wasm: MachineExports
  readonly #memory: MachineMemory

  constructor(wasm: MachineExports, memory: MachineMemory) {
    this.#wasm = wasm
    this.#memory = memory
  }

  clear(): void {
    for (const facts of [this.accounts, this.codes, this.slots, this.blockHashes]) facts.clear()
  }

  /** Gives the module what it lacks, or says that it is not here. */
  supply(status: number, isAnswered: (address: Address) => boolean): Miss | undefined {
    switch (status) {
      case STATUS.accountUnsorted:
        return this.#settle(this.#wasm.sortAccount(Number(isAnswered(this.#address()))))
      case STATUS.accountMissing:
        return this.#supplyAccount(this.#address())
      case STATUS.codeMissing:
        return this.#supplyCode()
      case STATUS.slotMissing:
        return this.#supplySlot()
      default:
        return this.#supplyBlockHash()
    }
  }

  #supplyAccount(address: Address): Miss | undefined {
    const account = this.accounts.get(address)
    if (account === undefined) return { kind: 'account', address }
    if (account === null) return this.#settle(this.#wasm.putNoAccount())
    this.#memory.writeHex(this.#wasm.noteWord.value, account.codeHash)
    this.#memory.writeNumber(this.#wasm.noteValue.value, account.balanceWei)
    return this.#settle(this.#wasm.putKnownAccount(account.nonce, Number(account.hasStorage ?? false)))
  }

  #supplyCode(): Miss | undefined {
    const codeHash = this.#word()
    const code = this.codes.get(codeHash)
    if (code === undefined) return { kind: 'code', address: this.#address(), codeHash }
    const at = this.#wasm.putCode(code.length)
    if (at === 0) return this.#settle(0)
    this.#memory.write(at, code)
    this.#wasm.endCode(at, code.length)
  }

  #supplySlot(): Miss | undefined {
    const [address, slot] = [this.#address(), this.#word()]
    const value = this.slots.get(address + slot)
    if (value === undefined) return { kind: 'slot', address, slot }
    this.#memory.writeHex(this.#wasm.noteValue.value, value)
    return this.#settle(this.#wasm.putSlotValue())
  }

  #supplyBlockHash(): Miss | undefined {
    const number = this.#memory.number(this.#wasm.noteWord.value)
    const hash = this.blockHashes.get(number)
    if (hash === undefined) return { kind: 'blockHash', number }
    this.#memory.writeHex(this.#wasm.noteValue.value, hash)
    return this.#settle(this.#wasm.putBlockHash())
  }

  /** A fact that found no room ends the run, as memory does. */
  #settle(put: number): undefined {
    if (put === 0) this.#wasm.fail(STATUS.memoryLimit)
  }

  #address(): Address {
    return this.#memory.address(this.#wasm.noteAddress.value)
  }

  #word(): Hex {
    return this.#memory.word(this.#wasm.noteWord.value)
  }
}
