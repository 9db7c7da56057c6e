/** Holds a secret ballot among the holders of a token, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEnigma, parseNetwork } from '@enigma/client'
import {
  createClient,
  type Hex,
  http,
  numberToHex,
  parseEther,
  parseEventLogs,
  publicActions,
  walletActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { tokenAbi, votingAbi } from './abi.ts'

const CHOICES = ['no', 'yes'] as const
/** Tokens that each locks, and how he votes: in the end. */
const BALLOTS = { bob: ['400', 'no'], carol: ['350', 'yes'], dave: ['300', 'yes'] } as const
const POLL_SECONDS = 20

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const token = { address: network.dApps.token, abi: tokenAbi } as const
const voting = { address: network.dApps.voting, abi: votingAbi } as const
const alice = personOf('alice')
const voters = Object.entries(BALLOTS).map(([name, [ether, choice]]) => ({
  ...personOf(name),
  weight: parseEther(ether),
  choice,
}))

// The dApp's key is published once and for all; then everyone seals without asking anybody.
await alice.enigma.requestContractKey({ contract: voting.address })

// The community's token, as it has long been in people's hands.
const issuer = personOf('deployer')
for (const { client, address, weight } of voters) {
  const handing = { ...token, functionName: 'transfer', args: [address, weight], chain: null } as const
  await logsOf(await issuer.client.writeContract(handing))
  const approving = { ...token, functionName: 'approve', args: [voting.address, weight], chain: null } as const
  await logsOf(await client.writeContract(approving))
}

// Three voters, whose weights are public: of totals one could tell who voted how. So the poll tells its winner only.
const opening = await alice.client.writeContract({
  ...voting,
  functionName: 'open',
  args: ['Shall the commons be mown?', CHOICES.length, POLL_SECONDS, parseEther('1'), false],
  chain: null,
})
const [opened] = parseEventLogs({ abi: votingAbi, eventName: 'Opened', logs: await logsOf(opening) })
if (!opened) throw new Error('The poll was not opened.')
const { poll, endsAt } = opened.args

// Everyone votes when it suits him, and again if he likes: the last ballot counts.
for (const voter of voters) {
  await vote(voter, voter.weight, voter.name === 'dave' ? 'no' : voter.choice)
  console.log(`${voter.name} votes: ${voter.weight / 10n ** 18n} tokens are locked, and a ballot that nobody can read`)
}
for (const dave of voters.filter(({ name }) => name === 'dave')) await vote(dave, 0n, dave.choice)
console.log('dave votes anew: as he did, or otherwise')

while ((await alice.client.getBlock()).timestamp <= endsAt) await sleep(200)
const [, winner, counted] = await alice.enigma.call({ ...voting, functionName: 'tally', args: [poll] })
console.log(
  `counted: of ${counted} ballots most weight is for “${CHOICES[winner]}”, and that is all that anybody knows`,
)

for (const { client } of voters) {
  await logsOf(await client.writeContract({ ...voting, functionName: 'unlock', args: [poll], chain: null }))
}

async function vote({ client, enigma }: Person, weight: bigint, choice: (typeof CHOICES)[number]): Promise<void> {
  const label = numberToHex(poll, { size: 32 })
  const value = CHOICES.indexOf(choice)
  const sealed = await enigma.seal({ contract: voting.address, label, value, abiType: 'uint8' })
  const args = [poll, weight, sealed] as const
  await logsOf(await client.writeContract({ ...voting, functionName: 'vote', args, chain: null }))
}

type Person = ReturnType<typeof personOf>
function personOf(name: string) {
  const { privateKey } = network.accounts.find((account: { name: string }) => account.name === name)
  const account = privateKeyToAccount(privateKey)
  const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: 100, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const enigma = createEnigma({ client, network: parseNetwork(network), allowSimulated: true })
  return { name, address: account.address, client, enigma }
}

async function logsOf(hash: Hex) {
  const { logs, status } = await alice.client.waitForTransactionReceipt({ hash })
  if (status !== 'success') throw new Error(`Transaction ${hash} was reverted.`)
  return logs
}
