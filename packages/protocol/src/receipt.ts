/** What a worker's enclave signs about a task it ended, and settlement verifies. */
import { abiFixedBytes, abiUint } from './abi.ts'
import { concatBytes, type Hex, hexToBytes, keccak256, parseHex } from './bytes.ts'
import { type Domain, enigmaDomain, structHash, typedDigest } from './eip712.ts'

export const STATUS = { result: 0, failed: 1, notOpened: 2 } as const
export type Status = (typeof STATUS)[keyof typeof STATUS]

export type Receipt = {
  taskId: Hex
  /** Hash of the task's block: the state that was computed on, and what tells branches of a reorganisation apart. */
  anchor: Hex
  codeHash: Hex
  inputsHash: Hex
  /** keccak256 of the output. */
  outputHash: Hex
  status: Status
}

const BATCH_TYPE = 'Batch(bytes32[] receipts)'
const TYPE =
  'Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,bytes32 inputsHash,bytes32 outputHash,uint8 status)'

/** The EIP-712 digest that the enclave signs. */
export function receiptDigest(domain: Domain, receipt: Receipt): Hex {
  return typedDigest(enigmaDomain(domain), TYPE, fieldsOf(receipt))
}

/** hashStruct of EIP-712: what a receipt is in a batch. */
export function receiptHash(receipt: Receipt): Hex {
  return structHash(TYPE, fieldsOf(receipt))
}

/** The EIP-712 digest of `Batch(bytes32[] receipts)`: one signature for many receipts, each given by its `receiptHash`. */
export function batchDigest(domain: Domain, receipts: readonly Hex[]): Hex {
  const list = keccak256(
    concatBytes(...receipts.map((hash) => hexToBytes(parseHex(hash, { bytes: 32, what: 'receipt' })))),
  )
  return typedDigest(enigmaDomain(domain), BATCH_TYPE, [abiFixedBytes(list)])
}

function fieldsOf(receipt: Receipt) {
  return [
    abiFixedBytes(receipt.taskId),
    abiFixedBytes(receipt.anchor),
    abiFixedBytes(receipt.codeHash),
    abiFixedBytes(receipt.inputsHash),
    abiFixedBytes(receipt.outputHash),
    abiUint(receipt.status, 8),
  ]
}
