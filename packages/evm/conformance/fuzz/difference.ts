/** Whether two engines agree about a scenario: status, output, gas, refund, logs and the whole world after. */
import { bytesToHex } from '@enigma/protocol'
import { codeHashOf, type Engine, type Run, type World } from '../../src/testing/engine.ts'
import type { Scenario } from './scenario.ts'

/** `what` names the field. */
export type Difference = { what: string; text: string }

/** Returns the first thing that differs, or nothing. */
export async function differenceOf(
  scenario: Scenario,
  subject: Engine,
  oracle: Engine,
): Promise<Difference | undefined> {
  const found = await describe(scenario, subject)
  const expected = await describe(scenario, oracle)
  for (const [what, value] of Object.entries(expected))
    if (found[what] !== value)
      return { what, text: `${what}: ${subject.id} has ${found[what]}, ${oracle.id} has ${value}` }
  return undefined
}

async function describe({ frame, world }: Scenario, engine: Engine): Promise<Record<string, string | undefined>> {
  try {
    return describeRun(await engine.run(frame, world))
  } catch (error) {
    return { status: `thrown: ${String(error)}` }
  }
}

function describeRun(run: Run): Record<string, string> {
  return {
    status: run.status,
    'gas left': `${run.gasLeft}`,
    output: bytesToHex(run.output),
    refund: `${run.refund}`,
    logs: run.logs.map(({ address, topics, data }) => `${address} [${topics}] ${bytesToHex(data)}`).join('; '),
    world: worldText(run.world),
  }
}

function worldText(world: World): string {
  const lines = [...world].map(([address, { nonce, balanceWei, code, storage }]) => {
    const slots = [...storage].sort().map(([slot, value]) => `${BigInt(slot)}=${BigInt(value)}`)
    return `${address}: ${nonce} ${balanceWei} ${codeHashOf(code).slice(0, 10)} {${slots.join(' ')}}`
  })
  return lines.sort().join('\n')
}
