/** Verifies quotes one after the other, as a dApp's page does, and says how long each took. */
import { type Collateral, parseCollateral, trustRootOf, verifyQuote } from '@enigma/attestation'

export type Sample = { quotes: string[]; collateral: Collateral; trustRoot: string; at: number }

declare global {
  interface Window {
    verifyAll(sample: Sample): number[]
  }
}

window.verifyAll = ({ quotes, collateral, trustRoot, at }) => {
  const root = trustRootOf(fromBase64(trustRoot))
  return quotes.map((quote) => {
    const bytes = fromBase64(quote)
    const started = performance.now()
    verifyQuote(bytes, parseCollateral(collateral), { at, trustRoot: root, policy: 'report-only' })
    return performance.now() - started
  })
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
