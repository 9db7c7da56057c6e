import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

test('lets in as many as there are places, first come first served', async () => {
  const gate = createGate(2)
  const order: number[] = []
  const leave = await gate.enter()
  await gate.enter()
  const third = gate.enter().then(() => order.push(3))
  const fourth = gate.enter().then(() => order.push(4))
  await Promise.resolve()
  expect(order).toEqual([])
  leave()
  await third
  expect(order).toEqual([3])
  void fourth
})

test('lets one in alone, and keeps others out until it leaves', async () => {
  const gate = createGate(3)
  const leaveFirst = await gate.enter()
  let aloneIn = false
  const alone = gate.enter(true).then((leave) => {
    aloneIn = true
    return leave
  })
  let laterIn = false
  const later = gate.enter().then(() => {
    laterIn = true
  })
  await Promise.resolve()
  expect([aloneIn, laterIn]).toEqual([false, false])
  leaveFirst()
  const leaveAlone = await alone
  expect(laterIn).toBe(false)
  leaveAlone()
  await later
  expect(laterIn).toBe(true)
})
