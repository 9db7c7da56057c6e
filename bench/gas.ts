/** Gas of the release bytecode, measured anew; exact, so the snapshot in the repository is the same. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Figure } from './figure.ts'

const ROOT = path.resolve(import.meta.dirname, '..')

export type GasOf = (name: string) => number

/** Measures all of it, and tells each by its name in contracts/snapshots/gas.json. */
export async function measureGas(progress: (line: string) => void): Promise<GasOf> {
  progress('measuring gas …')
  // Its exit code tells whether a figure is over its limit; here it is shown as it is.
  spawnSync(process.execPath, ['tools/gas-snapshot.ts'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const text = await readFile(path.join(ROOT, 'contracts/snapshots/gas.json'), 'utf8')
  const gas = JSON.parse(text) as Record<string, number>
  return (name) => {
    const found = gas[name]
    if (found === undefined) throw new RangeError(`the gas snapshot has no "${name}"`)
    return found
  }
}

/** What a task costs. */
export function taskGasFigures(of: GasOf): Figure[] {
  const noop = of('settle, callback does nothing')
  const rank1 = of('settle, callback does nothing, rank 1')
  const backup = Math.max(rank1 - noop, of('settle, callback does nothing, rank 2') - rank1)
  return [
    {
      ...figure('requestTask, recycled slot', of('requestTask, recycled slot'), 42_000),
      bound:
        'About 39,300 are the transaction, four cold loads (slot, lanes, epoch, seat), EXTCODEHASH, one store and the event; checking the lane and that rank 0 exists takes three of the loads.',
    },
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
