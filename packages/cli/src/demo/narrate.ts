/** The demo in words: one line for each thing that happened, with whose it is in front. */
import type { ProgressEvent } from '@enigma/client'
import { formatGwei, grouped, short } from '../format.ts'
import type { Output } from '../output.ts'
import type { Stored } from './club.ts'

type Voice = Pick<Output, 'say' | 'style'>
type Colour = 'cyan' | 'green' | 'yellow' | 'magenta' | 'blue'
const COLOURS: readonly Colour[] = ['cyan', 'magenta', 'blue', 'green', 'yellow']
const NAME_WIDTH = 9

/** Says lines in the name of one member. */
export function narrator({ say, style }: Voice, name: string, index: number): (line: string) => void {
  const colour = COLOURS[index % COLOURS.length] ?? 'cyan'
  return (line) => say(`  ${style(colour, name.padEnd(NAME_WIDTH))} ${line}`)
}

export function describeStored({ bytes, block, gas }: Stored, { style }: Voice): string {
  return `${style('green', '✓')} stored    ${bytes} sealed bytes in block ${block}: ${grouped(gas)} gas, a plain transaction`
}

/** One thing that happened to the task; undefined for what needs no line of its own. */
export function describeEvent(event: ProgressEvent, { style }: Voice): string | undefined {
  const tick = style('green', '✓')
  switch (event.type) {
    case 'verifying':
      return `drew the workers of epoch ${event.epoch}, lane ${event.lane}; verifies their quotes`
    case 'verified': {
      const { rank, seat, verdict, trustRoot } = event.worker
      return `${tick} verified  rank ${rank} = seat ${seat}: ${trustRoot} root, TCB ${verdict.tcbStatus}, measurement ${short(verdict.measurement)}`
    }
    case 'rejected':
      return `${style('red', '✗')} refused   rank ${event.worker.rank} = seat ${event.worker.seat}: ${event.worker.error.code}`
    case 'encrypted':
      return `${tick} encrypted ${event.bytes} bytes, for the enclaves of ranks ${event.ranks.join(', ')} and nobody else`
    case 'requested':
      return `${tick} asked     task ${short(event.taskId)} in block ${event.createdBlock}: ${grouped(event.gas)} gas, fee ${formatGwei(event.feeGwei)}`
    case 'selected':
      return `${tick} selected  seat ${event.seat} has the first turn`
    case 'settled': {
      const gas = event.gas === undefined ? '' : `: ${grouped(event.gas)} gas`
      return `${tick} settled   by seat ${event.seat} (rank ${event.rank})${gas}, ${event.delivered ? 'delivered to the contract' : 'not delivered'}`
    }
    case 'sent':
      return undefined
  }
}

/** What one member finds in the answer that stands on chain. */
export function describeLead(lead: string | undefined, { style }: Voice): string {
  if (lead === undefined) return `${style('red', '✗')} opens     nothing: the answer is sealed to another key`
  return `${style('green', '✓')} opens     ${style('bold', `you have ${lead}`)}`
}
