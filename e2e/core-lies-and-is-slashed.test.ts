import path from 'node:path'
import { enigmaAbi } from '@enigma/contracts'
import { createRpc } from '@enigma/process'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { eventually, startNetwork, type TestNetwork, type TestWorker } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settlementOf } from '../packages/surface/src/settlement.ts'
import { openServedTask } from '../packages/surface/src/testing/served-task.ts'
import { buildOtherCore, type OtherCore } from './support/other-core.ts'
import { ADDITION, addition, ranksFor, taskLogs } from './support/story.ts'

const LIAR = 2n
const GWEI = 10n ** 9n

let liarsCore: OtherCore
let network: TestNetwork
let liar: TestWorker
beforeAll(async () => {
  liarsCore = await buildOtherCore('an enclave that somebody broke', lying)
  network = await startNetwork({ workers: 2, otherMeasurements: [liarsCore.measurement] })
  liar = await network.addWorker(liarsCore.program)
  await eventually('its seat', async () => (await network.contract.read.seatCount()) === LIAR + 1n)
  await network.untilGeneration(1)
  await eventually('its grant', async () => {
    await network.chain.mine()
    const { signer } = await network.contract.read.seat([LIAR])
    return (await network.registry.read.heldBy([signer])) === 1
  })
  await network.chain.nextEpoch()
  await network.chain.nextEpoch()
})
afterAll(async () => {
  await network?.stop()
  await liarsCore?.remove()
})

test('S23: an enclave signs another result each time it is asked; once two are on chain, a stranger slashes it by itself', async () => {
  const { contract, network: where, data } = network
  const dApp = await drawnFirst()
  const sum = await network.enigma('alice').call(addition(dApp, 40n, 2n))
  expect(sum).not.toBe(42n)
  const { settled } = await taskLogs(network)
  expect(settled).toMatchObject([{ seat: LIAR, rank: 0, delivered: true }])
  const [{ taskId } = { taskId: '0x' as Hex }] = settled

  await liar.stop()
  const folder = path.join(data, liar.name)
  const rpc = createRpc(where.rpcUrl)
  const task = await openServedTask(
    { network: where, folder, name: liar.name, program: liarsCore.program, rpc },
    taskId,
  )
  const second = await task.compute(task.computer()).finally(task.stop)
  const {
    to,
    data: late,
    gas,
  } = settlementOf({ ...task.row, result: { ...second, output: bytesToHex(second.output) } }, where.enigma)
  const bob = network.client('bob')
  const hash = await bob.sendTransaction({ to, data: late, gas, chain: null })
  expect(await bob.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'reverted' })

  const slashed = await eventually('the report', async () => {
    await network.chain.mine()
    const event = { address: where.enigma, abi: enigmaAbi, eventName: 'SeatSlashed', fromBlock: 0n } as const
    const [found] = await bob.getContractEvents({ ...event, strict: true })
    return found
  })
  const { bondGwei } = network.parameters
  expect(slashed.args).toMatchObject({ seat: LIAR, taskId, rewardGwei: bondGwei / 2n, burnedGwei: bondGwei / 2n })
  const honest = network.workers.slice(0, 2).map(({ operator }) => operator.address)
  expect(honest).toContain(slashed.args.reporter.toLowerCase())
  expect(await contract.read.burnedGwei()).toBe(bondGwei / 2n)
  expect(await earnedBy(slashed.transactionHash)).toBe((bondGwei / 2n) * GWEI)

  // The next one moves up, in the same epoch, for the same dApp.
  expect(await ranksFor(network, dApp, 1)).not.toContain(Number(LIAR))
  expect(await network.enigma('alice').call(addition(dApp, 40n, 2n))).toBe(42n)
})

/** Core as it is, but for the output of each receipt: 32 bytes of chance. */
function lying(code: string): string {
  const honest = 'const receipt = {'
  const [before, after, ...more] = code.split(honest)
  if (after === undefined || more.length > 0) throw new Error(`Core's bundle says "${honest}" not just once.`)
  return `${before}crypto.getRandomValues(output);\n\t\t${honest}${after}`
}

/** A dApp whose tasks are the liar's in this epoch. */
async function drawnFirst(): Promise<Hex> {
  for (;;) {
    const dApp = await network.deploy(ADDITION)
    const [first] = await ranksFor(network, dApp, 1)
    if (first === Number(LIAR)) return dApp
  }
}

/** What a transaction, alone in its block, brought its sender, its gas not counted. */
async function earnedBy(hash: Hex): Promise<bigint> {
  const client = network.client('deployer')
  const { from: address, blockNumber, gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash })
  const before = await client.getBalance({ address, blockNumber: blockNumber - 1n })
  const after = await client.getBalance({ address, blockNumber })
  return after - before + gasUsed * effectiveGasPrice
}
