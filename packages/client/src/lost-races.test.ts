/** Tasks whose callback finds another state than the one that was computed on, and other refusals of callbacks. */
import type { Hex } from '@enigma/protocol'
import {
  encodeAbiParameters,
  encodeErrorResult,
  getAbiItem,
  getAddress,
  HttpRequestError,
  keccak256,
  stringToHex,
  toFunctionSelector,
} from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { privateTokenAbi } from '../../../examples/private-token/abi.ts'
import { enigmaAbi } from './enigma-abi.ts'
import { type ProgressEvent, ResultNotDeliveredError, StateConflictError } from './index.ts'
import type { Answer } from './testing/fake-worker.ts'
import { startWorld, type World } from './testing/world.ts'

const OWNER = '0x00000000000000000000000000000000000000aa'
const OTHER = '0x00000000000000000000000000000000000000bb'
/** Of a balance that nobody ever had. */
const UNTOUCHED = keccak256('0x')
const STALE = keccak256(stringToHex('what stood there before'))

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const withdrawal = () =>
  ({
    address: world.privateToken,
    abi: privateTokenAbi,
    functionName: 'withdraw',
    args: [0n],
    callbackGas: 300_000,
  }) as const
/** What `withdraw` returns that found a balance with hash `before`, and so much that was paid in. */
function found(before: Hex, takenIn = 0n): Answer {
  const { outputs } = getAbiItem({ abi: privateTokenAbi, name: 'withdraw' })
  return { output: encodeAbiParameters(outputs, [{ owner: OWNER, before, sealedBalance: '0x' }, takenIn, 0n]) }
}
/** The same of `transfer`. */
function moved(before: Hex): Answer {
  const { outputs } = getAbiItem({ abi: privateTokenAbi, name: 'transfer' })
  const [payer, payee] = [OWNER, OTHER].map((owner) => ({ owner, before, sealedBalance: '0x' }) as const)
  return { output: encodeAbiParameters(outputs, [payer, payee, 0n, '0x'] as never) }
}
const stale = { errorName: 'StateChanged', args: [UNTOUCHED, STALE] as const }
/** Answers one attempt after the other; the last answer goes on for ever. */
function race(...answers: [Answer, ...Answer[]]) {
  const retries: ProgressEvent[] = []
  let attempt = 0
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'retrying') retries.push(event)
    if (event.type !== 'requested') return
    const answer = answers[Math.min(attempt++, answers.length - 1)] ?? answers[0]
    void world.serve(event.taskId, () => answer)
  }
  return { retries, onProgress }
}
async function failure<T>(call: Promise<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  const error = await call.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(kind)
  return error as T
}

test('S27: a task that lost its race is asked again, as a new one, on the state of now', async () => {
  const { enigma, wire } = await world.enigma()
  const { retries, onProgress } = race(moved(STALE), moved(STALE), moved(UNTOUCHED))
  const call = { ...withdrawal(), functionName: 'transfer', args: [OTHER, 0n, UNTOUCHED] } as const
  expect(await enigma.call({ ...call, onProgress })).toMatchObject([
    { owner: getAddress(OWNER) },
    { owner: getAddress(OTHER) },
    0n,
    '0x',
  ])
  expect(retries).toMatchObject([{ attempt: 2 }, { attempt: 3 }])
  expect(new Set(retries.map((event) => event.type === 'retrying' && event.taskId)).size).toBe(2)
  expect(wire.sent).toHaveLength(3)
})

test.each([
  [undefined, 3],
  [0, 1],
  [1, 2],
])('with `retries` %s it gives up after %i tasks, and says so', async (retries, attempts) => {
  const { enigma, wire } = await world.enigma()
  const { onProgress } = race(found(STALE))
  const error = await failure(enigma.call({ ...withdrawal(), retries, onProgress }), StateConflictError)
  expect(error).toMatchObject({ code: 'STATE_CONFLICT', where: 'callback', attempts, reason: stale })
  expect(error.message).toContain(`tasks asked: ${attempts}`)
  expect(wire.sent).toHaveLength(attempts)
})

