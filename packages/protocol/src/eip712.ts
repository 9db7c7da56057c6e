/** EIP-712 digests in the domain of one contract on one chain: what makes a task or receipt of another void here. */
import { type AbiValue, abiAddress, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, concatBytes, type Hex, hexToBytes, keccak256, label } from './bytes.ts'

export type Domain = {
  chainId: bigint
  /** The Enigma contract. */
  enigma: Address
}

export type SigningDomain = { name: string; version: string; chainId: bigint; verifyingContract: Address }

const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'

/** The domain of tasks and receipts. */
export function enigmaDomain({ chainId, enigma }: Domain): SigningDomain {
  return { name: 'Enigma', version: '1', chainId, verifyingContract: enigma }
}

export function domainSeparator({ name, version, chainId, verifyingContract }: SigningDomain): Hex {
  return keccak256(
    abiEncode(
      abiFixedBytes(label(DOMAIN_TYPE)),
      abiFixedBytes(label(name)),
      abiFixedBytes(label(version)),
      abiUint(chainId),
      abiAddress(verifyingContract),
    ),
  )
}

/** Digest of a struct with static fields only; `type` is its type string, `fields` are in the string's order. */
export function typedDigest(domain: SigningDomain, type: string, fields: readonly AbiValue[]): Hex {
  const prefix = new Uint8Array([0x19, 0x01])
  return keccak256(concatBytes(prefix, hexToBytes(domainSeparator(domain)), hexToBytes(structHash(type, fields))))
}

/** EIP-712's hashStruct, of static fields only. */
export function structHash(type: string, fields: readonly AbiValue[]): Hex {
  return keccak256(abiEncode(abiFixedBytes(label(type)), ...fields))
}
