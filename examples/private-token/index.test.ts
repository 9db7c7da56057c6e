import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { erc20Abi, type Hex, parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenAbi, tokenBytecode } from '../voting/abi.ts'
import { privateTokenAbi, privateTokenBytecode } from './abi.ts'

const CALLBACK_GAS = 350_000

let network: TestNetwork
let wrapper: { address: Hex; abi: typeof privateTokenAbi }
beforeAll(async () => {
  const dApps = {
    token: { abi: tokenAbi, bytecode: tokenBytecode, args: [parseEther('1000000')], isPlain: true },
    privateToken: { abi: privateTokenAbi, bytecode: privateTokenBytecode, args: [{ at: 'token' }] },
  }
  network = await startNetwork({ workers: 3, dApps })
  wrapper = { address: network.network.dApps.privateToken ?? '0x', abi: privateTokenAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: in, from one to another, and out again', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(stdout.split('\n')).toHaveLength(5)
  expect(readme).toContain(stdout)
})

test('S27: of two transfers at once that touch one account both are made, one after the other', async () => {
  await deposit('carol', 100n)
  await deposit('dave', 100n)
  expect(await Promise.all([pay('carol', 'erin', 60n), pay('dave', 'erin', 30n)])).toEqual([true, true])
  expect([await balanceOf('carol'), await balanceOf('dave'), await balanceOf('erin')]).toEqual([40n, 70n, 90n])
})

test('S26: a balance is told to its owner alone', async () => {
  const call = { ...wrapper, functionName: 'balanceOf', args: [network.account('carol').address] } as const
  const asked = network.enigma('frank').call({ ...call, privateResult: 'uint256' })
  await expect(asked).rejects.toMatchObject({ reason: { errorName: 'OnlyOwner' } })
})

test('S21: a transfer that is not covered has the output’s length, the events and the end of one that is', async () => {
  await deposit('frank', 0x5ec2e704n)
  expect(await pay('frank', 'grace', 0x5ec2e701n)).toBe(true)
  const covered = await lastSettlement()
  expect(await pay('frank', 'grace', 0x5ec2e702n)).toBe(false)
  const refused = await lastSettlement()
  expect(refused.shape).toEqual(covered.shape)
  for (const amount of [0x5ec2e701n, 0x5ec2e702n, 3n]) {
    expect(covered.bytes + refused.bytes).not.toContain(amount.toString(16).padStart(64, '0'))
  }
})

/** The transaction that brought the last result: what it looks like, and all that it says. */
async function lastSettlement() {
  const client = network.client('grace')
  const [event] = (
    await client.getContractEvents({ ...wrapper, eventName: 'Transferred', fromBlock: 'earliest' })
  ).slice(-1)
  if (!event) throw new Error('Nothing was transferred.')
  const { input } = await client.getTransaction({ hash: event.transactionHash })
  const { logs } = await client.getTransactionReceipt({ hash: event.transactionHash })
  const shape = logs.map(({ address, topics, data }) => [address, topics.length, data.length])
  return { shape: [input.length, ...shape], bytes: [input, ...logs.map(({ data }) => data)].join() }
}

function pay(from: string, to: string, amount: bigint): Promise<boolean> {
  const args = [network.account(to).address, amount] as const
  const call = { ...wrapper, functionName: 'transfer', args, callbackGas: CALLBACK_GAS, privateResult: 'bool' } as const
  return network.enigma(from).call(call)
}

function balanceOf(name: string): Promise<bigint> {
  const call = { ...wrapper, functionName: 'balanceOf', args: [network.account(name).address] } as const
  return network.enigma(name).call({ ...call, privateResult: 'uint256' })
}

async function deposit(name: string, amount: bigint): Promise<void> {
  const token = { address: network.network.dApps.token ?? '0x', abi: erc20Abi } as const
  const client = network.client(name)
  const handing = [network.account(name).address, amount] as const
  await mined(
    network.client('deployer').writeContract({ ...token, functionName: 'transfer', args: handing, chain: null }),
  )
  const approving = [wrapper.address, amount] as const
  await mined(client.writeContract({ ...token, functionName: 'approve', args: approving, chain: null }))
  await mined(client.writeContract({ ...wrapper, functionName: 'deposit', args: [amount], chain: null }))
}

async function mined(sent: Promise<Hex>): Promise<void> {
  await network.client('deployer').waitForTransactionReceipt({ hash: await sent })
}
