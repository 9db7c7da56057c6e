/** The collateral that a local network's verifier holds: which parts, and until when each is good. */
import { parseCertificate, parsePem } from '@enigma/attestation/documents'
import { createSimulatedPki, simulatedKind } from '@enigma/attestation/simulated'
import { dcapVerifierAbi } from '@enigma/contracts'
import { type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import { createPublicClient, getContract, http } from 'viem'

export type HeldPart = {
  name: 'rootCrl' | 'pckCa' | 'pckCrl' | 'tcbSigner' | 'tcbInfo' | 'qeIdentity'
  /** Unix seconds; 0 where the verifier has none. */
  validUntil: number
}

/** Every part that quotes of simulated hardware are verified with. */
export async function readCollateral(rpcUrl: string, verifier: Hex): Promise<HeldPart[]> {
  const client = createPublicClient({ transport: http(rpcUrl, { batch: true }), cacheTime: 0 })
  const { read } = getContract({ address: verifier, abi: dcapVerifierAbi, client })
  const issuer = issuerOfPlatforms()
  const [rootCrl, pckCaUntil, pckCrl, [, signerUntil], tcbInfo, qeIdentity] = await Promise.all([
    read.rootCrl(),
    read.pckCaUntil([issuer]),
    read.pckCrl([issuer]),
    read.tcbSigner(),
    read.tcbInfo([`0x${simulatedKind.fmspc}`, `0x${simulatedKind.pceId}`]),
    read.qeIdentity(),
  ])
  return [
    { name: 'rootCrl', validUntil: Number(rootCrl.nextUpdate) },
    { name: 'pckCa', validUntil: Number(pckCaUntil) },
    { name: 'pckCrl', validUntil: Number(pckCrl.nextUpdate) },
    { name: 'tcbSigner', validUntil: Number(signerUntil) },
    { name: 'tcbInfo', validUntil: Number(tcbInfo.nextUpdate) },
    { name: 'qeIdentity', validUntil: Number(qeIdentity.nextUpdate) },
  ]
}

/** The part that expires first, and what that means at `now`, in unix seconds of the chain. */
export function healthOf(
  parts: readonly HeldPart[],
  now: number,
): HeldPart & { state: 'good' | 'expired' | 'missing' } {
  const first = parts.reduce((least, part) => (part.validUntil < least.validUntil ? part : least))
  const { validUntil } = first
  // The contract takes a part up to and including its last second.
  return { ...first, state: validUntil === 0 ? 'missing' : validUntil < now ? 'expired' : 'good' }
}

let issuer: Hex | undefined

/** The name of the one PCK CA there is, as the verifier has it: keccak256 of its distinguished name. */
function issuerOfPlatforms(): Hex {
  if (issuer === undefined) {
    const [ca = new Uint8Array()] = parsePem(createSimulatedPki().pckCrlIssuerChain) ?? []
    issuer = keccak256(hexToBytes(parseCertificate(ca).subject.raw))
  }
  return issuer
}
