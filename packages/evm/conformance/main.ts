/** `npm run evm:test -- PATH…`: official tests from files and folders through Core's EVM. */
import { parseArgs } from 'node:util'
import { createMachineEngine } from '../src/testing/machine-engine.ts'
import { createOracle } from '../src/testing/oracle.ts'
import { filesUnder } from './fixtures.ts'
import { type Progress, runFiles, summary, type Tally } from './tally.ts'
import { FixtureError } from './values.ts'

const HELP = `npm run evm:test -- [--oracle] PATH…

Runs official Ethereum tests, from files and folders, through Core's EVM: state tests of ethereum/tests and
execution-spec-tests (posts of Cancun, Prague and Osaka), legacy VM tests, and precompile vectors of EIPs.
  --oracle   through @ethereumjs/evm instead`

const PROGRESS_MS = 2_000
const MOST_FAILURES_SHOWN = 100

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = { oracle: { type: 'boolean' }, help: { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (values.help || positionals.length === 0) {
      console.log(HELP)
      return values.help ? 0 : 2
    }
    const engine = values.oracle ? createOracle() : await createMachineEngine()
    const files = filesUnder(positionals)
    if (files.length === 0) throw new FixtureError(`No JSON files in ${positionals.join(', ')}`)
    const tally = await runFiles(files, engine, reporter())
    print(tally)
    return tally.failures.length > 0 ? 1 : 0
  } catch (error) {
    const isOurs = error instanceof FixtureError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
    if (!isOurs) throw error
    console.error(`${(error as Error).message}.`)
    return 2
  }
}

function reporter(): (progress: Progress) => void {
  let next = performance.now() + PROGRESS_MS
  return ({ done, failed, file }) => {
    if (performance.now() < next) return
    next = performance.now() + PROGRESS_MS
    console.log(`… ${done} cases, ${failed} failed, at ${file}`)
  }
}

function print(tally: Tally): void {
  const { failures, skips } = tally
  for (const { name, why } of failures.slice(0, MOST_FAILURES_SHOWN)) console.log(`FAILED ${name}: ${why}`)
  if (failures.length > MOST_FAILURES_SHOWN) console.log(`… and ${failures.length - MOST_FAILURES_SHOWN} more failed`)
  for (const [why, count] of skips) console.log(`skipped ${count}: ${why}`)
  console.log(summary(tally))
}
