// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where the seed of an epoch comes from
interface IBeacon {
    /// @notice The seed of `epoch`, if `proof` proves it; reverts otherwise.
    /// @dev The same (epoch, anchor) must never yield two seeds: a beacon with a choice can steer the lottery.
    /// @param epoch The epoch that the seed is for.
    /// @param anchor Hash of the epoch's boundary block, so that no seed can be computed before that block exists.
    /// @param proof For `BlsBeacon`: a signature in G1, 128 bytes, as EIP-2537 encodes it. For `DrandBeacon`: the signature of
    ///        the epoch's round, likewise, then the RLP of the boundary block's header.
    /// @return seed The low 176 bits of a hash of the signature.
    function seed(uint256 epoch, bytes32 anchor, bytes calldata proof) external view returns (uint256 seed);
}
