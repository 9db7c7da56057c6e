/**
 * `npm run bench -- NAME [--json]`: measures, shows a table, keeps the result under bench/results/ and, with --json, ends
 * with one JSON object on one line. Figures are medians; nothing here is asserted, a figure that falls short is shown as it is.
 */
import fs from 'node:fs'
import os from 'node:os'
import { measureAttestation } from './attestation.ts'
import { measureEvm } from './evm.ts'
import { type Figure, meets } from './figure.ts'
import { compareGas } from './gas.ts'
import { measureKeys } from './keys.ts'
import { measureNetwork } from './network.ts'

const BENCHES: Record<string, (progress: (line: string) => void) => Promise<Figure[]>> = {
  attestation: measureAttestation,
  evm: measureEvm,
  gas: compareGas,
  keys: measureKeys,
  network: measureNetwork,
}

const [name = '', ...flags] = process.argv.slice(2)
const bench = BENCHES[name]
if (!bench || flags.some((flag) => flag !== '--json')) {
  console.error(`Usage: npm run bench -- NAME [--json]. Benches: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}

const figures = await bench((line) => console.error(line))
let shownSource: string | undefined
for (const figure of figures) {
  const { value, unit, target, better, nextFork, bound, source } = figure
  const mark = target === null ? '' : meets(figure) ? 'ok' : 'short'
  console.log(
    `${figure.name.padEnd(48)} ${String(value).padStart(10)} ${unit.padEnd(8)} target ${better === 'lower' ? '≤' : '≥'} ${target ?? '–'}  ${mark}${nextFork === undefined ? '' : `  next fork ${nextFork}`}`,
  )
  if (bound) console.log(`    ${bound}`)
  if (source && source !== shownSource) console.log(`    ${source}`)
  shownSource = source
}
const result = {
  bench: name,
  figures,
  machine: { cpu: os.cpus()[0]?.model ?? 'unknown', cores: os.cpus().length, node: process.version },
  measuredAt: new Date().toISOString(),
}
fs.mkdirSync('bench/results', { recursive: true })
fs.writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(result, null, 2)}\n`)
if (flags.includes('--json')) console.log(JSON.stringify(result))
