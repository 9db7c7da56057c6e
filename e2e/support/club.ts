/** A club of millionaires on a test network: data that rests on chain, and what becomes of it. */
import type { Hex } from '@enigma/protocol'
import type { TestNetwork } from '@enigma/testing'
import { parseEventLogs } from 'viem'
import { millionairesAbi, millionairesBytecode } from '../../examples/millionaires/abi.ts'

export const MILLIONAIRES = { abi: millionairesAbi, bytecode: millionairesBytecode }
export const MEMBERS = ['dave', 'erin', 'frank'] as const

export type Club = { address: Hex; id: bigint; round: bigint }

/** Opens a club of the three, in its first round. */
export async function openClub(network: TestNetwork, address: Hex): Promise<Club> {
  const client = network.client('dave')
  const args = [MEMBERS.map((name) => network.account(name).address)] as const
  const call = { address, abi: millionairesAbi, functionName: 'open', args, chain: null } as const
  const { logs } = await client.waitForTransactionReceipt({ hash: await client.writeContract(call) })
  const [opened] = parseEventLogs({ abi: millionairesAbi, eventName: 'Opened', logs })
  if (!opened) throw new Error('The club was not opened.')
  return { address, id: opened.args.club, round: 1n }
}

/** Stores each member's fortune, sealed by the network's key of now. */
export async function storeFortunes(network: TestNetwork, club: Club, fortunes: readonly bigint[]): Promise<void> {
  for (const [i, name] of MEMBERS.entries()) await storeFortune(network, club, name, fortunes[i] ?? 0n)
}

export async function storeFortune(network: TestNetwork, club: Club, name: string, value: bigint): Promise<void> {
  const { address, id, round } = club
  const client = network.client(name)
  const contract = { address, abi: millionairesAbi } as const
  const label = await client.readContract({ ...contract, functionName: 'roundLabel', args: [id, round] })
  const enigma = network.enigma(name)
  const sealed = await enigma.seal({ contract: address, label, value, abiType: 'uint256', requestKey: true })
  const { publicKey } = await enigma.replyKeyPair()
  const args = [id, round, sealed, publicKey] as const
  const hash = await client.writeContract({ ...contract, functionName: 'enter', args, chain: null })
  await client.waitForTransactionReceipt({ hash })
}

/** Has them compared by one task: who is the richest, and of how many. */
export async function compare(network: TestNetwork, { address, id }: Club, name: string = MEMBERS[0]) {
  const contract = { address, abi: millionairesAbi } as const
  const { entriesHash } = await network.client(name).readContract({ ...contract, functionName: 'clubOf', args: [id] })
  const call = { ...contract, functionName: 'compare', args: [id, entriesHash] } as const
  const { richest, counted } = await network.enigma(name).call(call)
  return { richest: richest.toLowerCase(), counted }
}
