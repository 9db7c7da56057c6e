// Entry of every npm script: runs on any Node >= 20, installs what is missing, then goes on with the pinned Node.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, pinnedNode } from './install.mjs'

const SCRIPTS = {
  start: ['packages/cli/src/main.ts', 'demo'],
  test: ['tools/test.mjs'],
  check: ['tools/check.mjs'],
  bench: ['bench/main.ts'],
  fuzz: ['tools/fuzz.mjs'],
  'gas:next-fork': ['tools/gas-next-fork.mjs'],
  'evm:test': ['packages/evm/conformance/main.ts'],
  'fuzz:evm': ['packages/evm/conformance/fuzz/main.ts'],
  mutants: ['tools/mutants.ts'],
  tcb: ['tools/tcb.ts'],
  'build:evm': ['tools/build-evm.ts'],
  'bundle:core': ['tools/bundle-core.ts'],
  'build:contracts': ['tools/build-contracts.ts'],
  format: ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', '.'],
}

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'))
const [name = '', ...rest] = process.argv.slice(2)
const script = SCRIPTS[name]
if (!script) {
  console.error(`Unknown script "${name}". Known: ${Object.keys(SCRIPTS).join(', ')}.`)
  process.exit(2)
}

install()
const PATH = path.resolve('node_modules/.bin') + path.delimiter + process.env.PATH
const child = spawn(pinnedNode(), ['--disable-warning=ExperimentalWarning', ...script, ...rest], {
  // Through the channel the child learns of our end, even by SIGKILL, which no handler here would see.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, PATH },
})
// A terminal sends Ctrl-C to the whole group; whoever signals only this process means the child too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
