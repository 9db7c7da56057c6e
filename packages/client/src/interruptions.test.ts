/** What a caller who stops, an RPC that fails and a chain that turns back cost: never money. */

import { enigmaAbi } from '@enigma/contracts'
import { createManualClock } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { createWalletClient, getAbiItem, numberToHex, parseGwei, toFunctionSelector } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import {
  AbortedError,
  createEnigma,
  type ProgressEvent,
  TaskReorganisedError,
  TimeoutError,
  TransactionReplacedError,
  TransactionRevertedError,
} from './index.ts'
import { add } from './testing/fake-worker.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [2n, 5n] }) as const
async function failure<T>(call: Promise<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  const error = await call.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(kind)
  return error as T
}

describe('a caller who stops waiting', () => {
  test.each(['verifying', 'verified', 'encrypted'] as const)('at %s has paid nothing', async (moment) => {
    const { enigma, wire } = await world.enigma()
    const abort = new AbortController()
    const onProgress = ({ type }: ProgressEvent) => type === moment && abort.abort()
    const error = await failure(enigma.call({ ...addition(), signal: abort.signal, onProgress }), AbortedError)
    expect(error).toMatchObject({ code: 'ABORTED', txHash: undefined, taskId: undefined })
    expect(wire.sent).toEqual([])
  })

  test('before it began has asked nobody', async () => {
    const { enigma, wire } = await world.enigma()
    await failure(enigma.call({ ...addition(), signal: AbortSignal.abort() }), AbortedError)
    expect(wire.asked).toEqual([])
  })

  test('after sending can find the task and wait for it', async () => {
    const { enigma } = await world.enigma()
    const abort = new AbortController()
    const onProgress = ({ type }: ProgressEvent) => type === 'sent' && abort.abort()
    const error = await failure(enigma.call({ ...addition(), signal: abort.signal, onProgress }), AbortedError)
    expect(error.sent).toMatchObject({ txHash: error.txHash })
    if (!error.sent) throw error
    const task = await enigma.findTask(error.sent)
    await world.serve(task.taskId, add)
    expect(await enigma.waitForResult(task)).toBe(7n)
  })

  test('after the request can go on waiting', async () => {
    const { enigma } = await world.enigma()
    const abort = new AbortController()
    const onProgress = ({ type }: ProgressEvent) => type === 'selected' && abort.abort()
    const error = await failure(enigma.call({ ...addition(), signal: abort.signal, onProgress }), AbortedError)
    expect(error.taskId).toBe(error.task?.taskId)
    if (!error.task) throw error
    await world.serve(error.task.taskId, add)
    expect(await enigma.waitForResult(error.task)).toBe(7n)
  })

  test('by a timeout is told so, by the clock that was handed in', async () => {
    const clock = createManualClock(Date.now())
    const { enigma } = await world.enigma({ clock, maxClockSkewSeconds: 10 ** 9 })
    const requested = Promise.withResolvers<void>()
    const onProgress = ({ type }: ProgressEvent) => type === 'selected' && requested.resolve()
    const call = failure(enigma.call({ ...addition(), timeoutMs: 60_000, onProgress }), TimeoutError)
    // The transaction is mined at once, but asked for by polling: let that happen.
    const winding = setInterval(() => void clock.advance(5), 5)
    await requested.promise
    clearInterval(winding)
    await clock.advance(60_000)
    expect(await call).toMatchObject({ code: 'TIMEOUT', taskId: expect.stringMatching(/^0x/) })
  })
})

describe('a caller who stops while the RPC hangs', () => {
  test.each(['epoch', 'slot', 'seat'] as const)('at %s is told at once, and his slot is free', async (functionName) => {
    const { enigma, wire } = await world.enigma()
    await enigma.verifyWorkers({ dApp: world.addition })
    const selector = toFunctionSelector(getAbiItem({ abi: enigmaAbi, name: functionName }))
    const hang = Promise.withResolvers<void>()
    const abort = new AbortController()
    wire.before('eth_call', async (params) => {
      const [{ data }] = params as [{ data: Hex }]
      if (!data.startsWith(selector)) return
      abort.abort()
      await hang.promise
    })
    await failure(enigma.verifyWorkers({ dApp: world.addition, signal: abort.signal }), AbortedError)
    hang.resolve()
    const [worker] = await enigma.verifyWorkers({ dApp: world.addition })
    expect(worker?.draw.slot).toBe(0)
  })
})

