/**
 * Every option of the Attestation service. `--help`, docs/running-a-node.md and the validation come from this table.
 */
import {
  ConfigError,
  type ConfigOf,
  type ConfigSources,
  type Option,
  options,
  readConfig,
  Secret,
  type Table,
} from '@enigma/process'
import { isLocalChain } from './trust.ts'
import { INTEL_PCS } from './upstream.ts'

export const attestationTable = {
  dataDir: options.path({
    sentence: 'Directory of this service alone: the documents it holds and its token key.',
    default: '.enigma/attestation',
  }),
  host: options.text({ sentence: 'Address to listen on.', default: '127.0.0.1' }),
  port: options.count({ sentence: 'Port to listen on; 0 takes a free one.', default: '8081', most: 65_535 }),
  chainId: options.bigCount({
    sentence: 'Chain whose network is served; simulated hardware is for 1337 and 31337.',
    default: '1',
  }),
  trustRoot: options.choice(['intel', 'simulated'], {
    sentence: 'Whose hardware is believed; `intel` is one certificate, pinned by its hash.',
    default: 'intel',
  }),
  upstream: options.httpUrl({
    sentence: 'Where collateral comes from: Intel’s PCS, or a PCCS, without path.',
    default: INTEL_PCS,
  }),
  rootCrlUrl: optional(
    options.httpUrl({ sentence: 'Where the root’s revocation list is, if not where the upstream has it.' }),
  ),
  fmspcs: list(/^[0-9a-f]{12}$/, 'FMSPC', {
    sentence: 'Kinds of SGX platform, 12 hex digits each, separated by commas, whose collateral is held whoever asks.',
    default: '',
  }),
  cas: list(/^(platform|processor)$/, 'CA', {
    sentence: 'PCK CAs, platform or processor, separated by commas, whose revocation lists are held whoever asks.',
    default: 'platform',
  }),
  refreshSeconds: options.count({
    sentence: 'Age at which a document is fetched again; at a third of its remaining life, if that is sooner.',
    default: '86400',
    least: 60,
    most: 30 * 86_400,
  }),
  alertSeconds: options.count({
    sentence: 'Remaining life below which /readyz turns red.',
    default: '604800',
    most: 30 * 86_400,
  }),
  requestsPerMinute: options.count({
    sentence: 'Requests that one client may make in the long run; a quarter of it at once.',
    default: '600',
    least: 4,
    most: 1_000_000,
  }),
  trustProxy: options.yesNo({
    sentence: 'Whether the last entry of X-Forwarded-For names the client: behind a proxy of your own only.',
    default: 'false',
  }),
  policy: optional(
    options.path({ sentence: 'JSON file with the policy that quotes must meet; the default policy if left out.' }),
  ),
  tokenKey: secret('PEM', {
    sentence: 'P-256 private key in PEM that signs tokens; made at the first start if left out.',
  }),
  rpcUrl: optional(
    options.httpUrl({ sentence: 'JSON-RPC of an Ethereum node; with it the service is a keeper as well.' }),
  ),
  verifier: optional(options.address({ sentence: 'DcapVerifier whose collateral the keeper keeps fresh.' })),
  enigma: optional(
    options.address({ sentence: 'Enigma contract; the keeper looks after the kinds of platform of its seats.' }),
  ),
  keeperKey: optionalKey({ sentence: 'Private key of the account that pays for what the keeper sends.' }),
  keeperSeconds: options.count({
    sentence: 'Seconds between two looks of the keeper at what the chain holds.',
    default: '60',
    least: 1,
    most: 86_400,
  }),
  pollMs: options.milliseconds({
    sentence: 'Time between two looks at the chain.',
    default: '4000',
    least: 10,
    most: 60_000,
  }),
  tipGwei: options.count({ sentence: 'Priority fee per gas, in gwei.', default: '1', most: 10_000 }),
  maxFeeGwei: options.count({
    sentence: 'Most that a unit of gas may cost, in gwei.',
    default: '500',
    least: 1,
    most: 1_000_000,
  }),
  replaceAfterBlocks: options.count({
    sentence: 'Blocks that a transaction may wait before a dearer one replaces it.',
    default: '3',
    least: 1,
    most: 1_000,
  }),
} satisfies Table

export type AttestationConfig = ConfigOf<typeof attestationTable>

/** Reads the configuration, or throws one `ConfigError` with everything that is wrong. */
export function readAttestationConfig(sources: ConfigSources): AttestationConfig {
  const config = readConfig(attestationTable, sources)
  const problems = contradictionsOf(config)
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

function contradictionsOf({ trustRoot, chainId, rpcUrl, verifier, keeperKey, enigma }: AttestationConfig): string[] {
  const problems: string[] = []
  if (trustRoot === 'simulated' && !isLocalChain(chainId)) {
    problems.push(`--trust-root: simulated hardware is for chains 1337 and 31337, not ${chainId}`)
  }
  const given = { '--rpc-url': rpcUrl, '--verifier': verifier, 'ENIGMA_KEEPER_KEY or --keeper-key-file': keeperKey }
  const missing = Object.entries(given).filter(([, value]) => value === undefined)
  const isWanted = missing.length < 3 || enigma !== undefined
  if (isWanted) problems.push(...missing.map(([name]) => `${name} is missing: a keeper needs it`))
  return problems
}

type About = { sentence: string; default?: string }

/** Empty stands for undefined. */
function optional<T>(option: Option<T>): Option<T | undefined> {
  return { ...option, default: '', parse: (text) => (text === '' ? undefined : option.parse(text)) }
}

function secret(kind: string, about: About): Option<Secret | undefined> {
  return { kind, secret: true, default: '', parse: (text) => (text === '' ? undefined : new Secret(text)), ...about }
}

function optionalKey(about: { sentence: string }): Option<Secret | undefined> {
  return optional(options.privateKey(about))
}

function list(pattern: RegExp, kind: string, about: About): Option<readonly string[]> {
  return {
    kind: `${kind},…`,
    parse(text) {
      const items = text.split(',').map((item) => item.trim().toLowerCase().replace(/^0x/, ''))
      const found = items.filter((item) => item !== '')
      if (found.some((item) => !pattern.test(item))) throw new RangeError(`has an entry that is no ${kind}`)
      return [...new Set(found)]
    },
    ...about,
  }
}
