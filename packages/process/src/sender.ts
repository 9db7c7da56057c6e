/**
 * Sends the transactions of one account: hands out nonces one after the other, and stays with each transaction until it is
 * in a block, through crashes, outages, dropped and underpriced transactions, reorganisations and other users of the key.
 *
 *   stored ─► broadcast ─► mined | reverted           after some blocks without either: the same nonce, an eighth dearer
 *                      └─► abandoned                  its nonce went to another transaction; the caller decides anew
 */
import type { Address, Hex } from '@enigma/protocol'
import { freshFees, raisedFees } from './fees.ts'
import type { Logger } from './log.ts'
import { createSerial } from './serial.ts'
import { type Database, transaction as inTransaction } from './sqlite.ts'
import { type Attempt, type Intent, openTransactions, type Transaction } from './transactions.ts'
import type { Broadcast, Wallet } from './wallet.ts'

export type Head = { number: bigint; baseFeeWei: bigint }
export type SenderSettings = {
  /** Blocks that a transaction may wait before it is replaced by a dearer one. */
  replaceAfterBlocks: number
  tipWei: bigint
  /** The most that a unit of gas may cost; a transaction that would need more waits. */
  mostFeeWei: bigint
}
export type Sender = ReturnType<typeof createSender>
type Parts = { db: Database; wallet: Wallet; settings: SenderSettings; log: Logger }

/** Blocks without a receipt before a used nonce counts as lost: nodes behind one URL may lag behind each other. */
const LOST_AFTER_BLOCKS = 3n
/** Transactions of somebody else with the key that may wait below ours. A node that claims more would jam the account. */
const MOST_FOREIGN = 16
const EMPTY_GAS = 21_000n

