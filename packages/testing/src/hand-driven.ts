/**
 * A worker whose untrusted half is the test itself: a real Core with a real seat, fed with whatever the test likes.
 *
 * It does with Core what Surface does, so that a test can do it wrongly.
 */

import { bareQuote, leafOf, parseQuote } from '@enigma/attestation'
import { createSimulatedPki, type Firmware } from '@enigma/attestation/simulated'
import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import type { CallParams, CallResult, SignedReceipt } from '@enigma/core/calls'
import { type CoreClient, launchCore } from '@enigma/core/launch'
import { headerRlp, ProofWriter, type RpcProof } from '@enigma/evm/proof/writer'
import { createObservers } from '@enigma/process'
import {
  type Address,
  bytesToHex,
  EnigmaError,
  type Hex,
  hexToBytes,
  keccak256,
  type Network,
  slotKey,
  type Task,
  unpackTask,
} from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import { eventually } from './eventually.ts'
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

/**
 * Starts a Core and takes a seat for it as `operator`, joined where there is a secret; live from the current epoch + 2 on. `firmware` makes it an older machine; `told` is what
 * its Core is told of the network.
 */
export async function takeSeatByHand(
  network: TestNetwork,
  operator: string,
  { firmware, told = networkOf(network) }: { firmware?: Firmware; told?: Network } = {},
): Promise<HandDriven> {
  const { enigma } = network.network
  const client = network.client(operator)
  const facts = { ...told, observers: [...told.observers] }
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
    const priceGwei = await client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'seatPriceGwei' })
    const hash = await client.writeContract({
      address: enigma,
      abi: enigmaAbi,
      functionName: 'takeSeat',
      args: [0n, signer, inputKey, block.number, bytesToHex(bareQuote(quote)), bytesToHex(leafOf(quote))],
      value: priceGwei * 1_000_000_000n,
      chain: null,
    })
    const { logs } = await client.waitForTransactionReceipt({ hash })
    const [taken] = parseEventLogs({ abi: enigmaAbi, logs, eventName: 'SeatTaken' })
    if (!taken) throw new HandDrivenError(`taking a seat as ${operator} was refused`)
    if (await client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'hasSecret' })) {
      await join(network, operator, core, { seat: Number(taken.args.seat), signer })
    }
    return { core, seat: Number(taken.args.seat), signer, inputKey, stop: () => core.stop() }
  } catch (error) {
    await core.stop()
    throw error
  }
}

/** Asks for the network secret, and waits until somebody gives it: before that, the seat takes part in nothing. */
async function join(
  network: TestNetwork,
  operator: string,
  core: HandDriven['core'],
  { seat, signer }: { seat: number; signer: Hex },
): Promise<void> {
  const client = network.client(operator)
  const { joinKey, r, vs } = await core.join({ seat })
  const args = [BigInt(seat), joinKey, r, vs] as const
  const { address } = network.registry
  const call = { address, abi: keyRegistryAbi, functionName: 'requestJoin', args, chain: null } as const
  await client.waitForTransactionReceipt({ hash: await client.writeContract(call) })
  await eventually(`the grant to seat ${seat}`, async () => {
    if ((await network.registry.read.heldBy([signer])) > 0) return true
    await network.chain.mine()
    return false
  })
}

/** The same enclave's quote from the same machine before its last update: whoever knows its name can sign as it. */
function quoteOfOlder(quote: Uint8Array, platformName: string, firmware: Firmware): Uint8Array {
  const { body } = parseQuote(quote)
  if (body.kind !== 'sgx') throw new HandDrivenError('a trust domain quoted where an enclave should have')
  const { mrEnclave, reportData } = body
  return createSimulatedPki().quote({ platformName, measurement: bytesToHex(mrEnclave), reportData, firmware })
}

/** What Core, contract and client are told alike. */
export function networkOf({ network }: TestNetwork): Network {
  const { chainId, enigma, observers, threshold, depth, serial } = network
  const addresses = observers.map(({ address }) => address)
  return { chainId: BigInt(chainId), enigma, observers: addresses, threshold, depth, simulated: true, serial }
}

type Wanted = { accounts: readonly Address[]; slots: readonly { address: Address; slot: Hex }[] }
type GetProof = { Method: 'eth_getProof'; Parameters: [Address, Hex[], Hex]; ReturnType: RpcProof }

