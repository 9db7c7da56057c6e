/** Three people find out who is the richest, and nothing else, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { createEnigma, openPrivateResult, parseNetwork } from '@enigma/client'
import { createClient, http, parseEventLogs, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { millionairesAbi } from './abi.ts'
import { leadOf } from './leads.ts'

/** Nobody is shown these: neither each other, nor the chain, nor those who run the workers. */
const FORTUNES = { alice: 4_200_000n, bob: 3_900_000n, carol: 11_300_000n } as const

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const millionaires = { address: network.dApps.millionaires, abi: millionairesAbi } as const
const people = Object.entries(FORTUNES).map(([name, fortune]) => {
  const { privateKey } = network.accounts.find((account: { name: string }) => account.name === name)
  const account = privateKeyToAccount(privateKey)
  const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: 100 })
    .extend(publicActions)
    .extend(walletActions)
  return {
    name,
    fortune,
    client,
    enigma: createEnigma({ client, network: parseNetwork(network), allowSimulated: true }),
  }
})
const [alice] = people
if (!alice) throw new Error('There is nobody.')

// A club is a fixed list: nobody joins later to find out about the others.
const members = people.map(({ client }) => client.account.address)
const opening = await alice.client.writeContract({
  ...millionaires,
  functionName: 'open',
  args: [members],
  chain: null,
})
const { logs } = await alice.client.waitForTransactionReceipt({ hash: opening })
const [opened] = parseEventLogs({ abi: millionairesAbi, eventName: 'Opened', logs })
if (!opened) throw new Error('The club was not opened.')
const { club } = opened.args
const { round } = await alice.client.readContract({ ...millionaires, functionName: 'clubOf', args: [club] })
const label = await alice.client.readContract({
  ...millionaires,
  functionName: 'roundLabel',
  args: [club, BigInt(round)],
})

// Each stores his fortune, sealed, when it suits him: a plain transaction, and no worker takes part.
for (const { name, fortune, client, enigma } of people) {
  const contract = millionaires.address
  const sealed = await enigma.seal({ contract, label, value: fortune, abiType: 'uint256', requestKey: true })
  const { publicKey } = await enigma.replyKeyPair()
  const args = [club, BigInt(round), sealed, publicKey] as const
  const hash = await client.writeContract({ ...millionaires, functionName: 'enter', args, chain: null })
  await client.waitForTransactionReceipt({ hash })
  console.log(`${name} stored a fortune: ${sealed.length / 2 - 1} bytes that nobody can read`)
}

// Any member asks, once all are in. What he seals is what he saw; the fortunes stand in storage.
const { entriesHash } = await alice.client.readContract({ ...millionaires, functionName: 'clubOf', args: [club] })
const outcome = await alice.enigma.call({ ...millionaires, functionName: 'compare', args: [club, entriesHash] })
const winner = people.find(({ client }) => client.account.address === outcome.richest)
if (!winner) throw new Error('Nobody is the richest.')
console.log(`the chain knows: ${winner.name} is the richest of ${outcome.counted}`)

// How far she is ahead was sealed to the key that she had stored with her fortune. The announcement says to which task.
const announced = await winner.client.getContractEvents({
  ...millionaires,
  eventName: 'Compared',
  args: { club },
  fromBlock: 'earliest',
})
const { taskId, sealedLead } = announced[0]?.args ?? {}
if (!taskId || !sealedLead) throw new Error('Nothing was announced.')
for (const { name, enigma } of people) {
  const keyPair = await enigma.replyKeyPair()
  const opened = await openPrivateResult({
    reply: sealedLead,
    keyPair,
    taskId,
    dApp: millionaires.address,
    networkHash: network.networkHash,
    abiType: 'uint8',
  }).catch(() => undefined)
  console.log(`${name} ${opened === undefined ? 'cannot read the answer' : `reads: you have ${leadOf(opened)}`}`)
}
