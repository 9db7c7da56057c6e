/**
 * The drand relay as a process.
 */
import { helpText, readConfig, runDaemon } from '@enigma/process'
import { drandRelayTable } from './config.ts'
import { startDrandRelay } from './daemon.ts'

const argv = process.argv.slice(2)
if (argv.includes('--help')) {
  process.stdout.write(`${helpText('Posts drand’s rounds as the seeds of an Enigma network.', drandRelayTable)}\n`)
} else {
  await runDaemon(async () => {
    const config = readConfig(drandRelayTable, { argv, env: process.env })
    const { url, finished, stop } = await startDrandRelay(config)
    return { ready: { url }, finished, stop }
  })
}
