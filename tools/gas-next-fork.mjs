// `npm run gas:next-fork`: gas by the rules of Ethereum's next hard fork, on a node that is installed here when it is first asked for.
import { install, NEXT_FORK } from './install.mjs'
import { run } from './steps.mjs'

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    `The node for the next fork comes from npm for Linux x64 only; this is ${process.platform}-${process.arch}.`,
  )
  process.exit(1)
}
install(NEXT_FORK, 'a few seconds')
process.exit(run([process.execPath, 'tools/gas-snapshot.ts', '--next-fork', ...process.argv.slice(2)]).ok ? 0 : 1)
