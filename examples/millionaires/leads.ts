/** What the members of `Lead` in Millionaires.sol mean, in its order. */
const LEADS = [
  'as much as the next, or a little more',
  'at least a tenth more than the next',
  'at least twice as much as the next',
  'at least ten times as much as the next',
] as const

export function leadOf(lead: number): string {
  const text = LEADS[lead]
  if (text === undefined) throw new RangeError(`${lead} is no lead`)
  return text
}
