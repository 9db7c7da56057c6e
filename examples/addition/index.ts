/** Adds two numbers that nobody else sees, on the local network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { createEnigma, parseNetwork } from '@enigma/client'
import { createClient, http, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { additionAbi } from './abi.ts'

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const { privateKey } = network.accounts.find(({ name }: { name: string }) => name === 'alice')
const client = createClient({ account: privateKeyToAccount(privateKey), transport: http(network.rpcUrl) })
const enigma = createEnigma({ client, network: parseNetwork(network), allowSimulated: true })

const address = network.dApps.addition
const sum = await enigma.call({
  address,
  abi: additionAbi,
  functionName: 'add',
  args: [2n, 40n],
  onProgress: ({ type, elapsedMs }) => console.log(`${elapsedMs} ms: ${type}`),
})
console.log(`The enclave returned ${sum}.`)

const stored = await client.extend(publicActions).readContract({ address, abi: additionAbi, functionName: 'sum' })
console.log(`The contract stored ${stored}.`)
