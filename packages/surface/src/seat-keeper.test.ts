import { createSimulatedPki } from '@enigma/attestation/simulated'
import {
  type Block,
  type Intent,
  openDatabase,
  openValues,
  RpcError,
  type Sender,
  VALUES_SCHEMA,
} from '@enigma/process'
import { createManualClock, createRecordedLog, type RecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Chain, ContractRefusedError, type NetworkFacts, type SeatFacts } from './chain.ts'
import type { CoreHost } from './core-host.ts'
import { createSeatKeeper, NEVER, type SeatKeeper } from './seat-keeper.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const [OPERATOR, SIGNER] = [addressOf(1), addressOf(2)]
const MEASUREMENT = hashOf(7)
const facts = { genesisBlock: 0n, epochBlocks: 10, coolEpochs: 2, lifeEpochs: 20 } as NetworkFacts
const blockAt = (number: bigint): Block => ({ number, parentHash: hashOf(1), baseFeeWei: 1n }) as Block

const QUOTE = createSimulatedPki().quote({
  platformName: 'machine-1',
  measurement: hashOf(7),
  reportData: new Uint8Array(64),
})

let keeper: SeatKeeper
let clock: ReturnType<typeof createManualClock>
let keys: Hex[]
let sent: { topic: string; state: 'pending' | 'mined' }[]
let log: RecordedLog
/** What the contract says to a try, and what its verifier says of a quote whatever its age. */
let estimate: () => Promise<bigint>
let checkQuote: () => Promise<void>
let seats: SeatFacts[]
let revokedMask: number

beforeEach(() => {
  clock = createManualClock()
  keys = []
  sent = []
  seats = []
  revokedMask = 0
  log = createRecordedLog()
  estimate = async () => 1n
  checkQuote = async () => {}
  started()
})

/** A new process on the same directory. */
function started(values = openValues(openDatabase(':memory:', [VALUES_SCHEMA])), lifeEpochs = facts.lifeEpochs) {
  const coreHost = {
    core: async () => ({ info: async () => ({ signer: SIGNER, inputKeys: keys.slice(-4) }) }),
    attest: async () => {
      const inputKey = hashOf(keys.length + 1)
      keys.push(inputKey)
      return { signer: SIGNER, inputKey, quote: QUOTE }
    },
  } as unknown as CoreHost
  const sender = {
    address: OPERATOR,
    submit: async ({ topic }: Intent, _head: unknown, together?: () => void) => {
      sent.push({ topic, state: 'pending' })
      together?.()
    },
    find: (topic: string) => sent.find((transaction) => transaction.topic === topic),
  } as unknown as Sender
  keeper = createSeatKeeper({
    values,
    chain: {
      enigma: addressOf(9),
      balanceGwei: async () => 10n ** 18n,
      seatPriceGwei: async () => 1n,
      estimateGas: () => estimate(),
      checkQuote: () => checkQuote(),
      seatCount: async () => seats.length,
      seats: async () => seats,
      revokedMeasurements: async () => revokedMask,
    } as unknown as Chain,
    facts: { ...facts, lifeEpochs },
    coreHost,
    sender,
    signer: () => SIGNER,
    setSigner: () => {},
    measurement: MEASUREMENT,
    clock,
    log,
  })
  return values
}

async function at(head: bigint): Promise<void> {
  await clock.advance(60_000)
  await keeper.tick(blockAt(head))
}
const actions = () => sent.map(({ topic }) => topic.split(':')[0])
const taken = (exitEpoch = 20) =>
  ({ name: 'SeatTaken', seat: 0, signer: SIGNER, operator: OPERATOR, activeEpoch: 2, exitEpoch }) as const
const renewed = (exitEpoch: number) => ({ name: 'SeatRenewed', seat: 0, exitEpoch }) as const
const mine = () => {
  for (const transaction of sent) transaction.state = 'mined'
}

const away = async () => {
  throw new RpcError('RPC_UNREACHABLE', 'gone')
}
const refused = (code: string) => async () => {
  throw new ContractRefusedError(code)
}

