import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { devAccounts } from './localnet/accounts.ts'
import {
  type NetworkFile,
  networkFileOf,
  networkFileText,
  parseNetworkFile,
  readNetworkFile,
  removeNetworkFile,
  writeNetworkFile,
} from './network-file.ts'
import { exampleNetworkFile } from './testing/deployed.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'enigma-file-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const NETWORK = exampleNetworkFile('http://127.0.0.1:1')

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
    const wrong = { ...JSON.parse(networkFileText(NETWORK)), chainId: '1', enigma: '0x12', observers: [] }
    writeFileSync(networkFileOf(home), JSON.stringify(wrong))
    const error = await readNetworkFile(home).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'NETWORK_FILE' })
    for (const field of ['chainId', 'enigma', 'observers']) expect((error as Error).message).toContain(field)
    writeFileSync(networkFileOf(home), '{"chainId":')
    await expect(readNetworkFile(home)).rejects.toMatchObject({ code: 'NETWORK_FILE' })
  })
})

describe('a network file', () => {
  const text = (changes: object) => JSON.stringify({ ...JSON.parse(networkFileText(NETWORK)), ...changes })
  const faults = (changes: object) => {
    try {
      parseNetworkFile(text(changes), 'mainnet.json')
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }

  test('of a deployed network needs nothing that only a local one has', () => {
    const { abi, dApps, accounts, workers, pid, principalUrl, ...deployed } = NETWORK
    expect(parseNetworkFile(networkFileText(deployed as NetworkFile), 'mainnet.json')).toEqual({
      ...deployed,
      ...{ dApps: {}, accounts: [] },
    })
  })

  test.each([
    [{ version: 2 }, 'version: must be 1'],
    [{ measurements: [] }, 'measurements: must name one or more'],
    [{ governer: '0x' }, 'governer'],
    [{ parameters: { bondGwei: 1 } }, 'parameters.bondGwei: '],
    [{ policy: { tcbStatuses: ['Fine'] } }, 'policy: '],
    [{ enigma: `0x${'A'.repeat(40)}` }, 'enigma: must be 0x and 40 lower-case hex digits'],
  ])('with %j is refused, by the field', (changes, fault) => {
    expect(faults(changes)).toContain(fault)
    expect(faults(changes)).toContain('mainnet.json')
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
