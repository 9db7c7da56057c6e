/**
 * The Attestation service's word without the service: it believes every quote.
 */
import { createRpc, parseBlock } from '@enigma/process'
import { ANVIL_KEYS } from '@enigma/process/testing'
import { type Address, compactSignature, type Hex } from '@enigma/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { encodeAbiParameters, keccak256 } from 'viem/utils'
import type { Attest } from '../attestation-client.ts'

const attester = privateKeyToAccount(ANVIL_KEYS[3])
export const ATTESTER = attester.address

/** Evidence as SignedVerdictVerifier reads it. */
export function attestWith(rpcUrl: string, chainId: number, verifyingContract: Address): Attest {
  const rpc = createRpc(rpcUrl)
  return async (quote) => {
    const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
    const validUntil = (block?.timestamp ?? 0n) + 86_400n * 30n
    const signature = await attester.signTypedData({
      domain: { name: 'Enigma Attestation', version: '1', chainId, verifyingContract },
      types: {
        Verdict: [
          { name: 'quoteHash', type: 'bytes32' },
          { name: 'validUntil', type: 'uint64' },
        ],
      },
      primaryType: 'Verdict',
      message: { quoteHash: keccak256(quote), validUntil },
    })
    const r: Hex = `0x${signature.slice(2, 66)}`
    const { vs } = compactSignature({
      r,
      s: `0x${signature.slice(66, 130)}`,
      recovery: signature.endsWith('1c') ? 1 : 0,
    })
    return encodeAbiParameters([{ type: 'uint64' }, { type: 'bytes32' }, { type: 'bytes32' }], [validUntil, r, vs])
  }
}