export function createSender({ db, wallet, settings, log }: Parts) {
  const store = openTransactions(db)
  const serial = createSerial()
  let chainNonce: number | undefined

  async function sign(
    content: Omit<Intent, 'topic'>,
    nonce: number,
    fees: { maxFeeWei: bigint; tipWei: bigint },
    isEmpty: boolean,
  ): Promise<Attempt> {
    const { to, data, valueWei, gas } = isEmpty ? emptyTransaction(wallet.address) : content
    const signed = await wallet.sign({ to, data, valueWei, gas, nonce, ...fees })
    return { ...fees, ...signed, isEmpty }
  }

  async function signAndStore(
    intent: Intent,
    nonce: number,
    head: Head,
    isEmpty: boolean,
    together?: () => void,
  ): Promise<void> {
    const fees = freshFees(head.baseFeeWei, settings.tipWei, settings.mostFeeWei)
    const attempt = await sign(intent, nonce, fees, isEmpty)
    inTransaction(db, () => {
      store.insert(intent, nonce, head.number)
      store.addAttempt(intent.topic, attempt)
      together?.()
    })
  }

  /** Broadcasts the latest version of a transaction. An outage is no error: `tick` comes back to it. */
  async function deliver(topic: string, head: Head): Promise<Broadcast | undefined> {
    const latest = store.attempts(topic).at(-1)
    if (!latest) return undefined
    store.markSent(topic, false)
    let outcome: Broadcast
    try {
      outcome = await wallet.broadcast(latest.raw)
    } catch {
      return undefined
    }
    if (outcome === 'accepted') store.markSent(topic, true, head.number)
    else log.warn('transaction-not-accepted', { reason: outcome, topic: kindOf(topic) })
    if (outcome === 'refused') store.markWanted(topic, false)
    // Block 0 lies further back than any wait: `tick` replaces it at the next head.
    if (outcome === 'underpriced' || outcome === 'refused') store.markSent(topic, true, 0n)
    return outcome
  }

  /** What the node says, as far as it can be true; `most` is the highest nonce that can come to be used. */
  async function nonces(): Promise<{ latest: number; pending: number; most: number }> {
    const { latest, pending } = await wallet.nonces()
    // What we saw mined holds against a node that lags behind.
    const most = Math.max(latest, store.minedNonces()) + store.pending().length + MOST_FOREIGN
    return { latest, pending: Math.min(pending, most), most }
  }

  async function submit(intent: Intent, head: Head, together?: () => void): Promise<Transaction> {
    const existing = store.find(intent.topic)
    if (existing) {
      inTransaction(db, () => {
        store.markWanted(intent.topic, true)
        together?.()
      })
      return existing
    }
    chainNonce ??= (await nonces()).pending
    await signAndStore(intent, Math.max(chainNonce, store.nextNonce()), head, false, together)
    const outcome = await deliver(intent.topic, head)
    // These bytes were never seen before, so the nonce went to somebody else: this transaction cannot have been mined.
    if (outcome === 'nonce-used' || outcome === 'nonce-taken') {
      chainNonce = (await nonces()).pending
      const nonce = Math.max(chainNonce, store.nextNonce())
      // A reorganisation may have dropped it while the node was asked.
      const isWanted = store.find(intent.topic)?.wanted !== false
      store.delete(intent.topic)
      await signAndStore(intent, nonce, head, !isWanted, () => store.markWanted(intent.topic, isWanted))
      await deliver(intent.topic, head)
    }
    return store.find(intent.topic) as Transaction
  }

  /** The nonce is used up: by one of our versions, or by a transaction of somebody else with the same key. */
  async function conclude(tx: Transaction, head: Head): Promise<void> {
    const attempts = store.attempts(tx.topic)
    const receipts = await wallet.receipts(attempts.map((attempt) => attempt.hash))
    for (const [index, receipt] of receipts.entries()) {
      const attempt = attempts[index]
      if (!receipt || !attempt) continue
      const state = attempt.isEmpty ? 'abandoned' : receipt.succeeded ? 'mined' : 'reverted'
      store.finish(tx.topic, state, { hash: attempt.hash, block: receipt.block, gasUsed: receipt.gasUsed })
      return
    }
    miss(tx, head)
  }

  /** Gives a nonce up, once the chain has contradicted it for some blocks. */
  function miss(tx: Transaction, head: Head): void {
    if (tx.missingBlock === null) store.markMissing(tx.topic, head.number)
    else if (head.number - tx.missingBlock >= LOST_AFTER_BLOCKS) {
      log.warn('nonce-lost', { nonce: tx.nonce, topic: kindOf(tx.topic) })
      store.loseNonce(tx.topic)
    }
  }

  async function replace(tx: Transaction, head: Head): Promise<void> {
    const last = store.attempts(tx.topic).at(-1)
    if (!last) return
    const fees = raisedFees(last, head.baseFeeWei, settings.mostFeeWei)
    if (fees) store.addAttempt(tx.topic, await sign(tx, tx.nonce, fees, !tx.wanted))
    else log.warn('fee-at-limit', { nonce: tx.nonce, topic: kindOf(tx.topic) })
    log.info('transaction-replaced', { nonce: tx.nonce, topic: kindOf(tx.topic) })
    await deliver(tx.topic, head)
  }

  /** Somebody else's transaction with this key vanished below ours, which now wait for it for ever: fill its place. */
  async function fillGap(lowest: Transaction, chainPending: number, head: Head): Promise<void> {
    // A node that lags behind leaves no gap where we saw transactions mined.
    const first = Math.max(chainPending, store.minedNonces())
    for (let nonce = first; nonce < lowest.nonce && nonce < first + MOST_FOREIGN; nonce++) {
      const topic = `gap:${nonce}:${head.number}`
      log.warn('nonce-gap-filled', { nonce })
      await signAndStore({ topic, ...emptyTransaction(wallet.address) }, nonce, head, true)
      await deliver(topic, head)
    }
  }

  async function tick(head: Head): Promise<void> {
    const pending = store.pending()
    if (pending.length === 0) {
      chainNonce = undefined
      return
    }
    const found = await nonces()
    chainNonce = found.pending
    const isDue = (tx: Transaction) => head.number - tx.sentBlock >= BigInt(settings.replaceAfterBlocks)
    for (const tx of pending) {
      if (tx.nonce < found.latest) await conclude(tx, head)
      // It stems from a node that lied, and would wait for ever.
      else if (tx.nonce > found.most) miss(tx, head)
      else {
        if (tx.missingBlock !== null) store.markMissing(tx.topic, null)
        // What no node has taken is offered as it is: an empty account must not drive up its own price.
        if (!tx.broadcast) await deliver(tx.topic, head)
        else if (isDue(tx)) await replace(tx, head)
      }
    }
    const lowest = pending.find((tx) => tx.nonce >= found.latest && tx.nonce <= found.most)
    if (lowest && found.pending < lowest.nonce && isDue(lowest)) await fillGap(lowest, found.pending, head)
  }

  return {
    address: wallet.address,
    /**
     * Stores the transaction, together with the caller's own change to the database, and broadcasts it. Asked again for the
     * same topic, it returns what there is. Throws only before anything is stored.
     */
    submit: (intent: Intent, head: Head, together?: () => void) => serial(() => submit(intent, head, together)),
    /** Looks after everything that is pending. Call it at each new head, and after an outage. */
    tick: (head: Head) => serial(() => tick(head)),
    find: (topic: string) => store.find(topic),
    lastHash: (topic: string): Hex | undefined => store.attempts(topic).at(-1)?.hash,
    /** Nobody needs this transaction any more; if it is still waiting when its time is up, an empty one replaces it. */
    drop: (topic: string) => store.markWanted(topic, false),
    /** For the follower's own database transaction: blocks above `ancestor` are gone. */
    rollback: (ancestor: bigint) => store.rollback(ancestor),
    prune: (block: bigint) => store.prune(block),
    pendingCount: () => store.pending().length,
  }
}

function emptyTransaction(address: Address): Omit<Intent, 'topic'> {
  return { to: address, data: '0x', valueWei: 0n, gas: EMPTY_GAS }
}

/** `settle:0x…` → `settle`, which a log may show. */
const kindOf = (topic: string): string => topic.split(':', 1)[0] ?? ''
