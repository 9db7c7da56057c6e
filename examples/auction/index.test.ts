import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { type Hex, parseEther, parseEventLogs } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auctionAbi, auctionBytecode } from './abi.ts'

const DEPOSIT = parseEther('5')

let network: TestNetwork
let auction: { address: Hex; abi: typeof auctionAbi }
beforeAll(async () => {
  const dApps = { auction: { abi: auctionAbi, bytecode: auctionBytecode } }
  network = await startNetwork({ workers: 3, mining: 'every-second', dApps })
  auction = { address: network.network.dApps.auction ?? '0x', abi: auctionAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: a winner, the next bid as the price, and everybody’s money', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(stdout.split('\n')).toHaveLength(6)
  expect(readme).toContain(stdout)
})

test('S26: while bidding goes on, no task tells anything of the bids', async () => {
  const sale = await open('dave')
  await bid('erin', sale, parseEther('3'))
  const asked = network.enigma('erin').call({ ...auction, functionName: 'findWinner', args: [sale] })
  await expect(asked).rejects.toMatchObject({ reason: { errorName: 'BiddingNotEnded' } })
})

async function open(name: string): Promise<bigint> {
  const seller = network.client(name)
  const { timestamp } = await seller.getBlock()
  const args = ['a painting', false, 0n, DEPOSIT, timestamp + 3_600n] as const
  const hash = await seller.writeContract({ ...auction, functionName: 'open', args, chain: null })
  const { logs } = await seller.waitForTransactionReceipt({ hash })
  const [opened] = parseEventLogs({ abi: auctionAbi, eventName: 'Opened', logs })
  if (!opened) throw new Error('The sale was not opened.')
  return opened.args.sale
}

async function bid(name: string, sale: bigint, value: bigint): Promise<void> {
  const bidder = network.client(name)
  const label = await bidder.readContract({ ...auction, functionName: 'bidLabel', args: [sale] })
  const contract = auction.address
  const sealed = await network.enigma(name).seal({ contract, label, value, abiType: 'uint256', requestKey: true })
  const args = [sale, sealed] as const
  const hash = await bidder.writeContract({ ...auction, functionName: 'bid', args, value: DEPOSIT, chain: null })
  await bidder.waitForTransactionReceipt({ hash })
}
