/** The parts in which a quote and its collateral reach the contract, and a verification put together from them. */
import { bytesToHex, equalBytes, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { assembleQuote, bareQuote } from '../src/bare-quote.ts'
import { decodeHex } from '../src/collateral.ts'
import { findChain } from '../src/pck.ts'
import { parsePem, toPem } from '../src/pem.ts'
import type { Policy } from '../src/policy.ts'
import { parseQuote } from '../src/quote.ts'
import { forge, type World } from '../src/testing/forge.ts'
import { nodeP256 } from '../src/testing/node-p256.ts'
import { trustRootOf } from '../src/trust-roots.ts'
import type { Verdict } from '../src/verdict.ts'
import { verifyQuote } from '../src/verify.ts'

type Name =
  | 'rootCrl'
  | 'pckCa'
  | 'pckCrl'
  | 'tcbSigner'
  | 'tcbInfo'
  | 'tcbInfoSignature'
  | 'qeIdentity'
  | 'qeIdentitySignature'
  | 'quote'
  | 'leaf'
export type Parts = Record<Name, Uint8Array> & { at: number }
/** As the file has them: bytes in hex, the time in unix seconds. */
export type PartsJson = Record<Name, Hex> & { at: number }

const { trustRoot: root, collateral: soundCollateral } = forge()
const [soundSigner = root] = parsePem(soundCollateral.tcbInfoIssuerChain) ?? []

/** The parts of a world, or undefined where its fault cannot be told by them: another root, a chain of another length. */
export function partsOf(world: World): Parts | undefined {
  const { collateral } = world
  const [leaf, pckCa, ...pckRoots] = parsePem(findChain(parseQuote(world.quote), undefined)) ?? []
  const [tcbSigner, ...tcbRoots] = parsePem(collateral.tcbInfoIssuerChain) ?? []
  const [qeSigner, ...qeRoots] = parsePem(collateral.qeIdentityIssuerChain) ?? []
  const isRoot = (list: Uint8Array[]) => list.length === 1 && list.every((it) => equalBytes(it, root))
  if (![pckRoots, tcbRoots, qeRoots, [world.trustRoot]].every(isRoot)) return undefined
  // One signer is kept for both documents.
  if (!qeSigner || !equalBytes(qeSigner, soundSigner)) return undefined
  const rootCrl = decodeHex(collateral.rootCaCrl)
  const pckCrl = decodeHex(collateral.pckCrl)
  const tcbInfoSignature = decodeHex(collateral.tcbInfoSignature)
  const qeIdentitySignature = decodeHex(collateral.qeIdentitySignature)
  if (!leaf || !pckCa || !tcbSigner || !rootCrl || !pckCrl) return undefined
  if (tcbInfoSignature?.length !== 64 || qeIdentitySignature?.length !== 64) return undefined
  return {
    ...{ at: world.at, rootCrl, pckCa, pckCrl, tcbSigner },
    ...{ tcbInfo: utf8(collateral.tcbInfo), tcbInfoSignature },
    ...{ qeIdentity: utf8(collateral.qeIdentity), qeIdentitySignature },
    ...{ quote: bareQuote(world.quote), leaf },
  }
}

/** The verdict of the TypeScript verifier on what the contract is given. */
export function judgeParts(parts: Parts, trustRoot: Uint8Array, policy: Policy): Verdict {
  const pem = (certificate: Uint8Array) => `${toPem(certificate)}${toPem(trustRoot)}`
  const hex = (bytes: Uint8Array) => bytesToHex(bytes).slice(2)
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  const collateral = {
    tcbInfo: text(parts.tcbInfo),
    tcbInfoSignature: hex(parts.tcbInfoSignature),
    tcbInfoIssuerChain: pem(parts.tcbSigner),
    qeIdentity: text(parts.qeIdentity),
    qeIdentitySignature: hex(parts.qeIdentitySignature),
    qeIdentityIssuerChain: pem(parts.tcbSigner),
    rootCaCrl: hex(parts.rootCrl),
    pckCrl: hex(parts.pckCrl),
    pckCrlIssuerChain: pem(parts.pckCa),
  }
  const quote = assembleQuote(parts.quote, parts.leaf, pem(parts.pckCa))
  const options = { at: parts.at, trustRoot: trustRootOf(trustRoot), policy, verifyP256: nodeP256 }
  return verifyQuote(quote, collateral, options)
}

export function toJson<T extends Partial<Parts>>(parts: T): { [K in keyof T]: Hex | number } {
  const entries = Object.entries(parts).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : bytesToHex(value),
  ])
  return Object.fromEntries(entries)
}

export function fromJson(json: PartsJson): Parts {
  const entries = Object.entries(json).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : hexToBytes(value),
  ])
  return Object.fromEntries(entries) as Parts
}
