/**
 * What code would see the inputs, and may it?
 *
 * Core runs the dApp's code and nothing else as the dApp. The code that the user trusts must therefore be the code at
 * the address: a proxy's code says nothing about what it delegates to, and its owner changes that at will (S8).
 */

import { type Address, EnigmaError, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import { getCode, getStorageAt, readContract } from 'viem/actions'
import { type ChainClient, isOutage } from './connection.ts'
import { dAppAbi } from './enigma-abi.ts'
import { lower } from './enigma-contract.ts'

export type DApp = { address: Address; codeHash: Hex }

/** bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1) and the same of ".beacon": EIP-1967. */
const PROXY_SLOTS = [
  { kind: 'EIP-1967', slot: '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc' },
  { kind: 'EIP-1967 beacon', slot: '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50' },
] as const
/** Clones (EIP-1167, ERC-7511 and their kin) are shorter; a compiled contract that does anything is longer. */
const CLONE_BYTES = 128
const DELEGATECALL = 0xf4
const CALLCODE = 0xf2

/** Reads the dApp's code; refuses none, a proxy, and other code than `pinned`. */
export async function inspectDApp(client: ChainClient, address: Address, pinned?: Hex): Promise<DApp> {
  const [hex, ...words] = await Promise.all([
    getCode(client, { address }),
    ...PROXY_SLOTS.map(({ slot }) => getStorageAt(client, { address, slot })),
  ])
  if (!hex) throw new UnknownDAppError(address)
  if (hex.startsWith('0xef0100')) throw new ProxyError(address, 'EIP-7702 delegation')
  const code = hexToBytes(hex)
  if (isClone(code)) throw new ProxyError(address, 'minimal proxy')
  const proxy = PROXY_SLOTS.find((_, index) => BigInt(words[index] ?? 0) !== 0n)
  if (proxy) throw new ProxyError(address, proxy.kind)
  return requireCode({ address, codeHash: keccak256(code) }, pinned)
}

export function requireCode(dApp: DApp, pinned: Hex | undefined): DApp {
  const { address, codeHash } = dApp
  if (pinned !== undefined && lower(pinned) !== codeHash) throw new CodeChangedError(address, codeHash, pinned)
  return dApp
}

/** Refuses a function that the dApp does not declare as callable in private: Core would not open the inputs. */
export async function requireCallable(
  client: ChainClient,
  address: Address,
  selector: Hex,
  name: string,
): Promise<void> {
  const callback = await readContract(client, {
    address,
    abi: dAppAbi,
    functionName: 'enigmaCallback',
    args: [selector],
  }).catch((error: unknown) => {
    if (isOutage(error)) throw error
    return undefined
  })
  if (callback === undefined || BigInt(callback) === 0n) throw new NotCallableError(address, name, selector)
}

/** Short code that delegates. Its opcodes are walked, so that a 0xf4 inside pushed data does not count. */
function isClone(code: Uint8Array): boolean {
  if (code.length > CLONE_BYTES) return false
  for (let at = 0; at < code.length; at++) {
    const op = code[at] ?? 0
    if (op === DELEGATECALL || op === CALLCODE) return true
    if (op >= 0x60 && op <= 0x7f) at += op - 0x5f
  }
  return false
}

export class UnknownDAppError extends EnigmaError {
  override readonly name = 'UnknownDAppError'
  readonly code = 'UNKNOWN_DAPP'
  constructor(address: Address) {
    super(`There is no contract at ${address}.`, { hint: 'Check the address and the chain.' })
  }
}

export class ProxyError extends EnigmaError {
  override readonly name = 'ProxyError'
  readonly code = 'PROXY'
  constructor(address: Address, kind: string) {
    super(`${address} is a proxy (${kind}): whoever controls it could swap in code that leaks the inputs.`, {
      hint: 'Private functions live in contracts that are deployed as they are. Call such a contract.',
    })
  }
}

export class CodeChangedError extends EnigmaError {
  override readonly name = 'CodeChangedError'
  readonly code = 'CODE_CHANGED'
  readonly found: Hex
  readonly expected: Hex
  constructor(address: Address, found: Hex, expected: Hex) {
    super(`The code at ${address} has the hash ${found}, not the pinned ${expected}.`, {
      hint: 'Read the new code before you pin its hash.',
    })
    this.found = found
    this.expected = expected
  }
}

export class NotCallableError extends EnigmaError {
  override readonly name = 'NotCallableError'
  readonly code = 'NOT_CALLABLE'
  constructor(address: Address, functionName: string, selector: Hex) {
    super(`${address} does not declare ${functionName} (${selector}) as callable in private.`, {
      hint: 'The dApp names its private functions and their callbacks in enigmaCallback.',
    })
  }
}
