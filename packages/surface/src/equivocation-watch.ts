/**
 * Watches for an enclave that signs two results of one task, and reports it (claim S23): half of its bond is the reporter's.
 *
 * The first result is in the transaction that settled the task; another of the same signer shows in one that came too late, or
 * reverted, or was put into a batch. So all transactions to the contract are read, as long as tasks are about; receipts of
 * other signers than those drawn for a task are nobody's. What is remembered is bounded, and gone with the process.
 */
import type { Block, Logger, Sender } from '@enigma/process'
import { type Address, type Domain, type Hex, RANKS, receiptHash, unpackTask } from '@enigma/protocol'
import { type Chain, ContractRefusedError, calls, type EnigmaEvent } from './chain.ts'
import type { Lottery } from './lottery.ts'
import { type KnownTask, receiptsIn, type SignedReceipt } from './settled-receipts.ts'

export type EquivocationWatch = ReturnType<typeof createEquivocationWatch>
type Parts = {
  /** Calldata of the block's transactions to the contract, reverted ones included; undefined where there is no such block. */
  calldataOf: (block: bigint) => Promise<Hex[] | undefined>
  chain: Pick<Chain, 'enigma' | 'estimateGas' | 'seatCount' | 'seats'>
  lottery: Pick<Lottery, 'rankOf'>
  sender: Pick<Sender, 'address' | 'submit' | 'drop'>
  domain: Domain
  windowBlocks: number
  log: Logger
}
type Watched = KnownTask & { createdBlock: bigint; receipts: Map<Address, SignedReceipt> }
type Pair = { first: SignedReceipt; second: SignedReceipt }

/** Tasks remembered, a few hundred bytes each; the oldest go first. */
const MOST_TASKS = 4_096
/** Enclaves found out whose seats are not all reported yet. */
const MOST_PAIRS = 64
const MOST_SEATS_SEARCHED = 1_024
/** Blocks behind a task's last window in which a late settlement may still turn up. */
const LATE_BLOCKS = 8n
/** Gas that an estimate may turn out short of, because state moves on between estimate and block. */
const GAS_MARGIN = (estimate: bigint) => (estimate * 13n) / 10n + 20_000n

export function createEquivocationWatch({ calldataOf, chain, lottery, sender, domain, windowBlocks, log }: Parts) {
  /** By the task's requester, slot and seq. */
  const tasks = new Map<bigint, Watched>()
  const pairs = new Map<Address, Pair>()
  const openBlocks = BigInt(RANKS * windowBlocks) + LATE_BLOCKS
  let lookedAt = -1n
  let youngest = -openBlocks

  const topicOf = (seat: number, { first }: Pair) => `slash:${seat}:${first.receipt.taskId}`

  async function look(number: bigint): Promise<boolean> {
    const calldata = await calldataOf(number)
    if (!calldata) return false
    for (const data of calldata) {
      for (const signed of receiptsIn(data, domain, (ref) => tasks.get(ref))) await compare(signed)
    }
    return true
  }

  async function compare(signed: SignedReceipt): Promise<void> {
    const watched = tasks.get(signed.ref)
    if (!watched) return
    const { signer } = signed
    // A signature over anything recovers to somebody: only those who were drawn can have signed a result.
    if (!watched.receipts.has(signer) && !(await lottery.rankOf(unpackTask(watched.packed), signer))) return
    const first = watched.receipts.get(signer)
    if (!first) return void watched.receipts.set(signer, signed)
    if (receiptHash(first.receipt) === receiptHash(signed.receipt)) return
    log.warn('enclave-signed-two-results', { signer, taskId: watched.taskId })
    pairs.set(signer, { first, second: signed })
    const [oldest] = pairs.keys()
    if (pairs.size > MOST_PAIRS && oldest !== undefined) pairs.delete(oldest)
  }

  /** Each seat of the signer answers for itself; those that are out already are refused when the gas is estimated. */
  async function report(signer: Address, pair: Pair, head: Block): Promise<void> {
    const ids = Array.from({ length: Math.min(await chain.seatCount(), MOST_SEATS_SEARCHED) }, (_, id) => id)
    const seats = await chain.seats(ids)
    for (const id of ids.filter((id) => seats[id]?.signer === signer)) {
      const data = calls.slash(id, pair.first, pair.second)
      const topic = topicOf(id, pair)
      try {
        const gas = GAS_MARGIN(await chain.estimateGas(sender.address, data))
        await sender.submit({ topic, to: chain.enigma, data, valueWei: 0n, gas }, head)
        log.info('seat-reported', { seat: id, signer, taskId: pair.first.receipt.taskId })
      } catch (error) {
        if (!(error instanceof ContractRefusedError)) throw error
        log.info('report-refused', { seat: id, reason: error.refusal })
      }
    }
    pairs.delete(signer)
  }

  return {
    /** For the follower's database transaction. */
    observe(event: EnigmaEvent, block: Pick<Block, 'number' | 'hash'>): void {
      if (event.name === 'TaskRequested') {
        const { taskId, task: packed } = event
        tasks.set(packed.ref, {
          ...{ taskId, anchor: block.hash, packed, createdBlock: block.number },
          receipts: new Map(),
        })
        if (block.number > youngest) youngest = block.number
        const [oldest] = tasks.keys()
        if (tasks.size > MOST_TASKS && oldest !== undefined) tasks.delete(oldest)
      }
      // Somebody was faster, or we were.
      if (event.name === 'SeatSlashed') sender.drop(`slash:${event.seat}:${event.taskId}`)
    },
    /** The blocks above `ancestor` are gone, and what comes in their place is looked at anew. */
    rollback(ancestor: bigint): void {
      if (lookedAt > ancestor) lookedAt = ancestor
    },
    /** Looks at the blocks up to `head` and reports what it has found; to be called at each new head, one call at a time. */
    async tick(head: Block): Promise<void> {
      const from = lookedAt + 1n > head.number - openBlocks ? lookedAt + 1n : head.number - openBlocks
      for (let number = from < 0n ? 0n : from; number <= head.number; number++) {
        if (number <= youngest + openBlocks && !(await look(number))) break
        lookedAt = number
      }
      for (const [signer, pair] of pairs) await report(signer, pair, head)
    },
  }
}
