/** What data at rest costs: handing the network secret on, opening and sealing in Core, sealing in the client, storing. */
import type { Hex } from '@enigma/protocol'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { createSecretNetwork } from '../packages/core/src/testing/secret-network.ts'
import { type Figure, median } from './figure.ts'
import { measureGas } from './gas.ts'
import { compileFortunes } from './keys/fortunes.ts'

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
  const { storeGas, sealMs, openMs, sealInCoreMs, taskMs } = await measureUse(progress)
  return [
    { name: 'handoff, gas', value: gas('handoff, both together'), unit: 'gas', target: 150_000, better: 'lower' },
    { name: 'handoff, time of both Cores', value: handoffMs, unit: 'ms', target: 1_000, better: 'lower' },
    { name: 'open in Core', value: openMs, unit: 'ms', target: 0.5, better: 'lower' },
    { name: 'seal in Core', value: sealInCoreMs, unit: 'ms', target: 0.5, better: 'lower' },
    { name: 'seal in the client', value: sealMs, unit: 'ms', target: 3, better: 'lower' },
    {
      name: `a task over ${FORTUNES} stored fortunes, worker's own time`,
      value: taskMs,
      unit: 'ms',
      target: 200,
      better: 'lower',
      bound: 'With the chain node’s answers, which share this machine’s processors.',
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

    const owner = client.account.address
    const task = (functionName: string, args: readonly unknown[]) =>
      ownTime(network, { address, abi, functionName, args }, progress)
    const taskMs = await task('compare', [owner, BigInt(FORTUNES)])
    const [open1, openMany] = [await task('openMany', [owner, 1n]), await task('openMany', [owner, BigInt(FORTUNES)])]
    const [seal1, sealMany] = [await task('sealMany', [1n]), await task('sealMany', [BigInt(FORTUNES)])]
    const each = (one: number, many: number) => round((many - one) / (FORTUNES - 1))
    return {
      storeGas: Number(storeGas),
      sealMs,
      openMs: each(open1, openMany),
      sealInCoreMs: each(seal1, sealMany),
      taskMs,
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

/** Of the workers that served it first, the middle one of some runs. */
async function ownTime(network: TestNetwork, call: object, progress: (line: string) => void): Promise<number> {
  const enigma = network.enigma('alice')
  const seen = new Set<string>()
  const times = () =>
    network.workers.flatMap(({ status }) =>
      status().recentTasks.flatMap(({ taskId, ownMs, rank }) => (rank === 0 && ownMs ? [{ taskId, ownMs }] : [])),
    )
  for (const { taskId } of times()) seen.add(taskId)
  for (let n = 1; n <= ROUNDS; n++) {
    progress(`${(call as { functionName: string }).functionName}, ${n} of ${ROUNDS} …`)
    await enigma.call({ ...call, gasClass: GAS_CLASS } as unknown as Call)
  }
  return median(times().flatMap(({ taskId, ownMs }) => (seen.has(taskId) ? [] : [ownMs])))
}

const round = (ms: number) => Math.round(ms * 100) / 100
