/** A simulation's calls as text, a line for each, indented by their depth. */
import type { Hex } from '@enigma/protocol'
import type { FailureReason } from '../outcome.ts'
import type { TracedCall, TracedEnd } from './trace.ts'

const SELECTOR = 10
/** A longer value tells nothing on a screen. */
const MOST_BYTES = 64

/**
 * `score(4200, …) 21,345 gas → [97055, 369]`, and under it what it called.
 *
 * It shows the arguments, which are what nobody else is to see: do not print it where others read.
 */
export function formatTrace({ trace }: { trace: TracedCall }): string {
  return linesOf(trace, 0).join('\n')
}

export function formatReason(reason: FailureReason | undefined): string {
  if (!reason) return 'without a reason'
  return 'data' in reason ? short(reason.data) : `${reason.errorName}(${reason.args.map(formatValue).join(', ')})`
}

export function formatValue(value: unknown): string {
  // Of a function without return values.
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${formatValue(field)}`)
    return `{ ${fields.join(', ')} }`
  }
  return typeof value === 'string' && value.startsWith('0x') ? short(value as Hex) : JSON.stringify(value)
}

function linesOf(call: TracedCall, depth: number): string[] {
  const line = `${'  '.repeat(depth)}${targetOf(call, depth)}.${headOf(call)}  ${call.gasUsed.toLocaleString('en')} gas  ${endOf(call.end)}`
  return [line, ...call.calls.flatMap((inner) => linesOf(inner, depth + 1))]
}

function targetOf({ call, to }: TracedCall, depth: number): string {
  if (call === 'private') return 'Private'
  return depth === 0 || call === 'staticcall' ? to : `${call} ${to}`
}

function headOf({ functionName, args = [], input }: TracedCall): string {
  if (functionName !== undefined) return `${functionName}(${args.map(formatValue).join(', ')})`
  const selector = input.slice(0, SELECTOR)
  return input.length > SELECTOR ? `${selector}(${short(`0x${input.slice(SELECTOR)}`)})` : `${selector}()`
}

function endOf(end: TracedEnd): string {
  switch (end.kind) {
    case 'returned':
      return `→ ${'result' in end ? formatValue(end.result) : short(end.output)}`
    case 'reverted':
      return `✗ reverted: ${formatReason(end.reason)}`
    case 'halted':
      return `✗ halted: ${end.halt}`
  }
}

function short(data: Hex): string {
  const bytes = data.length / 2 - 1
  return bytes > MOST_BYTES ? `${data.slice(0, 2 + 2 * MOST_BYTES)}… (${bytes} bytes)` : data
}
