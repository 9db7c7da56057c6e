/** What data at rest costs: handing the network secret on, opening and sealing in Core, sealing in the client, storing. */
import type { Hex } from '@enigma/protocol'
import { startNetwork, type TestNetwork, type TestWorker } from '@enigma/testing'
import { createSecretNetwork } from '../packages/core/src/testing/secret-network.ts'
import { type Figure, median } from './figure.ts'
import { measureGas } from './gas.ts'
import { compileFortunes } from './keys/fortunes.ts'
import { replayTask } from './keys/replay.ts'

const FORTUNES = 100
const HANDOFFS = 15
const ROUNDS = 7
/** Long enough that no boundary falls into the run. */
const EPOCH_BLOCKS = 600
/** 2^23 gas: a hundred openings and what is around them. */
const GAS_CLASS = 7

export async function measureKeys(progress: (line: string) => void): Promise<Figure[]> {
  const gas = await measureGas(progress)
  const handoffMs = await measureHandoff(progress)
  const { storeGas, sealMs, openMs, sealInCoreMs, task } = await measureUse(progress)
  return [
    { name: 'handoff, gas', value: gas('handoff, both together'), unit: 'gas', target: 150_000, better: 'lower' },
    { name: 'handoff, time of both Cores', value: handoffMs, unit: 'ms', target: 1_000, better: 'lower' },
    { name: 'open in Core', value: openMs, unit: 'ms', target: 0.5, better: 'lower' },
    { name: 'seal in Core', value: sealInCoreMs, unit: 'ms', target: 0.5, better: 'lower' },
    { name: 'seal in the client', value: sealMs, unit: 'ms', target: 3, better: 'lower' },
    {
      name: `a task over ${FORTUNES} stored fortunes, worker's own time`,
      value: task.firstMs,
      unit: 'ms',
      target: 200,
      better: 'lower',
      bound: boundOf(task),
    },
    { name: 'storing a sealed uint256, first time', value: storeGas, unit: 'gas', target: 130_000, better: 'lower' },
  ]
}

/** From the joiner's key to its secrets, quote verification included; without the chain between. */
async function measureHandoff(progress: (line: string) => void): Promise<number> {
  progress(`handing the secret on, ${HANDOFFS} times …`)
  const net = createSecretNetwork()
  const { first } = await net.genesis()
  const times: number[] = []
  for (let n = 0; n < HANDOFFS; n++) {
    const joiner = await net.member()
    const began = performance.now()
    await net.accept(first, joiner, await net.grant(first, joiner))
    times.push(performance.now() - began)
  }
  return round(median(times))
}

async function measureUse(progress: (line: string) => void) {
  progress('starting a network of 3 workers with a block a second …')
  const network = await startNetwork({ workers: 3, mining: 'every-second', parameters: { epochBlocks: EPOCH_BLOCKS } })
  try {
    const { abi, bytecode } = compileFortunes()
    const address = await network.deploy({ abi, bytecode })
    const { sealed, sealMs } = await sealAll(network, address, progress)
    const client = network.client('alice')
    const send = async (functionName: string, args: readonly unknown[]) => {
      const hash = await client.writeContract({ address, abi, functionName, args, chain: null, gas: 16_000_000n })
      return (await client.waitForTransactionReceipt({ hash })).gasUsed
    }
    const storeGas = await send('store', [`0x${'ff'.repeat(32)}`, sealed[0]])
    await send('storeMany', [sealed])

    const serve = (rounds: number, functionName: string, ...args: readonly unknown[]) =>
      runMany(network, { address, abi, functionName, args }, rounds, progress)
    const served = {
      open: [await serve(1, 'openMany', 1n), await serve(1, 'openMany', BigInt(FORTUNES))],
      seal: [await serve(1, 'sealMany', 1n), await serve(1, 'sealMany', BigInt(FORTUNES))],
    } as const
    const compared = await serve(ROUNDS, 'compare')
    progress('running one of each again, on recorded answers …')
    for (const worker of network.workers) await worker.stop()
    const replay = ({ worker, taskId }: Served) => replayTask(network, worker, taskId, ROUNDS)
    const each = async ([one, many]: readonly [Served, Served]) =>
      round(((await replay(many)).againMs - (await replay(one)).againMs) / (FORTUNES - 1))
    return {
      storeGas: Number(storeGas),
      sealMs,
      openMs: await each(served.open),
      sealInCoreMs: await each(served.seal),
      task: { ...(await replay(compared)), withNodeMs: compared.ms },
    }
  } finally {
    await network.stop()
  }
}

async function sealAll(network: TestNetwork, contract: Hex, progress: (line: string) => void) {
  const enigma = network.enigma('alice')
  await enigma.requestContractKey({ contract })
  const sealed: Hex[] = []
  const times: number[] = []
  progress(`sealing ${FORTUNES} fortunes …`)
  for (let n = 0; n < FORTUNES; n++) {
    const label: Hex = `0x${n.toString(16).padStart(64, '0')}`
    const began = performance.now()
    sealed.push(await enigma.seal({ contract, label, value: BigInt(n) * 7_919n, abiType: 'uint256' }))
    times.push(performance.now() - began)
  }
  return { sealed, sealMs: round(median(times)) }
}

type Call = Parameters<ReturnType<TestNetwork['enigma']>['call']>[0]

/** From seeing a task to sending its settlement: the middle one of some runs, as the workers that served first say. */
async function runMany(
  network: TestNetwork,
  call: object,
  rounds: number,
  progress: (line: string) => void,
): Promise<Served> {
  const enigma = network.enigma('alice')
  const ran = () =>
    network.workers.flatMap((worker) =>
      worker
        .status()
        .recentTasks.flatMap(({ taskId, ownMs, rank }) => (rank === 0 && ownMs ? [{ worker, taskId, ms: ownMs }] : [])),
    )
  const seen = new Set(ran().map(({ taskId }) => taskId))
  for (let n = 1; n <= rounds; n++) {
    progress(`${(call as { functionName: string }).functionName}, ${n} of ${rounds} …`)
    await enigma.call({ ...call, gasClass: GAS_CLASS } as unknown as Call)
  }
  const fresh = ran().filter(({ taskId }) => !seen.has(taskId))
  const last = fresh.at(-1)
  if (!last) throw new Error('No worker served any of the tasks first.')
  return { ...last, ms: median(fresh.map(({ ms }) => ms)) }
}

type Served = { worker: TestWorker; taskId: Hex; ms: number }

function boundOf({ againMs, questions, withNodeMs }: Task): string {
  return [
    'A function that this worker runs for the first time, the chain node’s answers not counted.',
    `The next time ${againMs} ms. Core asked for more ${questions} times.`,
    `With the node’s answers, from seeing the task to sending its settlement: ${withNodeMs} ms.`,
  ].join(' ')
}

type Task = Awaited<ReturnType<typeof replayTask>> & { withNodeMs: number }

const round = (ms: number) => Math.round(ms * 100) / 100
