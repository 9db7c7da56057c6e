/** The refusals that the TypeScript verifier is tested with, as far as the contract can meet them. */
import { refusedChains } from '../../src/testing/refused-chains.ts'
import { refusedDocuments } from '../../src/testing/refused-documents.ts'
import { refusedPlatforms } from '../../src/testing/refused-platforms.ts'
import { type Code, forged, type Vector } from './vector.ts'

/** Where the contract does not find what it keeps, and TypeScript compares two things that it was handed. */
const onChain = new Map<string, Code>([
  ['a leaf of another issuer', 'PCK_CA_MISSING'],
  ["the root's list in place of the CA's", 'PCK_CA_MISSING'],
  ['TCB info of another FMSPC', 'TCB_INFO_MISSING'],
  ['TCB info of another PCE', 'TCB_INFO_MISSING'],
  ['a platform of another FMSPC', 'TCB_INFO_MISSING'],
])

export const sharedVectors: readonly Vector[] = [...refusedChains, ...refusedDocuments, ...refusedPlatforms]
  .filter(([, , { policy }]) => policy === undefined || policy === 'report-only')
  .map(([code, what, faults]) => forged(onChain.get(what) ?? code, `${what} (${code})`, faults, code))
