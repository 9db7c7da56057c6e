/**
 * Legacy VM tests: one frame with its code, and what it must return, store, log and leave of its gas.
 *
 * They are of 2015 and know no transaction and no trie. Balances are not compared: these frames moved no value.
 */
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { accountOf, type Engine, type Frame, type Run, type World } from '../src/testing/engine.ts'
import { createOracle } from '../src/testing/oracle.ts'
import { blockHashOf, blockOf, type RawAccounts, type RawEnvironment, worldOf } from './environment.ts'
import { holdsSchedule, type LegacyTrace, TraceEnd, traceLegacy } from './legacy-prices.ts'
import { rulesOf } from './rules.ts'
import { logsHash } from './state-test.ts'
import { address, bytes, quantity } from './values.ts'
import { failed, PASSED, skipped, type Verdict } from './verdict.ts'

export type VmFixture = {
  env: RawEnvironment
  exec: Record<'address' | 'caller' | 'origin' | 'code' | 'data' | 'gas' | 'gasPrice' | 'value', string>
  pre: RawAccounts
  post?: RawAccounts
  gas?: string
  out?: string
  logs?: string
  callcreates?: unknown[]
}

/** For programs that today's prices would stop, where it cannot be told by how much. */
const SURPLUS_GAS = 100_000_000n

export function isVmFixture(value: object): value is VmFixture {
  return 'env' in value && 'exec' in value && 'pre' in value
}

export async function runVmTest(fixture: VmFixture, engine: Engine): Promise<Verdict> {
  if (fixture.callcreates?.length) return skipped('its calls were noted, not made')
  const { frame, world, code } = sceneOf(fixture)
  const run = await engine.run(frame, world)
  if (fixture.gas === undefined) return judgeFailure(run, frame, world)

  const difference = holdsSchedule(code) ? 0n : (await trace(frame, world)).difference()
  if (run.status === 'returned') return compare(run, fixture, difference)
  if (difference === 0n) return failed(`${run.status} ${run.reason ?? ''}`)
  // Today's prices are higher than what it was given.
  const surplus = typeof difference === 'bigint' ? difference : SURPLUS_GAS
  const again = await engine.run(withGas(frame, frame.message.gas + surplus), world)
  if (again.status !== 'returned') return failed(`${again.status} ${again.reason ?? ''}`)
  return compare(again, fixture, typeof difference === 'bigint' ? 0n : difference)
}

/** It failed then, and must now: unless the price or the opcode that stopped it is another today. */
async function judgeFailure(run: Run, frame: Frame, world: World): Promise<Verdict> {
  if (run.status === 'halted') return PASSED
  const traced = await trace(frame, world)
  if (traced.costThen() > frame.message.gas) return PASSED
  if (traced.hasNewOpcode()) return skipped('it fails at an opcode that is one today')
  return failed(`${run.status}, though it failed then`)
}

function compare(
  run: Run,
  { post = {}, out = '0x', logs, gas = '0x' }: VmFixture,
  difference: bigint | string,
): Verdict {
  const output = bytesToHex(run.output)
  if (output !== bytesToHex(bytes(out))) return failed(`output ${output}, expected ${out}`)
  const found = logsHash(run.logs)
  if (logs !== undefined && found !== logs.toLowerCase()) return failed(`logs hash ${found}, expected ${logs}`)
  for (const [account, { storage }] of worldOf(post)) {
    const [is, should] = [slotsOf(run.world.get(account)?.storage), slotsOf(storage)]
    if (is !== should) return failed(`storage of ${account} is {${is}}, expected {${should}}`)
  }
  if (typeof difference === 'string') return PASSED
  const expected = quantity(gas) - difference
  return run.gasLeft === expected ? PASSED : failed(`gas left ${run.gasLeft}, expected ${expected}`)
}

function slotsOf(storage: ReadonlyMap<Hex, Hex> = new Map()): string {
  return [...storage]
    .sort()
    .map(([slot, value]) => `${BigInt(slot)}: ${BigInt(value)}`)
    .join(', ')
}

async function trace(frame: Frame, world: World): Promise<LegacyTrace> {
  const storage = world.get(frame.message.to)?.storage ?? new Map<Hex, Hex>()
  const traced = traceLegacy([...storage].map(([slot, value]) => [BigInt(slot), BigInt(value)] as const))
  const oracle = createOracle({ onStep: (step) => traced.add(step) })
  try {
    await oracle.run(withGas(frame, frame.message.gas + SURPLUS_GAS), world)
  } catch (error) {
    if (!(error instanceof TraceEnd)) throw error
  }
  return traced
}

function withGas(frame: Frame, gas: bigint): Frame {
  return { ...frame, message: { ...frame.message, gas } }
}

function sceneOf({ env, exec, pre }: VmFixture): { frame: Frame; world: World; code: Uint8Array } {
  const rules = rulesOf('Osaka')
  if (!rules) throw new Error('Osaka has no rules.')
  const [to, caller, code] = [address(exec.address), address(exec.caller), bytes(exec.code)]
  const valueWei = quantity(exec.value)
  const world = worldOf(pre)
  accountOf(world, to).code = code
  fund(world, { to, caller, valueWei })
  const block = blockOf(env, rules.blobUpdateFraction)
  const frame: Frame = {
    environment: {
      fork: rules.fork,
      chainId: 1n,
      block,
      origin: address(exec.origin),
      gasPriceWei: quantity(exec.gasPrice),
      blobHashes: [],
    },
    message: { kind: 'call', caller, to, valueWei, data: bytes(exec.data), gas: quantity(exec.gas), isStatic: false },
    warmAddresses: [to, caller, block.coinbase, ...rules.precompiles],
    warmSlots: [],
    blockHash: blockHashOf,
  }
  return { frame, world, code }
}

/** The program finds the balances of `pre`, as it did then: so the value that comes with the call is taken out first. */
function fund(world: World, { to, caller, valueWei }: { to: Address; caller: Address; valueWei: bigint }): void {
  const callee = accountOf(world, to)
  callee.balanceWei = callee.balanceWei > valueWei ? callee.balanceWei - valueWei : 0n
  accountOf(world, caller).balanceWei += valueWei
}
