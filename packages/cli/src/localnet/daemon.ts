/** A Node process of the network: its main.ts under our own Node, its options in the environment, on the leash. */
import { fileURLToPath } from 'node:url'
import { environmentOf } from '@enigma/process'
import { COMPILE_CACHE } from '../compile-cache.ts'
import type { Supervised } from './supervisor.ts'

export type DaemonSpec = Omit<Supervised, 'command' | 'args' | 'kind' | 'env'> & {
  main: URL
  /** Options by the names of its own table. In the environment, because `ps` shows command lines, and these hold keys. */
  options: Readonly<Record<string, string | number | boolean>>
}

const LEASH = fileURLToPath(new URL('./leash.ts', import.meta.url))

export function daemon({ main, options, ...rest }: DaemonSpec): Supervised {
  // What the user set for a node of his own must not steer the nodes of this network.
  const cleared = Object.keys(process.env).filter((name) => name.startsWith('ENIGMA_'))
  const given = Object.entries(options).map(([key, value]) => [environmentOf(key), String(value)])
  return {
    ...rest,
    kind: 'node',
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', '--import', LEASH, fileURLToPath(main)],
    env: {
      ...Object.fromEntries(cleared.map((name) => [name, undefined])),
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...Object.fromEntries(given),
    },
  }
}

/** A text that a process told of itself when it was ready. */
export function readyText(ready: Readonly<Record<string, unknown>>, key: string): string {
  const value = ready[key]
  if (typeof value !== 'string') throw new TypeError(`a process became ready without telling its ${key}`)
  return value
}
