/**
 * A worker in a process of its own that dies by `kill -9` at a chosen moment: before or after a call to its node.
 */
import { readConfig } from '@enigma/process'
import { surfaceTable } from '../config.ts'
import { startSurface } from '../surface.ts'
import { createFakeCores } from './fake-core.ts'

const { DIES_AT: diesAt = '' } = process.env
const [method, when] = diesAt.split(' ')
const reach = globalThis.fetch

globalThis.fetch = async (input, init) => {
  const isMoment = method !== '' && String(init?.body).includes(`"${method}"`)
  if (isMoment && when === 'before') process.kill(process.pid, 'SIGKILL')
  const response = await reach(input, init)
  if (isMoment && when === 'after') process.kill(process.pid, 'SIGKILL')
  return response
}

const config = readConfig(surfaceTable, { argv: [], env: process.env })
const { chainId, enigma, threshold, depth, serial } = config
const network = { chainId, enigma, observers: [...config.observers], threshold, depth, simulated: true, serial }
const { launch } = createFakeCores(network)
await startSurface(config, { launch })
