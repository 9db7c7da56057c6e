/** What a price level means: each four double the prices at deployment. */

import { formatGwei } from './format.ts'
import type { NetworkFile } from './network-file.ts'

export const LEVEL_AT_DEPLOYMENT = 32
export const MOST_LEVEL = 63

/** 2^(0/4) to 2^(3/4) in 16 binary places, as in Fees.sol. */
const QUARTERS = [0x10000n, 0x13070n, 0x16a0an, 0x1ae8an] as const

/** Gwei at a level, rounded up as the contract does it. */
export function priceAt(gwei: bigint, level: number): bigint {
  if (level === LEVEL_AT_DEPLOYMENT) return gwei
  const scaled = (gwei * (QUARTERS[level % 4] ?? 0n)) << BigInt(Math.floor(level / 4))
  return (scaled + 0xff_ffffn) >> 24n
}

/** `level 36: 2 × the prices at deployment, 0.00002 ETH a task and 0.000002 ETH a million gas`. */
export function describeLevel(level: number, { floorGwei, computeGweiPerMgas }: NetworkFile['parameters']): string {
  const [floor, compute] = [priceAt(floorGwei, level), priceAt(computeGweiPerMgas, level)]
  const factor = Number((2 ** ((level - LEVEL_AT_DEPLOYMENT) / 4)).toPrecision(3))
  return `level ${level}: ${factor} × the prices at deployment, ${formatGwei(floor)} a task and ${formatGwei(compute)} a million gas`
}
