/** A chain of a test's own, with accounts that nobody else has. */

import { startAnvil } from '@enigma/process/testing'
import type { Address, Hex } from '@enigma/protocol'
import {
  type Abi,
  createTestClient,
  encodeDeployData,
  http,
  keccak256,
  publicActions,
  stringToHex,
  walletActions,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { anvil as chain } from 'viem/chains'

export { chain }

export type TestChain = Awaited<ReturnType<typeof startChain>>

/** Mines a block for each transaction. */
export async function startChain() {
  const { url, stop } = await startAnvil([])
  const client = createTestClient({ chain, mode: 'anvil', transport: http(url), pollingInterval: 10, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)

  // One after the other: two at once of one account would ask the node for the same nonce.
  let line: Promise<unknown> = Promise.resolve()
  // Not tried first: the node would try it in the latest block, and much of what is sent is right only in the next.
  function send(from: PrivateKeyAccount, to: Address | null, data: Hex, value = 0n): Promise<Hex> {
    const turn = line.then(async () => {
      const hash = await client.sendTransaction({ account: from, to, data, value, chain, gas: 15_000_000n })
      const receipt = await client.waitForTransactionReceipt({ hash })
      if (receipt.status !== 'success') throw new Error(`reverted: ${hash}`)
      return hash
    })
    line = turn.catch(() => undefined)
    return turn
  }

  const keyOf = (index: number): Hex => keccak256(stringToHex(`account ${index}`))

  return {
    client,
    url,
    stop,
    send,
    keyOf,
    account: (index: number): PrivateKeyAccount => privateKeyToAccount(keyOf(index)),
    fund: (address: Address) => client.setBalance({ address, value: 10n ** 22n }),
    mine: (blocks: number) => client.mine({ blocks, interval: 1 }),
    async deploy(from: PrivateKeyAccount, abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Address> {
      const hash = await send(from, null, encodeDeployData({ abi, bytecode, args }))
      const { contractAddress } = await client.getTransactionReceipt({ hash })
      return contractAddress?.toLowerCase() as Address
    },
  }
}
