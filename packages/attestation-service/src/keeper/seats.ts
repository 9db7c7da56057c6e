/**
 * Which kinds of platform hold seats: what the keeper must keep fresh, read from the Enigma contract's events.
 *
 * A seat's platform stands in the PCK certificate that its operator sent as evidence; a renewal by record is of the same
 * machine. Seats are remembered to the latest exit they ever had, and some lives longer: so a reorganisation can only add
 * kinds that nobody needs any more, and a network whose seats have all ended finds what it needs to begin anew.
 */

import { AttestationError, platformOfLeaf } from '@enigma/attestation'
import { enigmaAbi } from '@enigma/contracts'
import { type Database, isLagging, openValues, parseLogs, type Rpc, RpcError, VALUES_SCHEMA } from '@enigma/process'
import { type Address, type Hex, hexToBytes } from '@enigma/protocol'
import { decodeEventLog, decodeFunctionResult, encodeFunctionData, toEventSelector } from 'viem/utils'
import type { SeatKind } from './collect.ts'

export const SEATS_SCHEMA = `${VALUES_SCHEMA};
  CREATE TABLE seat (id TEXT PRIMARY KEY, fmspc TEXT, ca TEXT, exit_epoch INTEGER NOT NULL) STRICT`

/** A node that answers for fewer at a time gets fewer. */
const RANGE_BLOCKS = 2_000n
/** As deep as reorganisations are followed; reading some blocks twice does no harm. */
const AGAIN_BLOCKS = 64n
/** How many of a seat's longest lives its kind is looked after beyond its exit. */
const LIVES_AFTER = 4n

type SeatEvent = { seat: bigint; exitEpoch: bigint; evidence: Hex }

export function openSeats(db: Database, rpc: Rpc, enigma: Address) {
  const values = openValues(db)
  if (values.get<string>('seatsOf') !== enigma) {
    db.exec('DELETE FROM seat')
    values.delete('seatCursor')
    values.set('seatsOf', enigma)
  }
  const topics = enigmaAbi
    .filter((item) => item.type === 'event' && /^Seat(Taken|Renewed)$/.test(item.name))
    .map((item) => toEventSelector(item as Parameters<typeof toEventSelector>[0]))

  async function view(functionName: 'genesisBlock' | 'currentEpoch' | 'parameters'): Promise<unknown> {
    const data = encodeFunctionData({ abi: enigmaAbi, functionName })
    const answer = await rpc.call('eth_call', [{ to: enigma, data }, 'latest'])
    try {
      return decodeFunctionResult({ abi: enigmaAbi, functionName, data: answer as Hex })
    } catch {
      throw new RpcError('RPC_NONSENSE', `The node's answer to ${functionName} cannot be read.`)
    }
  }

  async function readRange(fromBlock: bigint, toBlock: bigint): Promise<SeatEvent[]> {
    const range = { fromBlock: `0x${fromBlock.toString(16)}`, toBlock: `0x${toBlock.toString(16)}` }
    const logs = parseLogs(await rpc.call('eth_getLogs', [{ address: enigma, topics: [topics], ...range }]))
    return logs.map(({ topics: found, data }) => {
      try {
        const { args } = decodeEventLog({ abi: enigmaAbi, topics: found as [Hex], data })
        return args as unknown as SeatEvent
      } catch {
        throw new RpcError('RPC_NONSENSE', 'The node answered an event that cannot be read.')
      }
    })
  }

  function note({ seat, exitEpoch, evidence }: SeatEvent): void {
    // A platform's record is no certificate, and tells nothing new.
    const kind = readKind(hexToBytes(evidence))
    db.prepare(
      `INSERT INTO seat VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
       fmspc = coalesce(excluded.fmspc, fmspc), ca = coalesce(excluded.ca, ca), exit_epoch = max(exit_epoch, excluded.exit_epoch)`,
    ).run(`${seat}`, kind?.fmspc ?? null, kind?.ca ?? null, exitEpoch)
  }

  return {
    /** Reads on, up to `head`. */
    async follow(head: bigint): Promise<void> {
      const known = values.get<string>('seatCursor')
      const start = known === undefined ? ((await view('genesisBlock')) as bigint) : BigInt(known) - AGAIN_BLOCKS
      let from = start < 0n ? 0n : start
      let size = RANGE_BLOCKS
      while (from <= head) {
        const to = from + size - 1n < head ? from + size - 1n : head
        try {
          for (const event of await readRange(from, to)) note(event)
        } catch (error) {
          const isTooMuch = error instanceof RpcError && error.code === 'RPC_REFUSED' && !isLagging(error)
          if (!isTooMuch || size === 1n) throw error
          size /= 2n
          continue
        }
        values.set('seatCursor', `${to}`)
        from = to + 1n
      }
    },
    /** Without repetition. */
    async kinds(): Promise<SeatKind[]> {
      const { lifeEpochs } = (await view('parameters')) as { lifeEpochs: number }
      const epoch = (await view('currentEpoch')) as bigint
      const rows = db
        .prepare('SELECT DISTINCT fmspc, ca FROM seat WHERE exit_epoch > ? AND fmspc IS NOT NULL')
        .all(epoch - LIVES_AFTER * BigInt(lifeEpochs))
      return rows.map((row) => ({ ...row }) as SeatKind)
    },
  }
}

/** Undefined where the evidence is no certificate but a record, or anything else. */
function readKind(evidence: Uint8Array) {
  try {
    return platformOfLeaf(evidence)
  } catch (error) {
    if (error instanceof AttestationError) return undefined
    throw error
  }
}
