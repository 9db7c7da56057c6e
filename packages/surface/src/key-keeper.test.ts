import { type Block, openDatabase, openValues, RpcError, VALUES_SCHEMA } from '@enigma/process'
import { createRecordedLog, type RecordedLog } from '@enigma/process/testing'
import { EnigmaError, type Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import { createDues } from './key-dues.ts'
import { createKeyKeeper, type KeyKeeper } from './key-keeper.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

class Broken extends EnigmaError {
  readonly code = 'BROKEN'
}

let log: RecordedLog
let keeper: KeyKeeper
let stopping: AbortController
let sent: string[]
/** Throws what the look at the chain is to meet. */
let meet: () => void
let join: () => Promise<object>
let hasSeat: boolean
let held: Hex[]
let commitments: Hex[]
let events: object[]

beforeEach(() => {
  log = createRecordedLog()
  stopping = new AbortController()
  sent = []
  meet = () => {}
  join = async () => ({ joinKey: hashOf(4), r: hashOf(1), vs: hashOf(2) })
  hasSeat = true
  held = [hashOf(0xc1)]
  const state = { generation: 2, minGeneration: 1, openGeneration: 3, isFrozen: false, heldMask: 1, rotatedMask: 0 }
  commitments = [hashOf(0xc1), hashOf(0xc2)]
  events = []
  const transactions = {
    isUnderWay: () => false,
    requireRoom: () => {},
    send: async ({ name }: { name: string }) => void sent.push(name),
    sweep: () => {},
  }
  const core = {
    info: async () => ({ signer: addressOf(1), commitments: held }),
    join: () => join(),
    accept: async () => {
      held = commitments
      return { generations: [1, 2, 3], sealed: null }
    },
    hold: async () => ({ r: hashOf(1), vs: hashOf(2) }),
  }
  keeper = createKeyKeeper({
    registry: {
      at: () => ({
        state: async () => {
          meet()
          return state
        },
        generations: async (numbers: readonly number[]) =>
          numbers.map(
            (number) => commitments[number - 1] && { commitment: commitments[number - 1], seat: 2, epoch: 5 },
          ),
        heldBy: async () => [1],
        joinKeys: async (seats: readonly number[]) => seats.map(() => undefined),
        arePublished: async () => [],
      }),
      events: async () => events,
    } as never,
    chain: {
      enigma: addressOf(9),
      seatCount: async () => 4,
      seats: async (ids: readonly number[]) => ids.map(() => ({ activeEpoch: 2, exitEpoch: 20 })),
    },
    proofs: { isSeen: () => true, observed: async (head: Block) => head, shown: async () => ({}) },
    coreHost: {
      core: async () => core as never,
      keep: () => {},
    },
    seats: {
      held: () => (hasSeat ? { id: 3, activeEpoch: 2, exitEpoch: 20, block: '0' } : undefined),
      epochAt: () => 5,
    },
    values: openValues(openDatabase(':memory:', [VALUES_SCHEMA])),
    dues: createDues(transactions, log),
    signal: stopping.signal,
    onReceived: () => {},
    log,
  } as unknown as Parameters<typeof createKeyKeeper>[0])
})

const tick = (number: number): Promise<void> => keeper.tick({ number: BigInt(number) } as Block)
const fail = (error: Error) => () => {
  throw error
}

test('the status says what is held and what is missing of all that has a commitment', async () => {
  expect(keeper.status()).toBeUndefined()
  await tick(1)
  expect(keeper.status()).toMatchObject({ generation: 2, held: [1], missing: [2], trouble: null })
  expect(sent).toEqual(['join'])
})

test('what was received is confirmed and told of at the same head', async () => {
  commitments.push(hashOf(0xc3))
  await tick(1)
  events = [
    { name: 'KeyGranted', seat: 3, donorSeat: 2, generation: 3, joinKey: hashOf(4), ciphertext: '0x', block: 2n },
  ]
  await tick(2)
  expect(sent).toEqual(['join', 'confirm'])
  expect(keeper.status()).toMatchObject({ held: [1, 2, 3], missing: [] })
})

test('without a seat nothing is sent, and the status says nothing', async () => {
  await tick(1)
  hasSeat = false
  await tick(2)
  expect([keeper.status(), sent]).toEqual([undefined, ['join']])
})

test('what cannot be done is no failure of the look, and stands in the status with what to do', async () => {
  join = async () => {
    throw new Broken('it broke', { hint: 'Mend it.' })
  }
  for (const head of [1, 2, 3]) await tick(head)
  expect(keeper.status()).toMatchObject({ missing: [2], trouble: { code: 'BROKEN', hint: 'Mend it.' } })
  expect(log.events()).toEqual(['key-work-failed'])
})

test('a look that fails is said once for each cause until one goes well, and the next head is another try', async () => {
  meet = fail(new Broken('it broke'))
  for (const head of [1, 2]) await tick(head)
  expect(log.lines).toMatchObject([{ event: 'key-look-failed', code: 'BROKEN' }])
  meet = () => {}
  await tick(3)
  expect(sent).toEqual(['join'])
  meet = fail(new Broken('it broke'))
  await tick(4)
  expect(log.events().filter((event) => event === 'key-look-failed')).toHaveLength(2)
})

test('nothing is said of a node that is away, nor while the worker is being stopped', async () => {
  meet = fail(new RpcError('RPC_UNREACHABLE', 'gone'))
  await tick(1)
  meet = fail(new Broken('it broke'))
  stopping.abort()
  await tick(2)
  expect(log.lines).toEqual([])
})
