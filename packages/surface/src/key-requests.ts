/** Who waits for the secrets, which keys are asked for, and what was granted: found in the registry's events of late. */
import type { Block } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import type { ContractKeyOf, KeyRegistry, RegistryEvent } from './key-registry.ts'

type Granted = Extract<RegistryEvent, { name: 'KeyGranted' }>
type Joining = Extract<RegistryEvent, { name: 'JoinRequested' }>

/** At the start; whoever asked earlier asks again. */
const FIRST_BLOCKS = 512n
/** Looked at anew each time, since a reorganisation may have exchanged them. */
const AGAIN_BLOCKS = 16n
/** Nobody needs so many at once: the oldest make room. */
const MOST = 1_024

export function createRequests(registry: Pick<KeyRegistry, 'events' | 'joinKeys' | 'arePublished'>) {
  const joins = new Map<number, Joining>()
  const keys = new Map<string, ContractKeyOf>()
  const grants = new Map<Hex, Granted>()
  let next: bigint | undefined

  function take(event: RegistryEvent): void {
    if (event.name === 'JoinRequested') put(joins, event.seat, event)
    if (event.name === 'KeyGranted') put(grants, event.joinKey, event)
    if (event.name === 'KeyRequested') {
      const { dApp, codeHash, generation } = event
      put(keys, `${dApp}${codeHash}${generation}`, { dApp, codeHash, generation })
    }
  }

  return {
    async look({ number }: Block): Promise<void> {
      const begin = (next ?? number - FIRST_BLOCKS) - AGAIN_BLOCKS
      for (const event of await registry.events(begin < 0n ? 0n : begin, number)) take(event)
      next = number
    },
    /** Seats that wait now, but for one's own. */
    async waiting(own: number): Promise<Joining[]> {
      const others = [...joins.values()].filter(({ seat }) => seat !== own)
      const waited = await registry.joinKeys(others.map(({ seat }) => seat))
      for (const [i, { seat }] of others.entries()) if (waited[i] === undefined) joins.delete(seat)
      return others.filter(({ joinKey }, i) => waited[i] === joinKey)
    },
    async unpublished(): Promise<ContractKeyOf[]> {
      const asked = [...keys]
      const published = await registry.arePublished(asked.map(([, key]) => key))
      for (const [i, [id]] of asked.entries()) if (published[i]) keys.delete(id)
      return [...keys.values()]
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
