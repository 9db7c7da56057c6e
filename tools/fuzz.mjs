// `npm run fuzz [-- SEED]`: fuzz, invariant and property tests from a new seed each time, the contracts' longer than in `npm test`.
import { randomInt } from 'node:crypto'
import { run, runSteps, tools } from './steps.mjs'

const seed = process.argv[2] ?? `${randomInt(2 ** 31)}`
console.log(`npm run fuzz -- ${seed} repeats this run`)
const failed = runSteps({
  contracts: () => run([...tools.forge, 'test', '--fuzz-seed', seed], { env: { FOUNDRY_PROFILE: 'fuzz' } }).ok,
  packages: () => run([...tools.vitest, 'run', 'packages'], { env: { FAST_CHECK_SEED: seed } }).ok,
})
process.exit(failed.length > 0 ? 1 : 0)
