// `npm test`: the checks, then every test runner, then one total over all of them, alone on its line.
import fs from 'node:fs'
import { checks } from './check.mjs'
import { readForgeReport } from './forge-report.ts'
import { isInstalled, NEXT_FORK } from './install.mjs'
import { run, runSteps, tools } from './steps.mjs'

const total = { passed: 0, failed: 0, skipped: 0 }
/** What failed, a line each: repeated at the end, where a long log is read first. */
const failures = []

function add({ passed, failed, skipped }) {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  return failed === 0
}

/** CI rebuilds the contracts; elsewhere the hash of their source tells whether the committed build is theirs. */
function contractsFresh() {
  return run([process.execPath, 'tools/build-contracts.ts', process.env.CI ? '--check' : '--check-hash']).ok
}

function gasKept() {
  return run([process.execPath, 'tools/gas-snapshot.ts', '--check']).ok
}

/** Where its node is installed; elsewhere a test compares the two files that are kept. */
function gasKeptByTheNextFork() {
  if (isInstalled(NEXT_FORK)) return run([process.execPath, 'tools/gas-snapshot.ts', '--next-fork', '--check']).ok
  console.log('Not measured: `npm run gas:next-fork` installs a node for it.')
  return 'skipped'
}

function forgeTests() {
  const { ok, stdout } = run([...tools.forge, 'test', '--junit'], { capture: true })
  const report = readForgeReport(stdout)
  failures.push(...report.failures.map(({ suite, test, reason }) => `${suite} ${test}: ${reason}`))
  for (const failure of failures) console.log(failure)
  console.log(`${report.counts.passed} passed, ${report.counts.failed} failed`)
  return add(report.counts) && ok
}

function vitestTests() {
  fs.rmSync('out/vitest-counts.json', { force: true })
  const { ok } = run([...tools.vitest, 'run', ...process.argv.slice(2)])
  const counts = JSON.parse(fs.readFileSync('out/vitest-counts.json', 'utf8'))
  failures.push(...counts.failures)
  return add(counts) && ok
}

/** Counts a check as one test, so that a failing check fails the total. */
const counted = (step) => () => {
  const ok = step()
  add({ passed: ok === true ? 1 : 0, failed: ok === false ? 1 : 0, skipped: ok === 'skipped' ? 1 : 0 })
  return ok !== false
}

const steps = Object.fromEntries(
  Object.entries({
    ...checks,
    'contracts are as committed': contractsFresh,
    'gas is as kept': gasKept,
    'gas by the next fork’s rules is as kept': gasKeptByTheNextFork,
  }).map(([name, step]) => [name, counted(step)]),
)
const failed = runSteps({ ...steps, 'forge test': forgeTests, vitest: vitestTests })

if (failed.length > 0) console.error(['', ...failures, `Failed: ${failed.join(', ')}`].join('\n'))
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`\n${total.passed} passed, ${Math.max(total.failed, failed.length > 0 ? 1 : 0)} failed${skipped}`)
process.exit(failed.length > 0 ? 1 : 0)
