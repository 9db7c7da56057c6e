/** The demo in words: one line for each thing that happened, with whose it is in front. */
import type { ProgressEvent } from '@enigma/client'
import { formatGwei, grouped, short } from '../format.ts'
import type { Output } from '../output.ts'
import type { Application } from './applicants.ts'
import type { Applied } from './apply.ts'

type Voice = Pick<Output, 'say' | 'style'>
type Colour = 'cyan' | 'green' | 'yellow' | 'magenta' | 'blue'
const COLOURS: readonly Colour[] = ['cyan', 'magenta', 'blue', 'green', 'yellow']
const NAME_WIDTH = 9

/** Says lines in the name of one applicant. */
export function narrator({ say, style }: Voice, name: string, index: number): (line: string) => void {
  const colour = COLOURS[index % COLOURS.length] ?? 'cyan'
  return (line) => say(`  ${style(colour, name.padEnd(NAME_WIDTH))} ${line}`)
}

export function describeApplication({ monthlyIncome, debts, history }: Application): string {
  const late = history.filter(({ daysLate }) => daysLate > 0).length
  const record = late === 0 ? 'all on time' : `${late} late`
  return `income ${grouped(monthlyIncome)}, debts ${grouped(debts)}, ${history.length} instalments, ${record}`
}

/** One thing that happened to an application; undefined for what needs no line of its own. */
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

export function describeOffer({ offer: { amount, rateBps } }: Applied, { style }: Voice): string {
  return style('bold', `is offered ${grouped(amount)} at ${(Number(rateBps) / 100).toFixed(2)} %`)
}
