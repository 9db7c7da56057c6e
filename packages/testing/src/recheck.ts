/** Having the platform of a seat judged again, as anyone may: what it takes stands in the chain's events. */
import { assembleQuote, parseQuote, platformRecord } from '@enigma/attestation'
import { enigmaAbi } from '@enigma/contracts'
import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import { HandDrivenError } from './hand-driven.ts'
import type { TestNetwork } from './network.ts'
import { refusalOf } from './refusal.ts'

/** Simulates `recheck` in the next block; returns 'ends', or the name of the contract's refusal. */
export async function tryRecheck(network: TestNetwork, seat: number, account: string): Promise<string> {
  const client = network.client(account)
  try {
    await client.simulateContract({ ...(await callOf(network, seat)), account: client.account })
    return 'ends'
  } catch (error) {
    return refusalOf(error)
  }
}

/** Ends the seat; says from which epoch on it is out, and whether it was for a revocation. */
export async function recheck(network: TestNetwork, seat: number, account: string) {
  const client = network.client(account)
  const hash = await client.writeContract({ ...(await callOf(network, seat)), chain: null })
  const { logs } = await client.waitForTransactionReceipt({ hash })
  const [ended] = parseEventLogs({ abi: enigmaAbi, logs, eventName: 'SeatEnded' })
  if (!ended) throw new HandDrivenError(`the recheck of seat ${seat} was refused`)
  return { exitEpoch: Number(ended.args.exitEpoch), isRevoked: ended.args.revoked }
}

async function callOf(network: TestNetwork, seat: number) {
  const record = bytesToHex(await recordOf(network, seat))
  return {
    address: network.network.enigma,
    abi: enigmaAbi,
    functionName: 'recheck',
    args: [BigInt(seat), record],
  } as const
}

/** The record behind the seat's `platformHash`: from its certificate, and the quoting enclave of its latest quote. */
async function recordOf(network: TestNetwork, seat: number): Promise<Uint8Array> {
  const { quoteBlock, leafBlock } = await network.contract.read.seat([BigInt(seat)])
  const [{ evidence: leaf }, { quote }] = await Promise.all([
    shownIn(network, seat, leafBlock),
    shownIn(network, seat, quoteBlock),
  ])
  const { qeReport } = parseQuote(assembleQuote(hexToBytes(quote), hexToBytes(leaf), ''))
  return platformRecord(hexToBytes(leaf), qeReport.isvSvn)
}

async function shownIn(network: TestNetwork, seat: number, block: bigint): Promise<{ quote: Hex; evidence: Hex }> {
  const where = { address: network.network.enigma, abi: enigmaAbi, fromBlock: block, toBlock: block } as const
  const client = network.client('deployer')
  const shown = await Promise.all([
    client.getContractEvents({ ...where, eventName: 'SeatTaken', args: { seat: BigInt(seat) }, strict: true }),
    client.getContractEvents({ ...where, eventName: 'SeatRenewed', args: { seat: BigInt(seat) }, strict: true }),
  ])
  const latest = shown.flat().at(-1)
  if (!latest) throw new HandDrivenError(`seat ${seat} shows nothing in block ${block}`)
  return latest.args
}
