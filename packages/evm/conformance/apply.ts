/** A transaction's life around its frame: pay, authorize, run, give back, reward. */
import { type Address, bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import { RLP } from '@ethereumjs/rlp'
import { keccak256 } from '../src/keccak.ts'
import { accountOf, copyWorld, type Engine, type Frame, isEmpty, type Run, type World } from '../src/testing/engine.ts'
import type { Block, Environment, Log, Message } from '../src/types.ts'
import { authorize, delegateOf } from './authorizations.ts'
import { blockHashOf } from './environment.ts'
import { floorGas, intrinsicGas } from './intrinsic.ts'
import type { Rules } from './rules.ts'
import type { Transaction } from './transaction.ts'
import { blobGas, refusal } from './validity.ts'

export type Applied =
  | { kind: 'refused'; reason: string; world: World }
  | { kind: 'done'; world: World; logs: readonly Log[]; gasUsed: bigint; run: Run }

export type Chain = { block: Block; rules: Rules; chainId: bigint }

/** EIP-3529: what is given back for cleared storage is a fifth of the gas at most. */
const MAX_REFUND_QUOTIENT = 5n

export async function applyTransaction(
  engine: Engine,
  transaction: Transaction,
  { block, rules, chainId }: Chain,
  before: World,
): Promise<Applied> {
  const reason = refusal(transaction, { world: before, block, rules, chainId })
  if (reason !== undefined) return { kind: 'refused', reason, world: before }

  const { gasLimit, maxFeeWei, maxPriorityFeeWei } = transaction
  const priceWei = min(maxFeeWei, block.baseFeePerGas + maxPriorityFeeWei)
  const world = copyWorld(before)
  const sender = accountOf(world, transaction.sender)
  sender.balanceWei -= gasLimit * priceWei + blobGas(transaction) * block.blobBaseFee
  sender.nonce += 1n

  const authorized = authorize(transaction.authorizations ?? [], { world, chainId })
  const run = await engine.run(
    frameOf(transaction, { block, rules, chainId, priceWei, warm: authorized.warm }, world),
    world,
  )

  const spent = gasLimit - run.gasLeft
  const refunded = spent - min(spent / MAX_REFUND_QUOTIENT, run.refund + authorized.refund)
  const gasUsed = max(refunded, floorGas(transaction, rules))
  accountOf(run.world, transaction.sender).balanceWei += (gasLimit - gasUsed) * priceWei
  accountOf(run.world, block.coinbase).balanceWei += gasUsed * (priceWei - block.baseFeePerGas)
  // Paid nothing, or emptied: EIP-161 leaves no such account behind.
  for (const address of [transaction.sender, block.coinbase])
    if (isEmpty(accountOf(run.world, address))) run.world.delete(address)
  // What destroyed itself goes last, with whatever it was paid meanwhile.
  for (const address of run.destroyed) run.world.delete(address)
  return { kind: 'done', world: run.world, logs: run.logs, gasUsed, run }
}

/** Where a contract of this sender and nonce comes to stand. */
export function creationAddress(sender: Address, nonce: bigint): Address {
  return bytesToHex(keccak256(RLP.encode([hexToBytes(sender), nonce])).subarray(12))
}

type Paid = Chain & { priceWei: bigint; warm: readonly Address[] }

function frameOf(transaction: Transaction, { block, rules, chainId, priceWei, warm }: Paid, world: World): Frame {
  const { sender, nonce, accessList, blobs } = transaction
  const to = transaction.to ?? creationAddress(sender, nonce)
  const message: Message = {
    kind: transaction.to === null ? 'create' : 'call',
    caller: sender,
    to,
    valueWei: transaction.valueWei,
    data: transaction.data,
    gas: transaction.gasLimit - intrinsicGas(transaction),
    isStatic: false,
  }
  const environment: Environment = {
    fork: rules.fork,
    chainId,
    block,
    origin: sender,
    gasPriceWei: priceWei,
    blobHashes: blobs?.hashes ?? [],
  }
  const lent = rules.hasAuthorizations ? delegateOf(world.get(to)?.code ?? new Uint8Array()) : undefined
  const listed = accessList.map(({ address }) => address)
  return {
    environment,
    message,
    warmAddresses: [sender, to, block.coinbase, ...rules.precompiles, ...listed, ...warm, ...(lent ? [lent] : [])],
    warmSlots: accessList.flatMap(({ address, slots }) => slots.map((slot: Hex) => ({ address, slot }))),
    blockHash: blockHashOf,
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
