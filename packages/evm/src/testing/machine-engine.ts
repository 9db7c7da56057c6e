/** Core's machine as an engine over a whole world. */
import { Machine } from '../machine.ts'
import { precompileAt } from '../precompiles/index.ts'
import type { AccountAfter } from '../step.ts'
import type { Limits, Miss, Outcome } from '../types.ts'
import {
  accountOf,
  codeHashOf,
  copyWorld,
  type Engine,
  type Frame,
  isEmpty,
  type Run,
  type World,
  ZERO_WORD,
} from './engine.ts'

/** None that an official test meets; the EVM's own limits come first. */
const UNBOUNDED: Limits = { memoryWords: 1 << 25, depth: 1_025, reads: 1 << 20, accounts: 1 << 14 }

/** Halts that are Core's own rules and no EVM's: here they mean that the bounds above are too tight. */
const OWN_HALTS: readonly string[] = ['memory', 'reads', 'accounts', 'depth', 'borrowedCode']

export async function createMachineEngine(): Promise<Engine> {
  const machine = await Machine.create()
  return { id: 'machine', run: (frame, world) => run(machine, frame, world) }
}

function run(machine: Machine, frame: Frame, world: World): Run {
  const { environment, message, warmAddresses, warmSlots } = frame
  machine.open({ environment, limits: UNBOUNDED, precompiles: (address) => precompileAt(address, environment.fork) })
  machine.start(message, { warmAddresses, warmSlots })
  const outcome = outcomeOf(machine, frame, world)
  if (outcome.kind === 'halted' && OWN_HALTS.includes(outcome.halt))
    throw new Error(`The machine met its own limit: ${outcome.halt}`)

  const writes = machine.writes()
  return {
    status: outcome.kind,
    output: outcome.kind === 'halted' ? new Uint8Array() : outcome.output,
    gasLeft: outcome.kind === 'halted' ? 0n : outcome.gasLeft,
    refund: outcome.kind === 'returned' ? outcome.refund : 0n,
    ...(outcome.kind === 'halted' ? { reason: outcome.halt } : {}),
    logs: outcome.kind === 'returned' ? machine.logs() : [],
    destroyed: writes.filter(({ isDestroyed }) => isDestroyed).map(({ address }) => address),
    world: worldAfter(world, writes),
  }
}

function outcomeOf(machine: Machine, frame: Frame, world: World): Outcome {
  for (;;) {
    const step = machine.step()
    if (step.kind === 'ended') return step.outcome
    if (step.kind === 'missing') answer(machine, step.miss, frame, world)
  }
}

function answer(machine: Machine, miss: Miss, frame: Frame, world: World): void {
  if (miss.kind === 'blockHash') {
    machine.putBlockHash(miss.number, frame.blockHash(miss.number))
    return
  }
  const account = world.get(miss.address)
  if (miss.kind === 'slot') machine.putSlot(miss.address, miss.slot, account?.storage.get(miss.slot) ?? ZERO_WORD)
  else if (miss.kind === 'code') machine.putCode(miss.codeHash, codeOf(world, miss))
  else if (!account) machine.putAccount(miss.address, null)
  else {
    const { nonce, balanceWei, code, storage } = account
    machine.putAccount(miss.address, { nonce, balanceWei, codeHash: codeHashOf(code), hasStorage: storage.size > 0 })
  }
}

function codeOf(world: World, { address, codeHash }: { address: `0x${string}`; codeHash: string }): Uint8Array {
  const code = world.get(address)?.code
  if (!code || codeHashOf(code) !== codeHash) throw new Error(`The machine asks for a code that ${address} has not`)
  return code
}

function worldAfter(before: World, writes: readonly AccountAfter[]): World {
  const world = copyWorld(before)
  for (const { address, account, code, hasFreshStorage, isDestroyed, slots } of writes) {
    if (account === null || isDestroyed) {
      world.delete(address)
      continue
    }
    const known = accountOf(world, address)
    known.nonce = account.nonce
    known.balanceWei = account.balanceWei
    if (codeHashOf(known.code) !== account.codeHash) {
      if (code === undefined) throw new Error(`The machine gave ${address} a code that it does not tell`)
      known.code = code
    }
    if (hasFreshStorage) known.storage.clear()
    for (const { slot, value } of slots)
      if (value === ZERO_WORD) known.storage.delete(slot)
      else known.storage.set(slot, value)
    // One that was there already may hold storage alone (EIP-7610), and stays.
    if (isEmpty(known) && !before.has(address)) world.delete(address)
  }
  return world
}
