/** The gas suite's figures by today's rules beside those by the next fork's: what must stay, and what a new slot makes dearer. */

type Gas = Record<string, number>

/**
 * Calls that make no new storage: their figures may move by `MOST_PERCENT` and no more. Those of much calldata are not among them,
 * `slash` neither: 64 gas a byte is the least that the next fork takes (EIP-7976), whatever a call does.
 */
export const RECYCLED = [
  'requestTask, recycled slot',
  'settle, callback updates a slot',
  'settle, callback does nothing',
  'settle, callback does nothing, rank 1',
  'settle, callback does nothing, rank 2',
  'settle, failure',
  'settleBatch, 10, per task',
  'settleBatch, 100, per task',
  'cancel',
  'withdrawSlot',
  'fundSlot',
  'postSeed, recycled word',
  'renewSeat, leaf known',
  'renewSeat, leaf sent along',
  'leaveSeat',
  'withdrawSeat, credit',
  'withdrawOwed',
  'recheck, seat ended',
  'recheck, seat revoked',
  'setPckCrl',
  'setTcbInfo',
  'setQeIdentity',
  'selection at 100,000 seats, rank 0',
  'selection at 100,000 seats, rank 1',
  'selection at 100,000 seats, rank 2',
]
export const MOST_PERCENT = 5

/** How much dearer a call becomes, in percent; NaN where one of the two was not measured. */
export function percentMore(name: string, today: Gas, next: Gas): number {
  const before = today[name] ?? Number.NaN
  return (((next[name] ?? Number.NaN) - before) * 100) / before
}

/** A line for each recycled call that moved too far or that one of the two runs lacks. */
export function movedTooFar(today: Gas, next: Gas): string[] {
  return RECYCLED.filter((name) => !(Math.abs(percentMore(name, today, next)) <= MOST_PERCENT)).map(
    (name) => `${name}: ${today[name]} today, ${next[name]} by the next fork's rules; at most ${MOST_PERCENT} % apart`,
  )
}

/** A line for each call: today's figure, the next fork's, the difference, and which of them are held to it. */
export function comparison(today: Gas, next: Gas): string[] {
  return Object.keys(next).map((name) => {
    const percent = percentMore(name, today, next).toFixed(1)
    const figures = [today[name], next[name], `${percent} %`].map((cell) => String(cell ?? '–').padStart(10))
    return `${name.padEnd(50)} ${figures.join(' ')}  ${RECYCLED.includes(name) ? `≤ ${MOST_PERCENT} %` : ''}`.trimEnd()
  })
}
