/** What using the network costs and how long it takes: gas, start-up, workers. */
import type { Figure } from './figure.ts'
import { measureGasFigures } from './gas.ts'
import { measureStartup } from './startup.ts'
import { measureWork } from './work.ts'

export async function measureNetwork(progress: (line: string) => void): Promise<Figure[]> {
  return [...(await measureGasFigures(progress)), ...(await measureStartup(progress)), ...(await measureWork(progress))]
}
