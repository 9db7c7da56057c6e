import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { devAccounts } from './localnet/accounts.ts'
import {
  type NetworkFile,
  networkFileOf,
  readNetworkFile,
  removeNetworkFile,
  writeNetworkFile,
} from './network-file.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'enigma-file-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const NETWORK: NetworkFile = {
  ...{
    chainId: 31_337,
    rpcUrl: 'http://127.0.0.1:1',
    attestationUrl: 'http://127.0.0.1:2',
    principalUrl: 'http://127.0.0.1:3',
  },
  ...{ enigma: `0x${'1'.repeat(40)}`, beacon: `0x${'2'.repeat(40)}`, attestationVerifier: `0x${'3'.repeat(40)}` },
  ...{ simulated: true, measurement: `0x${'4'.repeat(64)}`, networkHash: `0x${'5'.repeat(64)}` },
  observers: [{ address: `0x${'6'.repeat(40)}`, url: 'http://127.0.0.1:4' }],
  ...{ threshold: 1, depth: 0, serial: 0 },
  ...{ genesisBlock: 3, abi: 'contracts/abi', dApps: {}, accounts: devAccounts(1), workers: 1, pid: 7 },
}

describe('network.json', () => {
  test('comes back as it was written, readable by its owner alone, with nothing beside it', async () => {
    await writeNetworkFile(home, NETWORK)
    expect(await readNetworkFile(home)).toEqual(NETWORK)
    expect(readdirSync(home)).toEqual(['network.json'])
    expect(statSync(networkFileOf(home)).mode & 0o077).toBe(0)
  })

  test('that is not there is no error', async () => {
    expect(await readNetworkFile(home)).toBeUndefined()
    await removeNetworkFile(home)
  })

  test('with wrong contents is refused whole, not one mistake a run', async () => {
    writeFileSync(networkFileOf(home), JSON.stringify({ ...NETWORK, chainId: '1', enigma: '0x12', observers: [] }))
    const error = await readNetworkFile(home).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'NETWORK_FILE' })
    for (const field of ['chainId', 'enigma', 'observers']) expect((error as Error).message).toContain(field)
    writeFileSync(networkFileOf(home), '{"chainId":')
    await expect(readNetworkFile(home)).rejects.toMatchObject({ code: 'NETWORK_FILE' })
  })
})

test('the accounts of a local network are those that anvil funds, in its order', () => {
  const [deployer, principal] = devAccounts(2)
  expect(deployer).toEqual({
    name: 'deployer',
    address: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  })
  expect(principal?.address).toBe('0x70997970c51812dc3a010c7d01b50e0d17dc79c8')
  expect(devAccounts(2).at(-1)?.name).toBe('worker-2')
})
