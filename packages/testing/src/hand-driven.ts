/**
 * A worker whose untrusted half is the test itself: a real Core with a real seat, fed with whatever the test likes.
 *
 * It does with Core what Surface does, so that a test can do it wrongly.
 */

import { bareQuote, leafOf, parseQuote } from '@enigma/attestation'
import { createSimulatedPki, type Firmware } from '@enigma/attestation/simulated'
import { enigmaAbi } from '@enigma/contracts'
import type { CallParams, CallResult, SignedReceipt } from '@enigma/core/calls'
import { type CoreClient, launchCore } from '@enigma/core/launch'
import { bytesToHex, EnigmaError, type Hex, hexToBytes, keccak256, type Task, unpackTask } from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import type { TestNetwork } from './network.ts'

export type HandDriven = {
  readonly core: CoreClient<'worker'>
  readonly seat: number
  readonly signer: Hex
  readonly inputKey: Hex
  stop(): Promise<void>
}

/** What Surface feeds Core with. */
export type Feed = CallParams<'execute'>

/** Starts a Core and takes a seat for it as `operator`; live from the current epoch + 2 on. `firmware` makes it an older machine. */
export async function takeSeatByHand(
  network: TestNetwork,
  operator: string,
  { firmware }: { firmware?: Firmware } = {},
): Promise<HandDriven> {
  const { chainId, enigma } = network.network
  const client = network.client(operator)
  const facts = { chainId: BigInt(chainId), enigma, observers: [], threshold: 0, depth: 0, simulated: true, serial: 0 }
  const core = await launchCore({ role: 'worker', network: facts, platform: 'simulated', platformName: operator })
  try {
    const block = await client.getBlock()
    const attested = await core.attest({
      operator: network.account(operator).address,
      identityBlock: block.number,
      identityBlockHash: block.hash,
    })
    const { signer, inputKey } = attested
    const quote = firmware ? quoteOfOlder(attested.quote, operator, firmware) : attested.quote
    const hash = await client.writeContract({
      address: enigma,
      abi: enigmaAbi,
      functionName: 'takeSeat',
      args: [0n, signer, inputKey, block.number, bytesToHex(bareQuote(quote)), bytesToHex(leafOf(quote))],
      value: network.parameters.bondGwei * 1_000_000_000n,
      chain: null,
    })
    const { logs } = await client.waitForTransactionReceipt({ hash })
    const [taken] = parseEventLogs({ abi: enigmaAbi, logs, eventName: 'SeatTaken' })
    if (!taken) throw new HandDrivenError(`taking a seat as ${operator} was refused`)
    return { core, seat: Number(taken.args.seat), signer, inputKey, stop: () => core.stop() }
  } catch (error) {
    await core.stop()
    throw error
  }
}

/** The same enclave's quote from the same machine before its last update: whoever knows its name can sign as it. */
function quoteOfOlder(quote: Uint8Array, platformName: string, firmware: Firmware): Uint8Array {
  const { body } = parseQuote(quote)
  if (body.kind !== 'sgx') throw new HandDrivenError('a trust domain quoted where an enclave should have')
  const { mrEnclave, reportData } = body
  return createSimulatedPki().quote({ platformName, measurement: bytesToHex(mrEnclave), reportData, firmware })
}

/** What an honest Surface would feed Core with for this task. */
export async function honestFeed(
  network: TestNetwork,
  { taskId, createdBlock }: { taskId: Hex; createdBlock: bigint },
): Promise<Feed> {
  const client = network.client('deployer')
  const [block, logs] = await Promise.all([
    client.getBlock({ blockNumber: createdBlock }),
    client.getContractEvents({
      address: network.network.enigma,
      abi: enigmaAbi,
      eventName: 'TaskRequested',
      args: { taskId },
      fromBlock: createdBlock,
      toBlock: createdBlock,
      strict: true,
    }),
  ])
  const [requested] = logs
  if (!requested) throw new HandDrivenError(`block ${createdBlock} carries no task ${taskId}`)
  const { ref, target, terms, codeHash, inputs } = requested.args
  const envelope = hexToBytes(inputs)
  const task: Task = unpackTask({ ref, target, terms, codeHash, inputsHash: keccak256(envelope) })
  return {
    task,
    header: {
      number: block.number,
      hash: block.hash,
      timestamp: block.timestamp,
      baseFeePerGas: block.baseFeePerGas ?? 0n,
      gasLimit: block.gasLimit,
      coinbase: block.miner.toLowerCase() as Hex,
      prevRandao: block.mixHash,
    },
    code: hexToBytes((await client.getCode({ address: task.dApp, blockNumber: createdBlock })) ?? '0x'),
    inputs: envelope,
  }
}

/** Feeds Core, answers what it asks of the chain, and returns what it signs; rejects with what it refuses. */
export async function feedCore(network: TestNetwork, core: HandDriven['core'], feed: Feed): Promise<SignedReceipt> {
  const client = network.client('deployer')
  const blockNumber = feed.header.number
  let step: CallResult<'execute'> = await core.execute(feed)
  while (step.kind === 'miss') {
    const accounts = await Promise.all(
      step.accounts.map(async (address) => ({
        address,
        nonce: BigInt(await client.getTransactionCount({ address, blockNumber })),
        balance: await client.getBalance({ address, blockNumber }),
        // A lie about the dApp's code is told throughout.
        code:
          address === feed.task.dApp ? feed.code : hexToBytes((await client.getCode({ address, blockNumber })) ?? '0x'),
      })),
    )
    const slots = await Promise.all(
      step.slots.map(async ({ address, slot }) => ({
        address,
        slot,
        value: (await client.getStorageAt({ address, slot, blockNumber })) ?? `0x${'00'.repeat(32)}`,
      })),
    )
    const blockHashes = await Promise.all(
      step.blockHashes.map(async (number) => ({
        number,
        hash: (await client.getBlock({ blockNumber: BigInt(number) })).hash,
      })),
    )
    step = await core.state({ execution: step.execution, accounts, slots, blockHashes } as CallParams<'state'>)
  }
  return step
}

/** Thrown when the test itself could not do what it wanted to. */
export class HandDrivenError extends EnigmaError {
  override readonly name = 'Testing.HandDrivenError'
  readonly code = 'HAND_DRIVEN'
}
