/**
 * Writes onchain.json, which holds the verifiers in TypeScript and in Solidity to the same answers.
 *
 *   node packages/attestation/vectors/generate.ts            writes it
 *   node packages/attestation/vectors/generate.ts --check    exits with 1 if it differs from what the code makes
 *
 * Each case replaces parts of `base`. The contract is given the parts in the order of a first filling, then quote and
 * leaf; the first refusal is its answer.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { bytesToHex, type Hex, keccak256 } from '@enigma/protocol'
import { platformRecord } from '../src/platform-record.ts'
import { defaultPolicy, type Policy } from '../src/policy.ts'
import { parseQuote } from '../src/quote.ts'
import { VALIDITY } from '../src/simulated/authority.ts'
import { DAY, forge, NOON } from '../src/testing/forge.ts'
import { certificateVectors } from './cases/certificates.ts'
import { documentVectors } from './cases/documents.ts'
import { deniedFmspc, deniedPlatform, levelVectors } from './cases/levels.ts'
import { quoteVectors } from './cases/quotes.ts'
import { sharedVectors } from './cases/shared.ts'
import { type Code, machine, type Vector } from './cases/vector.ts'
import { judgeParts, type Parts, type PartsJson, partsOf, toJson } from './parts.ts'

export type OnchainVectors = {
  about: string
  root: Hex
  policy: {
    statusMask: number
    minEvaluationNumber: number
    advisoryIds: string[]
    deniedFmspcs: Hex[]
    deniedPlatforms: Hex[]
  }
  base: PartsJson
  expected: Record<string, Hex | number>
  cases: { name: string; code: Code; codeOffChain?: Code; replaced: Partial<PartsJson> }[]
}

/** The one policy under which every case is judged. */
export const policy: Policy = {
  ...defaultPolicy,
  minTcbEvaluationDataNumber: 17,
  deniedFmspcs: [deniedFmspc],
  deniedPlatformIds: [deniedPlatform],
}

const FILE = new URL('onchain.json', import.meta.url)

export function buildVectors(): OnchainVectors {
  const world = forge()
  const base = partsOf(world)
  if (!base) throw new TypeError('the sound world has no parts')
  const vectors = [...sharedVectors, ...quoteVectors, ...certificateVectors, ...documentVectors, ...levelVectors]
  return {
    about:
      'One quote with the collateral that the contract keeps, and cases that replace parts of it. code: what the ' +
      'contract answers, empty for acceptance; codeOffChain: what TypeScript answers where that differs.',
    root: bytesToHex(world.trustRoot),
    policy: {
      statusMask: 3,
      minEvaluationNumber: policy.minTcbEvaluationDataNumber ?? 0,
      advisoryIds: [...policy.advisoryIds],
      deniedFmspcs: [deniedFmspc],
      deniedPlatforms: [deniedPlatform],
    },
    base: toJson(base) as PartsJson,
    expected: expectedOf(base, world.trustRoot),
    cases: vectors.flatMap((vector) => caseOf(vector, base)),
  }
}

function expectedOf(base: Parts, root: Uint8Array): OnchainVectors['expected'] {
  const { measurement, reportData } = judgeParts(base, root, policy)
  const record = platformRecord(base.leaf, parseQuote(forge().quote).qeReport.isvSvn)
  return {
    ...{ measurement, reportData: bytesToHex(reportData) },
    platformId: keccak256(machine.facts.ppid),
    platformHash: keccak256(record),
    record: bytesToHex(record),
    collateralUntil: NOON + 29 * DAY,
    certificateUntil: VALIDITY.notAfter,
  }
}

/** Nothing where the fault is one that the contract never sees, such as another root. */
function caseOf({ name, code, codeOffChain, faults, rewrite }: Vector, base: Parts): OnchainVectors['cases'] {
  const forged = partsOf(forge(faults))
  if (!forged) return []
  const all = toJson({ ...forged, ...rewrite(forged) })
  const before = toJson(base)
  const replaced = Object.fromEntries(
    Object.entries(all).filter(([part, value]) => value !== before[part as keyof Parts]),
  )
  return [{ name, code, ...(codeOffChain === code ? {} : { codeOffChain }), replaced }]
}

/** Whether the file is what the code makes; writes it first if asked to. */
export function isCurrent({ write }: { write: boolean }): boolean {
  const text = `${JSON.stringify(buildVectors(), null, 1)}\n`
  if (write) writeFileSync(FILE, text)
  return readFileSync(FILE, 'utf8') === text
}

if (import.meta.main && !isCurrent({ write: !process.argv.includes('--check') })) {
  console.error('packages/attestation/vectors/onchain.json is not what the code makes.')
  process.exitCode = 1
}
