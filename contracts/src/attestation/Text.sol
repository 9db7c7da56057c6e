// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Characters in words, all of a word's at once.
library Text {
    uint256 private constant EACH_BYTE = 0x0101010101010101010101010101010101010101010101010101010101010101;
    uint256 private constant LOW_BITS = 0x7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f;

    /// @dev How many bits a left-aligned text has, zeros behind it not counted.
    function bitsIn(bytes32 text) internal pure returns (uint256) {
        unchecked {
            uint256 bits = uint256(text);
            return ((_leadingZeros(bits & (0 - bits)) >> 3) + 1) << 3;
        }
    }

    /// @dev How many bits stand before the first `character` of a word, 256 where there is none.
    function bitsBefore(uint256 word, uint256 character) internal pure returns (uint256) {
        unchecked {
            uint256 difference = word ^ (character * EACH_BYTE);
            // The high bit of each byte that is equal, and of no other: sums do not carry from byte to byte.
            return _leadingZeros(~(((difference & LOW_BITS) + LOW_BITS) | difference | LOW_BITS));
        }
    }

    function _leadingZeros(uint256 value) private pure returns (uint256 count) {
        assembly ("memory-safe") {
            count := clz(value)
        }
    }
}