/** Proofs of the state at the end of a block, code of `accounts` included; what `writer` wrote before is left out. */
export async function prove(
  network: TestNetwork,
  { accounts, slots }: Wanted,
  blockNumber: bigint,
  writer = new ProofWriter(),
): Promise<Feed['proof']> {
  const client = network.client('deployer')
  const addresses = [...new Set([...accounts, ...slots.map(({ address }) => address)])]
  const answers = await Promise.all(
    addresses.map((address) => {
      const keys = slots.filter((wanted) => wanted.address === address).map(({ slot }) => slot)
      const params: GetProof['Parameters'] = [address, keys, `0x${blockNumber.toString(16)}`]
      return client.request<GetProof>({ method: 'eth_getProof', params })
    }),
  )
  const codes = await Promise.all(accounts.map((address) => client.getCode({ address, blockNumber })))
  const { nodes, ...proof } = writer.write(answers)
  const fresh = [...new Set(codes)].flatMap((code) => (code === undefined || code === '0x' ? [] : [hexToBytes(code)]))
  return { accounts: [...proof.accounts], slots: [...proof.slots], nodes: [...nodes], codes: fresh }
}

/** A block's header in RLP, and what observers sign of it. */
export async function observedHeader(
  network: TestNetwork,
  number: bigint,
): Promise<Pick<Feed, 'header' | 'signatures'>> {
  type GetBlock = { Method: 'eth_getBlockByNumber'; Parameters: [Hex, false]; ReturnType: Record<string, unknown> }
  const params: GetBlock['Parameters'] = [`0x${number.toString(16)}`, false]
  const header = headerRlp(
    await network.client('deployer').request<GetBlock>({ method: 'eth_getBlockByNumber', params }),
  )
  const urls = network.network.observers.map(({ url }) => url)
  const { signatures } = await createObservers({ ...networkOf(network), urls }).observe({
    number,
    hash: keccak256(header),
  })
  return { header, signatures: [...signatures] }
}

/** What Core must see first of a task: its slot, its dApp and the dApp's code. */
export function firstOf(network: TestNetwork, { requester, slot, dApp }: Task): Wanted {
  const { enigma } = network.network
  return { accounts: [dApp], slots: [{ address: enigma, slot: slotKey(requester, slot) }] }
}

/** What an honest Surface would feed Core with for this task. */
export async function honestFeed(
  network: TestNetwork,
  { taskId, createdBlock }: { taskId: Hex; createdBlock: bigint },
): Promise<Feed> {
  const [requested] = await network.client('deployer').getContractEvents({
    address: network.network.enigma,
    abi: enigmaAbi,
    eventName: 'TaskRequested',
    args: { taskId },
    fromBlock: createdBlock,
    toBlock: createdBlock,
    strict: true,
  })
  if (!requested) throw new HandDrivenError(`block ${createdBlock} carries no task ${taskId}`)
  const { ref, target, terms, codeHash, inputs } = requested.args
  const envelope = hexToBytes(inputs)
  const task = unpackTask({ ref, target, terms, codeHash, inputsHash: keccak256(envelope) })
  const [observed, proof] = await Promise.all([
    observedHeader(network, createdBlock),
    prove(network, firstOf(network, task), createdBlock),
  ])
  return { task, ...observed, inputs: envelope, proof }
}

/** Feeds Core, proves to it what it asks for, and returns what it signs; rejects with what it refuses. */
export async function feedCore(network: TestNetwork, core: HandDriven['core'], feed: Feed): Promise<SignedReceipt> {
  const writer = new ProofWriter()
  const { createdBlock } = feed.task
  let step: CallResult<'execute'> = await core.execute(feed)
  // What an honest feed has shown already is not shown twice.
  if (step.kind === 'miss') await prove(network, firstOf(network, feed.task), createdBlock, writer)
  while (step.kind === 'miss')
    step = await core.state({ execution: step.execution, ...(await prove(network, step, createdBlock, writer)) })
  return step
}

/** Thrown when the test itself could not do what it wanted to. */
export class HandDrivenError extends EnigmaError {
  override readonly name = 'Testing.HandDrivenError'
  readonly code = 'HAND_DRIVEN'
}
