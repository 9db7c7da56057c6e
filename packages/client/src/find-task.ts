/** Which task did a transaction make? For whoever stopped waiting, or met a reorganisation. */
import type { Deadline } from './clock.ts'
import { waitForReceipt } from './receipt.ts'
import { type RequestedTask, requestedTask, type SentTask } from './request-task.ts'
import type { Waiting } from './wait.ts'

export async function findTask(
  { reader, domain, pollMs }: Pick<Waiting, 'reader' | 'domain' | 'pollMs'>,
  sent: SentTask,
  deadline: Deadline,
): Promise<RequestedTask> {
  deadline.sent({ sent })
  const transaction = { hash: sent.txHash, again: async () => {}, done: () => {} }
  const receipt = await waitForReceipt(reader, transaction, pollMs, deadline)
  return requestedTask(sent, receipt, domain, () => true)
}
