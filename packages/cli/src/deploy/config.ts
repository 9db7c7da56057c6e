/** What a network is to be: the JSON file that `enigma deploy` reads, strictly. */
import { bytesToHex, decompressKey, EnigmaError, type Hex, hexToBytes } from '@enigma/protocol'
import * as v from 'valibot'
import {
  DrandSchema,
  faultsOf,
  ObserversSchema,
  ObservingSchema,
  ParametersSchema,
  PolicySchema,
} from '../network-file.ts'

const hex = (bytes: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`), `must be 0x and ${2 * bytes} hex digits`),
    v.transform((text) => text.toLowerCase() as Hex),
  )
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const url = v.pipe(v.string(), v.url())

/** As EIP-2537 has it, or compressed as drand publishes it. */
const beaconKey = v.pipe(
  v.string(),
  v.regex(/^0x(?:[0-9a-fA-F]{512}|[0-9a-fA-F]{192})$/, 'must be 0x and 512 hex digits, or 192 of a compressed key'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const key = dataset.value.toLowerCase() as Hex
    if (key.length > 2 + 192) return key
    try {
      return bytesToHex(decompressKey(hexToBytes(key)))
    } catch (error) {
      if (!(error instanceof EnigmaError)) throw error
      addIssue({ message: error.message })
      return NEVER
    }
  }),
)

const Fields = v.strictObject({
  version: v.literal(1, 'must be 1: this program knows no other form'),
  /** With the deployer's account, where the network will be: another name, another network. */
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -')),
  chainId: v.pipe(count, v.minValue(1)),
  /** Whether its hardware is software, whose quotes anyone can make: on local chains only. */
  simulated: v.boolean(),
  /** The builds of Core that are admitted. */
  measurements: v.array(hex(32)),
  /** The Principal's public key, as it says when it starts; null until then, for a dry run that says what address to start it with. */
  beaconKey: v.nullable(beaconKey),
  /** With it, seeds are rounds of drand, and `beaconKey` is that of its network. */
  drand: v.exactOptional(DrandSchema),
  observers: ObserversSchema,
  threshold: ObservingSchema,
  depth: ObservingSchema,
  /** Owner and delay of the timelock that governs; null for a network that nobody governs. */
  governor: v.nullable(v.strictObject({ owner: hex(20), delaySeconds: count })),
  /** Null for nobody. */
  guardian: v.nullable(hex(20)),
  /** By which the chain judges quotes; see docs/protocol/attestation.md. */
  policy: PolicySchema,
  parameters: ParametersSchema,
  /** For clients and workers: the network file names them. */
  rpcUrl: url,
  attestationUrl: url,
  principalUrl: v.exactOptional(url),
})

const DeployConfig = v.pipe(
  Fields,
  v.forward(
    v.check(
      ({ drand, beaconKey }) => !drand || beaconKey !== null,
      'must be the key of drand’s network, which is known',
    ),
    ['beaconKey'],
  ),
  // An epoch that ends before its round is out has no seed but a fallback.
  v.forward(
    v.check(
      ({ drand, parameters }) => !drand || drand.delaySeconds < parameters.secondsPerEpoch,
      'its delaySeconds must be below parameters.secondsPerEpoch',
    ),
    ['drand'],
  ),
)
export type DeployConfig = v.InferOutput<typeof DeployConfig>

/** One that lacks nothing. */
export type CompleteConfig = DeployConfig & { beaconKey: Hex }

/** Returns what `json`, the contents of `file`, asks for; throws with every mistake in it. */
export function parseDeployConfig(json: unknown, file: string): DeployConfig {
  const parsed = v.safeParse(DeployConfig, json)
  if (parsed.success) return parsed.output
  throw new DeployConfigError(file, faultsOf(parsed.issues))
}

/** Thrown with everything that is wrong with the file; nothing was sent. */
export class DeployConfigError extends EnigmaError {
  override readonly name = 'DeployConfig.DeployConfigError'
  readonly code = 'DEPLOY_CONFIG'
  constructor(file: string, faults: readonly string[]) {
    super(`${file} describes no network: ${faults.join('; ')}.`, { hint: 'docs/deploying.md explains each field.' })
  }
}
