/** What the machine's records say to TypeScript: how a run ended, its frames, its logs, and the world after it. */
import type { Hex } from '@enigma/protocol'
import {
  ACCOUNT,
  CODE,
  ENDING,
  FACT,
  FIRST_STORAGE,
  FLAG,
  FRAME,
  FRAME_IS_CREATE,
  LOG,
  type MachineExports,
  OWNER_ACCOUNTS,
  SLOT,
} from './machine-exports.ts'
import type { MachineMemory } from './machine-memory.ts'
import type { AccountAfter, CallKind, Entered } from './step.ts'
import type { Halt, Log, Outcome } from './types.ts'

const HALTS: Readonly<Record<number, Halt>> = {
  1: 'outOfGas',
  2: 'stackUnderflow',
  3: 'stackOverflow',
  4: 'badJump',
  5: 'invalidOpcode',
  6: 'staticViolation',
  7: 'returnDataOutOfBounds',
  8: 'createCollision',
  9: 'createCode',
  10: 'precompileFailed',
  16: 'memory',
  17: 'reads',
  18: 'accounts',
  19: 'depth',
  20: 'borrowedCode',
}

/** keccak256 of nothing. */
const EMPTY_CODE_HASH = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

const CALLS: Readonly<Record<number, CallKind>> = {
  240: 'create',
  241: 'call',
  242: 'callcode',
  244: 'delegatecall',
  245: 'create2',
  250: 'staticcall',
}

/** How the frame ended that ended last. */
export function readOutcome(wasm: MachineExports, memory: MachineMemory): Outcome {
  const ending = wasm.endingOf()
  const halt = HALTS[ending]
  if (halt !== undefined) return { kind: 'halted', halt }
  const output = memory.slice(wasm.outputAt(), wasm.outputBytes())
  const gasLeft = wasm.gasAtEnd()
  if (ending === ENDING.reverted) return { kind: 'reverted', output, gasLeft }
  return { kind: 'returned', output, gasLeft, refund: wasm.refundOf() }
}

export function readFrame(memory: MachineMemory, frame: number): Entered {
  const isCreation = (memory.u32(frame + FRAME.flags) & FRAME_IS_CREATE) !== 0
  const [at, size] = isCreation ? [FRAME.code, FRAME.codeSize] : [FRAME.input, FRAME.inputSize]
  return {
    kind: 'entered',
    call: CALLS[memory.u32(frame + FRAME.kind)] ?? 'call',
    depth: memory.u32(frame + FRAME.depth),
    from: memory.address(frame + FRAME.caller),
    to: memory.address(frame + FRAME.address),
    valueWei: memory.number(frame + FRAME.value),
    input: memory.slice(memory.u32(frame + at), memory.u32(frame + size)),
    gas: memory.u64(frame + FRAME.gas),
  }
}

/** The logs from the last one back to the first. */
export function readLogs(memory: MachineMemory, last: number): Log[] {
  const logs: Log[] = []
  for (let at = last; at !== 0; at = memory.u32(at + LOG.before)) {
    const count = memory.u32(at + LOG.topics)
    const data = at + LOG.content + count * 32
    logs.push({
      address: memory.address(at + LOG.address),
      topics: Array.from({ length: count }, (_, i) => memory.word(at + LOG.content + i * 32)),
      data: memory.slice(data, memory.u32(at + LOG.size)),
    })
  }
  return logs.reverse()
}

/** The accounts that are known, each with those of its slots that are. */
export function readWrites(memory: MachineMemory, first: number): AccountAfter[] {
  const slots = new Map<number, { slot: Hex; value: Hex }[]>()
  const accounts: number[] = []
  for (let at = first; at !== 0; at = memory.u32(at + FACT.next)) {
    if ((memory.u32(at + FACT.flags) & FLAG.isKnown) === 0) continue
    const owner = memory.u32(at + FACT.owner)
    if (owner === OWNER_ACCOUNTS) accounts.push(at)
    if (owner < FIRST_STORAGE) continue
    const ofOwner = slots.get(owner) ?? []
    ofOwner.push({ slot: memory.word(at + FACT.key), value: memory.word(at + SLOT.value) })
    slots.set(owner, ofOwner)
  }
  return accounts.map((at) => readAccount(memory, at, slots.get(memory.u32(at + ACCOUNT.storage)) ?? []))
}

function readAccount(memory: MachineMemory, at: number, slots: { slot: Hex; value: Hex }[]): AccountAfter {
  const flags = memory.u32(at + FACT.flags)
  const nonce = memory.u64(at + ACCOUNT.nonce)
  const balanceWei = memory.number(at + ACCOUNT.balance)
  const code = memory.u32(at + ACCOUNT.code)
  const codeHash = memory.word(at + ACCOUNT.codeHash)
  const isDead = nonce === 0n && balanceWei === 0n && codeHash === EMPTY_CODE_HASH
  const isGone = (flags & FLAG.exists) === 0 || (isDead && (flags & FLAG.isTouched) !== 0)
  return {
    address: memory.address(at + FACT.key),
    account: isGone ? null : { nonce, balanceWei, codeHash },
    ...(code !== 0 && { code: memory.slice(memory.u32(code + CODE.bytes), memory.u32(code + CODE.size)) }),
    hasFreshStorage: (flags & FLAG.hasFreshStorage) !== 0,
    isDestroyed: (flags & FLAG.isDestroyed) !== 0,
    slots,
  }
}
