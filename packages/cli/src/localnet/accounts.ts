/**
 * Who is who on a local network: accounts of anvil's public development mnemonic, which hold play money on it and
 * nothing anywhere else. Their keys stand in .enigma/network.json for everyone to use.
 */
import { pbkdf2Sync } from 'node:crypto'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { HDKey, privateKeyToAddress } from 'viem/accounts'

export type Account = { name: string; address: Hex; privateKey: Hex }

/** Known to every Ethereum developer; anvil funds its accounts. */
export const DEV_MNEMONIC = 'test test test test test test test test test test test junk'

const SERVICES = ['deployer', 'principal', 'keeper', 'observer'] as const
/** People who try the network out; `npm start` takes some of them through the loan. */
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'] as const

/** Whose accounts a network with `workers` operators has: services, then people, then worker-1, worker-2, … */
export function accountNames(workers: number): string[] {
  return [...SERVICES, ...PEOPLE, ...Array.from({ length: workers }, (_, i) => `worker-${i + 1}`)]
}

/** Their accounts, in this order. */
export function devAccounts(workers: number): Account[] {
  // BIP-39's seed by node:crypto: 2,048 rounds of SHA-512 take a pure JavaScript library longer than anvil's start.
  const seed = pbkdf2Sync(DEV_MNEMONIC, 'mnemonic', 2048, 64, 'sha512')
  const parent = HDKey.fromMasterSeed(seed).derive("m/44'/60'/0'/0")
  return accountNames(workers).map((name, index) => {
    const { privateKey } = parent.deriveChild(index)
    if (!privateKey) throw new RangeError(`derivation ${index} has no private key`)
    const key = bytesToHex(privateKey)
    return { name, address: privateKeyToAddress(key).toLowerCase() as Hex, privateKey: key }
  })
}

/** The account of this name; a network always has those that its own processes use. */
export function accountOf(accounts: readonly Account[], name: string): Account {
  const account = accounts.find((account) => account.name === name)
  if (!account) throw new RangeError(`no account is called ${name}`)
  return account
}
