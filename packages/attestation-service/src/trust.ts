/** Which root a service works under. Simulated hardware protects nothing, so only chains that hold nothing may know it (S15). */

import { createHash } from 'node:crypto'
import { type TrustRoot, trustRoots } from '@enigma/attestation'
import { bytesToHex, EnigmaError, type Hex } from '@enigma/protocol'

const LOCAL_CHAINS: readonly bigint[] = [1337n, 31_337n]

export function isLocalChain(chainId: bigint): boolean {
  return LOCAL_CHAINS.includes(chainId)
}

/** As `ICollateral.rootHash` has it. */
export function rootHashOf({ certificate }: TrustRoot): Hex {
  return bytesToHex(createHash('sha256').update(certificate).digest())
}

/** The root whose SHA-256 a contract names, or throws. */
export function trustRootOfHash(hash: Hex, chainId: bigint): TrustRoot {
  const known = Object.values(trustRoots).find((root) => rootHashOf(root) === hash.toLowerCase())
  if (!known) throw new UntrustedRootError(`The contract trusts an unknown root, ${hash}.`)
  if (known.name === 'simulated' && !isLocalChain(chainId)) {
    throw new UntrustedRootError(`The contract on chain ${chainId} trusts simulated hardware.`)
  }
  return known
}

/** Thrown for a contract whose root this program will not serve. */
export class UntrustedRootError extends EnigmaError {
  override readonly name = 'Trust.UntrustedRootError'
  readonly code = 'UNTRUSTED_ROOT'
  constructor(message: string) {
    super(message, {
      hint: "Check the address: a production contract names Intel's root, a local network's the simulated.",
    })
  }
}
