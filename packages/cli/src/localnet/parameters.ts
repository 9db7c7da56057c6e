/** The parameters of a local network's deployment: short epochs, a small bond, everything else as in production. */

import type { NetworkFile } from '../network-file.ts'

export type Parameters = NetworkFile['parameters']

export const LOCAL_PARAMETERS: Parameters = {
  epochBlocks: 60,
  windowBlocks: 4,
  graceBlocks: 10,
  cutBlocks: 48,
  coolEpochs: 2,
  lifeEpochs: 20,
  secondsPerEpoch: 60,
  collateralGraceSeconds: 86_400,
  seatsPerPlatform: 2,
  bondGwei: 1_000_000_000n,
  floorGwei: 10_000n,
  computeGweiPerMgas: 1_000n,
  joinFeeGwei: 10_000_000n,
}
