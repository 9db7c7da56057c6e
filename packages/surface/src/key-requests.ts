/** Who waits for the secrets, which keys are asked for, and what was granted: found in the registry's events of late. */
import type { Block } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import type { ContractKeyOf, KeyRegistry, RegistryEvent } from './key-registry.ts'

export type Granted = Extract<RegistryEvent, { name: 'KeyGranted' }>
export type Joining = Extract<RegistryEvent, { name: 'JoinRequested' }>
type KeyAsked = Extract<RegistryEvent, { name: 'KeyRequested' }>
export type Requests = ReturnType<typeof createRequests>

/** At the start; whoever asked earlier asks again. */
const FIRST_BLOCKS = 512n
/** Looked at anew each time, since a reorganisation may have exchanged them. */
const AGAIN_BLOCKS = 16n
/** Nobody needs so many at once: the oldest make room. */
const MOST = 1_024
/** Keys that are looked at at once; the oldest first. */
const MOST_KEYS = 32

export function createRequests(registry: Pick<KeyRegistry, 'events' | 'at'>) {
  const joins = new Map<string, Joining>()
  const keys = new Map<string, KeyAsked>()
  const grants = new Map<Hex, Granted>()
  let next: bigint | undefined

  function take(event: RegistryEvent): void {
    if (event.name === 'JoinRequested') put(joins, `${event.seat}`, event)
    if (event.name === 'KeyGranted') put(grants, event.joinKey, event)
    if (event.name === 'KeyRequested') put(keys, `${event.dApp}${event.codeHash}${event.generation}`, event)
  }

  return {
    async look({ number }: Block): Promise<void> {
      const first = number - FIRST_BLOCKS
      // A head may go back, too.
      const known = next === undefined || next < first ? first : next < number ? next : number
      const begin = known === first ? first : known - AGAIN_BLOCKS
      const events = await registry.events(begin < 0n ? 0n : begin, number)
      for (const map of [joins, keys, grants] as Map<unknown, RegistryEvent>[]) {
        for (const [key, { block }] of map) if (block >= begin) map.delete(key)
      }
      for (const event of events) take(event)
      next = number
    },
    /** Seats that wait at this block. A served one stays known: a reorganisation may have it wait again. */
    async waiting({ number }: Block): Promise<Joining[]> {
      for (const [id, { block }] of joins) if (block < number - FIRST_BLOCKS) joins.delete(id)
      const asked = [...joins.values()]
      const waited = await registry.at(number).joinKeys(asked.map(({ seat }) => seat))
      return asked.filter(({ joinKey }, i) => waited[i] === joinKey)
    },
    /** Keys of these generations that were asked for and are not published at this block. */
    async unpublished({ number }: Block, generations: readonly number[]): Promise<ContractKeyOf[]> {
      const asked = [...keys].filter(([, { generation }]) => generations.includes(generation)).slice(0, MOST_KEYS)
      const published = await registry.at(number).arePublished(asked.map(([, key]) => key))
      for (const [i, [id]] of asked.entries()) if (published[i]) keys.delete(id)
      return asked
        .filter((_, i) => !published[i])
        .map(([, { dApp, codeHash, generation }]) => ({ dApp, codeHash, generation }))
    },
    grantOf(seat: number, joinKey: Hex): Granted | undefined {
      const grant = grants.get(joinKey)
      return grant?.seat === seat ? grant : undefined
    },
  }
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST && oldest !== undefined) map.delete(oldest)
}
