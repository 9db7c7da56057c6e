/**
 * Signs and sends, so that no outage of the RPC leaves it unknown what was sent.
 *
 * A key of our own signs first: the hash is known before anything leaves, and if the answer of the RPC is lost, the same
 * bytes are sent again, which is harmless. A wallet signs and sends in one step; there its answer is all there is.
 */
import { EnigmaError, type Hex } from '@enigma/protocol'
import { type Account, BaseError, keccak256, UserRejectedRequestError } from 'viem'
import { getTransactionCount, sendRawTransaction, sendTransaction } from 'viem/actions'
import type { Deadline } from './clock.ts'
import { type Connection, isOutage } from './connection.ts'

export type ReadyTransaction = {
  chainId: number
  to: Hex
  data: Hex
  value: bigint
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

export type Sent = {
  hash: Hex
  account: Hex
  /** Unknown where a wallet chose it. */
  nonce?: number | undefined
  /** Sends the same bytes again where the RPC may not have got them. */
  again(): Promise<void>
  /** Call it once the transaction is mined or given up: its nonce is then the node's to count. */
  done(): void
}

export async function broadcast(
  connection: Connection,
  account: Account,
  transaction: ReadyTransaction,
  inFlight: Set<number>,
  deadline: Deadline,
): Promise<Sent> {
  if (account.type !== 'local') return sendByWallet(connection, account, transaction, deadline)
  const { reader, writer } = connection
  const pending = await deadline.race(getTransactionCount(reader, { address: account.address, blockTag: 'pending' }))
  // Nodes behind a balancer may not have heard of our last ones yet.
  const nonce = Math.max(pending, ...[...inFlight].map((used) => used + 1))
  const serializer = writer.chain?.serializers?.transaction
  const bytes = await account.signTransaction(
    { type: 'eip1559', nonce, ...transaction },
    serializer ? { serializer } : undefined,
  )
  deadline.check()
  const send = () => sendRawTransaction(writer, { serializedTransaction: bytes as Hex })
  let isLost = false
  try {
    await send()
  } catch (error) {
    if (!isOutage(error)) throw error
    isLost = true
  }
  inFlight.add(nonce)
  return {
    hash: keccak256(bytes as Hex),
    account: account.address,
    nonce,
    again: async () => {
      // Refused now means known already, or nonce used: either way its receipt tells the rest.
      if (isLost) await send().catch(() => undefined)
    },
    done: () => void inFlight.delete(nonce),
  }
}

async function sendByWallet(
  { writer }: Connection,
  account: Account,
  { chainId, ...transaction }: ReadyTransaction,
  deadline: Deadline,
): Promise<Sent> {
  deadline.check()
  const chain = writer.chain ?? null
  const hash = await sendTransaction(writer, { account, chain, type: 'eip1559', ...transaction }).catch(asUserRejected)
  return { hash, account: account.address, again: async () => {}, done: () => {} }
}

/** The user's own no, out of whatever a wallet wraps it in; any other error as it is. */
export function asUserRejected(error: unknown): never {
  if (error instanceof BaseError && error.walk((cause) => cause instanceof UserRejectedRequestError))
    throw new UserRejectedError()
  throw error
}

export class UserRejectedError extends EnigmaError {
  override readonly name = 'UserRejectedError'
  readonly code = 'USER_REJECTED'
  constructor() {
    super('It was declined in the wallet. Nothing was sent.', { hint: 'Ask again when the user agrees.' })
  }
}
