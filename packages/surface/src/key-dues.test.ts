import type { Block } from '@enigma/process'
import { createRecordedLog, type RecordedLog } from '@enigma/process/testing'
import { EnigmaError } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { ContractRefusedError } from './chain.ts'
import { createDues, type DueOf, type Dues } from './key-dues.ts'

class NodeIsAway extends EnigmaError {
  readonly code = 'AWAY'
}

let dues: Dues
let log: RecordedLog
let underWay: string[]
let sent: { id: string; canWait: boolean }[]
let hasRoom: (canWait: boolean) => boolean
let sweeps: number

beforeEach(() => {
  log = createRecordedLog()
  underWay = []
  sent = []
  hasRoom = () => true
  sweeps = 0
  let canWait = false
  dues = createDues(
    {
      isUnderWay: (id) => underWay.includes(id),
      requireRoom: (asked) => {
        canWait = asked
        if (!hasRoom(asked)) throw new NodeIsAway('full')
      },
      send: async ({ name, key }) => void sent.push({ id: `${name}:${key}`, canWait }),
      sweep: () => void sweeps++,
    },
    log,
  )
})

const grant = (head: number, over: Partial<DueOf> = {}): DueOf => ({
  name: 'grant',
  key: '7:0xabc',
  head: { number: BigInt(head) } as Block,
  ...over,
})
const make = async () => '0x01' as const
const fail = (error: Error) => async () => {
  throw error
}
/** The heads at which it is tried, of those from 0 on. */
async function triedAt(heads: number, act: () => Promise<never>, over?: Partial<DueOf>): Promise<number[]> {
  const tried: number[] = []
  for (let head = 0; head < heads; head++) {
    await dues.send(grant(head, over), () => {
      tried.push(head)
      return act()
    })
    dues.sweep()
  }
  return tried
}

describe('what is due', () => {
  test('waits its turn, two blocks for each who comes before', async () => {
    for (const head of [10, 13]) await dues.send(grant(head, { position: 2 }), make)
    expect(sent).toEqual([])
    await dues.send(grant(14, { position: 2 }), make)
    expect(sent).toEqual([{ id: 'grant:7:0xabc', canWait: false }])
  })

  test('is tried again after pauses that double, up to 64 blocks', async () => {
    expect(await triedAt(300, fail(new NodeIsAway('gone')))).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 191, 255])
  })

  test('is left while its transaction is under way', async () => {
    underWay = ['grant:7:0xabc']
    await dues.send(grant(1), make)
    expect([sent, dues.isUnderWay(grant(1))]).toEqual([[], true])
    underWay = []
    await dues.send(grant(2), make)
    expect(sent).toHaveLength(1)
  })

  test('begins anew, with its turn, once it was not due for a while', async () => {
    await dues.send(grant(1), fail(new NodeIsAway('gone')))
    dues.sweep()
    dues.sweep()
    await dues.send(grant(2, { position: 1 }), make)
    await dues.send(grant(3, { position: 1 }), make)
    expect(sent).toEqual([])
    await dues.send(grant(4, { position: 1 }), make)
    expect(sent).toHaveLength(1)
  })

  test('is not even prepared where there is no room for its transaction', async () => {
    hasRoom = (canWait) => !canWait
    let prepared = 0
    const counting = async () => {
      prepared++
      return make()
    }
    await dues.send(grant(1, { canWait: true }), counting)
    expect(prepared).toBe(0)
    await dues.send(grant(9), counting)
    expect(sent).toEqual([{ id: 'grant:7:0xabc', canWait: false }])
  })

  test('keeps its pause while somebody asks whether it is under way', async () => {
    for (const head of [1, 2]) await dues.send(grant(head), fail(new NodeIsAway('gone')))
    for (const head of [2, 3]) {
      dues.sweep()
      dues.isUnderWay(grant(head))
    }
    await dues.send(grant(3), make)
    expect(sent).toEqual([])
    await dues.send(grant(4), make)
    expect(sent).toHaveLength(1)
  })

  test('is no trouble any more once it went well, although it is due still', async () => {
    await dues.send(grant(1), fail(new NodeIsAway('gone')))
    await dues.send(grant(9), make)
    dues.sweep()
    expect([dues.trouble(), sweeps]).toEqual([undefined, 1])
  })

  test('sends nothing where there turns out to be nothing to send', async () => {
    await dues.send(grant(1), async () => undefined)
    expect(sent).toEqual([])
  })
})

describe('a failure', () => {
  test('is said once for each cause, by the contract’s word or the error’s code, until it went well', async () => {
    await triedAt(20, fail(new ContractRefusedError('Frozen')))
    await dues.send(grant(100), fail(new NodeIsAway('gone')))
    expect(log.lines).toMatchObject([
      { event: 'key-work-failed', action: 'grant', code: 'Frozen', seat: 7 },
      { event: 'key-work-failed', action: 'grant', code: 'AWAY', seat: 7 },
    ])
    await dues.send(grant(200), make)
    await dues.send(grant(300), fail(new ContractRefusedError('Frozen')))
    expect(log.lines).toHaveLength(3)
  })

  test('stands in the status for as long as the thing is due, with what to do', async () => {
    await dues.send(grant(1), fail(new NodeIsAway('gone', { hint: 'Start the node.' })))
    dues.sweep()
    expect(dues.trouble()).toEqual({ code: 'AWAY', hint: 'Start the node.' })
    await dues.send(grant(1), make)
    dues.sweep()
    expect(dues.trouble()).toMatchObject({ code: 'AWAY' })
    dues.sweep()
    expect(dues.trouble()).toBeUndefined()
  })

  test('of the contract points to the runbook', async () => {
    await dues.send(grant(1), fail(new ContractRefusedError('NoJoin')))
    dues.sweep()
    expect(dues.trouble()).toEqual({ code: 'NoJoin', hint: expect.stringContaining('docs/runbook.md') })
  })

  test('that the chain’s state foretells is said like any other, and makes nothing pause', async () => {
    for (const head of [1, 2, 3]) {
      dues.hold(grant(head), { code: 'Frozen', hint: 'Wait.' })
      dues.sweep()
    }
    expect(dues.trouble()).toEqual({ code: 'Frozen', hint: 'Wait.' })
    expect(log.lines).toMatchObject([{ event: 'key-work-failed', code: 'Frozen' }])
    await dues.send(grant(4), make)
    expect(sent).toHaveLength(1)
  })
})