describe('while an admission fails', () => {
  test('S20: it keeps its one input key, however often it is tried, so that Core keeps the registered one', async () => {
    estimate = away
    checkQuote = away
    for (let block = 2n; block < 1_000n; block += 10n) await at(block)
    expect(keys).toHaveLength(1)
    estimate = async () => 1n
    checkQuote = async () => {}
    await at(1_000n)
    expect([keys.length, actions()]).toEqual([2, ['take']])
  })

  /** Starts anew again and again, long enough for each quote to become too old. */
  async function restart(times: number, values: ReturnType<typeof started>, lifeEpochs?: number): Promise<void> {
    estimate = refused('TCB_STATUS_REFUSED')
    checkQuote = refused('TCB_STATUS_REFUSED')
    let block = 10n
    for (let start = 0; start < times; start++) {
      started(values, lifeEpochs)
      for (let look = 0; look < 5; look++) {
        await at(block)
        block += 201n
      }
    }
  }

  test('a refused platform is tried anew at each start, because it may have been updated', async () => {
    await restart(8, started())
    expect(keys).toHaveLength(8)
  })

  test('S20: and only at its start, and only because the contract said so', async () => {
    estimate = away
    const values = started()
    await at(10n)
    started(values)
    checkQuote = away
    await at(11n)
    expect(keys).toHaveLength(1)
    // The platform stands as it did at the start; it is refused only later.
    checkQuote = async () => {}
    await at(12n)
    checkQuote = refused('TCB_STATUS_REFUSED')
    for (let block = 13n; block < 1_000n; block += 50n) await at(block)
    expect(keys).toHaveLength(1)
  })

  test('S20: but never so often that Core loses the key of a live seat', async () => {
    // Renewals are due from the beginning.
    const values = started(undefined, 4_000)
    await at(2n)
    keeper.observe(taken(1_000), 6n)
    mine()
    await restart(8, values, 4_000)
    // Core keeps four: the registered one and these.
    expect(keys).toHaveLength(1 + 3)
  })

  test('the quote is made anew where a reorganisation took its block, and for each renewal', async () => {
    estimate = away
    await at(50n)
    keeper.rollback(48n)
    estimate = async () => 1n
    await at(51n)
    expect([keys.length, actions()]).toEqual([2, ['take']])
    mine()
    keeper.observe(taken(), 52n)
    await at(180n)
    expect([keys.length, actions()]).toEqual([3, ['take', 'renew']])
  })

  test('each cause is said once, with what to do about it, and again only after it went well', async () => {
    const tries: [string, string][] = [
      ['TCB_INFO_EXPIRED', 'collateral-needed'],
      ['QE_IDENTITY_SIGNER_REVOKED', 'collateral-needed'],
      ['TCB_STATUS_REFUSED', 'platform-refused'],
      ['PCK_REVOKED', 'platform-refused'],
      ['PlatformFull', 'platform-full'],
      ['UnknownMeasurement', 'seat-not-ready'],
      ['StaleQuote', 'seat-not-ready'],
    ]
    for (const [code, event] of [...tries, ...tries]) {
      estimate = refused(code)
      await at(10n)
      expect(keeper.trouble()).toMatchObject({ code, hint: expect.stringMatching(/\.$/) })
      expect(log.lines.filter((line) => line.reason === code).map((line) => line.event)).toEqual([event])
    }
    estimate = async () => 1n
    await at(11n)
    expect(keeper.trouble()).toBeUndefined()
    expect(actions()).toEqual(['take'])
    // It reverted, and the old trouble is back.
    sent = []
    estimate = refused('TCB_INFO_EXPIRED')
    await at(12n)
    expect(log.lines.filter(({ reason }) => reason === 'TCB_INFO_EXPIRED')).toHaveLength(2)
  })
})

