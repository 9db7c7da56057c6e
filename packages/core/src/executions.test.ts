/** Tasks share machines, one after the other and while they wait for each other's proofs. None may notice. */
import { Machine } from '@enigma/evm'
import { hexToBytes, keccak256 } from '@enigma/protocol'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Miss, Step } from './calls.ts'
import { dApp, RETURN_TOP, word, words } from './testing/assemble.ts'
import { attestedWorker } from './testing/core-in-process.ts'
import { type Asked, adderRequest, DAPP, proverAfter, request, runToReceipt } from './testing/world.ts'

const ADD_SLOT = 'f(uint256)'
/** Its argument, and a slot of its own that it waits for with the argument in its memory. */
const adds = dApp({ [ADD_SLOT]: `0x04 CALLDATALOAD 0x80 MSTORE 0x01 SLOAD 0x80 MLOAD ADD ${RETURN_TOP}` })

let worker: Awaited<ReturnType<typeof attestedWorker>>
beforeAll(async () => {
  worker = await attestedWorker()
})

function adding(argument: number, slot: number): Promise<Asked> {
  return request({
    code: adds,
    callable: ADD_SLOT,
    args: words(argument),
    recipients: [worker.inputKey],
    world: { storage: { [DAPP]: { [word(1)]: word(slot) } } },
    task: { slot: argument },
  })
}

async function waiting(asked: Asked): Promise<Miss> {
  const step = await worker.core.execute(asked.params)
  if (step.kind !== 'miss') throw new Error('Its slot is missing.')
  return step
}

function goOn(asked: Asked, step: Miss): Promise<Step> {
  return worker.core.state({ execution: step.execution, ...proverAfter(asked)(step) })
}

describe('a task on a machine that another one has used', () => {
  const SECRET = `0x${'5e'.repeat(32)}`
  /** Leaves a secret all over its memory and in the return buffer, then ends as it is told. */
  const hiding = (end: string) =>
    dApp({
      'hide()': `PUSH0 fill: ${SECRET} DUP2 MSTORE 0x20 ADD DUP1 0x020000 EQ ISZERO @fill JUMPI
        PUSH0 PUSH0 0x8000 PUSH0 0x04 GAS STATICCALL POP ${end}`,
    })
  /** The hash of memory that it never wrote but from beyond the ends of code and input, and what it finds returned. */
  const looks = dApp({
    'look()': `0x1000 0x6000 0x2000 CODECOPY 0x1000 0x0100 0x3000 CALLDATACOPY
      0x010000 PUSH0 KECCAK256 RETURNDATASIZE ADD ${RETURN_TOP}`,
  })
  const look = async () => {
    const asked = await request({ code: looks, callable: 'look()', recipients: [worker.inputKey] })
    return runToReceipt(worker.core, asked)
  }
  const WORLD = { storage: { [DAPP]: { [word(1)]: word(1) } } }
  const hide = (end: string) =>
    request({
      code: hiding(end),
      callable: 'hide()',
      recipients: [worker.inputKey],
      world: WORLD,
      task: { gasClass: 8 },
    })

  test.each(['0x8000 PUSH0 RETURN', '0x8000 PUSH0 REVERT', 'INVALID'])(
    'finds nothing of it, where that ended by %s',
    async (end) => {
      await runToReceipt(worker.core, await hide(end))
      expect(await look()).toMatchObject({ status: 0, output: hexToBytes(keccak256(new Uint8Array(0x10000))) })
    },
  )

  test('finds nothing of it, where that was broken off by a false proof', async () => {
    const before = await look()
    const { execution } = await waiting(await hide('0x01 SLOAD STOP'))
    const forged = { accounts: [], slots: [{ address: DAPP, slot: word(1) }], nodes: [new Uint8Array(0)], codes: [] }
    await expect(worker.core.state({ execution, ...forged })).rejects.toMatchObject({ code: 'BAD_PROOF' })
    expect((await look()).output).toEqual(before.output)
  })
})

test('S13: tasks that wait side by side end as each does alone, whoever goes on first and whoever has to make room', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, (_, i) => adding(i, 1_000 * (i + 1))))
  const alone = []
  for (const asked of all) alone.push(await runToReceipt(worker.core, asked))
  const steps: Miss[] = []
  for (const asked of all) steps.push(await waiting(asked))
  const sum = await runToReceipt(worker.core, await adderRequest(worker.inputKey))
  expect(sum.output).toEqual(words(42))
  for (const i of [0, 1, 2, 3]) {
    await expect(goOn(all[i] as Asked, steps[i] as Miss)).rejects.toMatchObject({ code: 'UNKNOWN_EXECUTION' })
  }
  for (const i of [11, 4, 10, 5, 9, 6, 8, 7]) {
    expect(await goOn(all[i] as Asked, steps[i] as Miss)).toEqual(alone[i])
    // In between, others come and go.
    expect((await runToReceipt(worker.core, all[0] as Asked)).digest).toBe(alone[0]?.digest)
  }
})

test('a machine that met a defect is not used again', async () => {
  const asked = await adderRequest(worker.inputKey)
  await runToReceipt(worker.core, asked)
  const made = vi.spyOn(Machine, 'createSync')
  await runToReceipt(worker.core, asked)
  expect(made).toHaveBeenCalledTimes(0)
  vi.spyOn(Machine.prototype, 'step').mockImplementationOnce(() => {
    throw new WebAssembly.RuntimeError('unreachable')
  })
  await expect(worker.core.execute(asked.params)).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(await runToReceipt(worker.core, asked)).toMatchObject({ output: words(42) })
  expect(made).toHaveBeenCalledTimes(1)
})
