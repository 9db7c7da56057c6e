/** One signature for many receipts: only over what this Core itself has signed. */
import { batchDigest, type Hex, keccak256, MAX_BATCH_MEMBERS, receiptHash, recoverSigner } from '@enigma/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SignedReceipt } from './calls.ts'
import type { Identity } from './identity.ts'
import { REMEMBERED_RECEIPTS, Receipts } from './receipts.ts'
import { words } from './testing/assemble.ts'
import { ATTEST, attestedWorker, coreInProcess } from './testing/core-in-process.ts'
import { ADD, type Asked, adder, NETWORK, request, runToReceipt } from './testing/world.ts'

type Worker = Awaited<ReturnType<typeof attestedWorker>>
let worker: Worker
let tasks: Asked[]
let hashes: Hex[]

beforeAll(async () => {
  worker = await attestedWorker()
  tasks = await Promise.all([1, 2, 3].map((slot) => adding(worker, slot)))
  hashes = []
  for (const task of tasks) hashes.push(hashOf(task, await runToReceipt(worker.core, task)))
})

const adding = ({ inputKey }: Worker, slot: number) =>
  request({ code: adder, callable: ADD, args: words(slot, 2), recipients: [inputKey], task: { slot } })

/** As the host computes it: from the task and what Core answered. */
function hashOf({ params: { task }, chain }: Asked, { taskId, status, output }: SignedReceipt): Hex {
  const { codeHash, inputsHash } = task
  return receiptHash({
    taskId,
    anchor: keccak256(chain.header),
    codeHash,
    inputsHash,
    outputHash: keccak256(output),
    status,
  })
}

describe('batch', () => {
  test('is signed by the signer of the receipts, in the order asked for', async () => {
    for (const receipts of [hashes, hashes.toReversed(), hashes.slice(0, 1)]) {
      const signature = await worker.core.batch({ receipts })
      expect(recoverSigner(batchDigest(NETWORK, receipts), signature)).toBe(worker.signer)
    }
  })

  test('S18: is refused over anything that this Core did not sign', async () => {
    const foreign: Hex = `0x${'11'.repeat(32)}`
    for (const receipts of [[foreign], [...hashes, foreign], [foreign, ...hashes]]) {
      await expect(worker.core.batch({ receipts })).rejects.toMatchObject({ code: 'UNKNOWN_RECEIPT' })
    }
    const step = await runToReceipt(worker.core, tasks[0] as Asked)
    await expect(worker.core.batch({ receipts: [step.digest] })).rejects.toMatchObject({ code: 'UNKNOWN_RECEIPT' })
  })

  test('S23: is refused over a receipt that differs from the signed one', async () => {
    const task = tasks[0] as Asked
    const step = await runToReceipt(worker.core, task)
    for (const change of [{ status: 1 as const }, { output: words(43) }, { taskId: hashes[1] as Hex }]) {
      const receipts = [hashOf(task, { ...step, ...change })]
      await expect(worker.core.batch({ receipts })).rejects.toMatchObject({ code: 'UNKNOWN_RECEIPT' })
    }
  })

  test('S23: is refused over what another process with the same keys signed, and by a Core that has none', async () => {
    const again = coreInProcess()
    await again.restore({ sealed: worker.sealed })
    await expect(again.batch({ receipts: hashes })).rejects.toMatchObject({ code: 'UNKNOWN_RECEIPT' })
    await runToReceipt(again, tasks[0] as Asked)
    const receipts = hashes.slice(0, 1)
    expect(await again.batch({ receipts })).toEqual(await worker.core.batch({ receipts }))
    await expect(coreInProcess().batch({ receipts: hashes })).rejects.toMatchObject({ code: 'NO_IDENTITY' })
  })

  test('goes on over receipts of before a new attestation: the signer is the same', async () => {
    const another = await attestedWorker()
    const task = await adding(another, 1)
    const receipts = [hashOf(task, await runToReceipt(another.core, task))]
    await another.core.attest(ATTEST)
    expect(recoverSigner(batchDigest(NETWORK, receipts), await another.core.batch({ receipts }))).toBe(another.signer)
  })

  test('S18: takes one to 128 hashes and nothing else', async () => {
    const [first] = hashes as [Hex]
    const most = Array.from({ length: MAX_BATCH_MEMBERS }, () => first)
    await worker.core.batch({ receipts: most })
    const other = [[], [...most, first], first, [null], [first.slice(2)], [first.toUpperCase()], [`${first}00`]]
    for (const receipts of other) {
      const answer = await worker.core.answer({ id: 1, call: 'batch', params: { receipts } })
      expect(answer).toEqual({ id: 1, error: 2 })
    }
    const more = { receipts: hashes, digest: first }
    expect(await worker.core.answer({ id: 1, call: 'batch', params: more })).toEqual({ id: 1, error: 2 })
  })
})

test('S18: the oldest receipts are forgotten, so that no host makes Core grow; those asked for again are young', () => {
  const identity = { sign: () => ({ r: '0x', vs: '0x' }) } as unknown as Identity
  const receipts = new Receipts(NETWORK)
  const sign = (slot: number) => {
    const taskId: Hex = `0x${slot.toString(16).padStart(64, '0')}`
    const { params, chain } = tasks[0] as Asked
    const step = receipts.sign(
      identity,
      { taskId, task: params.task, view: { header: { hash: keccak256(chain.header) } } } as never,
      { status: 0, output: words(1) },
    )
    return hashOf(tasks[0] as Asked, step)
  }
  const [first, second] = [sign(0), sign(1)]
  for (let slot = 2; slot < REMEMBERED_RECEIPTS; slot++) sign(slot)
  sign(0)
  const newest = sign(REMEMBERED_RECEIPTS)
  receipts.signBatch(identity, [first, newest])
  expect(() => receipts.signBatch(identity, [second])).toThrow('UNKNOWN_RECEIPT')
})