test('a number of retries that is none is refused before anything is sent', async () => {
  const { enigma, wire } = await world.enigma()
  for (const retries of [-1, 1.5, 101, Number.NaN])
    await expect(enigma.call({ ...withdrawal(), retries })).rejects.toMatchObject({ code: 'OUT_OF_LIMITS' })
  expect(wire.sent).toEqual([])
})

test('S21: what the caller himself relied on is not asked again, and stays out of the error’s text', async () => {
  const { enigma, wire } = await world.enigma()
  const reason = encodeErrorResult({ abi: privateTokenAbi, errorName: 'StateChanged', args: [UNTOUCHED, STALE] })
  const { onProgress } = race({ status: 1, reason })
  const error = await failure(enigma.call({ ...withdrawal(), onProgress }), StateConflictError)
  expect(error).toMatchObject({ where: 'function', attempts: 1, reason: stale })
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(STALE.slice(2))
  expect(wire.sent).toHaveLength(1)
})

test('any other refusal of the callback is told by its own words, and not asked again', async () => {
  const { enigma, wire } = await world.enigma()
  const { onProgress } = race(found(UNTOUCHED, 1n))
  const error = await failure(enigma.call({ ...withdrawal(), onProgress }), ResultNotDeliveredError)
  expect(error.reason).toEqual({ errorName: 'Panic', args: [0x11n] })
  expect(error.message).toContain('Panic')
  expect(wire.sent).toHaveLength(1)
})

test('an RPC that is down when the reason is asked for is asked again', async () => {
  const { enigma, wire } = await world.enigma()
  const selector = toFunctionSelector(getAbiItem({ abi: privateTokenAbi, name: 'onEnigmaResult' }))
  let outages = 0
  wire.before('eth_call', (params) => {
    const [{ data }] = params as [{ data: Hex }]
    if (data.startsWith(selector) && outages++ < 2) throw new HttpRequestError({ url: 'http://rpc.test', body: {} })
  })
  const { onProgress } = race(found(STALE))
  await failure(enigma.call({ ...withdrawal(), retries: 0, onProgress }), StateConflictError)
  expect(outages).toBe(3)
})

test('who aborts between two attempts is not told of the one that has ended', async () => {
  const { enigma, wire } = await world.enigma()
  const stop = new AbortController()
  const { onProgress } = race(found(STALE))
  const call = enigma.call({
    ...withdrawal(),
    signal: stop.signal,
    onProgress: (event) => {
      onProgress(event)
      if (event.type === 'retrying') stop.abort()
    },
  })
  const error = await call.catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'ABORTED' })
  expect((error as { taskId?: Hex }).taskId).toBeUndefined()
  expect(wire.sent).toHaveLength(1)
})

test('what lost its race holds its slot until it is given up, by the event or by the error', async () => {
  const { enigma, user } = await world.enigma()
  const { retries, onProgress } = race(found(STALE))
  const error = await failure(enigma.call({ ...withdrawal(), retries: 1, onProgress }), StateConflictError)
  const lost = retries.flatMap((event) => (event.type === 'retrying' ? [event] : []))
  const isHeld = async (slot: number) => {
    const call = { address: world.network.enigma, abi: enigmaAbi, functionName: 'slot' } as const
    return (await world.client.readContract({ ...call, args: [user.address, slot] })).undelivered
  }
  expect(await Promise.all([0, 1, 2].map(isHeld))).toEqual([true, true, false])
  for (const task of [...lost, error]) await enigma.abandon(task)
  expect(await Promise.all([0, 1].map(isHeld))).toEqual([false, false])
})

test('waitForResult tells of a lost race and asks for nothing by itself', async () => {
  const { enigma, wire } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.privateToken })
  const { callbackGas, ...call } = withdrawal()
  const task = await enigma.requestTask(await enigma.encrypt({ ...call, workers }), { callbackGas })
  await world.serve(task.taskId, () => found(STALE))
  await expect(enigma.waitForResult(task)).rejects.toMatchObject({ code: 'STATE_CONFLICT', attempts: 1 })
  expect(wire.sent).toHaveLength(1)
})
