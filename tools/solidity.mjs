// What the compiler alone can tell of the contracts: that it warns of nothing, that the lint of Forge finds nothing, that the
// documentation is complete, and that both halves of Enigma keep their state in the same places, which are the committed
// ones. `node tools/solidity.mjs --write` commits new ones.
import fs from 'node:fs'
import solc from 'solc'
import { docFaults } from './solidity-docs.ts'
import { layoutDifferences, layoutOf } from './solidity-layout.ts'
import { run, tools } from './steps.mjs'

const SNAPSHOT = 'contracts/snapshots/storage.json'
const OWN = 'contracts/src/'
/** Those that share storage by DELEGATECALL. */
const HALVES = ['Enigma', 'EnigmaSeats']
/** Of the warnings that foundry.toml lets pass, with the reason there. */
const IGNORED = new Set(['2519'])
/** The lint leaves contracts without code behind: never where tests look for them. */
const LINT = { FOUNDRY_OUT: 'contracts/out/lint', FOUNDRY_CACHE_PATH: 'contracts/out/lint-cache' }
const OUTPUTS = { '*': { '': ['ast'], '*': ['storageLayout', 'transientStorageLayout'] } }

/** Returns whether the contracts are in order; prints what is not. */
export function checkSolidity() {
  const sources = readSources()
  const answer = analyse(sources)
  const faults = [...warningsOf(answer), ...docsOf(answer, sources), ...layoutFaults(layoutsOf(answer))]
  for (const fault of faults) console.error(fault)
  const isLinted = run([...tools.forge, 'lint', 'contracts/src', 'examples', '--deny', 'notes'], { env: LINT }).ok
  console.log(`${sources.size} files, ${faults.length} faults`)
  return faults.length === 0 && isLinted
}

function readSources() {
  const files = [...fs.globSync('contracts/src/**/*.sol'), ...fs.globSync('examples/*/*.sol')].sort()
  return new Map(files.map((file) => [file, fs.readFileSync(file, 'utf8')]))
}

/** Analysis without code: seconds instead of a minute. */
function analyse(sources) {
  const contents = [...sources].map(([file, content]) => [file, { content }])
  const settings = {
    remappings: ['@enigma/contracts/=contracts/'],
    evmVersion: 'osaka',
    outputSelection: OUTPUTS,
  }
  return JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources: Object.fromEntries(contents), settings })),
  )
}

function warningsOf({ errors = [] }) {
  return errors
    .filter(({ errorCode }) => !IGNORED.has(errorCode))
    .map(({ formattedMessage }) => formattedMessage.trimEnd())
}

function docsOf({ sources }, texts) {
  const own = [...texts].filter(([file]) => file.startsWith(OWN))
  return own.flatMap(([file, text]) =>
    docFaults(sources[file].ast).map(({ at, what }) => `${file}:${lineAt(text, at)}: ${what}`),
  )
}

/** The compiler counts bytes. */
function lineAt(text, at) {
  return Buffer.from(text).subarray(0, at).toString().split('\n').length
}

function layoutsOf({ contracts }) {
  return HALVES.map((name) => layoutOf(contracts[`${OWN}${name}.sol`][name]))
}

function layoutFaults([first, second]) {
  const committed = JSON.parse(fs.readFileSync(SNAPSHOT, 'utf8'))
  return [
    ...layoutDifferences(second, first).map(
      (each) => `${HALVES[1]} keeps its state otherwise than ${HALVES[0]}: ${each}`,
    ),
    ...layoutDifferences(first, committed).map((each) => `${SNAPSHOT} is not ${HALVES[0]}'s storage: ${each}`),
  ]
}

if (import.meta.main) {
  if (process.argv.includes('--write')) {
    const [layout] = layoutsOf(analyse(readSources()))
    fs.writeFileSync(SNAPSHOT, `${JSON.stringify(layout, undefined, 2)}\n`)
  }
  process.exitCode = checkSolidity() ? 0 : 1
}
