/** The steps of a round: open the club, store the fortunes sealed, compare them by one task, read the answer. */
import { openPrivateResult, type ProgressEvent, type VerifiedWorker } from '@enigma/client'
import { EnigmaError, type Hex } from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import { leadOf, millionairesAbi } from '../examples.ts'
import type { NetworkFile } from '../network-file.ts'
import type { Mined, Person } from './person.ts'

export type Club = { contract: Hex; id: bigint; round: bigint; label: Hex }
/** One member's sealed fortune on chain, and how long that took from its value to the block. */
export type Stored = { person: Person; bytes: number; block: bigint; gas: bigint; ms: number }
/** What the chain was told, with everything that was heard on the way. */
export type Compared = {
  asker: Person
  richest: Hex
  counted: number
  workers: readonly VerifiedWorker[]
  events: readonly ProgressEvent[]
}

/** Opens a club of these people, and has an enclave publish the contract's key, which everyone seals to. */
export async function openClub(contract: Hex, people: readonly Person[], signal: AbortSignal): Promise<Club> {
  const [first] = people
  if (!first) throw new NobodyError()
  const { client, enigma, mined } = first
  const millionaires = { address: contract, abi: millionairesAbi } as const
  await enigma.requestContractKey({ contract, signal })
  const args = [people.map(({ address }) => address)] as const
  const { logs } = await mined(await client.writeContract({ ...millionaires, functionName: 'open', args, chain: null }))
  const [opened] = parseEventLogs({ abi: millionairesAbi, eventName: 'Opened', logs })
  if (!opened) throw new NotHeardError('Opened')
  const { club: id } = opened.args
  const round = 1n
  const label = await client.readContract({ ...millionaires, functionName: 'roundLabel', args: [id, round] })
  return { contract, id, round, label }
}

/** Stores a fortune by a plain transaction. It leaves this process only sealed. */
export async function enterClub(
  person: Person,
  { contract, id, round, label }: Club,
  signal: AbortSignal,
): Promise<Stored> {
  const began = performance.now()
  const { client, enigma, fortune, mined } = person
  const sealed = await enigma.seal({ contract, label, value: fortune, abiType: 'uint256', signal })
  const { publicKey } = await enigma.replyKeyPair()
  const args = [id, round, sealed, publicKey] as const
  const hash = await client.writeContract({
    address: contract,
    abi: millionairesAbi,
    functionName: 'enter',
    args,
    chain: null,
  })
  const { block, gas }: Mined = await mined(hash)
  return { person, bytes: sealed.length / 2 - 1, block, gas, ms: Math.round(performance.now() - began) }
}

/** Has all fortunes compared, as the member `asker`. */
export async function compareFortunes(
  asker: Person,
  { contract, id }: Club,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<Compared> {
  const millionaires = { address: contract, abi: millionairesAbi } as const
  const { entriesHash } = await asker.client.readContract({ ...millionaires, functionName: 'clubOf', args: [id] })
  const events: ProgressEvent[] = []
  const workers: VerifiedWorker[] = []
  const { richest, counted } = await asker.enigma.call({
    ...millionaires,
    functionName: 'compare',
    args: [id, entriesHash],
    signal,
    onProgress: (event) => {
      events.push(event)
      if (event.type === 'verified') workers.push(event.worker)
      onProgress(event)
    },
  })
  return { asker, richest: richest.toLowerCase() as Hex, counted: Number(counted), workers, events }
}

/** The answer, in words, if it was sealed to this member; undefined for everyone else. */
export async function readLead(
  person: Person,
  { contract, id }: Club,
  network: NetworkFile,
): Promise<string | undefined> {
  const [announced] = await person.client.getContractEvents({
    address: contract,
    abi: millionairesAbi,
    eventName: 'Compared',
    args: { club: id },
    fromBlock: 'earliest',
    strict: true,
  })
  if (!announced) throw new NotHeardError('Compared')
  const { taskId, sealedLead } = announced.args
  try {
    const keyPair = await person.enigma.replyKeyPair()
    const lead = await openPrivateResult({
      reply: sealedLead,
      keyPair,
      taskId,
      dApp: contract,
      networkHash: network.networkHash,
      abiType: 'uint8',
    })
    return leadOf(Number(lead))
  } catch (error) {
    if (error instanceof EnigmaError) return undefined
    throw error
  }
}

/** Thrown when the club's contract did not announce what it must. */
export class NotHeardError extends EnigmaError {
  override readonly name = 'Demo.NotHeardError'
  readonly code = 'NOT_HEARD'
  constructor(event: string) {
    super(`The club's contract announced no ${event}.`)
  }
}

class NobodyError extends EnigmaError {
  override readonly name = 'Demo.NobodyError'
  readonly code = 'NOBODY'
  constructor() {
    super('A club needs members.')
  }
}
