/**
 * The Attestation service as a process: the only file of this package that knows argv, the environment and exit codes.
 */
import { helpText, runDaemon } from '@enigma/process'
import { attestationTable, readAttestationConfig } from './config.ts'
import { startAttestationService } from './service.ts'

const argv = process.argv.slice(2)
if (argv.includes('--help')) {
  process.stdout.write(`${helpText('The Attestation service of the Enigma network.', attestationTable)}\n`)
} else {
  await runDaemon(async () => {
    const { url, finished, stop } = await startAttestationService(readAttestationConfig({ argv, env: process.env }))
    return { ready: { url }, finished, stop }
  })
}
