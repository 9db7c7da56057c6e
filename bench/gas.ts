/** Gas of the release bytecode, measured anew; exact, so the snapshot in the repository is the same. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { isInstalled, NEXT_FORK } from '../tools/install.mjs'
import type { Figure } from './figure.ts'
import { LIVES, publishedFigures } from './published.ts'

const ROOT = path.resolve(import.meta.dirname, '..')

export type Gas = Record<string, number>
export type GasOf = (name: string) => number

/** What is demanded of our calls, by their names in the snapshot. */
const TARGETS: [row: string, gas: number, bound?: string][] = [
  ['requestTask, recycled slot', 42_000],
  ['requestTask, first use of the slot', 60_000],
  ['requestTask, recycled slot, 512 bytes of inputs', 57_000],
  [
    'requestTasks, 100, per task',
    14_000,
    'By the next fork’s rules each of its about 290 bytes of calldata costs 64 (EIP-7976), whatever the contract does.',
  ],
  ['settle, callback updates a slot', 58_000],
  ['settle, callback does nothing', 53_000],
  ['settleBatch, 10, per task', 20_000],
  ['settleBatch, 100, per task', 17_000],
  ['cancel', 33_000],
  [
    'slash',
    58_000,
    '21,000 are the transaction, 9,000 calldata, 7,000 two signatures, 16,000 five words, 9,000 the payment. By the next fork’s rules its 740 bytes of calldata alone are 47,360 (EIP-7976).',
  ],
  ['postSeed, recycled word', 165_000],
  [
    'takeSeat, reused, without attestation',
    40_000,
    'As the prototype counted it, which was one contract and whose event said less: 21,000 the transaction, 10,000 its two words, 2,100 the roster’s, 3,700 the event, 5,600 reaching the contract’s other half, copying the call’s quote and certificate to it, and finding the function there among fifty.',
  ],
]

/** Measures all of it, and tells each by its name in contracts/snapshots/gas.json. */
export async function measureGas(progress: (line: string) => void): Promise<GasOf> {
  const gas = measureAll(progress)
  return (name) => {
    const found = gas[name]
    if (found === undefined) throw new RangeError(`the gas snapshot has no "${name}"`)
    return found
  }
}

/** Our calls beside their targets and beside others' calls. */
export async function compareGas(progress: (line: string) => void): Promise<Figure[]> {
  const gas = measureAll(progress)
  for (const row of notMeasured(gas)) progress(`NOT MEASURED: "${row}" is not in the gas snapshot`)
  return gasFigures(gas, measureNextFork(progress))
}

/** The rows that a target is set for and that nobody measures. */
export function notMeasured(gas: Gas): string[] {
  return TARGETS.map(([row]) => row).filter((row) => gas[row] === undefined)
}

export function gasFigures(gas: Gas, byNextFork: Gas = {}): Figure[] {
  const ours = TARGETS.flatMap(([row, target, bound]) => {
    const value = gas[row]
    const nextFork = byNextFork[row]
    if (value === undefined) return []
    return [{ ...figure(row, value, target), ...(bound ? { bound } : {}), ...(nextFork ? { nextFork } : {}) }]
  })
  return [...ours, ...lifeFigures(gas), ...publishedFigures()]
}

/** From asking to the callback's end: others' calls over ours, ours with at least as many bytes of inputs. */
function lifeFigures(gas: Gas): Figure[] {
  const settle = gas['settle, callback updates a slot']
  return LIVES.flatMap(({ whose, gas: theirs, ours, bound }): Figure[] => {
    const request = gas[ours]
    if (request === undefined || settle === undefined) return []
    const times = Math.round((theirs / (request + settle)) * 100) / 100
    const name = `a task’s whole life, ${whose} ÷ ours`
    const both = `${theirs} gas there, ${bound}; ${request + settle} here, however many workers.`
    return [{ name, value: times, unit: '×', target: null, better: 'higher', bound: both }]
  })
}

/** Empty, and a line that says so, where no node for it is installed. */
function measureNextFork(progress: (line: string) => void): Gas {
  if (!isInstalled(path.join(ROOT, NEXT_FORK))) {
    progress('NOT MEASURED: the next fork’s rules; `npm run gas:next-fork` installs a node for them')
    return {}
  }
  progress('measuring gas by the next fork’s rules …')
  spawnSync(process.execPath, ['tools/gas-snapshot.ts', '--next-fork'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return JSON.parse(fs.readFileSync(path.join(ROOT, 'contracts/snapshots/gas-next-fork.json'), 'utf8')) as Gas
}

function measureAll(progress: (line: string) => void): Gas {
  progress('measuring gas …')
  // Its exit code tells whether a figure is over its limit; here it is shown as it is.
  const { stdout } = spawnSync(process.execPath, ['tools/gas-snapshot.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (!stdout) throw new Error('tools/gas-snapshot.ts measured nothing; it has said why.')
  return JSON.parse(stdout) as Gas
}

/** What a task costs. */
export function taskGasFigures(of: GasOf): Figure[] {
  const noop = of('settle, callback does nothing')
  const rank1 = of('settle, callback does nothing, rank 1')
  const backup = Math.max(rank1 - noop, of('settle, callback does nothing, rank 2') - rank1)
  return [
    figure('requestTask, recycled slot', of('requestTask, recycled slot'), 42_000),
    figure('requestTask, first use of the slot', of('requestTask, first use of the slot'), 60_000),
    figure('settle, callback updates a slot', of('settle, callback updates a slot'), 58_000),
    figure('one more backup rank, at most', backup, 3_500),
    figure('selection of rank 0 at 100,000 seats', of('selection at 100,000 seats, rank 0'), 5_500),
  ]
}

/** What admission costs, and keeping collateral on chain. */
export function attestationGasFigures(of: GasOf): Figure[] {
  return [
    {
      ...figure('registration, leaf sent along', of('takeSeat, leaf sent along'), 280_000),
      bound: `A new seat of a machine never seen before: four new words 88,000, verifying certificate and quote about 110,000, calldata 31,000, the event that clients verify from 23,000. A seat taken again: ${of('takeSeat, reused')}.`,
    },
    figure('registration, leaf known', of('renewSeat, leaf known'), 120_000),
    figure('recheck that ends a seat', of('recheck, seat ended'), 60_000),
    { ...figure('TCB info', of('setTcbInfo'), 1_100_000), bound: 'A monthly update; 11 levels.' },
    { ...figure('QE identity', of('setQeIdentity'), 220_000), bound: 'A monthly update.' },
    {
      ...figure('revocation list, one serial more', of('setPckCrl, one serial more'), 25_000),
      bound: 'The word that keeps it is 22,100 of them; calldata, hashing and strict reading are the rest.',
    },
  ]
}

function figure(name: string, value: number, target: number): Figure {
  return { name, value, unit: 'gas', target, better: 'lower' }
}
