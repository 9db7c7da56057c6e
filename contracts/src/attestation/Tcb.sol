// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Memory} from "./Memory.sol";
import {refuse} from "./Refusal.sol";

/**
 * Which level of Intel's tables a platform reaches, and what it comes to, as Intel's QVL finds it (TcbLevelCheck).
 *
 * A level is one word: the versions that it asks for, from bit 16 up; bit 3, whether it names an advisory that the
 * policy does not accept; bits 0 to 2, its status. Tables of levels are sorted, highest first.
 */
type Level is uint256;

using Tcb for Level global;

/// @dev Below every level. Its status is none of Intel's.
Level constant NO_LEVEL = Level.wrap(7);

// In the order of bits of `Policy.statusMask`.
uint256 constant UP_TO_DATE = 0;
uint256 constant SW_HARDENING_NEEDED = 1;
uint256 constant CONFIGURATION_NEEDED = 2;
uint256 constant CONFIGURATION_AND_SW_HARDENING_NEEDED = 3;
uint256 constant OUT_OF_DATE = 4;
uint256 constant OUT_OF_DATE_CONFIGURATION_NEEDED = 5;
uint256 constant REVOKED = 6;

library Tcb {
    // Sixteen lanes of sixteen bits: eight of the bytes of sixteen components, and the bit above each.
    uint256 private constant EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant BORROWS = 0x01000100010001000100010001000100;

    function pack(uint256 versions_, bool isRefused_, uint256 status_) internal pure returns (Level) {
        return Level.wrap((versions_ << 16) | (isRefused_ ? 8 : 0) | status_);
    }

    function versions(Level level) internal pure returns (uint256) {
        return Level.unwrap(level) >> 16;
    }

    function isRefused(Level level) internal pure returns (bool) {
        return Level.unwrap(level) & 8 != 0;
    }

    function status(Level level) internal pure returns (uint256) {
        return Level.unwrap(level) & 7;
    }

    function isNone(Level level) internal pure returns (bool) {
        return Level.unwrap(level) == Level.unwrap(NO_LEVEL);
    }

    /// @dev Puts `level` among the `count` levels before it, behind those that ask for as much.
    function insert(Level[] memory levels, uint256 count, Level level) internal pure {
        unchecked {
            uint256 i = count;
            while (i != 0 && levels[i - 1].versions() < level.versions()) {
                levels[i] = levels[i - 1];
                --i;
            }
            levels[i] = level;
        }
    }

    /// @dev Whether each of sixteen components, and the PCE, is at least as new as the level asks: two bytes of PCE SVN
    /// below sixteen of components, as in `PlatformTcb.versions`.
    function isReachedBy(Level level, uint256 platform) internal pure returns (bool) {
        unchecked {
            uint256 asked = level.versions();
            if (platform & 0xffff < asked & 0xffff) return false;
            uint256 have = platform >> 16;
            uint256 need = asked >> 16;
            // A lane that has less than it needs borrows the bit above it.
            uint256 even = ((have & EVEN_BYTES) | BORROWS) - (need & EVEN_BYTES);
            uint256 odd = (((have >> 8) & EVEN_BYTES) | BORROWS) - ((need >> 8) & EVEN_BYTES);
            return even & odd & BORROWS == BORROWS;
        }
    }

    /// @dev The status of a platform, given that of its quoting enclave, which can make things worse, never better. One
    /// that is neither up to date nor revoked counts as out of date.
    function converge(uint256 platform, uint256 quotingEnclave) internal pure returns (uint256) {
        if (quotingEnclave == UP_TO_DATE) return platform;
        if (quotingEnclave == REVOKED) return REVOKED;
        if (platform == UP_TO_DATE || platform == SW_HARDENING_NEEDED) return OUT_OF_DATE;
        bool needsConfiguration = platform == CONFIGURATION_NEEDED || platform == CONFIGURATION_AND_SW_HARDENING_NEEDED;
        return needsConfiguration ? OUT_OF_DATE_CONFIGURATION_NEEDED : platform;
    }

    /// @dev The status of Intel's name for it, which stands in memory. One that we do not know may mean anything.
    function statusNamed(uint256 place, uint256 bytes_) internal pure returns (uint256) {
        bytes32 name = Memory.keccak(place, bytes_);
        if (name == keccak256("UpToDate")) return UP_TO_DATE;
        if (name == keccak256("SWHardeningNeeded")) return SW_HARDENING_NEEDED;
        if (name == keccak256("ConfigurationNeeded")) return CONFIGURATION_NEEDED;
        if (name == keccak256("ConfigurationAndSWHardeningNeeded")) return CONFIGURATION_AND_SW_HARDENING_NEEDED;
        if (name == keccak256("OutOfDate")) return OUT_OF_DATE;
        if (name == keccak256("OutOfDateConfigurationNeeded")) return OUT_OF_DATE_CONFIGURATION_NEEDED;
        if (name == keccak256("Revoked")) return REVOKED;
        refuse("TCB_STATUS_UNRECOGNIZED");
    }
}
