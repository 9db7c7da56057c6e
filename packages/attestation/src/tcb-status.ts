/** How up to date a platform is, in Intel's words, and how the parts' statuses make the whole's. */
import { refuse } from './attestation-error.ts'

/** What Intel assigns to a level. */
const levelStatuses = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
] as const

/** What a whole platform may come to: two more, for TDX modules that wait for a relaunch. */
export const tcbStatuses = [...levelStatuses, 'TDRelaunchAdvised', 'TDRelaunchAdvisedConfigurationNeeded'] as const

export type LevelStatus = (typeof levelStatuses)[number]
export type TcbStatus = (typeof tcbStatuses)[number]

/** Returns a status that this verifier knows; any other may mean anything. */
export function levelStatusOf(text: string): LevelStatus {
  const status = levelStatuses.find((known) => known === text)
  return status ?? refuse('TCB_STATUS_UNRECOGNIZED', text)
}

/**
 * The status of a platform, given that of a part that it depends on: quoting enclave or TDX module.
 *
 * As Intel's QVL does it (TcbLevelCheck, QuoteVerifier): a part can make things worse, never better.
 */
export function converge(platform: TcbStatus, part: LevelStatus): TcbStatus {
  if (part === 'Revoked') return 'Revoked'
  if (part !== 'OutOfDate') return platform
  if (platform === 'UpToDate' || platform === 'SWHardeningNeeded') return 'OutOfDate'
  const needsConfiguration = platform === 'ConfigurationNeeded' || platform === 'ConfigurationAndSWHardeningNeeded'
  return needsConfiguration ? 'OutOfDateConfigurationNeeded' : platform
}
