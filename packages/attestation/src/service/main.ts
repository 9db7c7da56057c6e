/** The process: arguments and environment in, exit codes out. The only file that knows of either. */
import { parseArgs } from 'node:util'
import { ConfigError, describeOptions, flagOf, options, parseConfig, type ServiceConfig, variableOf } from './config.ts'
import { createLog } from './log.ts'
import { startAttestationService } from './service.ts'

const EXIT = { ok: 0, failed: 1, usage: 2 } as const

const now = () => Math.floor(Date.now() / 1000)
const log = createLog((line) => process.stdout.write(line), now)

async function main(): Promise<number> {
  const given = readOptions()
  if (given === 'help') {
    process.stdout.write(`Serves attestation collateral and verifies quotes.\n\nOptions:\n${describeOptions()}\n`)
    return EXIT.ok
  }
  const service = await startAttestationService(given, { now, log, fetch })
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  // Whoever started us over IPC learns where we listen, whatever port that is.
  process.send?.({ type: 'ready', url: service.url, attester: service.attester })
  await stopped
  await service.stop()
  return EXIT.ok
}

/** Flags over environment. Each option has both names, but a secret has no flag. */
function readOptions(): ServiceConfig | 'help' {
  const named = Object.entries(options).map(([name, option]) => ({ name, isSecret: 'isSecret' in option }))
  const flags = named.filter(({ isSecret }) => !isSecret).map(({ name }) => [flagOf(name), { type: 'string' }] as const)
  const { values } = parseFlags(Object.fromEntries(flags))
  if (values.help === true) return 'help'
  return parseConfig(
    Object.fromEntries(
      named.map(({ name }) => [name, values[flagOf(name)]?.toString() ?? process.env[variableOf(name)]]),
    ),
  )
}

function parseFlags(flags: Record<string, { readonly type: 'string' }>): {
  values: Readonly<Record<string, string | boolean | undefined>>
} {
  try {
    return parseArgs({ options: { ...flags, help: { type: 'boolean', short: 'h' } } })
  } catch (error) {
    throw new ConfigError([error instanceof Error ? error.message : 'unreadable arguments'])
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  const isUsage = error instanceof ConfigError
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  if (isUsage) process.stderr.write(`\nOptions:\n${describeOptions()}\n`)
  process.exitCode = isUsage ? EXIT.usage : EXIT.failed
}
// The channel to whoever started us must not keep a stopped process alive.
if (process.connected) process.disconnect()
