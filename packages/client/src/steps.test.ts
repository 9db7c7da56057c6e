/** The steps singly: what each takes and makes, and that none can be skipped. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { loanAbi } from '../../../examples/loan/abi.ts'
import { createReplyKey, type Enigma, type SealedTask, type VerifiedWorker } from './index.ts'
import { add } from './testing/fake-worker.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [2n, 5n] }) as const

test('verify, encrypt, request and wait make what one call makes', async () => {
  const { enigma, wire } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const sealed = await enigma.encrypt({ ...addition(), workers })
  expect(wire.sent).toEqual([])
  const task = await enigma.requestTask(sealed, { gasClass: 3, callbackGas: 100_000 })
  expect(task.task).toMatchObject({ gasClass: 3, callbackGas: 100_000, slot: 0, dApp: world.addition })
  await world.serve(task.taskId, add)
  expect(await enigma.waitForResult(task)).toBe(7n)
  expect(wire.sent).toHaveLength(1)
})

test('after a reload, id, block and ABI are enough to wait, and the exported secret opens a reason', async () => {
  const { enigma } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const { taskId, createdBlock, reply } = await enigma.requestTask(await enigma.encrypt({ ...addition(), workers }))
  const kept = reply?.exportSecret()
  await world.serve(taskId, () => ({ status: 1, reason: '0xdeadbeef' }))
  const { enigma: later } = await world.enigma()
  const task = { taskId, createdBlock, abi: additionAbi, functionName: 'add' } as const
  await expect(later.waitForResult(task)).rejects.toMatchObject({ code: 'PRIVATE_FUNCTION_FAILED', reason: undefined })
  const withKey = { ...task, reply: await createReplyKey(kept) }
  await expect(later.waitForResult(withKey)).rejects.toMatchObject({ reason: { data: '0xdeadbeef' } })
})

describe('nothing is sealed to a worker that was not verified here', () => {
  test('not to a copy, nor to one with another key', async () => {
    const { enigma } = await world.enigma()
    const [worker] = await enigma.verifyWorkers({ dApp: world.addition })
    if (!worker) throw new Error('no worker')
    for (const forged of [{ ...worker }, { ...worker, inputKey: `0x${'09'.repeat(32)}` as const }])
      await expect(enigma.encrypt({ ...addition(), workers: [forged] })).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
    await expect(enigma.encrypt({ ...addition(), workers: [] })).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
    expect(() => Object.assign(worker, { inputKey: '0x00' })).toThrow(TypeError)
  })

  test('not to workers of two lotteries, nor of another dApp', async () => {
    const { enigma } = await world.enigma()
    const [first] = await enigma.verifyWorkers({ dApp: world.addition })
    const [other] = await enigma.verifyWorkers({ dApp: world.loan })
    if (!first || !other) throw new Error('no worker')
    const mixed = enigma.encrypt({ ...addition(), workers: [first, other] })
    await expect(mixed).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
    await expect(enigma.encrypt({ ...addition(), workers: [other] })).rejects.toMatchObject({ code: 'NOT_SEALED' })
  })

  test('and nothing is sent that was not sealed here', async () => {
    const { enigma, wire } = await world.enigma()
    const workers = await enigma.verifyWorkers({ dApp: world.addition })
    const sealed = await enigma.encrypt({ ...addition(), workers })
    await expect(enigma.requestTask({ ...sealed })).rejects.toMatchObject({ code: 'NOT_SEALED' })
    expect(wire.sent).toEqual([])
  })
})

test('S15: what one client verified or sealed, a client of another network or policy does not take', async () => {
  const account = await world.user()
  const { enigma: lax } = await world.enigma({ account })
  const { enigma: strict, wire } = await world.enigma({ account, policy: { tcbStatuses: [] } })
  const workers = await lax.verifyWorkers({ dApp: world.addition })
  await expect(strict.encrypt({ ...addition(), workers })).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
  const sealed = await lax.encrypt({ ...addition(), workers })
  await expect(strict.requestTask(sealed)).rejects.toMatchObject({ code: 'NOT_SEALED' })
  expect(wire.sent).toEqual([])
})

test('two flows that sealed for the same task of a slot do not both pay', async () => {
  const { enigma, wire } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const sealed = [await enigma.encrypt({ ...addition(), workers }), await enigma.encrypt({ ...addition(), workers })]
  await world.client.setAutomine(false)
  try {
    const outcomes = Promise.allSettled(sealed.map((task) => enigma.requestTask(task)))
    await expect.poll(() => wire.sent.length).toBeGreaterThan(0)
    // Time for a second one to be sent, were it to be.
    await enigma.verifyWorkers({ dApp: world.addition })
    await world.client.setAutomine(true)
    await world.mine(1)
    // Which of them comes first is nobody's promise.
    const [won, lost] = (await outcomes).toSorted((a, b) => a.status.localeCompare(b.status))
    expect(won?.status).toBe('fulfilled')
    expect(lost).toMatchObject({ reason: { code: 'SLOT_IN_USE' } })
  } finally {
    await world.client.setAutomine(true)
  }
  expect(wire.sent).toHaveLength(1)
  // Refused here: a node that lags would have let the second one pass.
  expect(wire.asked.filter((method) => method === 'eth_estimateGas')).toHaveLength(1)
})

test('what could not be sent may be sent again', async () => {
  const { enigma, wire } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const sealed = await enigma.encrypt({ ...addition(), workers })
  await expect(enigma.requestTask(sealed, { maxFeeGwei: 1n })).rejects.toMatchObject({ code: 'FEE_TOO_HIGH' })
  await enigma.requestTask(sealed)
  expect(wire.sent).toHaveLength(1)
})

test('findTask tells its own task from others in the same transaction', async () => {
  const { enigma, wire } = await world.enigma()
  const request = async (client: Enigma) => {
    const workers = await client.verifyWorkers({ dApp: world.addition })
    return client.requestTask(await client.encrypt({ ...addition(), workers }))
  }
  const other = await request((await world.enigma()).enigma)
  const task = await request(enigma)
  const logs = await world.client.getLogs({ address: world.network.enigma, fromBlock: other.createdBlock })
  const [foreign] = logs.filter(({ transactionHash }) => transactionHash === other.txHash)
  wire.alter('eth_getTransactionReceipt', (receipt) => {
    const own = receipt as { logs: unknown[] }
    const [log] = own.logs as object[]
    return { ...own, logs: [{ ...log, topics: foreign?.topics, data: foreign?.data }, ...own.logs] }
  })
  expect(await enigma.findTask(task)).toMatchObject({ taskId: task.taskId })
})

test('S9: what is sealed for one account is not sent by another', async () => {
  const { enigma, wire } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const sealed = await enigma.encrypt({ ...addition(), workers })
  const account = await world.user()
  await expect(enigma.requestTask(sealed, { account })).rejects.toMatchObject({ code: 'WRONG_REQUESTER' })
  expect(wire.sent).toEqual([])
})

test('what is sealed for one task of a slot is not sent as another', async () => {
  const { enigma, wire } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const sealed = await enigma.encrypt({ ...addition(), workers })
  const task = await enigma.requestTask(sealed)
  wire.sent.length = 0
  await expect(enigma.requestTask(sealed)).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
  await world.serve(task.taskId, add)
  // Free again, but one further: no worker would open these bytes now, and the fee would be lost.
  await expect(enigma.requestTask(sealed)).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
  expect(wire.sent).toEqual([])
})

test('what another client of the account has used up is not sent', async () => {
  const account = await world.user()
  const { enigma, wire } = await world.enigma({ account })
  const { enigma: other } = await world.enigma({ account })
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const sealed = await enigma.encrypt({ ...addition(), workers })
  const theirs = await other.verifyWorkers({ dApp: world.addition })
  const task = await other.requestTask(await other.encrypt({ ...addition(), workers: theirs }))
  await expect(enigma.requestTask(sealed)).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
  await world.serve(task.taskId, add)
  await expect(enigma.requestTask(sealed)).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
  expect(wire.sent).toEqual([])
})

test('a slot that carries a task is refused when it is asked for by number', async () => {
  const { enigma } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition, slot: 3 })
  expect(workers[0]?.draw.slot).toBe(3)
  await enigma.requestTask(await enigma.encrypt({ ...addition(), workers }))
  await expect(enigma.verifyWorkers({ dApp: world.addition, slot: 3 })).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
  await expect(enigma.fund({ slot: 3, amountGwei: 1n })).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
})

test('fund and withdraw move whole gwei, and refuse nothing at all', async () => {
  const { enigma } = await world.enigma()
  await enigma.fund({ slot: 7, amountGwei: 5n })
  await enigma.withdraw({ slot: 7 })
  await expect(enigma.fund({ slot: 7, amountGwei: 0n })).rejects.toMatchObject({ code: 'AMOUNT' })
  await expect(enigma.withdraw({ slot: 7 })).rejects.toMatchObject({ code: 'REFUSED', errorName: 'NothingToWithdraw' })
})

describe('types', () => {
  // Never run: what matters is that it compiles, and that what is marked does not.
  const compile = async (enigma: Enigma, workers: VerifiedWorker[]) => {
    const address = '0x00000000000000000000000000000000000000aa'
    const sum = await enigma.call({ address, abi: additionAbi, functionName: 'add', args: [1n, 2n] })
    expectTypeOf(sum).toEqualTypeOf<bigint>()
    const offer = await enigma.call({
      address,
      abi: loanAbi,
      functionName: 'score',
      args: [1n, 2n, [{ amount: 1n, daysLate: 0 }], '0x00'],
    })
    expectTypeOf(offer).toEqualTypeOf<readonly [`0x${string}`, bigint, bigint, `0x${string}`, bigint]>()
    const version = await enigma.call({ address, abi: loanAbi, functionName: 'termsVersion' })
    expectTypeOf(version).toEqualTypeOf<`0x${string}`>()

    const sealed = await enigma.encrypt({ address, abi: additionAbi, functionName: 'add', args: [1n, 2n], workers })
    expectTypeOf(sealed).toEqualTypeOf<SealedTask<typeof additionAbi, 'add'>>()
    expectTypeOf(await enigma.waitForResult(await enigma.requestTask(sealed))).toEqualTypeOf<bigint>()

    // @ts-expect-error a string is no uint256
    await enigma.call({ address, abi: additionAbi, functionName: 'add', args: ['1', 2n] })
    // @ts-expect-error an argument is missing
    await enigma.call({ address, abi: additionAbi, functionName: 'add', args: [1n] })
    // @ts-expect-error it changes state, so it cannot run in private
    await enigma.call({ address, abi: additionAbi, functionName: 'added', args: [1n] })
    // @ts-expect-error the ABI has no such function
    await enigma.call({ address, abi: additionAbi, functionName: 'subtract', args: [1n, 2n] })
    const { rank, seat, signer, operator, inputKey, identityBlock, verdict, trustRoot, draw } = workers[0] ?? never()
    const lookAlike = { rank, seat, signer, operator, inputKey, identityBlock, verdict, trustRoot, draw }
    const call = { address, abi: additionAbi, functionName: 'add', args: [1n, 2n] } as const
    // @ts-expect-error a worker that looks right was not verified
    await enigma.encrypt({ ...call, workers: [lookAlike] })
    // @ts-expect-error nothing unsealed can be sent
    await enigma.requestTask({ ...sealed, envelope: new Uint8Array() })
    // @ts-expect-error nor bytes of one's own
    await enigma.requestTask({ abi: additionAbi, functionName: 'add', envelope: new Uint8Array() })
  }

  test('make sending before verification impossible', () => {
    expectTypeOf(compile).toBeFunction()
  })
})

function never(): never {
  throw new Error('types only')
}
