import { createManualClock } from '@enigma/process/testing'
import { describe, expect, test } from 'vitest'
import { AbortedError, startDeadline, systemClock, TimeoutError } from './clock.ts'

const forever = () => new Promise<never>(() => {})

describe('a deadline', () => {
  test('ends what waits when its time is up', async () => {
    const clock = createManualClock()
    const deadline = startDeadline(clock, { timeoutMs: 1000 })
    const work = deadline.race(forever())
    await clock.advance(999)
    deadline.check()
    const failed = expect(work).rejects.toBeInstanceOf(TimeoutError)
    await clock.advance(1)
    await failed
    expect(() => deadline.check()).toThrow(TimeoutError)
  })

  test('ends what waits when the caller aborts, and says what had been sent', async () => {
    const abort = new AbortController()
    const deadline = startDeadline(createManualClock(), { signal: abort.signal })
    const work = deadline.race(forever())
    deadline.sent({ txHash: '0x01' })
    abort.abort()
    await expect(work).rejects.toMatchObject({ code: 'ABORTED', txHash: '0x01', taskId: undefined })
  })

  test('leaves the outcome of work that is done in time as it is', async () => {
    const deadline = startDeadline(createManualClock(), { timeoutMs: 1 })
    expect(await deadline.race(Promise.resolve(7))).toBe(7)
    await expect(deadline.race(Promise.reject(new RangeError('no')))).rejects.toBeInstanceOf(RangeError)
  })

  test('leaves no timer behind once it is ended', async () => {
    const clock = createManualClock()
    const deadline = startDeadline(clock, { timeoutMs: 1000 })
    expect(clock.sleeping()).toBe(1)
    deadline.end()
    expect(clock.sleeping()).toBe(0)
    await clock.advance(2000)
    deadline.check()
  })

  test('of a caller who aborted before it began is over at once', () => {
    const deadline = startDeadline(createManualClock(), { signal: AbortSignal.abort() })
    expect(() => deadline.check()).toThrow(AbortedError)
  })
})

describe('the system clock', () => {
  test('wakes a sleeper whose signal aborts', async () => {
    const abort = new AbortController()
    const sleep = systemClock.sleep(2 ** 30, abort.signal)
    abort.abort()
    await sleep
    await systemClock.sleep(2 ** 30, abort.signal)
  })
})
