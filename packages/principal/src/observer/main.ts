/**
 * An observer as a process.
 */
import { helpText, readConfig, runDaemon } from '@enigma/process'
import { observerTable } from './config.ts'
import { startObserver } from './daemon.ts'

const argv = process.argv.slice(2)
if (argv.includes('--help')) {
  process.stdout.write(`${helpText('An observer of the Enigma network.', observerTable)}\n`)
} else {
  await runDaemon(async () => {
    const { url, observer, stop } = await startObserver(readConfig(observerTable, { argv, env: process.env }))
    return { ready: { url, observer }, stop }
  })
}
