/**
 * The receipts that enclaves signed, read back from the transactions that carried them: settled, too late or reverted alike.
 *
 * Part of a receipt travels elsewhere: the task's block is its anchor, and in a batch its code hash comes from the request.
 */
import { enigmaAbi } from '@enigma/contracts'
import {
  type Address,
  batchDigest,
  type Domain,
  type Hex,
  hexToBytes,
  keccak256,
  type PackedTask,
  type Receipt,
  receiptDigest,
  receiptHash,
  recoverSigner,
  STATUS,
  type Status,
} from '@enigma/protocol'
import { decodeFunctionData } from 'viem/utils'

/** A task as its request told it. */
export type KnownTask = { taskId: Hex; anchor: Hex; packed: PackedTask }
/** As `slash` takes it; `batch` is empty for one that was signed alone. `ref` is its task's. */
export type SignedReceipt = {
  ref: bigint
  receipt: Receipt
  index: number
  batch: Hex[]
  r: Hex
  vs: Hex
  signer: Address
}

type Member = { ref: bigint; status: number; outputHash: Hex }

/** Of a member of a batch, before its output: ref 32, target 32, terms 32, inputsHash 32, rank 1, status 1, output's length 2. */
const MEMBER_HEAD_BYTES = 132

/** All receipts of known tasks that `calldata` settles, or tried to; none where it is no settlement, or no such signature. */
export function receiptsIn(
  calldata: Hex,
  domain: Domain,
  taskOf: (ref: bigint) => KnownTask | undefined,
): SignedReceipt[] {
  try {
    const { functionName, args } = decodeFunctionData({ abi: enigmaAbi, data: calldata })
    if (functionName === 'settle') {
      const [{ ref }, , status, output, r, vs] = args
      const receipt = receiptOf({ ref, status, outputHash: keccak256(hexToBytes(output)) }, taskOf)
      if (!receipt) return []
      const signer = recoverSigner(receiptDigest(domain, receipt), { r, vs })
      return [{ ref, receipt, index: 0, batch: [], r, vs, signer }]
    }
    if (functionName !== 'settleBatch') return []
    const [, , members, r, vs] = args
    const listed = membersOf(hexToBytes(members))
    const receipts = listed.map((member) => receiptOf(member, taskOf))
    // Without one of them the list that was signed cannot be put together.
    const known = receipts.filter((receipt) => receipt !== undefined)
    if (known.length < receipts.length) return []
    const batch = known.map(receiptHash)
    const signer = recoverSigner(batchDigest(domain, batch), { r, vs })
    return known.map((receipt, index) => ({ ref: (listed[index] as Member).ref, receipt, index, batch, r, vs, signer }))
  } catch {
    return []
  }
}

function receiptOf({ ref, status, outputHash }: Member, taskOf: (ref: bigint) => KnownTask | undefined) {
  const task = taskOf(ref)
  if (!task || status > STATUS.notOpened) return undefined
  const { codeHash, inputsHash } = task.packed
  const { taskId, anchor } = task
  return { taskId, anchor, codeHash, inputsHash, outputHash, status: status as Status } satisfies Receipt
}

function membersOf(bytes: Uint8Array): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const members: Member[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + MEMBER_HEAD_BYTES + view.getUint16(at + MEMBER_HEAD_BYTES - 2)
    if (end > bytes.length) return []
    const ref = BigInt(`0x${Buffer.from(bytes.subarray(at, at + 32)).toString('hex')}`)
    const output = bytes.subarray(at + MEMBER_HEAD_BYTES, end)
    members.push({ ref, status: view.getUint8(at + MEMBER_HEAD_BYTES - 3), outputHash: keccak256(output) })
    at = end
  }
  return members
}
