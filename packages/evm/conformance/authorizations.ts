/** EIP-7702: accounts that lend their address to a contract's code. */
import { type Address, bytesToHex, concatBytes, hexToBytes } from '@enigma/protocol'
import { RLP } from '@ethereumjs/rlp'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak256 } from '../src/keccak.ts'
import { accountOf, isEmpty, type World } from '../src/testing/engine.ts'
import type { Authorization } from './transaction.ts'

const MAGIC = Uint8Array.of(0x05)
const DESIGNATOR = Uint8Array.of(0xef, 0x01, 0x00)
const MAX_NONCE = (1n << 64n) - 1n
const EXISTING_ACCOUNT_REFUND_GAS = 12_500n
const NOBODY: Address = `0x${'00'.repeat(20)}`

export function isDelegation(code: Uint8Array): boolean {
  return code.length === 23 && DESIGNATOR.every((byte, i) => code[i] === byte)
}

/** Where `code` points to, if it is a delegation. */
export function delegateOf(code: Uint8Array): Address | undefined {
  return isDelegation(code) ? bytesToHex(code.subarray(3)) : undefined
}

/** Applies each tuple that holds, and passes over the others. Changes `world`. */
export function authorize(
  tuples: readonly Authorization[],
  { world, chainId }: { world: World; chainId: bigint },
): { refund: bigint; warm: Address[] } {
  let refund = 0n
  const warm: Address[] = []
  for (const tuple of tuples) {
    if (tuple.chainId !== 0n && tuple.chainId !== chainId) continue
    if (tuple.nonce >= MAX_NONCE) continue
    const authority = authorityOf(tuple)
    if (authority === undefined) continue
    warm.push(authority)
    const known = world.get(authority)
    if (known && known.code.length > 0 && !isDelegation(known.code)) continue
    if ((known?.nonce ?? 0n) !== tuple.nonce) continue
    if (known && !isEmpty(known)) refund += EXISTING_ACCOUNT_REFUND_GAS
    const account = accountOf(world, authority)
    account.code = tuple.address === NOBODY ? new Uint8Array() : concatBytes(DESIGNATOR, hexToBytes(tuple.address))
    account.nonce += 1n
  }
  return { refund, warm }
}

function authorityOf({ chainId, address, nonce, yParity, r, s }: Authorization): Address | undefined {
  const order = secp256k1.Point.Fn.ORDER
  if (yParity > 1n || r <= 0n || r >= order || s <= 0n || s > order / 2n) return undefined
  const signed = RLP.encode([chainId, hexToBytes(address), nonce])
  const hash = keccak256(concatBytes(MAGIC, signed))
  try {
    const key = new secp256k1.Signature(r, s, Number(yParity)).recoverPublicKey(hash)
    return bytesToHex(keccak256(key.toBytes(false).subarray(1)).subarray(12))
  } catch {
    // No point of the curve has this x.
    return undefined
  }
}
