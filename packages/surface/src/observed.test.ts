import type { Observation } from '@enigma/process'
import { createManualClock, createRecordedLog } from '@enigma/process/testing'
import { beforeEach, expect, test } from 'vitest'
import { createObservations, NotObservedError } from './observed.ts'
import { hashOf } from './testing/tasks.ts'

const ANCHOR = { number: 100n, hash: hashOf(2) }
const SIGNATURE = { r: hashOf(3), vs: hashOf(4) }
const HEADER = Uint8Array.of(1, 2, 3)

let kind: Observation['kind']
let asked: number
let clock: ReturnType<typeof createManualClock>
let log: ReturnType<typeof createRecordedLog>
let observations: ReturnType<typeof createObservations>
beforeEach(() => {
  kind = 'observed'
  asked = 0
  clock = createManualClock()
  log = createRecordedLog()
  observations = createObservations({
    observers: {
      observe: async () => {
        asked++
        return { kind, signatures: kind === 'observed' ? [SIGNATURE] : [] }
      },
    },
    node: { header: async () => HEADER },
    clock,
    log,
  })
})

test('observers are asked once for a block, however many tasks it carries', async () => {
  const all = await Promise.all([observations.of(ANCHOR), observations.of(ANCHOR)])
  all.push(await observations.of(ANCHOR))
  expect(all).toEqual(Array(3).fill({ header: HEADER, signatures: [SIGNATURE] }))
  expect(asked).toBe(1)
  observations.forget(ANCHOR)
  await observations.of(ANCHOR)
  expect(asked).toBe(2)
})

test('a block that is young is no trouble, and is asked for again a moment later', async () => {
  kind = 'tooYoung'
  for (let look = 0; look < 3; look++)
    await expect(observations.of(ANCHOR)).rejects.toMatchObject({ code: 'HEADER_TOO_YOUNG' })
  expect([asked, observations.trouble(), log.events()]).toEqual([1, null, []])
  kind = 'observed'
  await clock.advance(50)
  expect(await observations.of(ANCHOR)).toMatchObject({ header: HEADER })
})

test('S12: too few observers, or another branch, is said once in the log and stands in the status until it is over', async () => {
  for (const [told, code] of [
    ['silent', 'OBSERVERS_MISSING'],
    ['otherBranch', 'OTHER_BRANCH'],
  ] as const) {
    kind = told
    for (let time = 0; time < 3; time++) {
      await expect(observations.of(ANCHOR)).rejects.toBeInstanceOf(NotObservedError)
      await clock.advance(10_000)
    }
    expect(observations.trouble()).toEqual({ code, hint: expect.stringMatching(/./) })
  }
  expect(log.lines.map(({ event, code }) => [event, code])).toEqual([
    ['headers-not-observed', 'OBSERVERS_MISSING'],
    ['headers-not-observed', 'OTHER_BRANCH'],
  ])
  kind = 'observed'
  await observations.of(ANCHOR)
  expect([observations.trouble(), log.events().at(-1)]).toEqual([null, 'headers-observed-again'])
})
