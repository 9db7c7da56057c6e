// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Words and hashes of a stretch of memory, in place: what is parsed here is copied from calldata once and never again.
library Memory {
    function start(bytes memory data) internal pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := add(data, 32)
        }
    }

    function word(uint256 place) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(place)
        }
    }

    function keccak(uint256 place, uint256 length) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(place, length)
        }
    }

    /// @dev The precompile fails only where the gas is used up.
    function sha(uint256 place, uint256 length) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 0x02, place, length, 0x00, 0x20)) { revert(0x00, 0x00) }
            hash := mload(0x00)
        }
    }
}
