/** What using the network costs and how long it takes: gas, start-up, workers. */
import type { Figure } from './figure.ts'
import { measureGas, taskGasFigures } from './gas.ts'
import { measureStartup } from './startup.ts'
import { measureWork } from './work.ts'

export async function measureNetwork(progress: (line: string) => void): Promise<Figure[]> {
  const gas = taskGasFigures(await measureGas(progress))
  return [...gas, ...(await measureStartup(progress)), ...(await measureWork(progress))]
}
