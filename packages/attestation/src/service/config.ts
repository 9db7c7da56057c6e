/** The service's options: one table, from which validation, `--help` and docs/protocol/attestation.md follow. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import * as v from 'valibot'

const hex = (bytes: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `expected 0x and ${bytes} bytes in hex`),
    v.transform((text) => text.toLowerCase() as Hex),
  )
const whole = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, 'expected a whole number'),
    v.transform(Number),
    v.check((value) => value >= min && value <= max, `expected ${min} to ${max}`),
  )

/** Where Intel's own service answers. */
export const INTEL_PCS = 'https://api.trustedservices.intel.com'

const PCS_EXPECTED = "expected 'simulated' or an http(s) URL"

export const options = {
  host: { schema: v.string(), default: '127.0.0.1', says: 'Address to listen on.' },
  port: { schema: whole(0, 65_535), default: '8081', says: 'Port to listen on; 0 takes a free one.' },
  chainId: { schema: whole(1, Number.MAX_SAFE_INTEGER), says: 'Chain of the contract that reads the evidence.' },
  verifier: { schema: hex(20), says: 'Address of that contract, a SignedVerdictVerifier.' },
  attesterKey: { schema: hex(32), isSecret: true, says: 'secp256k1 key that signs evidence.' },
  pcs: {
    schema: v.union(
      [v.literal('simulated'), v.pipe(v.string(), v.url(PCS_EXPECTED), v.regex(/^https?:/, PCS_EXPECTED))],
      PCS_EXPECTED,
    ),
    default: INTEL_PCS,
    says: "Where collateral comes from: a URL of Intel's PCS or of a PCCS, or 'simulated', on local chains only.",
  },
  refreshSeconds: {
    schema: whole(1, 30 * 86_400),
    default: '86400',
    says: 'Age at which collateral is fetched again although it is still valid.',
  },
} as const

type OptionName = keyof typeof options
export type ServiceConfig = { readonly [Name in OptionName]: v.InferOutput<(typeof options)[Name]['schema']> }

/** Chains that hold nothing of value: the only ones on which simulated hardware may be believed (S15). */
const LOCAL_CHAINS = [1337, 31_337]

/** Checks every option, and reports all mistakes at once. */
export function parseConfig(given: Readonly<Record<string, string | undefined>>): ServiceConfig {
  const mistakes: string[] = []
  const parsed: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(options)) {
    const value = given[name] ?? ('default' in option ? option.default : undefined)
    const result = v.safeParse(option.schema, value)
    if (result.success) parsed[name] = result.output
    // The value stays out of the message: it may be the key.
    else mistakes.push(`${name}: ${value === undefined ? 'missing' : result.issues[0].message}`)
  }
  for (const name of Object.keys(given)) if (!(name in options)) mistakes.push(`${name}: unknown option`)
  if (parsed.pcs === 'simulated' && typeof parsed.chainId === 'number' && !LOCAL_CHAINS.includes(parsed.chainId)) {
    mistakes.push(`pcs: simulated hardware is for chains ${LOCAL_CHAINS.join(' and ')}, not ${parsed.chainId}`)
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return parsed as ServiceConfig
}

/** `attesterKey` → `ENIGMA_ATTESTER_KEY`. */
export function variableOf(name: string): string {
  return `ENIGMA_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** `attesterKey` → `attester-key`. */
export function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The table as text. */
export function describeOptions(): string {
  return Object.entries(options)
    .map(([name, option]) => {
      // Command lines are visible to every user of a machine, so a secret has no flag.
      const names = 'isSecret' in option ? variableOf(name) : `--${flagOf(name)}, ${variableOf(name)}`
      const fallback = 'default' in option ? ` Default: ${option.default}.` : ' Required.'
      return `  ${names}\n      ${option.says}${fallback}`
    })
    .join('\n')
}

/** Thrown for a wrong configuration, with every mistake in it. */
export class ConfigError extends EnigmaError {
  override readonly name = 'AttestationService.ConfigError'
  readonly code = 'CONFIG_INVALID'
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(`The configuration has ${mistakes.length} mistake(s): ${mistakes.join('; ')}.`, {
      hint: 'Run with --help to see every option.',
    })
    this.mistakes = mistakes
  }
}
