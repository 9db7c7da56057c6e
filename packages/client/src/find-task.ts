/** Which task did a transaction make? For whoever stopped waiting, or met a reorganisation. */
import type { Deadline } from './clock.ts'
import { arrival, type RequestedTask, type SentTask } from './request-task.ts'
import type { Waiting } from './wait.ts'

export async function findTask(waiting: Waiting, sent: SentTask, deadline: Deadline): Promise<RequestedTask> {
  deadline.sent({ sent })
  const { requester: account, nonce } = sent.sought
  return arrival(waiting, sent, { hash: sent.txHash, account, nonce, again: async () => {}, done: () => {} }, deadline)
}
