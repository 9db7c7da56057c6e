/** `enigma worker start`: one more worker on the local network, for as long as the command runs. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { EnigmaError } from '@enigma/protocol'
import type { Run } from '../command.ts'
import { dataOf } from '../localnet/home.ts'
import { prefixedLog } from '../localnet/log.ts'
import { createSupervisor } from '../localnet/supervisor.ts'
import { startWorker } from '../localnet/worker.ts'
import { findNetwork, operatorKey } from '../network.ts'
import { homeOf, type NetworkFile } from '../network-file.ts'
import { aborted } from '../signal.ts'
import type { WORKER_START } from './options.ts'

export const workerStart: Run<typeof WORKER_START> = async (values, _positionals, { output, cwd, env, signal }) => {
  const { file } = await findNetwork(cwd)
  const data = dataOf(homeOf(cwd))
  const name = values.name ?? freeName(file, data)
  const { rpcUrl, chainId, enigma } = file
  const { attestationUrl } = file
  const where = { rpcUrl, chainId, enigma, observation: file, attestationUrl }
  const worker = { name, ...where, data, operatorKey: operatorKey(file, name, env) }
  const supervisor = createSupervisor(prefixedLog(output))
  try {
    await Promise.race([startWorker({ ...worker, onCrash: 'restart' }, supervisor), aborted(signal), supervisor.failed])
    if (signal.aborted) return 0
    output.say(`${name} runs. It takes a seat by itself, and serves from the epoch after next on; Ctrl-C ends it.`)
    output.say(`Before it goes for good: enigma worker leave --account ${name}`)
    output.answer({ name, pid: supervisor.current(name)?.pid })
    await Promise.race([aborted(signal), supervisor.failed])
    return 0
  } finally {
    await supervisor.stop()
  }
}

/** The first operator's account that no worker has used here. */
function freeName({ accounts }: NetworkFile, data: string): string {
  const free = accounts.find(({ name }) => name.startsWith('worker-') && !existsSync(path.join(data, name)))
  if (!free) throw new NoFreeAccountError()
  return free.name
}

/** Thrown when every operator's account of the local network has a worker. */
export class NoFreeAccountError extends EnigmaError {
  override readonly name = 'WorkerStart.NoFreeAccountError'
  readonly code = 'NO_FREE_ACCOUNT'
  constructor() {
    super('Every operator’s account of this network has a worker already.', {
      hint: 'Name one whose worker is stopped with --name, or start the network with more workers.',
    })
  }
}
