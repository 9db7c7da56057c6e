// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Level, NO_LEVEL} from "./Tcb.sol";

/**
 * The levels of the quoting enclave in one word: their number in the high byte, then 20 bits each from the low end,
 * highest level first: ISVSVN (16 bits) and the low four bits of a `Level`.
 *
 * There is room for twelve; Intel's table has six. Of a longer one the lowest are left out: an enclave that reaches
 * only those is not supported any more.
 */
type QeTable is uint256;

using QeTables for QeTable global;

library QeTables {
    uint256 private constant CAPACITY = 12;
    uint256 private constant BITS = 20;
    uint256 private constant COUNT_SHIFT = 248;

    function pack(Level[] memory levels) internal pure returns (QeTable) {
        unchecked {
            uint256 count = levels.length < CAPACITY ? levels.length : CAPACITY;
            uint256 table = count << COUNT_SHIFT;
            for (uint256 i; i < count; ++i) {
                uint256 entry = (levels[i].versions() << 4) | (Level.unwrap(levels[i]) & 0x0f);
                table |= entry << (BITS * i);
            }
            return QeTable.wrap(table);
        }
    }

    /// @dev The highest level at or below `isvSvn`.
    function find(QeTable table, uint256 isvSvn) internal pure returns (Level) {
        unchecked {
            uint256 entries = QeTable.unwrap(table);
            for (uint256 left = entries >> COUNT_SHIFT; left != 0; --left) {
                uint256 svn = uint16(entries >> 4);
                if (isvSvn >= svn) return Level.wrap((svn << 16) | (entries & 0x0f));
                entries >>= BITS;
            }
            return NO_LEVEL;
        }
    }
}
