/** Four people mix an ether each into fresh accounts, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { createEnigma, parseNetwork } from '@enigma/client'
import { createClient, formatEther, http, numberToHex, publicActions, walletActions } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { mixerAbi } from './abi.ts'

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const mixer = { address: network.dApps.mixer, abi: mixerAbi } as const
const people = ['alice', 'bob', 'carol', 'dave'].map(personOf)
const [alice] = people
if (!alice) throw new Error('There is nobody.')

// The dApp's key is published once and for all; then everyone seals without asking anybody.
await alice.enigma.requestContractKey({ contract: mixer.address })

const [round, coinWei, callbackGas] = await Promise.all([
  alice.client.readContract({ ...mixer, functionName: 'openRound' }),
  alice.client.readContract({ ...mixer, functionName: 'coinWei' }),
  alice.client.readContract({ ...mixer, functionName: 'mixGas' }),
])

// Each pays in when it suits him, in a plain transaction. The destination is sealed for this round, as his.
for (const { client, enigma, destination } of people) {
  const label = numberToHex(round, { size: 32 })
  const sealed = await enigma.seal({ contract: mixer.address, label, value: destination, abiType: 'address' })
  const args = [round, sealed] as const
  const hash = await client.writeContract({ ...mixer, functionName: 'deposit', args, value: coinWei, chain: null })
  const { status } = await client.waitForTransactionReceipt({ hash })
  if (status !== 'success') throw new Error('The deposit was refused.')
}
console.log(`in: ${people.length} coins of ${formatEther(coinWei)} ETH, each with a destination that nobody can read`)

// Anyone may ask for both steps. The seed is drawn first and rests sealed: nobody can ask until he likes a list.
await alice.enigma.call({ ...mixer, functionName: 'draw', args: [round] })
console.log('drawn: a seed that nobody can read either')
const [, payees] = await alice.enigma.call({ ...mixer, functionName: 'mix', args: [round], callbackGas })

const balances = await Promise.all(payees.map((address) => alice.client.getBalance({ address })))
console.log(`out: ${balances.map((wei) => formatEther(wei)).join(', ')} ETH, to ${new Set(payees).size} fresh accounts`)
const isMine = people.every(({ destination }) => payees.includes(destination))
console.log(isMine ? 'Each knows which is his; which are the others’, nobody does.' : 'Somebody misses his coin.')

function personOf(name: string) {
  const { privateKey } = network.accounts.find((account: { name: string }) => account.name === name)
  const account = privateKeyToAccount(privateKey)
  const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: 100, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const enigma = createEnigma({ client, network: parseNetwork(network), allowSimulated: true })
  // Never used before: its key is his alone, and nothing leads from him to it.
  return { client, enigma, destination: privateKeyToAccount(generatePrivateKey()).address }
}
