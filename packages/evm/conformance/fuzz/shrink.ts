/** Makes a scenario that fails smaller for as long as it still fails. */
import { bytesToHex } from '@enigma/protocol'
import { copyWorld } from '../../src/testing/engine.ts'
import type { Scenario } from './scenario.ts'

/** Bounds the work on one failure: each try runs both engines. */
const MAX_TRIES = 1_500

export async function shrink(scenario: Scenario, fails: (scenario: Scenario) => Promise<boolean>): Promise<Scenario> {
  let smallest = scenario
  let tries = 0
  const attempt = async (smaller: Scenario): Promise<boolean> => {
    if (tries++ >= MAX_TRIES || !(await fails(smaller))) return false
    smallest = smaller
    return true
  }

  // Not the sender: a transaction that cannot pay has no frame.
  for (const address of scenario.world.keys())
    if (address !== scenario.frame.message.caller) await attempt(withoutAccount(smallest, address))
  for (const address of [...smallest.world.keys()])
    await shrinkBytes(smallest.world.get(address)?.code ?? new Uint8Array(), (code) =>
      attempt(withCode(smallest, address, code)),
    )
  await shrinkBytes(smallest.frame.message.data, (data) =>
    attempt({ ...smallest, frame: { ...smallest.frame, message: { ...smallest.frame.message, data } } }),
  )
  return smallest
}

/** All that it takes to see the failure again without this program. */
export function printed({ world, frame }: Scenario): string {
  const { kind, caller, to, valueWei, data, gas, isStatic } = frame.message
  const accounts = [...world].map(([address, { nonce, balanceWei, code, storage }]) => {
    const slots = [...storage].map(([slot, value]) => `${BigInt(slot)}=${BigInt(value)}`).join(' ')
    return `  ${address} nonce ${nonce} balance ${balanceWei} {${slots}}\n    code ${bytesToHex(code)}`
  })
  const how = `${kind}${isStatic ? ' (static)' : ''} ${caller} → ${to} value ${valueWei} gas ${gas}`
  return [how, `  data ${bytesToHex(data)}`, ...accounts].join('\n')
}

/** Leaves out runs of instructions: long ones first, then ever shorter. */
async function shrinkBytes(bytes: Uint8Array, attempt: (smaller: Uint8Array) => Promise<boolean>): Promise<void> {
  let parts = instructionsOf(bytes)
  for (let length = Math.ceil(parts.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2))
    for (let at = 0; at < parts.length; ) {
      const rest = parts.toSpliced(at, length)
      if (await attempt(Uint8Array.from(rest.flat()))) parts = rest
      else at += length
    }
}

function instructionsOf(code: Uint8Array): number[][] {
  const parts: number[][] = []
  for (let at = 0; at < code.length; ) {
    const opcode = code[at] as number
    const length = opcode >= 0x60 && opcode <= 0x7f ? opcode - 0x5e : 1
    parts.push([...code.subarray(at, at + length)])
    at += length
  }
  return parts
}

function withoutAccount({ world, frame }: Scenario, address: `0x${string}`): Scenario {
  const fewer = copyWorld(world)
  fewer.delete(address)
  return { world: fewer, frame }
}

function withCode({ world, frame }: Scenario, address: `0x${string}`, code: Uint8Array): Scenario {
  const changed = copyWorld(world)
  const account = changed.get(address)
  if (account) account.code = code
  return { world: changed, frame }
}
