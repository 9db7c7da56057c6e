/** A transaction as a fixture describes it: one of several, by the indexes of a post state. */
import type { Address, Hex } from '@enigma/protocol'
import { signerAddress } from '@enigma/protocol'
import { address, bytes, quantity, word } from './values.ts'

export type AccessEntry = { address: Address; slots: readonly Hex[] }

export type Authorization = {
  chainId: bigint
  address: Address
  nonce: bigint
  yParity: bigint
  r: bigint
  s: bigint
}

export type Transaction = {
  sender: Address
  /** Null: it creates a contract. */
  to: Address | null
  nonce: bigint
  gasLimit: bigint
  valueWei: bigint
  data: Uint8Array
  maxFeeWei: bigint
  /** As much as `maxFeeWei` where the transaction has one price. */
  maxPriorityFeeWei: bigint
  chainId?: bigint
  accessList: readonly AccessEntry[]
  blobs?: { hashes: readonly Hex[]; maxFeeWei: bigint }
  authorizations?: readonly Authorization[]
}

export type RawTransaction = {
  data: string[]
  gasLimit: string[]
  value: string[]
  nonce: string
  to?: string | null
  sender?: string
  secretKey?: string
  chainId?: string
  gasPrice?: string
  maxFeePerGas?: string
  maxPriorityFeePerGas?: string
  maxFeePerBlobGas?: string
  blobVersionedHashes?: string[]
  accessLists?: (RawAccessEntry[] | null)[]
  accessList?: RawAccessEntry[]
  authorizationList?: RawAuthorization[]
}

type RawAccessEntry = { address: string; storageKeys: string[] }

type RawAuthorization = {
  chainId: string
  address: string
  nonce: string
  r: string
  s: string
  v?: string
  yParity?: string
}

export type Indexes = { data: number; gas: number; value: number }

export function transactionOf(raw: RawTransaction, { data, gas, value }: Indexes): Transaction {
  const accessList = raw.accessLists?.[data] ?? raw.accessList ?? []
  const maxFeeWei = quantity(raw.maxFeePerGas ?? raw.gasPrice ?? '0x')
  const hasBlobs = raw.blobVersionedHashes !== undefined || raw.maxFeePerBlobGas !== undefined
  return {
    sender: senderOf(raw),
    to: raw.to && raw.to !== '0x' ? address(raw.to) : null,
    nonce: quantity(raw.nonce),
    gasLimit: quantity(raw.gasLimit[gas] as string),
    valueWei: quantity(raw.value[value] as string),
    data: bytes(raw.data[data] as string),
    maxFeeWei,
    maxPriorityFeeWei: raw.maxPriorityFeePerGas === undefined ? maxFeeWei : quantity(raw.maxPriorityFeePerGas),
    ...(raw.chainId === undefined ? {} : { chainId: quantity(raw.chainId) }),
    accessList: accessList.map((entry) => ({ address: address(entry.address), slots: entry.storageKeys.map(word) })),
    ...(hasBlobs
      ? {
          blobs: {
            hashes: (raw.blobVersionedHashes ?? []).map(word),
            maxFeeWei: quantity(raw.maxFeePerBlobGas ?? '0x'),
          },
        }
      : {}),
    ...(raw.authorizationList ? { authorizations: raw.authorizationList.map(authorizationOf) } : {}),
  }
}

function authorizationOf(raw: RawAuthorization): Authorization {
  return {
    chainId: quantity(raw.chainId),
    address: address(raw.address),
    nonce: quantity(raw.nonce),
    yParity: quantity(raw.yParity ?? raw.v ?? '0x'),
    r: quantity(raw.r),
    s: quantity(raw.s),
  }
}

function senderOf({ sender, secretKey }: RawTransaction): Address {
  return sender ? address(sender) : signerAddress(bytes(word(secretKey ?? '')))
}
