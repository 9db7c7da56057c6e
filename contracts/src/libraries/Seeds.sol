// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The seed of an epoch whose beacon was silent.
library Seeds {
    /// @dev Low 176 bits of a hash of the block CUT behind the epoch's boundary. `packages/protocol` computes the same.
    function fallbackSeed(uint256 epoch, bytes32 blockHash) internal pure returns (uint256) {
        return uint176(uint256(keccak256(abi.encode("enigma.fallback.v1", epoch, blockHash))));
    }
}
