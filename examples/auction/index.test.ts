import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startNetwork, type TestNetwork } from '@enigma/testing'
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
  const cwd = await mkdtemp(path.join(tmpdir(), 'auction-'))
  try {
    await mkdir(path.join(cwd, '.enigma'))
    await writeFile(path.join(cwd, '.enigma/network.json'), JSON.stringify(network.network))
    const script = path.join(import.meta.dirname, 'index.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd })
    const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
    expect(stdout.trim().split('\n')).toHaveLength(6)
    expect(readme).toContain(stdout.trim())
  } finally {
    await rm(cwd, { recursive: true })
  }
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
