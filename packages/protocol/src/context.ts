/**
 * What a ciphertext is bound to, and never carries: whoever opens it recomputes these bytes from facts it has verified.
 *
 * So other code, another function, another user, another network or chain cannot open what was meant for this one.
 */
import { abiAddress, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, type Hex, label } from './bytes.ts'
import type { Domain } from './eip712.ts'

declare const use: unique symbol

/** Context of a task's inputs (kind 1). Types of their own, so that no context serves where another belongs. */
export type InputContext = Uint8Array & { readonly [use]: 'inputs' }
/** Context of data at rest (kind 2). */
export type DataContext = Uint8Array & { readonly [use]: 'data' }
/** Context of a private result (kind 3). */
export type ReplyContext = Uint8Array & { readonly [use]: 'reply' }

export type InputFacts = {
  networkHash: Hex
  dApp: Address
  codeHash: Hex
  /** Selector of the private function. */
  callable: Hex
  requester: Address
  slot: number
  seq: bigint
}

export function inputContext({
  networkHash,
  dApp,
  codeHash,
  callable,
  requester,
  slot,
  seq,
}: InputFacts): InputContext {
  return abiEncode(
    abiFixedBytes(label('enigma.input.v1')),
    abiFixedBytes(networkHash),
    abiAddress(dApp),
    abiFixedBytes(codeHash),
    abiFixedBytes(callable, 4),
    abiAddress(requester),
    abiUint(slot, 32),
    abiUint(seq, 64),
  ) as InputContext
}

export type DataFacts = Domain & { dApp: Address; codeHash: Hex; owner: Address; label: Hex }

/** Without a networkHash: data at rest outlives a change of observers. */
export function dataContext({ chainId, enigma, dApp, codeHash, owner, label: name }: DataFacts): DataContext {
  return abiEncode(
    abiFixedBytes(label('enigma.data.v1')),
    abiUint(chainId),
    abiAddress(enigma),
    abiAddress(dApp),
    abiFixedBytes(codeHash),
    abiAddress(owner),
    abiFixedBytes(name),
  ) as DataContext
}

export type ReplyFacts = { networkHash: Hex; dApp: Address; taskId: Hex }

export function replyContext({ networkHash, dApp, taskId }: ReplyFacts): ReplyContext {
  return abiEncode(
    abiFixedBytes(label('enigma.reply.v1')),
    abiFixedBytes(networkHash),
    abiAddress(dApp),
    abiFixedBytes(taskId),
  ) as ReplyContext
}
