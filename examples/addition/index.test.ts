import path from 'node:path'
import { createEnigma, type ProgressEvent, parseNetwork } from '@enigma/client'
import { runScript, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { additionAbi, additionBytecode } from './abi.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 3, dApps: { addition: { abi: additionAbi, bytecode: additionBytecode } } })
})
afterAll(() => network?.stop())

test('the script adds in private and finds the sum in the contract', async () => {
  const stdout = await runScript(network, path.join(import.meta.dirname, 'index.ts'))
  const said = stdout.split('\n')
  expect(said.slice(-2)).toEqual(['The enclave returned 42.', 'The contract stored 42.'])
  expect(said.filter((line) => line.endsWith(': verified'))).toHaveLength(3)
})

test('an overflow fails in private, and only the caller learns why', async () => {
  const enigma = createEnigma({
    client: network.client('bob'),
    network: parseNetwork(network.network),
    allowSimulated: true,
    pollIntervalMs: 40,
  })
  const settled: ProgressEvent[] = []
  const call = enigma.call({
    address: network.network.dApps.addition ?? '0x',
    abi: additionAbi,
    functionName: 'add',
    args: [2n ** 256n - 1n, 1n],
    onProgress: (event) => {
      if (event.type === 'settled') settled.push(event)
    },
  })
  // Panic 0x11 is Solidity's word for an overflow.
  await expect(call).rejects.toMatchObject({ reason: { errorName: 'Panic', args: [17n] } })
  expect(settled).toMatchObject([{ status: 1 }])
})
