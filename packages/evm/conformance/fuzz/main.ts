/** `npm run fuzz:evm`: programs from a seed through Core's EVM and @ethereumjs/evm, which must agree on everything. */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createMachineEngine } from '../../src/testing/machine-engine.ts'
import { createOracle } from '../../src/testing/oracle.ts'
import { type Found, fuzz } from './run.ts'

const HELP = `npm run fuzz:evm -- [--seconds N] [--programs N] [--seed S]

Runs random programs through Core's EVM and through @ethereumjs/evm, under the rules of Osaka, and compares status,
output, gas, refund, logs and the world after. What differs is made small and printed with its seed.
  --seconds N    how long (60)
  --programs N   how many, instead
  --seed S       the first program's seed (a new one each time)`

const PROGRESS_MS = 5_000

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'number') return options
  const { seed, seconds, programs } = options
  const end = performance.now() + seconds * 1_000
  let next = performance.now() + PROGRESS_MS
  console.log(`seed ${seed}`)
  const result = await fuzz({
    subject: await createMachineEngine(),
    oracle: createOracle(),
    seed,
    isDone: (done) => (programs === undefined ? performance.now() >= end : done >= programs),
    onProgram: (done, differences) => {
      if (performance.now() < next) return
      next = performance.now() + PROGRESS_MS
      console.log(`… ${done} programs, ${differences} differences`)
    },
    onFound: print,
  })
  console.log(`${result.programs} programs, ${result.found.length} differences`)
  return result.found.length > 0 ? 1 : 0
}

function print({ seed, difference, minimal }: Found): void {
  console.log(
    `DIFFERENCE at seed ${seed} (again: npm run fuzz:evm -- --seed ${seed} --programs 1)\n${difference}\n${minimal}`,
  )
}

function readOptions(args: readonly string[]): { seed: number; seconds: number; programs?: number } | number {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      args: [...args],
      options: { seconds: text, programs: text, seed: text, help: { type: 'boolean' } },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    return {
      seed: whole('seed', values.seed ?? `${randomInt(2 ** 31)}`),
      seconds: whole('seconds', values.seconds ?? '60'),
      ...(values.programs === undefined ? {} : { programs: whole('programs', values.programs) }),
    }
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    return 2
  }
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$|^[1-3]\d{9}$/.test(text)) throw new Error(`--${name} must be a whole number, and is "${text}".`)
  return Number(text)
}
