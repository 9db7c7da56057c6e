import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { type Hex, numberToHex, parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mixerAbi, mixerBytecode } from './abi.ts'

const COIN = parseEther('1')

let network: TestNetwork
let mixer: { address: Hex; abi: typeof mixerAbi }
beforeAll(async () => {
  const dApps = { mixer: { abi: mixerAbi, bytecode: mixerBytecode, args: [COIN, 4n, 3_600, 3_600] } }
  network = await startNetwork({ workers: 3, dApps })
  mixer = { address: network.network.dApps.mixer ?? '0x', abi: mixerAbi }
})
afterAll(() => network?.stop())

test('the script says what the README shows: four coins in, four out, at accounts that nobody has seen', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const readme = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(stdout.split('\n')).toHaveLength(4)
  expect(readme).toContain(stdout)
})

test('a destination that is another’s bytes counts as the depositor’s own, and stops nobody', async () => {
  const round = await network.client('alice').readContract({ ...mixer, functionName: 'openRound' })
  const destination = network.account('worker-1').address
  const label = numberToHex(round, { size: 32 })
  const seal = (name: string) =>
    network
      .enigma(name)
      .seal({ contract: mixer.address, label, value: destination, abiType: 'address', requestKey: true })
  const ofAlice = await seal('alice')
  await deposit('alice', round, ofAlice)
  await deposit('bob', round, ofAlice)
  await deposit('carol', round, await seal('carol'))
  await deposit('dave', round, await seal('dave'))

  const enigma = network.enigma('erin')
  await enigma.call({ ...mixer, functionName: 'draw', args: [round] })
  const again = enigma.call({ ...mixer, functionName: 'draw', args: [round] })
  await expect(again).rejects.toMatchObject({ reason: { errorName: 'DrawnBefore' } })

  const client = network.client('erin')
  const callbackGas = await client.readContract({ ...mixer, functionName: 'mixGas' })
  const [, payees] = await enigma.call({ ...mixer, functionName: 'mix', args: [round], callbackGas })
  const bob = network.account('bob').address.toLowerCase()
  const found = payees.map((payee) => payee.toLowerCase()).sort()
  expect(found).toEqual([destination, destination, destination, bob].map((payee) => payee.toLowerCase()).sort())
  expect(await client.getBalance({ address: mixer.address })).toBe(0n)
})

async function deposit(name: string, round: bigint, sealed: Hex): Promise<void> {
  const client = network.client(name)
  const args = [round, sealed] as const
  const hash = await client.writeContract({ ...mixer, functionName: 'deposit', args, value: COIN, chain: null })
  await client.waitForTransactionReceipt({ hash })
}
