import { type Block, type Intent, openDatabase, openValues, VALUES_SCHEMA, type Values } from '@enigma/process'
import { createManualClock, createRecordedLog, type ManualClock } from '@enigma/process/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { ContractRefusedError } from './chain.ts'
import type { DueOf } from './key-dues.ts'
import { createKeyTransactions, type KeyTransactions } from './key-transactions.ts'
import { addressOf } from './testing/tasks.ts'

const HOUR_MS = 3_600_000
const REGISTRY = addressOf(5)

let clock: ManualClock
let values: Values
let states: Map<string, 'pending' | 'mined' | 'reverted'>
let dropped: string[]
let estimate: () => Promise<bigint>
let transactions: KeyTransactions

beforeEach(() => {
  clock = createManualClock()
  values = openValues(openDatabase(':memory:', [VALUES_SCHEMA]))
  states = new Map()
  dropped = []
  estimate = async () => 100_000n
  start()
})

/** A new process on the same database. */
function start(mostAnHour = 4): void {
  transactions = createKeyTransactions({
    values,
    sender: {
      address: addressOf(1),
      async submit({ topic }: Intent, _head: unknown, together?: () => void) {
        states.set(topic, 'pending')
        together?.()
      },
      find: (topic: string) => ({ state: states.get(topic) }),
      drop: (topic: string) => void dropped.push(topic),
    } as never,
    registry: REGISTRY,
    estimateGas: () => estimate(),
    mostAnHour,
    clock,
    log: createRecordedLog(),
  })
}
const headAt = (number: number): Block => ({ number: BigInt(number) }) as Block
const due = (key: string): DueOf => ({ name: 'grant', key, head: headAt(1) })
const send = (key: string) => transactions.send(due(key), '0x01')
const end = (state: 'mined' | 'reverted') => {
  for (const topic of states.keys()) states.set(topic, state)
}

describe('a transaction is under way', () => {
  test('S20: until it is mined, after a restart too', async () => {
    await send('a')
    expect(transactions.isUnderWay('grant:a', headAt(2))).toBe(true)
    start()
    expect(transactions.isUnderWay('grant:a', headAt(3))).toBe(true)
    expect(transactions.isUnderWay('grant:b', headAt(3))).toBe(false)
  })

  test('for one head longer: it may have been mined in a block that this look does not see yet', async () => {
    await send('a')
    end('mined')
    expect([2, 2, 3, 4].map((head) => transactions.isUnderWay('grant:a', headAt(head)))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('S20: again when a reorganisation took its block', async () => {
    await send('a')
    end('mined')
    transactions.isUnderWay('grant:a', headAt(2))
    transactions.sweep()
    for (const topic of states.keys()) states.set(topic, 'pending')
    expect(transactions.isUnderWay('grant:a', headAt(5))).toBe(true)
    end('mined')
    expect([6, 7].map((head) => transactions.isUnderWay('grant:a', headAt(head)))).toEqual([true, false])
  })

  test('no more once nobody wants it: then it is called back, once', async () => {
    await send('a')
    transactions.sweep()
    expect(dropped).toEqual([])
    transactions.isUnderWay('grant:a', headAt(2))
    transactions.sweep()
    expect(dropped).toEqual([])
    transactions.sweep()
    transactions.sweep()
    expect(dropped).toEqual(['key:grant:1'])
    start()
    // Its empty replacement is nothing that is under way.
    expect(transactions.isUnderWay('grant:a', headAt(3))).toBe(false)
  })

  test('and not called back where it is mined already', async () => {
    await send('a')
    end('mined')
    for (let look = 0; look < 3; look++) transactions.sweep()
    expect(dropped).toEqual([])
  })

  test('never where the contract would refuse it', async () => {
    estimate = async () => {
      throw new ContractRefusedError('NoJoin')
    }
    await expect(send('a')).rejects.toMatchObject({ refusal: 'NoJoin' })
    expect([...states]).toEqual([])
  })

  test('and forgotten when there are many later ones', async () => {
    for (let index = 0; index < 65; index++) await send(String(index))
    expect(transactions.isUnderWay('grant:0', headAt(2))).toBe(false)
    expect(transactions.isUnderWay('grant:1', headAt(2))).toBe(true)
  })
})

describe('in an hour', () => {
  const isRefused = (canWait: boolean): boolean => {
    try {
      transactions.requireRoom(canWait)
      return false
    } catch (error) {
      expect(error).toMatchObject({ code: 'KEY_TX_LIMIT', hint: expect.stringContaining('--key-tx-per-hour') })
      return true
    }
  }

  test('no more are sent than the operator allows, restarts included', async () => {
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(isRefused(false)).toBe(false)
      await send(key)
      await clock.advance(60_000)
    }
    expect(isRefused(false)).toBe(true)
    start()
    expect(isRefused(false)).toBe(true)
    await clock.advance(HOUR_MS - 4 * 60_000)
    expect(isRefused(false)).toBe(false)
    await send('e')
    expect(isRefused(false)).toBe(true)
  })

  test('half of them are kept for what cannot wait: whoever asks for keys without end holds up no grant', async () => {
    await send('a')
    expect(isRefused(true)).toBe(false)
    await send('b')
    expect([isRefused(true), isRefused(false)]).toEqual([true, false])
  })

  test('one at least may be of any kind', () => {
    start(1)
    expect([isRefused(true), isRefused(false)]).toEqual([false, false])
  })
})
