/**
 * A worker whose keys the test holds: no enclave, but the same bytes on chain as a real one's.
 *
 * Its quotes come from the simulated PKI, so they verify; what it answers is the test's to say.
 */
import { bareQuote, leafOf, parseQuote, platformRecord } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import {
  type Address,
  bytesToHex,
  type Hex,
  hexToBytes,
  inputContext,
  type KeyPair,
  keccak256,
  openInputs,
  packTask,
  type ReplyFacts,
  receiptDigest,
  replyContext,
  type Status,
  sealReason,
  sealReply,
  signDigest,
  signerAddress,
  utf8,
  webCrypto,
  workerReportData,
} from '@enigma/protocol'
import { encodeAbiParameters } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { TaskRequest } from '../task-events.ts'
import type { World } from './world.ts'

export const MEASUREMENT: Hex = keccak256(utf8('a build of Core'))

export type FakeWorker = {
  seat: number
  operator: PrivateKeyAccount
  signer: Address
  signerKey: Uint8Array
  inputKeys: KeyPair
  /** What its platform's certificate says, as the contract keeps it by its hash. */
  record: Hex
}

/** Takes the next seat, with the input key of that name. */
export async function takeSeat(world: World, index: number, keyName = `input key ${index}`): Promise<FakeWorker> {
  const operator = world.account(20 + index)
  const signerKey = hexToBytes(keccak256(utf8(`signer ${index}`)))
  const signer = signerAddress(signerKey)
  const inputKeys = await keysOf(keyName)
  const { identityBlock, quote, leaf, record } = await attest(world, index, { operator, signer, inputKeys })
  const args = [0n, signer, inputKeys.publicKey, identityBlock, quote, leaf] as const
  await world.write(operator, { functionName: 'takeSeat', args, value: 10n ** 18n })
  return { seat: index, operator, signer, signerKey, inputKeys, record }
}

/** Shows a fresh quote and key, with the platform's record or again its certificate. */
export async function renewSeat(world: World, worker: FakeWorker, evidence: 'leaf' | 'record'): Promise<FakeWorker> {
  const inputKeys = await keysOf(`input key ${worker.seat}, renewed`)
  const shown = await attest(world, worker.seat, { ...worker, inputKeys })
  const { identityBlock, quote, record } = shown
  const args = [BigInt(worker.seat), inputKeys.publicKey, identityBlock, quote, shown[evidence]] as const
  await world.write(worker.operator, { functionName: 'renewSeat', args })
  return { ...worker, inputKeys, record }
}

async function keysOf(name: string): Promise<KeyPair> {
  const secretKey = hexToBytes(keccak256(utf8(name)))
  return { publicKey: bytesToHex(await webCrypto.publicKey(secretKey)), secretKey }
}

async function attest(
  world: World,
  index: number,
  { operator, signer, inputKeys }: Pick<FakeWorker, 'operator' | 'signer' | 'inputKeys'>,
) {
  // The latest block's hash exists only in the blocks after it, and the node tries a transaction in the latest.
  const head = await world.client.getBlockNumber()
  const { number: identityBlock, hash: identityBlockHash } = await world.client.getBlock({ blockNumber: head - 1n })
  const reportData = workerReportData({
    networkHash: world.networkHash,
    operator: operator.address.toLowerCase() as Address,
    signer,
    inputKey: inputKeys.publicKey,
    identityBlock,
    identityBlockHash,
  })
  const pki = createSimulatedPki()
  const whole = pki.quote({ platformName: `machine ${index}`, measurement: MEASUREMENT, reportData })
  const leaf = leafOf(whole)
  const record = bytesToHex(platformRecord(leaf, parseQuote(whole).qeReport.isvSvn))
  return { identityBlock, quote: bytesToHex(bareQuote(whole)), leaf: bytesToHex(leaf), record }
}

export type Answer = {
  status?: Status
  output?: Hex
  reason?: Hex
  /** A private result: sealed to `key`, for the task `taskId` unless it is another; `outputOf` puts it among the outputs. */
  reply?: { key: Hex; message: Hex; taskId?: Hex; outputOf?: (reply: Hex) => Hex }
}

/** Opens the inputs as this worker's Core would, and settles as rank 0 with what `compute` makes of them. */
export async function serve(
  world: World,
  worker: FakeWorker,
  { taskId, task, envelope, anchor }: TaskRequest & { envelope: Uint8Array; anchor: Hex },
  compute: (args: Hex) => Answer,
): Promise<Hex> {
  const { networkHash, domain } = world
  const inputs = await openInputs({
    envelope,
    context: inputContext({ networkHash, ...task }),
    keys: [worker.inputKeys],
  })
  const { status = 0, output = '0x', reason, reply } = compute(bytesToHex(inputs.args))
  const { dApp, outputCap, codeHash, inputsHash } = task
  const sealed = reason
    ? bytesToHex(await sealReason({ inputs, networkHash, dApp, taskId, anchor, reason: hexToBytes(reason), outputCap }))
    : reply
      ? await outputWith(reply, { networkHash, dApp, taskId })
      : output
  const outputHash = keccak256(hexToBytes(sealed))
  const digest = receiptDigest(domain, { taskId, anchor, codeHash, inputsHash, outputHash, status })
  const { r, vs } = signDigest(digest, worker.signerKey)
  const args = [packTask(task), 0, status, sealed, r, vs] as const
  return world.write(worker.operator, { functionName: 'settle', args })
}

async function outputWith(
  {
    key,
    message,
    taskId,
    outputOf = (reply) => encodeAbiParameters([{ type: 'bytes' }], [reply]),
  }: Required<Answer>['reply'],
  facts: ReplyFacts,
): Promise<Hex> {
  const context = replyContext({ ...facts, taskId: taskId ?? facts.taskId })
  return outputOf(bytesToHex(await sealReply({ recipient: key, context, message: hexToBytes(message) })))
}

/** The sum that Addition would return. */
export function add(args: Hex): Answer {
  const a = BigInt(`0x${args.slice(2, 66)}`)
  const b = BigInt(`0x${args.slice(66, 130)}`)
  return { output: encodeAbiParameters([{ type: 'uint256' }], [a + b]) }
}