describe('S16: a recheck', () => {
  const ended = (exitEpoch: number, revoked: boolean) => ({ name: 'SeatEnded', seat: 0, exitEpoch, revoked }) as const
  beforeEach(async () => {
    await at(5n)
    keeper.observe(taken(), 6n)
    mine()
  })

  test('that refuses the platform ends the seat in the epoch after next, and a renewal may still save it', async () => {
    await at(140n)
    keeper.observe(renewed(34), 141n)
    mine()
    keeper.observe(ended(16, false), 145n)
    expect(keeper.state(blockAt(145n))).toBe('ending')
    // Renewed an instant ago, which must not hold this one up.
    await at(146n)
    expect(actions()).toEqual(['take', 'renew', 'renew'])
    keeper.observe(renewed(36), 147n)
    expect(keeper.state(blockAt(147n))).toBe('live')
    expect(keeper.held()).toMatchObject({ exitEpoch: 36 })
  })

  test('that finds it revoked ends it at once, and another is taken only where the contract would have it', async () => {
    keeper.observe(ended(3, true), 35n)
    expect(keeper.held()).toMatchObject({ exitEpoch: 3, ended: 'revoked' })
    expect(keeper.state(blockAt(35n))).toBe('ended')
    estimate = refused('PCK_REVOKED')
    await at(36n)
    expect(actions()).toEqual(['take'])
    estimate = async () => 1n
    await at(37n)
    expect(actions()).toEqual(['take', 'take'])
    expect(keeper.state(blockAt(37n))).toBe('taking')
  })

  test('S20: that a reorganisation takes back leaves the seat as it was', async () => {
    for (const revoked of [true, false]) {
      keeper.observe(ended(3, revoked), 35n)
      keeper.rollback(34n)
      expect(keeper.held()).toMatchObject({ exitEpoch: 20, block: '6' })
      expect(keeper.held()?.ended).toBeUndefined()
      expect(keeper.state(blockAt(35n))).toBe('live')
    }
  })

  test('of the seat’s next holder is none of ours', () => {
    keeper.observe({ ...taken(90), signer: addressOf(3), operator: addressOf(4) }, 300n)
    keeper.observe(ended(32, true), 301n)
    expect(keeper.held()).toBeUndefined()
    expect(keeper.state(blockAt(301n))).toBe('none')
  })
})

describe('a seat that waits for the network secret', () => {
  const waiting = { ...taken(), activeEpoch: NEVER }
  const activated = { name: 'SeatActivated', seat: 0, activeEpoch: 4 } as const
  beforeEach(async () => {
    await at(5n)
    keeper.observe(waiting, 6n)
    mine()
  })

  test('is live two epochs after its grant, and not before', () => {
    expect(keeper.state(blockAt(60n))).toBe('waiting-for-grant')
    keeper.observe(activated, 25n)
    expect([25n, 40n].map((head) => keeper.state(blockAt(head)))).toEqual(['waiting', 'live'])
  })

  test('S20: waits again when a reorganisation takes the grant', () => {
    keeper.observe(activated, 25n)
    keeper.rollback(24n)
    expect(keeper.state(blockAt(60n))).toBe('waiting-for-grant')
    keeper.observe(activated, 26n)
    keeper.observe(renewed(40), 27n)
    keeper.rollback(26n)
    expect(keeper.held()).toMatchObject({ activeEpoch: 4, exitEpoch: 20 })
  })
})

describe('S14: code that is revoked', () => {
  const revoked = (measurement: Hex) => ({ name: 'MeasurementRevoked', measurement }) as const
  beforeEach(async () => {
    await at(5n)
    keeper.observe(taken(), 6n)
    mine()
  })

  test('ends our seat at once, and no other is taken while the contract refuses it', async () => {
    keeper.observe(revoked(MEASUREMENT), 35n)
    revokedMask = 0b10
    seats = [{ signer: SIGNER, operator: OPERATOR, activeEpoch: 2, exitEpoch: 20, measurementId: 1 } as SeatFacts]
    expect(keeper.held()).toMatchObject({ exitEpoch: 3, ended: 'revoked' })
    estimate = refused('RevokedMeasurement')
    for (const head of [36n, 37n]) await at(head)
    expect([keeper.state(blockAt(37n)), actions()]).toEqual(['ended', ['take']])
    expect(keeper.trouble()).toMatchObject({ code: 'RevokedMeasurement', hint: expect.stringContaining('version') })
  })

  test('ends nothing where it is another’s', () => {
    keeper.observe(revoked(hashOf(0x55)), 35n)
    expect(keeper.state(blockAt(35n))).toBe('live')
  })

  test('S20: and gives the seat back where a reorganisation takes that away', () => {
    keeper.observe(revoked(MEASUREMENT), 35n)
    keeper.rollback(34n)
    expect(keeper.state(blockAt(35n))).toBe('live')
  })
})

