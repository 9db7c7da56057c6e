// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a deployment fixes for ever. Blocks, epochs and seconds as named; money in gwei.
struct Parameters {
    /// Blocks in an epoch (LEN). At least depth + 2.
    uint32 epochBlocks;
    /// Blocks that a rank has for itself before the next one may settle too (W); rank 0 has one and `depth` fewer, because a task
    /// cannot be settled in its own block, nor before observers vouch for that. At least depth + 2; three windows stay below 128.
    uint32 windowBlocks;
    /// Blocks after a boundary in which a task may still name the epoch before (GRACE).
    uint32 graceBlocks;
    /// Blocks behind a boundary until which the beacon's seed is taken; after them the epoch starts with a fallback (CUT). Above the
    /// depth, and below an epoch.
    uint32 cutBlocks;
    /// Epochs after its exit before a seat's bond leaves and the seat may be taken by somebody else (COOL).
    uint24 coolEpochs;
    /// Epochs that one quote is good for, counted from the current one (LIFE).
    uint24 lifeEpochs;
    /// The most seconds that an epoch lasts; turns collateral's expiry into an epoch that does not lie after it.
    uint32 secondsPerEpoch;
    /// Seconds that a seat outlives its collateral (COLLATERAL_GRACE).
    uint32 collateralGraceSeconds;
    /// Live seats that one machine may hold, 1 to 10.
    uint8 seatsPerPlatform;
    /// Bond of one seat.
    uint56 bondGwei;
    /// Least fee of any task.
    uint64 floorGwei;
    /// Price of a million gas of private computation. Both prices are multiplied by what the epoch's price level says.
    uint64 computeGweiPerMgas;
    /// What a new seat pays to the seat that hands it the network secret, once there is one.
    uint56 joinFeeGwei;
}

/// @notice Whose word a network's enclaves take for what is a block of this chain. Part of `networkHash`, and of every quote with it.
struct Observation {
    /// 1 to 32, strictly ascending.
    address[] observers;
    /// How many of them must have signed for a header (t).
    uint16 threshold;
    /// Blocks that must stand on a block before observers sign for it; 0 only where the chain never reorganises.
    uint16 depth;
}
