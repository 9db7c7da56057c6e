/** `enigma attestation sync`: brings the collateral that a contract keeps up to date, and says what that took. */
import {
  attestationTable,
  createMemoryCache,
  INTEL_PCS,
  type SyncedPart,
  syncCollateral,
} from '@enigma/attestation-service'
import { Secret, silentLogger } from '@enigma/process'
import { EnigmaError, type Hex, parseHex } from '@enigma/protocol'
import { UsageError, type Values } from '../arguments.ts'
import type { Context, Run } from '../command.ts'
import { readUserFile } from '../files.ts'
import { operatorKey } from '../network.ts'
import { homeOf, type NetworkFile, readNetworkFile } from '../network-file.ts'
import type { ATTESTATION_SYNC } from './options.ts'

type Given = Values<typeof ATTESTATION_SYNC>

export const attestationSync: Run<typeof ATTESTATION_SYNC> = async (values, _positionals, context) => {
  const { output, signal } = context
  // What is not given is the local network's, so that one word is enough there.
  const network = values.rpc === undefined ? await readNetworkFile(homeOf(context.cwd)) : undefined
  const rpcUrl = values.rpc ?? network?.rpcUrl ?? missing('--rpc')
  const verifier = address('--verifier', values.verifier ?? network?.attestationVerifier) ?? missing('--verifier')
  const enigma = address('--enigma', values.enigma ?? network?.enigma)
  const service = values.service ?? network?.attestationUrl ?? INTEL_PCS
  const key = values['dry-run'] ? undefined : await readKey(values, network, context)
  const kinds = { fmspcs: readFmspcs(values.fmspc), cas: values.ca === 'both' ? BOTH : [values.ca as 'platform'] }
  const synced = await syncCollateral(
    { rpcUrl, verifier, kinds, ...(key && { key }), ...(enigma && { enigma }) },
    {
      cacheFor: (trustRoot) => createMemoryCache({ url: service, trustRoot, signal }, { log: silentLogger }),
      log: silentLogger,
      signal,
    },
  )
  for (const part of synced) output.say(describe(part, output.style))
  const gas = synced.reduce((sum, part) => sum + (part.state === 'set' ? (part.gas ?? 0n) : 0n), 0n)
  output.say(gas > 0n ? `${gas} gas` : 'nothing sent')
  output.answer({ verifier, service, parts: synced, gas })
  return synced.some(({ state }) => FAULTS.includes(state)) || (key && synced.some(isWaiting)) ? 1 : 0
}

const BOTH = ['platform', 'processor'] as const
const FAULTS: readonly SyncedPart['state'][] = ['refused', 'unavailable']
const isWaiting = ({ state }: SyncedPart) => state === 'waiting'

function describe(part: SyncedPart, style: Context['output']['style']): string {
  const { label, state, reason, code, txHash, gas } = part
  const colour = FAULTS.includes(state) ? 'red' : state === 'current' ? 'dim' : 'green'
  const more = [reason, code, gas === undefined ? undefined : `${gas} gas`, txHash].filter((item) => item !== undefined)
  return `${label.padEnd(24)} ${style(colour, state.padEnd(11))} ${more.join('  ')}`.trimEnd()
}

async function readKey(values: Given, network: NetworkFile | undefined, { cwd, env }: Context): Promise<Secret> {
  const file = values['key-file']
  const isGiven = file !== undefined || env.ENIGMA_KEEPER_KEY !== undefined
  // The local network's keeper sends with an account of its own: another one's transactions don't cross his.
  const account = values.account ?? (isGiven ? undefined : 'deployer')
  if (network && account !== undefined) return new Secret(operatorKey(network, account, env))
  const text =
    file === undefined ? env.ENIGMA_KEEPER_KEY : new TextDecoder().decode(await readUserFile(cwd, file)).trim()
  if (text === undefined || !/^0x[0-9a-fA-F]{64}$/.test(text)) throw new NoKeeperKeyError(text !== undefined)
  return new Secret(text.toLowerCase())
}

function readFmspcs(text: string | undefined): readonly string[] {
  try {
    return attestationTable.fmspcs.parse(text ?? '')
  } catch {
    throw new UsageError('--fmspc takes 12 hex digits each, separated by commas.')
  }
}

function address(option: string, text: string | undefined): Hex | undefined {
  return text === undefined ? undefined : parseHex(text, { bytes: 20, what: option })
}

function missing(option: string): never {
  throw new UsageError(`${option} is needed where this folder has no local network.`)
}

/** Thrown when nothing can be signed. Says nothing of what stands there. */
export class NoKeeperKeyError extends EnigmaError {
  override readonly name = 'AttestationSync.NoKeeperKeyError'
  readonly code = 'NO_KEY'
  constructor(isMalformed: boolean) {
    super(isMalformed ? 'The key is not 0x and 64 hex digits.' : 'No account to sign with.', {
      hint: 'Put the key into ENIGMA_KEEPER_KEY or a file for --key-file; --dry-run needs none.',
    })
  }
}
