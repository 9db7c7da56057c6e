/** A network's change of observers, as its contract tells of it. */
import type { Hex } from '@enigma/protocol'
import type { OpenNetwork } from './network.ts'

export type AnnouncedObservers = {
  networkHash: Hex
  /** The first epoch with them. */
  switchEpoch: number
  observers: readonly Hex[]
  threshold: number
  depth: number
  serial: number
}

/** How often they were changed, and which are announced; null where none are. */
export async function readObservers({
  client,
  enigma,
  file,
}: OpenNetwork): Promise<{ serial: number; announced: AnnouncedObservers | null }> {
  const [serial, [networkHash, switchEpoch]] = await Promise.all([
    enigma.read.serial(),
    enigma.read.announcedObservers(),
  ])
  if (BigInt(networkHash) === 0n) return { serial: Number(serial), announced: null }
  const events = await client.getContractEvents({
    address: enigma.address,
    abi: enigma.abi,
    eventName: 'ObserversAnnounced',
    args: { networkHash },
    fromBlock: BigInt(file.genesisBlock),
    strict: true,
  })
  const { observers = [], threshold = 0n, depth = 0n } = events.at(-1)?.args ?? {}
  const facts = { observers, threshold: Number(threshold), depth: Number(depth) }
  return {
    serial: Number(serial),
    announced: { networkHash, switchEpoch: Number(switchEpoch), serial: Number(serial) + 1, ...facts },
  }
}

/** What an operator has to know of it, in lines. */
export function describeAnnounced(announced: AnnouncedObservers | null): string[] {
  if (!announced) return []
  const { observers, threshold, depth, switchEpoch, serial } = announced
  return [
    `from epoch ${switchEpoch} on ${threshold} of ${observers.join(', ')}`,
    `their workers run with --threshold ${threshold} --depth ${depth} --serial ${serial}`,
  ]
}
