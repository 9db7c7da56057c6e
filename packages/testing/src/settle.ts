/** Settling by hand, as anybody may try: what the contract makes of a receipt. */
import { enigmaAbi } from '@enigma/contracts'
import { bytesToHex, type Hex, packTask, type Task } from '@enigma/protocol'
import type { TestNetwork } from './network.ts'
import { refusalOf } from './refusal.ts'

export type Settlement = { task: Task; rank: number; status: number; output: Uint8Array; r: Hex; vs: Hex }

/** Simulates `settle` in the next block; returns 'settles', or the name of the contract's refusal. */
export async function trySettle(
  network: TestNetwork,
  { task, rank, status, output, r, vs }: Settlement,
): Promise<string> {
  const client = network.client('grace')
  try {
    await client.simulateContract({
      address: network.network.enigma,
      abi: enigmaAbi,
      functionName: 'settle',
      args: [packTask(task), rank, status, bytesToHex(output), r, vs],
      account: client.account,
    })
    return 'settles'
  } catch (error) {
    return refusalOf(error)
  }
}

/** Settles for good, as somebody who has no part in the task. */
export async function settle(network: TestNetwork, { task, rank, status, output, r, vs }: Settlement): Promise<void> {
  const client = network.client('grace')
  const hash = await client.writeContract({
    address: network.network.enigma,
    abi: enigmaAbi,
    functionName: 'settle',
    args: [packTask(task), rank, status, bytesToHex(output), r, vs],
    chain: null,
  })
  await client.waitForTransactionReceipt({ hash })
}
