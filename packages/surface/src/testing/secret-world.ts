/** Several workers on one chain that the test winds block by block, with all that they need to share a network secret. */
import { join } from 'node:path'
import { keyRegistryAbi } from '@enigma/contracts'
import { createRecordedLog, type RecordedLog, until } from '@enigma/process/testing'
import { type Address, type Hex, keyRegistryOf, type RegistryState } from '@enigma/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { readStatus, type SurfaceStatus } from '../status.ts'
import { type Surface, startSurface } from '../surface.ts'
import { createFakeCores, type FakeCores } from './fake-core.ts'
import { startWorld } from './world.ts'

export type SecretWorld = Awaited<ReturnType<typeof startSecretWorld>>
export type Worker = {
  name: string
  cores: FakeCores
  log: RecordedLog
  status(): SurfaceStatus
  stop(): Promise<void>
  /** Again, on the same directory. */
  restart(): Promise<void>
  isRunning(): boolean
  operator: Address
}

/** Short, since a seat waits for two of them. */
export const EPOCH_BLOCKS = 13
/** After which every seat has ended, and cooled down. */
export const LIFE_BLOCKS = 23 * EPOCH_BLOCKS
/** One for each transaction of a worker that did something. */
const CAUSED: ReadonlySet<string> = new Set([
  ...['GenerationCommitted', 'GenerationFinal', 'JoinRequested', 'KeyGranted', 'KeyPublished'],
])
const ETHER = 10n ** 18n
/** Blocks of a thing that takes a few of them. */
const MOST_BLOCKS = 120

export async function startSecretWorld({ depth = 0 } = {}) {
  const world = await startWorld({ flags: ['--no-mining'], depth, epochBlocks: EPOCH_BLOCKS })
  const registry = keyRegistryOf(world.enigma)
  const workers: Worker[] = []
  const contract = { address: registry, abi: keyRegistryAbi } as const
  const readRegistry = <T>(functionName: string, args: readonly unknown[] = []) =>
    world.user.readContract({ ...contract, functionName, args } as never) as Promise<T>

  async function start(name: string, given: Record<string, string> = {}): Promise<Worker> {
    const number = workers.length + 1
    const operatorKey: Hex = `0x${'a0'.repeat(31)}${number.toString(16).padStart(2, '0')}`
    const dataDir = join(world.folder, name)
    const config = world.config({ OPERATOR_KEY: operatorKey, DATA_DIR: dataDir, PLATFORM_NAME: name, ...given })
    const cores = createFakeCores(world.network, number)
    cores.keepsSecrets = true
    const log = createRecordedLog('surface')
    let surface: Surface | undefined
    const worker: Worker = {
      name,
      cores,
      log,
      operator: privateKeyToAccount(operatorKey).address.toLowerCase() as Address,
      isRunning: () => surface !== undefined,
      status: () => readStatus(dataDir),
      async stop() {
        await surface?.stop()
        surface = undefined
      },
      async restart() {
        await worker.stop()
        surface = await startSurface(config, { launch: cores.launch, log })
      },
    }
    workers.push(worker)
    await world.anvil.rpc.call('anvil_setBalance', [worker.operator, `0x${(100n * ETHER).toString(16)}`])
    await worker.restart()
    return worker
  }

  /** One block, and all that the running workers make of it. */
  async function mine(): Promise<void> {
    await world.anvil.mine()
    const height = String(await world.height())
    const hasLooked = ({ secret, isRunning, headBlock }: SurfaceStatus) =>
      !isRunning || (headBlock === height && (secret === null || secret.block === height))
    for (const worker of workers.filter((one) => one.isRunning()))
      await until(() => hasLooked(worker.status()), `${worker.name} at block ${height}`)
  }

  return {
    ...world,
    registry,
    workers,
    start,
    mine,
    readRegistry,
    state: () => readRegistry<RegistryState>('state'),
    async mineUntil(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
      for (let block = 0; !(await holds()); block++) {
        if (block === MOST_BLOCKS) throw new Error(`${what}: not within ${MOST_BLOCKS} blocks`)
        await mine()
      }
    },
    /** By whoever governs. */
    async govern(functionName: 'openGeneration' | 'freezeJoins', args: readonly unknown[] = []) {
      await world.deployer.writeContract({ ...contract, functionName, args, gas: 200_000n } as never)
      await mine()
    },
    /** Transactions that were sent and changed nothing. */
    async wasted(): Promise<number> {
      const sent = workers.flatMap(({ log }) => log.events()).filter((event) => event === 'key-transaction-sent')
      const logs = await world.user.getContractEvents({ ...contract, fromBlock: 0n })
      return sent.length - logs.filter(({ eventName }) => CAUSED.has(eventName)).length
    },
    async askKey(dApp: Address): Promise<void> {
      await world.deployer.writeContract({ ...contract, functionName: 'requestKey', args: [dApp], gas: 200_000n })
      await mine()
    },
    async revoke(measurement: number): Promise<void> {
      const args = [measurement] as const
      await world.deployer.writeContract({ ...world.contract, functionName: 'revokeMeasurement', args, gas: 500_000n })
      await mine()
    },
    /** What the registry announced, oldest first. */
    async events(): Promise<{ name: string; args: Record<string, unknown> }[]> {
      const logs = await world.user.getContractEvents({ ...contract, fromBlock: 0n })
      return logs.map(({ eventName, args }) => ({ name: eventName, args: args as Record<string, unknown> }))
    },
    /** How many transactions a worker sent so far. */
    async stop(): Promise<void> {
      for (const worker of workers) await worker.stop()
      await world.stop()
    },
  }
}
