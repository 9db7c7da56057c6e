/** Why did a dApp's callback revert? The chain does not keep the reason: the call is made again, without sending it. */
import type { Address, Hex, Task } from '@enigma/protocol'
import { type Abi, BaseError, ContractFunctionRevertedError } from 'viem'
import { simulateContract } from 'viem/actions'
import { type ChainClient, isOutage } from './connection.ts'
import { dAppAbi } from './enigma-abi.ts'
import type { FailureReason } from './outcome.ts'

/** On the state after this block, else of now. Undefined where it would pass there: it ran out of its gas, or the state moved on. */
export async function callbackRefusal(
  reader: ChainClient,
  enigma: Address,
  { taskId, task, abi }: { taskId: Hex; task: Task; abi: Abi },
  { output, blockNumber }: { output: Hex; blockNumber?: bigint },
): Promise<FailureReason | undefined> {
  try {
    await simulateContract(reader, {
      account: enigma,
      address: task.dApp,
      // The dApp's own errors; and its base's, where the ABI in hand is a part.
      abi: [...abi.filter(({ type }) => type === 'error'), ...dAppAbi],
      functionName: 'onEnigmaResult',
      args: [taskId, task.callable, output],
      ...(blockNumber === undefined ? {} : { blockNumber }),
    })
  } catch (error) {
    if (isOutage(error)) throw error
    return reasonIn(error)
  }
}

function reasonIn(error: unknown): FailureReason | undefined {
  const revert = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError)
  if (!(revert instanceof ContractFunctionRevertedError)) return
  if (revert.data) return { errorName: revert.data.errorName, args: revert.data.args ?? [] }
  return revert.raw && { data: revert.raw }
}
