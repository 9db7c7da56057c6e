/** Sells a painting to the highest of three sealed bids, which nobody opens, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEnigma, parseNetwork } from '@enigma/client'
import { createClient, formatEther, http, parseEther, parseEventLogs, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { auctionAbi } from './abi.ts'

/** What it is worth to each: in a second-price auction the best bid there is. */
const BIDS = { alice: '2.75', bob: '4.1', carol: '3.3' } as const
const DEPOSIT = parseEther('10')
const BIDDING_SECONDS = 10n

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const auction = { address: network.dApps.auction, abi: auctionAbi } as const
const seller = personOf('dave')
const bidders = Object.entries(BIDS).map(([name, bid]) => ({ ...personOf(name), bid: parseEther(bid) }))

// The dApp's key is published once and for all; then everyone seals without asking anybody.
await seller.enigma.requestContractKey({ contract: auction.address })

const { timestamp } = await seller.client.getBlock()
const endsAt = timestamp + BIDDING_SECONDS
const opening = await seller.client.writeContract({
  ...auction,
  functionName: 'open',
  args: ['a painting', true, parseEther('1'), DEPOSIT, endsAt],
  chain: null,
})
const [opened] = parseEventLogs({ abi: auctionAbi, eventName: 'Opened', logs: await logsOf(opening) })
if (!opened) throw new Error('The sale was not opened.')
const { sale } = opened.args
const label = await seller.client.readContract({ ...auction, functionName: 'bidLabel', args: [sale] })

// Everyone deposits the same, so that the deposit tells nothing of the bid.
await Promise.all(
  bidders.map(async ({ client, enigma, bid }) => {
    const sealed = await enigma.seal({ contract: auction.address, label, value: bid, abiType: 'uint256' })
    const args = [sale, sealed] as const
    await logsOf(await client.writeContract({ ...auction, functionName: 'bid', args, value: DEPOSIT, chain: null }))
  }),
)
console.log(`${bidders.length} sealed bids on chain, each with a deposit of ${formatEther(DEPOSIT)} ETH`)

while ((await seller.client.getBlock()).timestamp < endsAt) await sleep(200)
const [, winner, priceWei, counted] = await seller.enigma.call({ ...auction, functionName: 'findWinner', args: [sale] })
const best = bidders.find(({ client }) => client.account.address === winner)
console.log(
  `of ${counted} bids that of ${best?.name} was the highest; the price is the next one, ${formatEther(priceWei)} ETH`,
)

for (const { name, client } of [seller, ...bidders]) {
  const args = [sale, client.account.address] as const
  const owed = await client.readContract({ ...auction, functionName: 'owedTo', args })
  await logsOf(await client.writeContract({ ...auction, functionName: 'withdraw', args: [sale], chain: null }))
  console.log(`${name} withdrew ${formatEther(owed)} ETH`)
}

function personOf(name: string) {
  const { privateKey } = network.accounts.find((account: { name: string }) => account.name === name)
  const account = privateKeyToAccount(privateKey)
  const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: 100, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const enigma = createEnigma({ client, network: parseNetwork(network), allowSimulated: true })
  return { name, client, enigma }
}

async function logsOf(hash: `0x${string}`) {
  const { logs, status } = await seller.client.waitForTransactionReceipt({ hash })
  if (status !== 'success') throw new Error(`Transaction ${hash} was reverted.`)
  return logs
}
