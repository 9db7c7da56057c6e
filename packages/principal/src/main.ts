/**
 * The Principal as a process: the only file of this package that knows argv, the environment and exit codes.
 */
import { helpText, readConfig, runDaemon } from '@enigma/process'
import { principalTable } from './config.ts'
import { startPrincipal } from './principal.ts'

const argv = process.argv.slice(2)
if (argv.includes('--help')) {
  process.stdout.write(`${helpText('The Principal of the Enigma network.', principalTable)}\n`)
} else {
  await runDaemon(async () => {
    const principal = await startPrincipal(readConfig(principalTable, { argv, env: process.env }))
    const { url, beaconKey, measurement, networkHash } = principal
    return { ready: { url, beaconKey, measurement, networkHash }, finished: principal.finished, stop: principal.stop }
  })
}
