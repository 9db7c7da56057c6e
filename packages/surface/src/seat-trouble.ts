/**
 * Why a worker has no seat, or cannot keep it, and what its operator can do about it. Said once for each cause, not at each
 * try.
 */
import { codeOf, type Logger } from '@enigma/process'
import { EnigmaError } from '@enigma/protocol'
import { ContractRefusedError } from './chain.ts'

export type SeatTrouble = { code: string; hint: string }

type Advice = { event: string; hint: string }

const SYNC: Advice = {
  event: 'collateral-needed',
  hint: 'Bring the collateral on chain: enigma attestation sync. The worker tries again by itself.',
}
const ELSEWHERE: Advice = { event: 'platform-refused', hint: 'Run the worker on another machine.' }
const UPDATE: Advice = {
  event: 'platform-refused',
  hint:
    "Update the platform's firmware, microcode, quoting enclave and PCK certificate, then start the worker again; " +
    'where new microcode keeps its keys from opening, on a new directory.',
}

/** By the contract's refusal; the first that matches. */
const advices: readonly (readonly [refusal: RegExp, advice: Advice])[] = [
  [/^(CollateralExpired|NeverLive|TCB_EVALUATION_TOO_OLD)$/, SYNC],
  [/^(ROOT_CRL|PCK_CA|PCK_CRL|TCB_INFO|QE_IDENTITY)_(MISSING|EXPIRED)$/, SYNC],
  [/^(TCB|TCB_INFO|QE_IDENTITY)_SIGNER_(MISSING|EXPIRED|REVOKED)$/, SYNC],
  [/^(PCK_REVOKED|PCK_CA_REVOKED|FMSPC_DENIED|PPID_DENIED)$/, ELSEWHERE],
  [/^(TCB|ADVISORY|QE|PCK)_/, UPDATE],
  [
    /^PlatformFull$/,
    {
      event: 'platform-full',
      hint: 'This machine holds as many seats as it may: wait until one ends, or use another machine.',
    },
  ],
  [
    /^(UnknownMeasurement|WrongMeasurement|RevokedMeasurement)$/,
    { event: 'seat-not-ready', hint: 'Run a version of Core that this network admits.' },
  ],
]

export function createSeatTroubles(log: Logger) {
  const said = new Set<string>()
  let latest: SeatTrouble | undefined
  return {
    note(error: unknown): void {
      const refusal = error instanceof ContractRefusedError ? error.refusal : undefined
      const advice = advices.find(([pattern]) => refusal !== undefined && pattern.test(refusal))?.[1]
      const code = refusal ?? codeOf(error)
      latest = { code, hint: advice?.hint ?? (error instanceof EnigmaError ? (error.hint ?? '') : '') }
      if (said.has(code)) return
      said.add(code)
      log.warn(advice?.event ?? 'seat-not-ready', { code: codeOf(error), reason: refusal })
    },
    /** It went well: what happens next is a new story. */
    clear(): void {
      said.clear()
      latest = undefined
    },
    latest: () => latest,
  }
}
