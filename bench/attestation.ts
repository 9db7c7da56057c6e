/** What it costs to verify hardware: on chain, in a browser, in Node, and in bytes to download. */
import { measureInChromium } from './chromium.ts'
import type { Figure } from './figure.ts'
import { attestationGasFigures, measureGas } from './gas.ts'
import { measureInNode } from './side-by-side.ts'
import { measureSizes } from './size.ts'

export async function measureAttestation(progress: (line: string) => void): Promise<Figure[]> {
  const gas = attestationGasFigures(await measureGas(progress))
  return [
    ...gas,
    ...(await measureInChromium(progress)),
    ...(await measureInNode(progress)),
    ...(await measureSizes(progress)),
  ]
}
