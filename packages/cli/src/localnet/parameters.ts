/** The parameters of a local network's deployment: short epochs, a small bond, everything else as in production. */

/** As the contract's constructor takes them; see `Parameters` in Parameters.sol. */
export type Parameters = {
  epochBlocks: number
  windowBlocks: number
  graceBlocks: number
  cutBlocks: number
  coolEpochs: number
  lifeEpochs: number
  secondsPerEpoch: number
  collateralGraceSeconds: number
  seatsPerPlatform: number
  bondGwei: bigint
  floorGwei: bigint
  computeGweiPerMgas: bigint
  joinFeeGwei: bigint
}

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
