/** One measured figure beside the target that it is held against. */

export type Figure = {
  name: string
  value: number
  unit: string
  /** Null where the figure is reported and nothing is demanded of it. */
  target: number | null
  better: 'lower' | 'higher'
  /** The same by the rules of Ethereum's next hard fork, where that was measured. */
  nextFork?: number
  /** What bounds the figure, in a sentence, where that is known. */
  bound?: string
  /** Whose figure it is and where from, where it is not ours. */
  source?: string
}

/** Whether the figure reaches its target. */
export function meets({ value, target, better }: Figure): boolean {
  if (target === null) return true
  return better === 'lower' ? value <= target : value >= target
}

/** The middle value; the lower of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[(sorted.length - 1) >> 1]
  if (middle === undefined) throw new RangeError('The median of nothing is not defined.')
  return middle
}
