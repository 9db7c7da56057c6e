/**
 * One top-level frame over a whole world in memory: what the official tests and the fuzzer ask of an EVM.
 *
 * Our machine and @ethereumjs/evm stand behind this same shape, so that each can be put in the other's place.
 */
import type { Address, Hex } from '@enigma/protocol'
import { bytesToHex } from '@enigma/protocol'
import { keccak256 } from '../keccak.ts'
import type { Environment, Log, Message } from '../types.ts'

export type WorldAccount = {
  nonce: bigint
  balanceWei: bigint
  code: Uint8Array
  /** Slots that are not zero. */
  storage: Map<Hex, Hex>
}

export type World = Map<Address, WorldAccount>

export type Frame = {
  environment: Environment
  message: Message
  warmAddresses: readonly Address[]
  warmSlots: readonly { address: Address; slot: Hex }[]
  blockHash(number: bigint): Hex
}

/** `reason` is an engine's own word for what failed: for people, not for comparison. */
export type Run = {
  status: 'returned' | 'reverted' | 'halted'
  output: Uint8Array
  gasLeft: bigint
  refund: bigint
  reason?: string
  logs: readonly Log[]
  /** Accounts that were created and destroyed themselves in this frame. */
  destroyed: readonly Address[]
  /** The whole world after the frame, without the destroyed. The one before is left as it was. */
  world: World
}

export type Engine = { readonly id: string; run(frame: Frame, world: World): Run | Promise<Run> }

export const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`

const codeHashes = new WeakMap<Uint8Array, Hex>()

/** Remembers what it hashed: the tests run the same codes many times. */
export function codeHashOf(code: Uint8Array): Hex {
  const known = codeHashes.get(code)
  if (known !== undefined) return known
  const hash = bytesToHex(keccak256(code))
  codeHashes.set(code, hash)
  return hash
}

/** A copy whose accounts can be changed without changing those of `world`; codes are shared. */
export function copyWorld(world: World): World {
  return new Map(
    [...world].map(([address, account]) => [address, { ...account, storage: new Map(account.storage) }] as const),
  )
}

export function accountOf(world: World, address: Address): WorldAccount {
  const known = world.get(address)
  if (known) return known
  const fresh = { nonce: 0n, balanceWei: 0n, code: new Uint8Array(), storage: new Map<Hex, Hex>() }
  world.set(address, fresh)
  return fresh
}

/** EIP-161: an account without nonce, balance and code counts as none. */
export function isEmpty({ nonce, balanceWei, code }: WorldAccount): boolean {
  return nonce === 0n && balanceWei === 0n && code.length === 0
}