describe('a request that is not mined as it was sent', () => {
  test('and reverted leaves its slot to the next', async () => {
    const { enigma, wire } = await world.enigma()
    wire.alter('eth_estimateGas', (gas) => numberToHex((BigInt(gas as Hex) * 6n) / 10n))
    await failure(enigma.call(addition()), TransactionRevertedError)
    const [worker] = await enigma.verifyWorkers({ dApp: world.addition })
    expect(worker?.draw.slot).toBe(0)
  })

  test('but sped up in the wallet is found under its new hash', async () => {
    const { enigma, replacing } = await wallet()
    const replacement = replacing((transaction) => transaction)
    const txHashes: string[] = []
    const call = enigma.call({
      ...addition(),
      onProgress: (event) => {
        if (event.type !== 'requested') return
        txHashes.push(event.txHash)
        void world.serve(event.taskId, add)
      },
    })
    expect(await call).toBe(7n)
    expect(txHashes).toEqual([await replacement])
  })

  test('but cancelled in the wallet is told as replaced, and leaves its slot to the next', async () => {
    const { enigma, replacing, account } = await wallet()
    void replacing(() => ({ to: account, data: '0x', value: '0x0' }))
    await failure(enigma.call(addition()), TransactionReplacedError)
    const [worker] = await enigma.verifyWorkers({ dApp: world.addition })
    expect(worker?.draw.slot).toBe(0)
  })

  let users = 0
  /** A wallet whose user replaces what it sends, as soon as the client has seen it waiting. */
  async function wallet() {
    const { wire } = await world.enigma()
    const account = `0x${(0xabc0 + users++).toString(16).padStart(40, '0')}` as const
    await world.client.impersonateAccount({ address: account })
    await world.client.setBalance({ address: account, value: 10n ** 22n })
    const viem = createWalletClient({ account, transport: wire.transport })
    const options = { network: world.network, allowSimulated: true, fetch: world.fetchCollateral(), pollIntervalMs: 5 }
    const enigma = createEnigma({ client: viem, ...options })
    type Plain = { to: Hex; data: Hex; value: Hex }
    const replacing = async (change: (transaction: Plain) => Plain) => {
      const seen = Promise.withResolvers<{ nonce: Hex; input: Hex; to: Hex; value: Hex; gas: Hex }>()
      wire.alter('eth_getTransactionByHash', (transaction) => {
        seen.resolve(transaction as never)
        return transaction
      })
      await world.client.setAutomine(false)
      const { nonce, gas, to, value, input } = await seen.promise
      const fees = { maxFeePerGas: numberToHex(parseGwei('50')), maxPriorityFeePerGas: numberToHex(parseGwei('40')) }
      const transaction = { from: account, nonce, gas, ...fees, ...change({ to, value, data: input }) }
      const hash = await world.client.request({ method: 'eth_sendTransaction', params: [transaction] } as never)
      await world.client.setAutomine(true)
      await world.mine(1)
      return hash as Hex
    }
    return { enigma, replacing, account }
  }
})

describe('an RPC in trouble', () => {
  test('S20: that is down while one waits costs nothing but time', async () => {
    const { enigma, wire } = await world.enigma()
    const call = enigma.call({
      ...addition(),
      onProgress: (event) => {
        if (event.type !== 'requested') return
        wire.isDown = true
        void world.serve(event.taskId, add).then(() => {
          wire.isDown = false
        })
      },
    })
    expect(await call).toBe(7n)
  })

  test('that is down before anything is sent is told as such', async () => {
    const { enigma, wire } = await world.enigma()
    wire.isDown = true
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'CHAIN' })
    expect(wire.sent).toEqual([])
  })

  test('S20: a task that the chain reorganised away is told, and its slot serves the next', async () => {
    const { enigma } = await world.enigma()
    await world.mine(2)
    const slots: number[] = []
    const call = enigma.call({
      ...addition(),
      onProgress: (event) => {
        if (event.type === 'requested') void world.client.request({ method: 'anvil_reorg', params: [1, []] } as never)
      },
    })
    const error = await failure(call, TaskReorganisedError)
    expect(error.taskId).toMatch(/^0x/)
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verifying') slots.push(event.slot)
      if (event.type === 'requested') void world.serve(event.taskId, add)
    }
    expect(await enigma.call({ ...addition(), onProgress })).toBe(7n)
    expect(slots).toEqual([0])
  })

  test('that shows a request whose fields do not hash to its id is not believed', async () => {
    const { enigma, wire } = await world.enigma()
    wire.alter('eth_getTransactionReceipt', (receipt) => alterLastByte(receipt))
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'TASK_ID_MISMATCH' })
  })
})

/** The inputs' last byte, in the log of a request. */
function alterLastByte(receipt: unknown): unknown {
  if (!receipt) return receipt
  const { logs, ...rest } = receipt as { logs: { data: string }[] }
  return { ...rest, logs: logs.map((log) => ({ ...log, data: log.data.replace(/([0-9a-f]{2})((?:00)*)$/, 'ff$2') })) }
}
