/** A policy from JSON, strictly: a field that is misspelt would ask for nothing, and nobody would notice. */
import { type Hex, hexToBytes } from '@enigma/protocol'
import * as v from 'valibot'
import { refuse } from './attestation-error.ts'
import { describeIssues } from './collateral.ts'
import type { Policy } from './policy.ts'
import { tcbStatuses } from './tcb-status.ts'

const hex = (...lengths: readonly number[]) =>
  v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^0x(${lengths.map((bytes) => `[0-9a-fA-F]{${bytes * 2}}`).join('|')})$`),
      `expected 0x and ${lengths.join(' or ')} bytes in hex`,
    ),
    v.transform((text) => text.toLowerCase() as Hex),
  )
const listOf = (...lengths: readonly number[]) => v.exactOptional(v.array(hex(...lengths)))
const whole = (max: number) => v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max)))

const schema = v.strictObject({
  tcbStatuses: v.array(v.picklist(tcbStatuses.filter((status) => status !== 'Revoked'))),
  advisoryIds: v.array(v.string()),
  minTcbEvaluationDataNumber: whole(0xffff_ffff),
  measurements: listOf(32, 48),
  mrSigners: listOf(32),
  isvProdId: whole(0xffff),
  minIsvSvn: whole(0xffff),
  reportData: v.exactOptional(v.pipe(hex(64), v.transform(hexToBytes))),
  deniedFmspcs: listOf(6),
  deniedPlatformIds: listOf(16),
})

/** Returns the policy, or throws `AttestationError` POLICY_FORMAT with every mistake. */
export function parsePolicy(json: unknown): Policy {
  const parsed = v.safeParse(schema, json)
  return parsed.success ? parsed.output : refuse('POLICY_FORMAT', describeIssues(parsed.issues, parsed.issues.length))
}
