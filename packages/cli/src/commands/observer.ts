/** `enigma observer`: signs the headers of a chain for as long as the command runs. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { observerTable, startObserver } from '@enigma/principal'
import { createLogger, environmentOf, readConfig } from '@enigma/process'
import type { Values } from '../arguments.ts'
import type { Context, Run } from '../command.ts'
import { prefixedLog } from '../localnet/log.ts'
import { homeOf, readNetworkFile } from '../network-file.ts'
import { aborted } from '../signal.ts'
import { OBSERVER } from './options.ts'

export const observer: Run<typeof OBSERVER> = async (values, _positionals, context) => {
  const { output, signal } = context
  const config = await readOptions(values, context)
  const lines = prefixedLog(output)
  const log = createLogger('observer', { write: (line) => lines('observer', line) })
  const running = await startObserver(config, { log })
  try {
    output.say(
      `Observer ${running.observer} signs what is ${config.depth} blocks deep, at ${running.url}; Ctrl-C ends it.`,
    )
    output.say('It counts for networks whose contract names this address.')
    output.answer({ observer: running.observer, url: running.url, depth: config.depth })
    await aborted(signal)
    return 0
  } finally {
    await running.stop()
  }
}

/** By the observer's own table. What is not given is the local network's, where this folder has one. */
async function readOptions(values: Values<typeof OBSERVER>, { cwd, env }: Context) {
  const network = await readNetworkFile(homeOf(cwd))
  const local = network && { rpcUrl: network.rpcUrl, chainId: network.chainId, depth: network.depth }
  const defaults = Object.entries(local ?? {}).map(([key, value]) => [environmentOf(key), String(value)])
  const config = readConfig(observerTable, {
    argv: NAMES.flatMap((name) => (values[name] ? [`--${name}`, String(values[name])] : [])),
    env: { ...Object.fromEntries(defaults), ...env },
    readFile: (file) => readFileSync(path.resolve(cwd, file), 'utf8'),
  })
  return { ...config, dataDir: path.resolve(cwd, config.dataDir) }
}

const NAMES = Object.keys(OBSERVER) as (keyof typeof OBSERVER)[]
