/** Whole-transaction gas of the release bytecode, measured anew; exact, so the snapshot in the repository is the same. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Figure } from './figure.ts'

const ROOT = path.resolve(import.meta.dirname, '..')

export async function measureGasFigures(progress: (line: string) => void): Promise<Figure[]> {
  progress('measuring gas …')
  // Its exit code tells whether a figure is over its limit; here it is shown as it is.
  spawnSync(process.execPath, ['tools/gas-snapshot.ts'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const gas = JSON.parse(await readFile(path.join(ROOT, 'contracts/snapshots/gas.json'), 'utf8')) as Record<
    string,
    number
  >
  const of = (name: string): number => {
    const found = gas[name]
    if (found === undefined) throw new RangeError(`the gas snapshot has no "${name}"`)
    return found
  }
  const figure = (name: string, value: number, target: number): Figure => ({
    name,
    value,
    unit: 'gas',
    target,
    better: 'lower',
  })
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