describe('S20: a reorganisation', () => {
  beforeEach(async () => {
    await at(5n)
    keeper.observe(taken(), 6n)
    mine()
  })

  test('that takes back a renewal leaves the seat as it was, and renewals go on', async () => {
    await at(140n)
    keeper.observe(renewed(34), 141n)
    mine()
    await at(142n)
    // The queue lets the same transaction wait again, and it is mined again, further up.
    for (const transaction of sent.slice(-1)) transaction.state = 'pending'
    keeper.rollback(140n)
    expect(keeper.held()).toMatchObject({ exitEpoch: 20, block: '6' })
    await at(150n)
    expect(actions()).toEqual(['take', 'renew'])
    keeper.observe(renewed(35), 151n)
    mine()
    expect(keeper.held()).toMatchObject({ exitEpoch: 35 })
    await at(290n)
    expect(actions()).toEqual(['take', 'renew', 'renew'])
  })

  test('that takes back what was done from elsewhere stops nothing either', async () => {
    keeper.observe(renewed(21), 20n)
    keeper.rollback(19n)
    await at(140n)
    expect(actions()).toEqual(['take', 'renew'])
  })

  test('that takes back the taking waits for the same transaction, and takes no second seat', async () => {
    for (const transaction of sent) transaction.state = 'pending'
    keeper.rollback(5n)
    expect(keeper.held()).toBeUndefined()
    await at(7n)
    expect(actions()).toEqual(['take'])
    keeper.observe(taken(21), 8n)
    expect(keeper.held()).toMatchObject({ exitEpoch: 21 })
  })
})

describe('a seat that anyone moves down the list', () => {
  const moved = { name: 'SeatRelocated', seat: 0, to: 4, activeEpoch: 5 } as const
  beforeEach(async () => {
    await at(5n)
    keeper.observe(taken(), 6n)
    mine()
    keeper.observe(moved, 35n)
    // The old place leaves, which is not ours to follow.
    keeper.observe({ name: 'SeatLeft', seat: 0, exitEpoch: 5 }, 35n)
  })

  test('is ours in its new place, for the same term, and does not leave', async () => {
    expect(keeper.held()).toMatchObject({ id: 4, activeEpoch: 5, exitEpoch: 20 })
    expect(keeper.state(blockAt(36n))).toBe('waiting')
    expect(keeper.state(blockAt(50n))).toBe('live')
    keeper.observe({ name: 'SeatEnded', seat: 0, exitEpoch: 4, revoked: true }, 40n)
    expect(keeper.state(blockAt(50n))).toBe('live')
  })

  test('shows its quote there at once, and again when its term runs out', async () => {
    await at(36n)
    await at(37n)
    expect(actions()).toEqual(['take', 'renew'])
    mine()
    keeper.observe({ name: 'SeatRenewed', seat: 4, exitEpoch: 23 }, 38n)
    await at(70n)
    expect(actions()).toEqual(['take', 'renew'])
    await at(165n)
    expect(actions()).toEqual(['take', 'renew', 'renew'])
    expect(keeper.held()).toMatchObject({ id: 4, exitEpoch: 23 })
  })

  test('S20: is in its old place again where a reorganisation takes the move back, and what was told there holds', () => {
    keeper.observe({ name: 'SeatRenewed', seat: 4, exitEpoch: 34 }, 40n)
    keeper.rollback(36n)
    expect(keeper.held()).toMatchObject({ id: 4, exitEpoch: 20 })
    keeper.rollback(34n)
    expect(keeper.held()).toMatchObject({ id: 0, activeEpoch: 2, exitEpoch: 20, block: '6' })
    keeper.observe(moved, 36n)
    expect(keeper.held()).toMatchObject({ id: 4 })
  })
})

test('S23: a seat that was slashed is over at once', async () => {
  await at(5n)
  keeper.observe(taken(), 6n)
  keeper.observe({ name: 'SeatSlashed', seat: 0, taskId: hashOf(1) }, 35n)
  expect(keeper.held()).toMatchObject({ exitEpoch: 3, ended: 'slashed' })
  expect(keeper.state(blockAt(35n))).toBe('ended')
})
