/** Holds a poll among token holders whose ballots never stand on chain, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { createEnigma, parseNetwork } from '@enigma/client'
import { createClient, encodePacked, http, keccak256, parseEventLogs, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { tokenAbi, votingAbi } from './abi.ts'
import { inOrder, signBallot } from './ballots.ts'

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const accountOf = (wanted: string) =>
  privateKeyToAccount(network.accounts.find(({ name }: { name: string }) => name === wanted).privateKey)
const clientOf = (name: string) =>
  createClient({ account: accountOf(name), transport: http(network.rpcUrl), pollingInterval: 100 })
    .extend(publicActions)
    .extend(walletActions)
const token = { address: network.dApps.token, abi: tokenAbi } as const
const voting = { address: network.dApps.voting, abi: votingAbi } as const

// The community's token, as it has long been in people's hands.
const holders = { bob: 400n, carol: 350n, dave: 300n }
const issuer = clientOf('deployer')
for (const [name, amount] of Object.entries(holders)) {
  const args = [accountOf(name).address, amount * 10n ** 18n] as const
  const hash = await issuer.writeContract({ ...token, functionName: 'transfer', args, chain: null })
  await issuer.waitForTransactionReceipt({ hash })
}

// Alice opens the poll, and is its teller.
const alice = clientOf('alice')
const opening = await alice.writeContract({
  ...voting,
  functionName: 'open',
  args: ['Shall the commons be mown?', 2],
  chain: null,
})
const { logs } = await alice.waitForTransactionReceipt({ hash: opening })
const poll = parseEventLogs({ abi: votingAbi, eventName: 'Opened', logs })[0]?.args.poll ?? 0n

// Each holder signs a ballot and gives it to her, by whatever way they like.
const [no, yes] = [0, 1]
const choices = { bob: no, carol: yes, dave: yes }
const ballots = await Promise.all(
  Object.entries(choices).map(([name, choice]) =>
    signBallot(accountOf(name), { voting: voting.address, chainId: network.chainId, poll, choice }),
  ),
)

// She seals them to verified enclaves, which weigh each by the voter's balance in the block of her request.
const enigma = createEnigma({ client: alice, network: parseNetwork(network), allowSimulated: true })
const [, votes, votersHash] = await enigma.call({
  ...voting,
  functionName: 'tally',
  args: [poll, inOrder(ballots)],
  callbackGas: 300_000,
})

console.log(`${(votes[yes] ?? 0n) / 10n ** 18n} for, ${(votes[no] ?? 0n) / 10n ** 18n} against`)
const voters = inOrder(ballots).map(({ voter }) => voter)
const isTheList = keccak256(encodePacked(['address[]'], [voters])) === votersHash
console.log(
  `Counted: ${voters.length} voters${isTheList ? ', and the published list is the one that was counted' : ''}.`,
)
console.log(`Who voted how stands nowhere on chain.`)
