/** Gas of the release bytecode, measured anew; exact, so the snapshot in the repository is the same. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import type { Figure } from './figure.ts'
import { ORIGINAL_LIFE_GAS, publishedFigures } from './published.ts'

const ROOT = path.resolve(import.meta.dirname, '..')

export type Gas = Record<string, number>
export type GasOf = (name: string) => number

/** What is demanded of our calls, by their names in the snapshot. */
const TARGETS: [row: string, gas: number, bound?: string][] = [
  ['requestTask, recycled slot', 42_000],
  ['requestTask, first use of the slot', 60_000],
  ['requestTask, recycled slot, 512 bytes of inputs', 57_000],
  ['requestTasks, 100, per task', 14_000],
  ['settle, callback updates a slot', 58_000],
  ['settle, callback does nothing', 53_000],
  ['settleBatch, 10, per task', 20_000],
  ['settleBatch, 100, per task', 17_000],
  ['cancel', 33_000],
  ['slash', 58_000],
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
  return gasFigures(gas)
}

/** The rows that a target is set for and that nobody measures. */
export function notMeasured(gas: Gas): string[] {
  return TARGETS.map(([row]) => row).filter((row) => gas[row] === undefined)
}

export function gasFigures(gas: Gas): Figure[] {
  const ours = TARGETS.flatMap(([row, target, bound]) => {
    const value = gas[row]
    return value === undefined ? [] : [{ ...figure(row, value, target), ...(bound ? { bound } : {}) }]
  })
  return [...ours, ...lifeFigures(gas), ...publishedFigures()]
}

function lifeFigures(gas: Gas): Figure[] {
  const request = gas['requestTask, recycled slot']
  const settle = gas['settle, callback updates a slot']
  if (request === undefined || settle === undefined) return []
  const times = Math.round((ORIGINAL_LIFE_GAS / (request + settle)) * 100) / 100
  const name = 'a task’s whole life, original v0.3.0 ÷ ours'
  const bound = `${ORIGINAL_LIFE_GAS} gas there with 11 workers, and it grows with them; ${request + settle} here, however many.`
  return [{ name, value: times, unit: '×', target: null, better: 'higher', bound }]
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
