/** Runs small contracts on the machine, answering what it asks from a world in memory. */
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { keccak256 } from '../keccak.ts'
import { Machine } from '../machine.ts'
import { precompileAt } from '../precompiles/index.ts'
import type { Setting, Step } from '../step.ts'
import type { Environment, Limits, Message, Miss, Outcome } from '../types.ts'

export type Contract = {
  code?: Uint8Array
  balanceWei?: bigint
  nonce?: bigint
  slots?: Record<Hex, Hex>
}

/** Who is not here does not exist. */
export type World = Record<Address, Contract>

export const USER: Address = `0x${'ee'.repeat(20)}`
export const A: Address = `0x${'aa'.repeat(20)}`
export const B: Address = `0x${'bb'.repeat(20)}`

export const ENVIRONMENT: Environment = {
  fork: 'osaka',
  chainId: 31_337n,
  block: {
    number: 1_000n,
    timestamp: 1_700_000_000n,
    coinbase: `0x${'cc'.repeat(20)}`,
    prevRandao: `0x${'5d'.repeat(32)}`,
    gasLimit: 30_000_000n,
    baseFeePerGas: 7n,
    blobBaseFee: 1n,
  },
  origin: USER,
  gasPriceWei: 0n,
  blobHashes: [],
}

export const LIMITS: Limits = { memoryWords: 1 << 20, depth: 128, reads: 1_024, accounts: 256 }

export type Run = { outcome: Outcome; misses: Miss[]; steps: Step[]; turns: number; machine: Machine }

export type Options = Omit<Partial<Setting>, 'limits'> & {
  limits?: Partial<Limits>
  message?: Partial<Message>
  /** One that is opened already and goes on. */
  machine?: Machine
  /** Whether all of the world is put before the run begins. */
  isAhead?: boolean
}

export function run(world: World, { machine, message, isAhead = false, ...setting }: Options = {}): Run {
  const running = machine ?? opened(setting)
  if (isAhead) putAll(running, world)
  running.start({
    kind: 'call',
    caller: USER,
    to: A,
    valueWei: 0n,
    data: new Uint8Array(),
    gas: 1_000_000n,
    isStatic: false,
    ...message,
  })
  const misses: Miss[] = []
  const steps: Step[] = []
  let turns = 0
  for (;;) {
    const step = running.step()
    if (step.kind === 'ended') return { outcome: step.outcome, misses, steps, turns, machine: running }
    if (step.kind === 'missing') {
      misses.push(step.miss)
      answer(running, step.miss, world)
    } else if (step.kind === 'turn') turns++
    else steps.push(step)
  }
}

export function opened({ limits, ...setting }: Options = {}): Machine {
  const machine = Machine.createSync()
  machine.open({
    environment: ENVIRONMENT,
    precompiles: (address) => precompileAt(address, 'osaka'),
    ...setting,
    limits: { ...LIMITS, ...limits },
  })
  return machine
}

/** A number as it is pushed. */
export function push(value: number): string {
  const digits = value.toString(16)
  return `0x${digits.padStart(digits.length + (digits.length % 2), '0')}`
}

/** Puts up to 32 bytes at the end of the first word of memory, and pushes their size and place. */
export function place(bytes: Uint8Array): string {
  return `${bytesToHex(bytes)} PUSH0 MSTORE ${push(bytes.length)} ${push(32 - bytes.length)}`
}

export function hashOfBlock(number: bigint): Hex {
  return `0x${number.toString(16).padStart(64, 'b')}`
}

export function codeHash(code: Uint8Array | undefined): Hex {
  return bytesToHex(keccak256(code ?? new Uint8Array()))
}

function answer(machine: Machine, miss: Miss, world: World): void {
  if (miss.kind === 'blockHash') machine.putBlockHash(miss.number, hashOfBlock(miss.number))
  else if (miss.kind === 'account') putAccount(machine, miss.address, world[miss.address])
  else if (miss.kind === 'code') machine.putCode(miss.codeHash, world[miss.address]?.code ?? new Uint8Array())
  else machine.putSlot(miss.address, miss.slot, world[miss.address]?.slots?.[miss.slot] ?? `0x${'00'.repeat(32)}`)
}

function putAccount(machine: Machine, address: Address, contract: Contract | undefined): void {
  const { nonce = 1n, balanceWei = 0n, code } = contract ?? {}
  const hasStorage = contract?.slots !== undefined
  machine.putAccount(address, contract ? { nonce, balanceWei, codeHash: codeHash(code), hasStorage } : null)
}

function putAll(machine: Machine, world: World): void {
  for (const [address, contract] of Object.entries(world) as [Address, Contract][]) {
    putAccount(machine, address, contract)
    machine.putCode(codeHash(contract.code), contract.code ?? new Uint8Array())
    for (const [slot, value] of Object.entries(contract.slots ?? {}) as [Hex, Hex][])
      machine.putSlot(address, slot, value)
  }
  for (let number = 744n; number < 1_000n; number++) machine.putBlockHash(number, hashOfBlock(number))
}
