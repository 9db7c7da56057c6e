/**
 * One JSON line per thing that happened, through an allow-list.
 *
 * Daemons handle ciphertext, keys and other people's data; what a log may hold is decided here and nowhere else.
 * A field that is not in the table, or does not look as the table says, is dropped: forgetting to add one costs a field,
 * never a secret (claim S21). No field holds free text.
 */
import { type Clock, systemClock } from './clock.ts'

export type LogLevel = 'info' | 'warn' | 'error'
export type LogFields = Readonly<Partial<Record<LogField, unknown>>>
export type Logger = Readonly<Record<LogLevel, (event: string, fields?: LogFields) => void>>

type Shape = (value: unknown) => string | number | boolean | undefined

const count: Shape = (value) =>
  typeof value === 'bigint' ? Number(value) : typeof value === 'number' && Number.isFinite(value) ? value : undefined
/** A name that our own code chose: an error code, a state. Too short and plain to carry anybody's data. */
const name: Shape = (value) =>
  typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(value) ? value : undefined
const flag: Shape = (value) => (typeof value === 'boolean' ? value : undefined)
const address: Shape = (value) => (typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value) ? value : undefined)
/** Public on chain, and long enough in full to be mistaken for a key: eight digits are enough to find it again. */
const shortHash: Shape = (value) =>
  typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value) ? value.slice(0, 10) : undefined
const transactionHash: Shape = (value) =>
  typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value) ? value : undefined
/** Only the host: providers put API keys into path, query and user info. */
const host: Shape = (value) => (typeof value === 'string' && URL.canParse(value) ? new URL(value).host : undefined)

const shapes = {
  component: name,
  taskId: shortHash,
  txHash: transactionHash,
  blockHash: shortHash,
  measurement: shortHash,
  networkHash: shortHash,
  dApp: address,
  operator: address,
  signer: address,
  enigma: address,
  code: name,
  state: name,
  reason: name,
  status: name,
  isolation: name,
  method: name,
  topic: name,
  action: name,
  route: name,
  document: name,
  tcbStatus: name,
  trustRoot: name,
  rpc: host,
  url: host,
  upstream: host,
  simulated: flag,
  delivered: flag,
  block: count,
  fromBlock: count,
  toBlock: count,
  depth: count,
  epoch: count,
  activeEpoch: count,
  exitEpoch: count,
  seat: count,
  rank: count,
  nonce: count,
  attempt: count,
  count: count,
  kills: count,
  ms: count,
  retryMs: count,
  gas: count,
  feeGwei: count,
  balanceGwei: count,
  neededGwei: count,
  port: count,
  pid: count,
  chainId: count,
  httpStatus: count,
  validUntil: count,
} as const satisfies Record<string, Shape>

export type LogField = keyof typeof shapes

/** A logger of one component. `write` gets whole lines without their end. */
export function createLogger(
  component: string,
  { write = (line) => void process.stdout.write(`${line}\n`), clock = systemClock }: LoggerParts = {},
): Logger {
  const emit =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      const time = new Date(clock.nowMs()).toISOString()
      write(JSON.stringify({ time, level, component, event: name(event) ?? 'unnamed', ...allowed(fields) }))
    }
  return { info: emit('info'), warn: emit('warn'), error: emit('error') }
}

type LoggerParts = { write?: (line: string) => void; clock?: Clock }

/** Writes nothing; for callers that want silence. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} }

/** The code of anything thrown: what a log may say of an error, whose text may quote what it met. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.constructor.name : 'UNKNOWN'
}

function allowed(fields: LogFields): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {}
  for (const [field, value] of Object.entries(fields)) {
    const shape: Shape | undefined = Object.hasOwn(shapes, field) ? shapes[field as LogField] : undefined
    const shown = shape?.(value)
    if (shown !== undefined) kept[field] = shown
  }
  return kept
}
