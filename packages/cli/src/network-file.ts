/**
 * The facts of a network, for every program that wants to use it: `.enigma/network.json` of the local one, or what `enigma deploy`
 * wrote.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parsePolicy, policyHash } from '@enigma/attestation'
import { EnigmaError, type Hex } from '@enigma/protocol'
import * as v from 'valibot'

/** Of the file's form. */
const VERSION = 1

const hex = (bytes: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), `must be 0x and ${2 * bytes} lower-case hex digits`),
    v.transform((text) => text as Hex),
  )
const url = v.pipe(v.string(), v.url())
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** A number that fits the contract's `bits`. */
const upTo = (bits: number) => v.pipe(count, v.maxValue(2 ** bits - 1, `must be below 2^${bits}`))
const gwei = (bits: number) =>
  v.pipe(
    v.string(),
    v.regex(/^(0|[1-9]\d{0,19})$/, 'must be gwei, as a string of digits'),
    v.transform((text) => BigInt(text)),
    v.maxValue((1n << BigInt(bits)) - 1n, `must be below 2^${bits}`),
  )

/** As the contract's constructor takes them; see `Parameters` in Parameters.sol. */
export const ParametersSchema = v.strictObject({
  epochBlocks: upTo(32),
  windowBlocks: upTo(32),
  graceBlocks: upTo(32),
  cutBlocks: upTo(32),
  coolEpochs: upTo(24),
  lifeEpochs: upTo(24),
  secondsPerEpoch: upTo(32),
  collateralGraceSeconds: upTo(32),
  seatsPerPlatform: upTo(8),
  bondGwei: gwei(56),
  floorGwei: gwei(64),
  computeGweiPerMgas: gwei(64),
  joinFeeGwei: gwei(56),
})

/** A policy that the contract has a hash for. */
export const PolicySchema = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      const policy = parsePolicy(dataset.value)
      policyHash(policy)
      return policy
    } catch (error) {
      if (!(error instanceof EnigmaError)) throw error
      addIssue({ message: error.message })
      return NEVER
    }
  }),
)

/** When drand's rounds are out, and which of them an epoch's seed is: as `DrandBeacon` takes it. */
export const DrandSchema = v.strictObject({ genesisTime: count, periodSeconds: upTo(32), delaySeconds: upTo(32) })

/** Threshold and depth. */
export const ObservingSchema = upTo(16)

/** Who vouches for block headers, and where. */
export const ObserversSchema = v.pipe(
  v.array(v.strictObject({ address: hex(20), url })),
  v.minLength(1, 'must name one or more'),
)

const NetworkFile = v.strictObject({
  version: v.literal(VERSION, `must be ${VERSION}: this program knows no other form`),
  chainId: count,
  rpcUrl: url,
  enigma: hex(20),
  seats: hex(20),
  beacon: hex(20),
  /** Of the Principal or, with `drand`, of drand's network: 256 bytes as EIP-2537 has them. */
  beaconKey: hex(256),
  /** Where seeds are drand's rounds, and not the Principal's signatures. */
  drand: v.exactOptional(DrandSchema),
  attestationVerifier: hex(20),
  /** A timelock, where the network has one; the zero address for nobody. */
  governor: hex(20),
  /** What the governor was deployed with; null where he is nobody or, on local networks, a mere account. */
  timelock: v.nullable(v.strictObject({ owner: hex(20), delaySeconds: count })),
  guardian: hex(20),
  attestationUrl: url,
  principalUrl: v.exactOptional(url),
  /** Whether nothing on this network is private: its hardware is software. */
  simulated: v.boolean(),
  /** The builds of Core that were admitted at the deployment. */
  measurements: v.pipe(v.array(hex(32)), v.minLength(1, 'must name one or more')),
  networkHash: hex(32),
  /** By which the chain judges quotes, and enclaves those of joiners. */
  policy: PolicySchema,
  parameters: ParametersSchema,
  observers: ObserversSchema,
  threshold: ObservingSchema,
  depth: ObservingSchema,
  serial: count,
  /** First block of epoch 0. */
  genesisBlock: count,
  /** Block in which Enigma was deployed: no event of it is older. */
  deploymentBlock: count,
  /** Folder with the contracts' ABIs. */
  abi: v.exactOptional(v.string()),
  /** Example dApps that are deployed on it, by name. */
  dApps: v.exactOptional(v.record(v.string(), hex(20)), {}),
  /** Accounts of a public mnemonic: play money on a local network, nothing anywhere else. */
  accounts: v.exactOptional(v.array(v.strictObject({ name: v.string(), address: hex(20), privateKey: hex(32) })), []),
  /** Of a local network: its workers, and the process that supervises it. */
  workers: v.exactOptional(count),
  pid: v.exactOptional(count),
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
  await writeFile(`${file}.new`, networkFileText(network), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** Gwei as strings of digits: numbers of that size do not survive every reader. */
export function networkFileText(network: NetworkFile): string {
  const json = (_key: string, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)
  return `${JSON.stringify(network, json, 2)}\n`
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
  return parseNetworkFile(text, file)
}

/** Returns what `text`, the contents of `file`, says; throws with every mistake in it. */
export function parseNetworkFile(text: string, file: string): NetworkFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new NetworkFileError(file, ['it is not JSON'])
  }
  const parsed = v.safeParse(NetworkFile, json)
  if (parsed.success) return parsed.output
  throw new NetworkFileError(file, faultsOf(parsed.issues))
}

/** Each mistake with its place: `parameters.bondGwei: must be …`. */
export function faultsOf(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.map((fault) => `${v.getDotPath(fault) ?? 'it'}: ${fault.message}`)
}

/** Thrown with everything that is wrong with the file. */
export class NetworkFileError extends EnigmaError {
  override readonly name = 'NetworkFile.NetworkFileError'
  readonly code = 'NETWORK_FILE'
  constructor(file: string, faults: readonly string[]) {
    super(`${file} is not what enigma up and enigma deploy write: ${faults.join('; ')}.`, {
      hint: 'A local network’s: remove it and run enigma up again. Another’s: take it from whoever deployed it.',
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
