/** What a poster's transactions may cost, out of its options. */
import type { SenderSettings } from '@enigma/process'

const GWEI = 1_000_000_000n

export function settingsOf(config: {
  replaceAfterBlocks: number
  tipGwei: number
  maxFeeGwei: number
}): SenderSettings {
  const { replaceAfterBlocks, tipGwei, maxFeeGwei } = config
  return { replaceAfterBlocks, tipWei: BigInt(tipGwei) * GWEI, mostFeeWei: BigInt(maxFeeGwei) * GWEI }
}
