/**
 * Where does the EVM's execution wait when a chain fact is missing?
 *
 * A read-only state manager over a ChainView. A read of an unknown fact parks the EVM on a promise and tells the engine
 * what is wanted; the engine hands that out, and resumes when the view has learnt it. Writes cannot occur in a static
 * call; the bookkeeping that @ethereumjs/evm does around calls of value 0 changes nothing and is dropped.
 */

import { type Address, bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import type { StateManagerInterface } from '@ethereumjs/common'
import { Account, createAccount, type Address as EvmAddress } from '@ethereumjs/util'
import type { AccountFact, ChainView, Wanted } from './chain-view.ts'
import type { Meter } from './engine.ts'

const NO_CODE = new Uint8Array(0)

export class PausedState implements StateManagerInterface {
  readonly #view: ChainView
  readonly #meter: Meter
  #paused = Promise.withResolvers<Wanted>()
  #resumed = Promise.withResolvers<void>()
  #isCallerAsked = false

  /** Set once the EVM exists. */
  isPrecompile: (address: EvmAddress) => boolean = () => false
  /** A precompile that is being called: the EVM reads its account for a transfer of nothing. */
  calledPrecompile: Address | undefined

  constructor(view: ChainView, meter: Meter) {
    this.#view = view
    this.#meter = meter
  }

  /** Settles when the EVM lacks something. */
  paused(): Promise<Wanted> {
    return this.#paused.promise
  }

  /** The view has learnt; look again. */
  resume(): void {
    this.#paused = Promise.withResolvers<Wanted>()
    const resumed = this.#resumed
    this.#resumed = Promise.withResolvers<void>()
    resumed.resolve()
  }

  async getAccount(address: EvmAddress): Promise<Account> {
    // The first account that the EVM looks up is the caller's, to take a value of 0 from it: no fact of the chain.
    if (!this.#isCallerAsked) {
      this.#isCallerAsked = true
      return new Account()
    }
    if (this.calledPrecompile === address.toString()) return new Account()
    // One without nonce, balance and code does not exist by EIP-161, which the EVM sees by itself.
    const { nonce, balance, codeHash } = await this.#account(address)
    return createAccount({ nonce, balance, codeHash: hexToBytes(codeHash) })
  }

  async getCode(address: EvmAddress): Promise<Uint8Array> {
    if (this.isPrecompile(address)) return NO_CODE
    return (await this.#account(address)).code
  }

  async getCodeSize(address: EvmAddress): Promise<number> {
    return (await this.getCode(address)).length
  }

  async getStorage(address: EvmAddress, key: Uint8Array): Promise<Uint8Array> {
    const at = address.toString()
    const slot = bytesToHex(key)
    this.#meter.readSlot(at, slot)
    return hexToBytes(
      await this.#wait(() => this.#view.slot(at, slot), {
        accounts: [],
        slots: [{ address: at, slot }],
        blockHashes: [],
      }),
    )
  }

  /** SSTORE prices itself by this before it fails in a static call. */
  originalStorageCache = {
    get: (address: EvmAddress, key: Uint8Array) => this.getStorage(address, key),
    clear: () => {},
  }

  blockHash(number: number): Promise<Hex> {
    this.#meter.readBlockHash(number)
    return this.#wait(() => this.#view.blockHash(number), { accounts: [], slots: [], blockHashes: [number] })
  }

  #account(evmAddress: EvmAddress): Promise<AccountFact> {
    const address = evmAddress.toString()
    this.#meter.readAccount(address)
    return this.#wait(() => this.#view.account(address), { accounts: [address], slots: [], blockHashes: [] })
  }

  async #wait<Fact>(look: () => Fact | undefined, wanted: Wanted): Promise<Fact> {
    for (;;) {
      const fact = look()
      if (fact !== undefined) return fact
      this.#paused.resolve(wanted)
      await this.#resumed.promise
    }
  }

  async checkpoint(): Promise<void> {}
  async commit(): Promise<void> {}
  async revert(): Promise<void> {}
  async putAccount(): Promise<void> {}
  clearCaches(): void {}

  deleteAccount = refuse
  modifyAccountFields = refuse
  putCode = refuse
  putStorage = refuse
  clearStorage = refuse
  getStateRoot = refuse
  setStateRoot = refuse
  hasStateRoot = refuse
  shallowCopy = refuse
}

/** Reached only if a static call could write: then no result may be signed. */
function refuse(): never {
  throw new Error('The state of a private computation is read only.')
}
