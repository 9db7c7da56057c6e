/** .enigma/network.json: the facts of the local network, for every program that wants to use it. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { EnigmaError, type Hex } from '@enigma/protocol'
import * as v from 'valibot'

const hex = (bytes: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), `must be 0x and ${2 * bytes} lower-case hex digits`),
    v.transform((text) => text as Hex),
  )
const port = v.pipe(v.string(), v.url())
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const NetworkFile = v.object({
  chainId: count,
  rpcUrl: port,
  enigma: hex(20),
  beacon: hex(20),
  attestationVerifier: hex(20),
  attestationUrl: port,
  principalUrl: port,
  /** Nothing on this network is private: its hardware is software. */
  simulated: v.literal(true),
  measurement: hex(32),
  networkHash: hex(32),
  /** Who vouches for block headers, and where. */
  observers: v.pipe(v.array(v.object({ address: hex(20), url: port })), v.minLength(1)),
  threshold: count,
  depth: count,
  serial: count,
  genesisBlock: count,
  /** Folder with the contracts' ABIs. */
  abi: v.string(),
  /** Example dApps that are deployed on it, by name. */
  dApps: v.record(v.string(), hex(20)),
  /** Accounts of a public mnemonic: play money here, nothing anywhere else. */
  accounts: v.array(v.object({ name: v.string(), address: hex(20), privateKey: hex(32) })),
  workers: count,
  /** Of the supervisor. */
  pid: count,
})
export type NetworkFile = v.InferOutput<typeof NetworkFile>

/** The folder of the local network under `cwd`. */
export function homeOf(cwd: string): string {
  return path.join(cwd, '.enigma')
}

export function networkFileOf(home: string): string {
  return path.join(home, 'network.json')
}

/** Writes the file so that a reader finds the old one, or none, or the whole new one. */
export async function writeNetworkFile(home: string, network: NetworkFile): Promise<void> {
  const file = networkFileOf(home)
  await mkdir(home, { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(network, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export async function removeNetworkFile(home: string): Promise<void> {
  await rm(networkFileOf(home), { force: true })
}

/** Reads the file; undefined where there is none. */
export async function readNetworkFile(home: string): Promise<NetworkFile | undefined> {
  const file = networkFileOf(home)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new NetworkFileError(file, ['it is not JSON'])
  }
  const parsed = v.safeParse(NetworkFile, json)
  if (parsed.success) return parsed.output
  throw new NetworkFileError(
    file,
    parsed.issues.map((fault) => `${v.getDotPath(fault) ?? 'it'}: ${fault.message}`),
  )
}

/** Thrown with everything that is wrong with the file. */
export class NetworkFileError extends EnigmaError {
  override readonly name = 'NetworkFile.NetworkFileError'
  readonly code = 'NETWORK_FILE'
  constructor(file: string, faults: readonly string[]) {
    super(`${file} is not what enigma up writes: ${faults.join('; ')}.`, {
      hint: 'Remove it and run enigma up again.',
    })
  }
}

/** Thrown by commands that need a network where none is up. */
export class NoNetworkError extends EnigmaError {
  override readonly name = 'NetworkFile.NoNetworkError'
  readonly code = 'NO_NETWORK'
  constructor(home: string) {
    super(`No network is up: ${networkFileOf(home)} does not exist.`, {
      hint: 'Start one with enigma up, in another terminal.',
    })
  }
}
