import { CoreError } from '@enigma/core/calls'
import type { Block } from '@enigma/process'
import { createRecordedLog, type RecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import { createKeyJoiner, type KeyJoiner } from './key-joiner.ts'
import type { Look } from './key-look.ts'
import type { Granted } from './key-requests.ts'
import { addressOf, hashOf } from './testing/tasks.ts'
import type { Trouble } from './trouble.ts'

let did: string[]
let log: RecordedLog
let joiner: KeyJoiner
/** The key under which our seat waits on chain. */
let waiting: Hex | undefined
let grant: Granted | undefined
let accept: () => Promise<{ sealed: Uint8Array; generations: number[] }>
let isUnderWay: boolean
let joins: number
let core: Look['core']

const newCore = () =>
  ({
    async join() {
      joins++
      did.push(`join ${joins}`)
      return { joinKey: hashOf(joins), r: hashOf(1), vs: hashOf(2) }
    },
    accept: () => {
      did.push('accept')
      return accept()
    },
  }) as unknown as Look['core']

beforeEach(() => {
  did = []
  log = createRecordedLog()
  waiting = undefined
  grant = undefined
  joins = 0
  isUnderWay = false
  core = newCore()
  accept = async () => ({ sealed: new Uint8Array([1]), generations: [1] })
  const state = { generation: 1, minGeneration: 1, openGeneration: 1, isFrozen: false, heldMask: 1, rotatedMask: 0 }
  const attempt = async (_: unknown, act: () => Promise<unknown>) =>
    void (await act().catch((error) => did.push(error.code)))
  joiner = createKeyJoiner({
    enigma: addressOf(9),
    registry: { at: () => ({ joinKeys: async () => [waiting], state: async () => state }) } as never,
    coreHost: { keep: () => void did.push('keep') },
    requests: { grantOf: (_, joinKey) => (grant?.joinKey === joinKey ? grant : undefined) },
    dues: {
      send: attempt,
      run: attempt,
      isUnderWay: () => isUnderWay,
      hold: (_: unknown, { code }: Trouble) => void did.push(`held: ${code}`),
    } as never,
    proofs: {
      isSeen: (block: bigint, head: Block) => block + 2n <= head.number,
      observed: async () => ({ number: 1n }),
      shown: async () => ({}),
    } as never,
    onReceived: () => void did.push('received'),
    log,
  })
})

const look = (head: number, over: Partial<Look> = {}): Promise<void> => {
  const wanted = [{ generation: 1, committed: { commitment: hashOf(0xaa), seat: 0, epoch: 1 } }]
  const facts = { head: { number: BigInt(head) } as Block, epoch: 1, seat: 3, isLive: false, isWaiting: false, wanted }
  const state = { generation: 1 }
  return joiner.tick({ ...facts, state, core, signer: addressOf(1), heldBy: 0, held: new Set(), ...over } as Look)
}
const granted = (block: number): void => {
  const joinKey = hashOf(joins)
  waiting = undefined
  grant = {
    name: 'KeyGranted',
    seat: 3,
    donorSeat: 0,
    generation: 1,
    joinKey,
    ciphertext: '0x01',
    block: BigInt(block),
  }
}

test('a join waits for 48 blocks, then is made anew, and each time for twice as long', async () => {
  const asked: number[] = []
  for (let head = 0; head < 400; head++) {
    await look(head)
    if (hashOf(joins) !== waiting) asked.push(head)
    waiting = hashOf(joins)
  }
  expect(asked).toEqual([0, 48, 144, 336])
  expect(joiner.isLeftAlone()).toBe(true)
})

test('who was given it, or lacks nothing more, was not left alone', async () => {
  const silence = async (from: number) => {
    await look(from)
    waiting = hashOf(joins)
    await look(from + 48)
    waiting = hashOf(joins)
    expect(joiner.isLeftAlone()).toBe(true)
  }
  await silence(1)
  granted(50)
  await look(60)
  expect(joiner.isLeftAlone()).toBe(false)
  await silence(100)
  await look(200, { held: new Set([hashOf(0xaa)]) })
  expect(joiner.isLeftAlone()).toBe(false)
})

test('S20: a join that never came to stand on chain is made anew once its transaction is over, and that is nobody’s silence', async () => {
  await look(1)
  isUnderWay = true
  await look(2)
  isUnderWay = false
  await look(3)
  expect(did).toEqual(['join 1', 'join 2'])
  expect(joiner.isLeftAlone()).toBe(false)
})

test('S20: another Core, or another seat, asks under a key of its own', async () => {
  await look(1)
  waiting = hashOf(1)
  await look(2)
  core = newCore()
  await look(3)
  waiting = hashOf(2)
  await look(4, { seat: 4 })
  expect(did).toEqual(['join 1', 'join 2', 'join 3'])
})

test('a grant is taken once observers see it, and kept on disk', async () => {
  await look(1)
  granted(5)
  for (const head of [5, 6]) await look(head)
  expect(did).toEqual(['join 1'])
  await look(7)
  expect(did).toEqual(['join 1', 'accept', 'keep', 'received'])
  expect(log.lines).toMatchObject([{ event: 'secret-received', count: 1, seat: 0 }])
})

test('S20: a grant that a reorganisation took back is not taken, but waited for again', async () => {
  await look(1)
  granted(2)
  waiting = hashOf(1)
  await look(7)
  expect(did).toEqual(['join 1'])
})

test.each(['NOT_FINAL', 'BAD_PROOF', 'NOT_OBSERVED'] as const)(
  'after %s the same grant is shown again',
  async (code) => {
    accept = () => Promise.reject(new CoreError(code))
    await look(1)
    granted(2)
    for (const head of [7, 8]) await look(head)
    expect(did).toEqual(['join 1', 'accept', code, 'accept', code])
  },
)

test('a grant that does not open is followed by another join', async () => {
  accept = () => Promise.reject(new CoreError('GRANT_REFUSED'))
  await look(1)
  granted(2)
  for (const head of [7, 8]) await look(head)
  expect(did).toEqual(['join 1', 'accept', 'GRANT_REFUSED', 'join 2'])
})

test('a seat that waits to be live asks although Core has all, and takes nothing', async () => {
  const held = new Set([hashOf(0xaa)])
  await look(1, { held, isWaiting: true })
  granted(2)
  await look(7, { held, isWaiting: true })
  await look(8, { held })
  expect(did).toEqual(['join 1'])
  // The key is used up: what is missing later is asked for under another one.
  await look(9)
  expect(did).toEqual(['join 1', 'join 2'])
})

test('who has all of it and is live asks for nothing', async () => {
  await look(1, { held: new Set([hashOf(0xaa)]) })
  expect(did).toEqual([])
})

test('S14: a frozen join is not tried, and so is made at once when the freeze ends; a former holder asks through it', async () => {
  const state = { generation: 1, isFrozen: true } as Look['state']
  for (const head of [1, 2]) await look(head, { state })
  await look(3)
  expect(did).toEqual(['held: Frozen', 'held: Frozen', 'join 1'])
  await look(4, { state, heldBy: 1, core: newCore() })
  expect(did.at(-1)).toBe('join 2')
})
