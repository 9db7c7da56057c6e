// `npm run check`: everything that reads the code without running it.
import { checkClaims } from './claims.mjs'
import { checkImports } from './imports.mjs'
import { checkSolidity } from './solidity.mjs'
import { run, runSteps, tools } from './steps.mjs'

export const checks = {
  'format and lint': () => run([...tools.biome, 'check', '.']).ok,
  types: () => run([...tools.tsc, '--noEmit', '-p', '.']).ok,
  'import directions': checkImports,
  contracts: checkSolidity,
  'security claims': checkClaims,
  'dead code': () => run([...tools.knip]).ok,
}

if (import.meta.main) {
  const failed = runSteps(checks)
  if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`)
  process.exit(failed.length > 0 ? 1 : 0)
}
