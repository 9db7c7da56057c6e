/** The same compiled contracts on three engines, in one run: gas and output agree, or nothing is measured. */
import type { Address, Hex } from '@enigma/protocol'
import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { type Figure, median } from '../figure.ts'
import { anvilEngine } from './anvil.ts'
import type { Engine } from './engine.ts'
import { ethereumjsEngine } from './ethereumjs.ts'
import { ownEngine } from './own.ts'
import { compileWorkloads, type Suite, type Workload } from './workloads.ts'

const TARGET: Address = `0x${'c0de'.repeat(10)}`
const METER: Address = `0x${'feed'.repeat(10)}`
/** Of one workload on one engine. */
const BUDGET_MS = 2_500
const LEAST_RUNS = 3
const MOST_RUNS = 200
/** What Anvil needs beyond an empty call may be lost in the noise of HTTP. */
const SHORTEST_MS = 0.001

/** Milliseconds of a call, medians. */
type Row = Workload & { gas: bigint; own: number; ethereumjs: number; anvil: number }

export async function measureThroughput(progress: (line: string) => void): Promise<Figure[]> {
  progress('compiling the workloads …')
  const suite = compileWorkloads()
  const engines = { own: await ownEngine(), ethereumjs: await ethereumjsEngine(), anvil: await anvilEngine() }
  try {
    for (const engine of Object.values(engines)) await engine.install(METER, suite.meter.code)
    const [overHttp] = await timeCalls([engines.anvil], suite.nothing)
    const rows: Row[] = []
    for (const workload of suite.workloads) {
      progress(`${workload.name} …`)
      const gas = await agreedGas(Object.values(engines), suite, workload)
      const [own, throughHttp] = await timeCalls([engines.own, engines.anvil], workload)
      const [ethereumjs] = await timeCalls([engines.ethereumjs], workload)
      rows.push({ ...workload, gas, own, ethereumjs, anvil: Math.max(SHORTEST_MS, throughHttp - overHttp) })
    }
    return figuresOf(rows)
  } finally {
    await Promise.all(Object.values(engines).map((engine) => engine.close()))
  }
}

/** What the call costs, by each engine's own account of it; throws where two differ in gas or output. */
async function agreedGas(
  engines: readonly Engine[],
  { meter }: Suite,
  { name, code, data }: Workload,
): Promise<bigint> {
  const call = { abi: meter.abi, functionName: 'measure' } as const
  const measured: Record<string, Hex> = {}
  for (const engine of engines) {
    await engine.install(TARGET, code)
    measured[engine.id] = await engine.call(METER, encodeFunctionData({ ...call, args: [TARGET, data] }))
  }
  const [first = '0x', ...others] = Object.values(measured)
  if (others.some((other) => other !== first)) throw new Error(`${name}: engines differ, ${JSON.stringify(measured)}`)
  const [gas] = decodeFunctionResult({ ...call, data: first }) as [bigint, Hex]
  return gas
}

/** Medians of as many calls as the budget allows, after one that is not counted. The engines take turns: what else runs on
 * the machine meets them alike. */
async function timeCalls<const engines extends readonly Engine[]>(
  engines: engines,
  { code, data }: Workload,
): Promise<{ [i in keyof engines]: number }> {
  const times = engines.map((): number[] => [])
  for (const engine of engines) {
    await engine.install(TARGET, code)
    await engine.call(TARGET, data)
  }
  const began = performance.now()
  for (let run = 0; run < LEAST_RUNS || (run < MOST_RUNS && performance.now() - began < BUDGET_MS); run++) {
    for (const [i, engine] of engines.entries()) {
      const started = performance.now()
      await engine.call(TARGET, data)
      times[i]?.push(performance.now() - started)
    }
  }
  return times.map(median) as { [i in keyof engines]: number }
}

function figuresOf(rows: readonly Row[]): Figure[] {
  const compute = rows.filter(({ kind }) => kind === 'compute')
  const againstEthereumjs = (row: Row) => row.ethereumjs / row.own
  const againstAnvil = (row: Row) => row.anvil / row.own
  const slowest = compute.toSorted((a, b) => againstAnvil(a) - againstAnvil(b))[0]
  if (!slowest) throw new Error('There is nothing to compare.')
  const precompile = (part: string) => rows.find(({ name }) => name.startsWith(part)) ?? slowest
  const bound = `${compute.length} workloads; Anvil runs revm, and an empty call's time over HTTP is taken off.`
  return [
    times('own EVM, × @ethereumjs/evm, geometric mean', geometricMean(compute.map(againstEthereumjs)), 50),
    { ...times('own EVM, × Anvil, geometric mean', geometricMean(compute.map(againstAnvil)), 1), bound },
    { ...times('own EVM, × Anvil, slowest workload', againstAnvil(slowest), 0.6), bound: `It is: ${slowest.name}.` },
    times('sha256, × @ethereumjs/evm', againstEthereumjs(precompile('sha256')), 5),
    times('ecrecover, × @ethereumjs/evm', againstEthereumjs(precompile('ecrecover')), null),
    ...rows.map(rowFigure),
  ]
}

function rowFigure({ name, gas, own, ethereumjs, anvil }: Row): Figure {
  const rate = (ms: number) => Number(gas) / ms / 1_000
  const rivals = `${round(rate(anvil))} in Anvil, ${round(rate(ethereumjs))} in @ethereumjs/evm`
  return {
    name,
    value: round(rate(own)),
    unit: 'Mgas/s',
    target: null,
    better: 'higher',
    bound: `${rivals}; ${gas} gas in ${round(own)} ms.`,
  }
}

function times(name: string, value: number, target: number | null): Figure {
  return { name, value: round(value), unit: '×', target, better: 'higher' }
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** To three digits, as far as they are measured. */
function round(value: number): number {
  return Number(value.toPrecision(3))
}
