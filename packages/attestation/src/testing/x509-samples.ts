/** Certificates and lists of our own making, and Intel's where they are at hand. Tests only. */
import { hexToBytes } from '@enigma/protocol'
import { parsePem } from '../pem.ts'
import { parseQuote } from '../quote.ts'
import { forge, serials } from './forge.ts'
import { loadVector, vectors } from './vectors.ts'

const worlds = [forge({ pckCrl: { revoked: [serials.ca, serials.signer] } }), ...vectors.map(loadVector)]

export const certificates = worlds.flatMap(({ quote, collateral }) => [
  ...(parsePem(new TextDecoder('latin1').decode(parseQuote(quote).certification.data)) ?? []),
  ...(parsePem(collateral.tcbInfoIssuerChain) ?? []),
])

export const lists = worlds
  .flatMap(({ collateral }) => [collateral.pckCrl, collateral.rootCaCrl])
  .map((list) => hexToBytes(`0x${list}`))

/** A leaf of ours, and a list with two entries. */
export const leaf = certificates[0] ?? new Uint8Array()
export const list = lists[0] ?? new Uint8Array()
