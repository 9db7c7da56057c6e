import { enigmaAbi } from '@enigma/contracts'
import {
  bytesToHex,
  type Hex,
  hexToBytes,
  inputContext,
  keccak256,
  networkHash,
  packTarget,
  sealInputs,
  ZERO_HASH,
} from '@enigma/protocol'
import { eventually, networkOf, startNetwork, type TestNetwork } from '@enigma/testing'
import { encodeAbiParameters, parseAbiParameters, toFunctionSelector } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, sumOf, taskLogs } from './support/story.ts'

const TASKS = 100
/** A batch a second at most: what is ready waits for what is being computed until the next block. */
const FEW = 12
const TARGET = {
  callable: toFunctionSelector('add(uint256,uint256)'),
  callbackGas: 100_000,
  outputCap: 32,
  gasClass: 4,
}

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1, mining: 'every-second' })
})
afterAll(() => network?.stop())

test('a hundred tasks, asked for in one transaction, are settled in a few', { timeout: 60_000 }, async () => {
  const dApp = await network.deploy(ADDITION)
  const operator = { address: network.account('worker-1').address }
  const client = network.client('alice')
  const transactions = () => client.getTransactionCount(operator)
  const before = await transactions()
  const { requests, value } = await sealed(dApp)
  const call = {
    address: network.network.enigma,
    abi: enigmaAbi,
    functionName: 'requestTasks',
    args: [requests],
  } as const
  await client.waitForTransactionReceipt({ hash: await client.writeContract({ ...call, value, chain: null }) })

  const settled = await eventually('every settlement', async () => {
    const logs = await taskLogs(network)
    return logs.settled.length === TASKS && logs.settled
  })
  expect(settled.every(({ status, delivered }) => status === 0 && delivered)).toBe(true)
  expect(new Set(settled.map(({ taskId }) => taskId)).size).toBe(TASKS)
  expect(settled.map(({ output }) => BigInt(output)).toSorted((a, b) => Number(a - b))).toEqual(
    Array.from({ length: TASKS }, (_, slot) => BigInt(slot) + 1_000n),
  )
  expect(settled.map(({ output }) => BigInt(output))).toContain(await sumOf(network, dApp))
  expect((await transactions()) - before).toBeLessThanOrEqual(FEW)
})

/** What `requestTasks` takes: slot + 1,000 in slot 0 to 99. */
async function sealed(dApp: Hex) {
  const client = network.client('alice')
  const { contract } = network
  const [epoch, { baseFeePerGas }] = await Promise.all([contract.read.currentEpoch(), client.getBlock()])
  const { gasClass, callbackGas, outputCap } = TARGET
  const feeGwei = await contract.read.quoteFee([gasClass, callbackGas, outputCap, 2n * (baseFeePerGas ?? 0n)])
  const codeHash = keccak256(hexToBytes((await client.getCode({ address: dApp })) ?? '0x'))
  const recipients = [await inputKey()]
  const requests = await Promise.all(
    Array.from({ length: TASKS }, async (_, slot) => {
      const context = inputContext({
        networkHash: networkHash(networkOf(network)),
        dApp,
        codeHash,
        callable: TARGET.callable,
        requester: network.account('alice').address,
        slot,
        seq: 0n,
      })
      const args = hexToBytes(encodeAbiParameters(parseAbiParameters('uint256, uint256'), [BigInt(slot), 1_000n]))
      const inputs = await sealInputs({ recipients, context, replyKey: ZERO_HASH, args })
      const target = packTarget({ dApp, ...TARGET })
      const where = { slot, epoch: Number(epoch), lane: 0, target }
      return { ...where, feeGwei, valueGwei: feeGwei, inputs: bytesToHex(inputs) }
    }),
  )
  return { requests, value: feeGwei * BigInt(TASKS) * 1_000_000_000n }
}

/** Of the only worker. */
async function inputKey(): Promise<Hex> {
  const [taken] = await network.contract.getEvents.SeatTaken({}, { fromBlock: 0n, strict: true })
  if (!taken) throw new Error('no seat was taken')
  return taken.args.inputKey as Hex
}
