/**
 * A worker as a process: the only file of this package that knows argv, the environment and exit codes.
 */
import { helpText, readConfig, runDaemon } from '@enigma/process'
import { surfaceTable } from './config.ts'
import { startSurface } from './surface.ts'

const argv = process.argv.slice(2)
if (argv.includes('--help')) {
  process.stdout.write(`${helpText('A worker of the Enigma network.', surfaceTable)}\n`)
} else {
  await runDaemon(async () => {
    const surface = await startSurface(readConfig(surfaceTable, { argv, env: process.env }))
    return { ready: { operator: surface.operator }, finished: surface.finished, stop: surface.stop }
  })
}
