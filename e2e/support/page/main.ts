/** A dApp's page, as small as it gets: one private call from a browser, and what came of it. */
import { createEnigma, NoVerifiedWorkerError, parseNetwork } from '@enigma/client'
import { createClient, type Hex, http, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { additionAbi } from '../../../examples/addition/abi.ts'

export type PageInput = { network: unknown; rpcUrl: string; privateKey: Hex; address: Hex; a: string; b: string }
/** `refused`: why each worker was, where none could be verified. */
export type PageOutput = { sum?: string; refused?: string[]; events: string[] }

declare global {
  interface Window {
    addInPrivate(input: PageInput): Promise<PageOutput>
  }
}

window.addInPrivate = async ({ network, rpcUrl, privateKey, address, a, b }) => {
  const client = createClient({ account: privateKeyToAccount(privateKey), transport: http(rpcUrl) })
    .extend(publicActions)
    .extend(walletActions)
  const enigma = createEnigma({
    client,
    network: parseNetwork(network),
    allowSimulated: true,
    maxClockSkewSeconds: 86_400,
  })
  const events: string[] = []
  try {
    const sum = await enigma.call({
      address,
      abi: additionAbi,
      functionName: 'add',
      args: [BigInt(a), BigInt(b)],
      onProgress: ({ type }) => void events.push(type),
    })
    return { sum: String(sum), events }
  } catch (error) {
    if (!(error instanceof NoVerifiedWorkerError)) throw error
    return { refused: error.rejected.map(({ error: { code } }) => code), events }
  }
}
