/** A task in words. */
import { formatGwei, short } from './format.ts'
import type { Output } from './output.ts'
import type { Ending, TaskView } from './tasks.ts'

type Settled = Extract<Ending, { state: 'settled' }>

const STATUS_TEXT = ['a result', 'a failure of the function', 'inputs that did not open'] as const

export function showTask({ taskId, task, inputBytes, ranks, ending }: TaskView, { say, style }: Output): void {
  say(`${style('bold', 'task')} ${taskId}`)
  say(`  asked by   ${task.requester}, slot ${task.slot}, number ${task.seq}, in block ${task.createdBlock}`)
  say(`  runs       ${task.callable} of ${task.dApp}, ${inputBytes} bytes of sealed inputs`)
  say(`  pays       ${formatGwei(task.feeGwei)}; gas class ${task.gasClass}, callback ${task.callbackGas} gas`)
  say(`  epoch      ${task.epoch}, lane ${task.lane}`)
  for (const { rank, seat, signer } of ranks) say(`  rank ${rank}     seat ${seat}, ${signer}`)
  say(`  state      ${ending ? endingText(ending, style) : style('yellow', 'pending')}`)
}

export function endingText(ending: Ending, style: Output['style']): string {
  if (ending.state === 'cancelled') return `${style('yellow', 'cancelled')} in block ${ending.block}, the fee is back`
  const { status, seat, rank, block } = ending
  const what = STATUS_TEXT[status] ?? `status ${status}`
  return `${style(status === 0 ? 'green' : 'yellow', 'settled')} in block ${block} by seat ${seat} (rank ${rank}) with ${what}, ${deliveryText(ending, style)}`
}

function deliveryText({ delivered, afterwards }: Settled, style: Output['style']): string {
  if (delivered) return 'delivered to the dApp'
  const undelivered = style('yellow', 'not delivered to the dApp')
  if (!afterwards) return undelivered
  const { state, block } = afterwards
  return state === 'redelivered'
    ? `delivered to the dApp in block ${block}`
    : `${undelivered}, given up in block ${block}`
}

export function taskLine({ taskId, task, ranks }: TaskView): string {
  const first = ranks[0]
  return `${short(taskId)} asked of ${short(task.dApp)} in block ${task.createdBlock}${first ? `, first seat ${first.seat}` : ''}`
}
