/** The chain as the user reaches it: one viem client, or one to read and one to sign. */
import { type Address, EnigmaError } from '@enigma/protocol'
import {
  type Account,
  BaseError,
  type Chain,
  type Client,
  HttpRequestError,
  TimeoutError as RpcTimeoutError,
  type Transport,
  WebSocketRequestError,
} from 'viem'
import { parseAccount } from 'viem/accounts'
import { getChainId } from 'viem/actions'

export type ChainClient = Client<Transport, Chain | undefined, Account | undefined>

/** One client with an account, or two: an RPC that reads and a wallet that signs. */
export type Clients = { client: ChainClient } | { publicClient: ChainClient; walletClient: ChainClient }

export type Connection = {
  reader: ChainClient
  writer: ChainClient
}

export function connect(clients: Clients): Connection {
  if ('client' in clients) return { reader: clients.client, writer: clients.client }
  return { reader: clients.publicClient, writer: clients.walletClient }
}

/** The account that signs: the one of this call, else the client's. */
export function accountOf(connection: Connection, account?: Account | Address): Account {
  const chosen = account ?? connection.writer.account
  if (!chosen) throw new NoAccountError()
  return parseAccount(chosen)
}

/** Refuses an RPC or a wallet of another chain: what is signed for one must not be sent to the other. */
export async function requireChain({ reader, writer }: Connection, chainId: number): Promise<void> {
  const clients = reader === writer ? [reader] : [reader, writer]
  const found = await Promise.all(clients.map((client) => getChainId(client)))
  for (const id of found) if (id !== chainId) throw new WrongChainError(id, chainId)
}

/** Whether the RPC was not reached, or its answer was lost: then it is not known what it did. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false
  const kinds = [HttpRequestError, RpcTimeoutError, WebSocketRequestError]
  return error.walk((cause) => kinds.some((kind) => cause instanceof kind)) !== null
}

export class NoAccountError extends EnigmaError {
  override readonly name = 'NoAccountError'
  readonly code = 'NO_ACCOUNT'
  constructor() {
    super('No account to sign with.', { hint: 'Give the viem client an account, or the call an `account`.' })
  }
}

export class WrongChainError extends EnigmaError {
  override readonly name = 'WrongChainError'
  readonly code = 'WRONG_CHAIN'
  readonly found: number
  readonly expected: number
  constructor(found: number, expected: number) {
    super(`The RPC or wallet is on chain ${found}, the network on chain ${expected}.`, {
      hint: 'Switch the wallet, or point the client at an RPC of the right chain.',
    })
    this.found = found
    this.expected = expected
  }
}
