/** Pays with a token without showing an amount, on the network that `npx enigma up` started. */
import { readFile } from 'node:fs/promises'
import { createEnigma, parseNetwork } from '@enigma/client'
import { createClient, erc20Abi, formatEther, type Hex, http, parseEther, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { privateTokenAbi } from './abi.ts'

/** For the sealed balances of two people who never had any: four new storage slots each. */
const CALLBACK_GAS = 350_000

const network = JSON.parse(await readFile('.enigma/network.json', 'utf8'))
const token = { address: network.dApps.token, abi: erc20Abi } as const
const wrapper = { address: network.dApps.privateToken, abi: privateTokenAbi } as const
const [issuer, alice, bob] = [personOf('deployer'), personOf('alice'), personOf('bob')]

// In: a public amount, by plain transactions.
const amount = parseEther('100')
const handing = { ...token, functionName: 'transfer', args: [alice.address, amount], chain: null } as const
await mined(await issuer.client.writeContract(handing))
const approving = { ...token, functionName: 'approve', args: [wrapper.address, amount], chain: null } as const
await mined(await alice.client.writeContract(approving))
await mined(await alice.client.writeContract({ ...wrapper, functionName: 'deposit', args: [amount], chain: null }))
console.log(`alice deposits ${formatEther(amount)}: the chain sees how much`)

// From one to the other: the chain sees who and to whom, not how much, and not even whether it was covered.
await pay(alice, bob, '30')
await pay(bob, alice, '31')
console.log(`alice has ${await balanceOf(alice)}, and she alone is told; bob has ${await balanceOf(bob)}`)

// Out: a public amount again.
const withdrawal = { ...wrapper, functionName: 'withdraw', args: [parseEther('30')] } as const
const [, , paid] = await bob.enigma.call({ ...withdrawal, callbackGas: CALLBACK_GAS })
console.log(`bob withdraws ${formatEther(paid)}: the chain sees how much`)

async function pay(from: Person, to: Person, ether: string): Promise<void> {
  const isCovered = await from.enigma.call({
    ...wrapper,
    functionName: 'transfer',
    args: [to.address, parseEther(ether)],
    callbackGas: CALLBACK_GAS,
    privateResult: 'bool',
  })
  console.log(`${from.name} pays ${to.name} ${ether}: ${isCovered ? 'done' : 'not covered, and nothing moved'}`)
}

async function balanceOf({ address, enigma }: Person): Promise<string> {
  const call = { ...wrapper, functionName: 'balanceOf', args: [address], privateResult: 'uint256' } as const
  return formatEther(await enigma.call(call))
}

type Person = ReturnType<typeof personOf>
function personOf(name: string) {
  const { privateKey } = network.accounts.find((account: { name: string }) => account.name === name)
  const account = privateKeyToAccount(privateKey)
  const client = createClient({ account, transport: http(network.rpcUrl), pollingInterval: 100, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  const enigma = createEnigma({ client, network: parseNetwork(network), allowSimulated: true })
  return { name, address: account.address, client, enigma }
}

async function mined(hash: Hex): Promise<void> {
  const { status } = await issuer.client.waitForTransactionReceipt({ hash })
  if (status !== 'success') throw new Error(`Transaction ${hash} was reverted.`)
}
