import type { Account } from '@enigma/cli/localnet'
import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import { eventually, refusalOf, startNetwork, type TestNetwork } from '@enigma/testing'
import { type AbiFunction, type AbiParameter, type ContractFunctionParameters, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, taskLogs } from './support/story.ts'

const DAY = 86_400n

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 2 })
})
afterAll(() => network?.stop())

test('S24: a stolen guardian’s key stops new tasks for a while, and neither takes a wei nor holds one back', async () => {
  const thief = network.account('grace')
  await send('deployer', registry('setGuardian', thief.address))
  const dApp = await network.deploy(ADDITION)
  const [alice, bob] = [network.enigma('alice'), network.enigma('bob')]
  await network.chain.mineByHand()
  const pending = alice.call(addition(dApp, 20n, 22n))
  await eventually('the request', async () => (await network.chain.waiting('requestTask')) > 0)
  await network.chain.mine()
  await network.chain.mineEachTransaction()

  // Alice's task is pending: the thief takes away what he may.
  const { timestamp } = await network.client('grace').getBlock()
  await send('grace', enigma('pause', timestamp + 14n * DAY))
  await send('grace', registry('freezeJoins', true))
  expect(await pending).toBe(42n)
  await expect(bob.call(addition(dApp, 1n, 1n))).rejects.toThrow()
  expect((await network.contract.read.epoch([await network.contract.read.currentEpoch()])).isPaused).toBe(true)

  // He may no more: nothing of it back, nothing longer, nothing else.
  await expect(send('grace', registry('freezeJoins', false))).rejects.toThrow('OnlyGovernor')
  await expect(send('grace', enigma('pause', timestamp + 14n * DAY)).catch(refusalOf)).resolves.toBe('PauseTooSoon')
  expect(await callEverything(thief)).toEqual([])

  // What is owed is paid while the pause lasts.
  const worker = await network.workerOf(0)
  const { creditGwei, operator } = await network.contract.read.seat([0n])
  if (creditGwei > 0n) await send(worker.name, enigma('withdrawSeat', 0n, operator))

  // With the governor's key he changes what he likes, and moves no more.
  expect(await callEverything(network.account('deployer'))).toEqual([])

  // The governor exchanges the key, and ends what it did.
  await send('deployer', registry('setGuardian', network.account('frank').address))
  await expect(send('grace', enigma('unpause')).catch(refusalOf)).resolves.toBe('OnlyGuardian')
  await send('deployer', enigma('unpause'))
  await send('deployer', registry('freezeJoins', false))
  expect(await bob.call(addition(dApp, 1n, 1n))).toBe(2n)
  const { requested, settled } = await taskLogs(network)
  expect(settled).toHaveLength(requested.length)
})

const enigma = (functionName: string, ...args: readonly unknown[]) =>
  ({ address: network.network.enigma, abi: enigmaAbi, functionName, args }) as ContractFunctionParameters
const registry = (functionName: string, ...args: readonly unknown[]) =>
  ({ address: network.registry.address, abi: keyRegistryAbi, functionName, args }) as ContractFunctionParameters

async function send(name: string, call: ContractFunctionParameters): Promise<void> {
  const client = network.client(name)
  await client.simulateContract({ ...call, account: client.account })
  const hash = await client.writeContract({ ...call, account: client.account, chain: null } as never)
  await client.waitForTransactionReceipt({ hash })
}

/** Every function of both contracts that changes something, as the thief: each that moved a claim or a wei of anybody's. */
async function callEverything(thief: Account): Promise<string[]> {
  const moved: string[] = []
  for (const [address, abi] of contracts()) {
    for (const item of abi) {
      if (item.type !== 'function' || ['view', 'pure'].includes(item.stateMutability)) continue
      if (POWERS.includes(item.name)) continue
      const before = await claims()
      for (const seat of [0n, 1n]) {
        const data = encodeFunctionData({ abi: [item], args: item.inputs.map(valueFor(thief.address, seat)) })
        await tryCall(thief, address, data)
      }
      if ((await claims()) !== before) moved.push(item.name)
    }
  }
  return moved
}

/** What the guardian may: tried apart. */
const POWERS = ['pause', 'unpause', 'freezeJoins', 'revokeMeasurement']

const contracts = (): [Hex, readonly AbiFunction[]][] => [
  [network.network.enigma, enigmaAbi as never],
  [network.registry.address, keyRegistryAbi as never],
]

async function tryCall({ name }: Account, to: Hex, data: Hex): Promise<void> {
  const client = network.client(name)
  const hash = await client.sendTransaction({ to, data, gas: 3_000_000n, chain: null }).catch(() => undefined)
  if (hash) await client.waitForTransactionReceipt({ hash })
}

/** Plausible: seats that are taken, the thief wherever an address stands. */
function valueFor(thief: Hex, seat: bigint) {
  return function value({ type, components = [] }: AbiParameter & { components?: readonly AbiParameter[] }): unknown {
    if (type.endsWith('[]')) return []
    if (type === 'tuple') return Object.fromEntries(components.map((part) => [part.name, value(part)]))
    if (type === 'address') return thief
    if (type === 'bool') return true
    if (type === 'bytes') return '0x'
    if (type.startsWith('bytes')) return `0x${'11'.repeat(Number(type.slice(5)))}`
    return Number(type.slice(4)) <= 48 ? Number(seat) : seat
  }
}

/** Who is owed what: the contract's ether, each seat's credit and bond, each account's slot and debts. */
async function claims(): Promise<string> {
  const { contract, network: file } = network
  const client = network.client('deployer')
  const seats = Number(await contract.read.seatCount())
  const found = await Promise.all([
    client.getBalance({ address: file.enigma }),
    client.getBalance({ address: network.registry.address }),
    ...Array.from({ length: seats }, async (_, seat) => {
      const { creditGwei, bondGwei, joinFeeGwei, operator, exitEpoch } = await contract.read.seat([BigInt(seat)])
      return [creditGwei, bondGwei, joinFeeGwei, operator, exitEpoch]
    }),
    ...file.accounts.map(async ({ address }) => [
      await contract.read.owedGwei([address]),
      (await contract.read.slot([address, 0])).balanceGwei,
    ]),
  ])
  return JSON.stringify(found, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item))
}
