/** The simulated PCS as a process of its own, for local networks. */
import { helpText, options, readConfig, runDaemon, type Table } from '@enigma/process'
import { startSimulatedPcs } from './simulated-pcs.ts'

const table = {
  host: options.text({ sentence: 'Address to listen on.', default: '127.0.0.1' }),
  port: options.count({ sentence: 'Port to listen on; 0 takes a free one.', default: '8083', most: 65_535 }),
} satisfies Table

const argv = process.argv.slice(2)
if (argv.includes('--help')) {
  process.stdout.write(`${helpText('Intel’s PCS, simulated: its collateral protects nothing.', table)}\n`)
} else {
  await runDaemon(async () => {
    const { url, stop } = await startSimulatedPcs(readConfig(table, { argv, env: process.env }))
    return { ready: { url }, stop }
  })
}
