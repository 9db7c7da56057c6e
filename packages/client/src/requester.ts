/**
 * Whose account asks? It must be the user's own.
 *
 * The envelope opens only for its requester (S9). Where many users share a requester, say a relayer or a router, any of
 * them may send the bytes that another one sealed, and the binding protects nobody.
 */
import { type Address, EnigmaError } from '@enigma/protocol'
import { getCode } from 'viem/actions'
import type { ChainClient } from './connection.ts'

/** Accepts a key's account, also one that delegates (EIP-7702); a contract only on the user's word that it is his own. */
export async function requireOwnAccount(
  client: ChainClient,
  account: Address,
  { ownContract }: { ownContract: boolean },
): Promise<void> {
  const code = await getCode(client, { address: account })
  if (!code || code.startsWith('0xef0100') || ownContract) return
  throw new SharedRequesterError(account)
}

export class SharedRequesterError extends EnigmaError {
  override readonly name = 'SharedRequesterError'
  readonly code = 'SHARED_REQUESTER'
  constructor(account: Address) {
    super(`${account} is a contract. Were it shared, others could send what this user seals.`, {
      hint: "If it is the user's own smart account, pass `ownContract: true`; else sign with the user's own account.",
    })
  }
}
