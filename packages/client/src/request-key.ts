/** Asks for a dApp's key, and waits until some worker has published it. Once for each code and generation. */
import type { Account } from 'viem'
import type { Deadline } from './clock.ts'
import { type ContractKey, ContractKeyUnprovenError, type KeyBook } from './contract-keys.ts'
import type { DApp } from './dapp.ts'
import type { KeyRegistry } from './key-registry.ts'
import type { Report } from './progress.ts'
import { TransactionRevertedError, waitForReceipt } from './receipt.ts'
import type { Requesting } from './request-task.ts'
import { RefusedError } from './send.ts'
import { patiently } from './wait.ts'

export type Sealing = { requesting: Requesting; registry: KeyRegistry; keys: KeyBook }

/** Nodes behind a balancer may show the key before they show the event that carries its signature. */
const LOOKS_FOR_EVENT = 5

/** Sends nothing where the key stands there already. */
export async function requestKey(
  { requesting, registry, keys }: Sealing,
  dApp: DApp,
  account: Account,
  report: Report,
  deadline: Deadline,
): Promise<ContractKey> {
  const { reader, sender, terms, pollMs } = requesting
  const known = await deadline.race(keys.find(dApp, terms))
  if (known) return known
  const prepare = async () => ({ to: registry, functionName: 'requestKey', args: [dApp.address] }) as const
  const sent = await sender.send(account, prepare, deadline).catch((error: unknown) => {
    // Somebody was faster.
    if (error instanceof RefusedError && error.errorName === 'KeyAlreadyPublished') return undefined
    throw error
  })
  if (sent) {
    deadline.sent({ txHash: sent.hash })
    report({ type: 'keyRequested', contract: dApp.address, txHash: sent.hash })
    // Somebody was faster, between the estimate and the block: then the key stands there.
    const reverted = await waitForReceipt(reader, sent, pollMs, deadline).then(
      () => undefined,
      (error: unknown) => error,
    )
    const isLate = reverted instanceof TransactionRevertedError && (await keys.find(dApp, terms))
    if (reverted && !isLate) throw reverted
  }
  let looks = 0
  const look = async () => {
    try {
      return await keys.find(dApp, terms)
    } catch (error) {
      if (error instanceof ContractKeyUnprovenError && ++looks < LOOKS_FOR_EVENT) return
      throw error
    }
  }
  const key = await patiently(look, pollMs, deadline)
  report({ type: 'keyPublished', contract: dApp.address, publicKey: key.publicKey, generation: key.generation })
  return key
}
