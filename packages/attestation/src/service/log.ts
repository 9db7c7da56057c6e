/** The service's log: one JSON object a line, with fields from a list. What is not on the list is not written (S21). */

const FIELDS = [
  'url',
  'attester',
  'pcs',
  'trustRoot',
  'route',
  'method',
  'status',
  'code',
  'reason',
  'ms',
  'document',
  'quoteHash',
  'measurement',
  'tcbStatus',
  'collateralHash',
  'validUntil',
] as const

type LogFields = { readonly [Field in (typeof FIELDS)[number]]?: string | number | undefined }
export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: LogFields) => void

/** Writes lines through `write`; `now` in unix seconds. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  return (level, event, fields = {}) => {
    const allowed = Object.fromEntries(
      FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
    )
    const time = new Date(now() * 1000).toISOString()
    write(`${JSON.stringify({ time, component: 'attestation', level, event, ...allowed })}\n`)
  }
}
