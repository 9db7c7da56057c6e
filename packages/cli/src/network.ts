/** The network of this folder, ready to be asked: its file, its chain, its contract. */
import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import { EnigmaError, type Hex, keyRegistryOf } from '@enigma/protocol'
import { type Account, createClient, getContract, http, publicActions, walletActions } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { homeOf, type NetworkFile, NoNetworkError, readNetworkFile } from './network-file.ts'

/** Often enough for people who watch, on blocks of a second. */
export const POLL_MS = 250

export type OpenNetwork = ReturnType<typeof openNetwork>
/** One that `account` sends transactions on. */
export type SigningNetwork = OpenNetwork & { account: PrivateKeyAccount }

/** Reads the file of the folder's network and connects to its chain. */
export async function findNetwork(cwd: string): Promise<OpenNetwork> {
  const home = homeOf(cwd)
  const file = await readNetworkFile(home)
  if (!file) throw new NoNetworkError(home)
  return openNetwork(file)
}

/** Connects to a network; with an account, also to send transactions. */
export function openNetwork(file: NetworkFile, account?: Account) {
  const client = createClient({
    ...(account ? { account } : {}),
    // Many small reads become few requests.
    transport: http(file.rpcUrl, { batch: true }),
    pollingInterval: POLL_MS,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions)
  return {
    file,
    client,
    enigma: getContract({ address: file.enigma, abi: enigmaAbi, client }),
    registry: getContract({ address: keyRegistryOf(file.enigma), abi: keyRegistryAbi, client }),
  }
}

/** The key that a command signs with: an account of the local network by name, else the environment's. */
export function operatorAccount(
  file: NetworkFile,
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
) {
  return privateKeyToAccount(operatorKey(file, name, env))
}

export function operatorKey(
  file: NetworkFile,
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Hex {
  if (name !== undefined) {
    const account = file.accounts.find((account) => account.name === name)
    if (!account) throw new UnknownAccountError(name, file)
    return account.privateKey
  }
  // Never a flag: everyone on the machine can read a command line.
  const key = env.ENIGMA_OPERATOR_KEY
  if (key === undefined || !/^0x[0-9a-fA-F]{64}$/.test(key)) throw new NoKeyError(key !== undefined)
  return key as Hex
}

/** Thrown for the name of an account that the local network does not have. */
export class UnknownAccountError extends EnigmaError {
  override readonly name = 'Network.UnknownAccountError'
  readonly code = 'UNKNOWN_ACCOUNT'
  constructor(account: string, { accounts }: NetworkFile) {
    super(`The network has no account "${account}".`, {
      hint: `It has ${accounts.map(({ name }) => name).join(', ')}.`,
    })
  }
}

/** Thrown when a command must sign and has no key to. */
export class NoKeyError extends EnigmaError {
  override readonly name = 'Network.NoKeyError'
  readonly code = 'NO_KEY'
  constructor(isMalformed: boolean) {
    super(isMalformed ? 'ENIGMA_OPERATOR_KEY is not 0x and 64 hex digits.' : 'No account to sign with.', {
      hint: 'Name an account of the local network with --account, or put the key into ENIGMA_OPERATOR_KEY.',
    })
  }
}
