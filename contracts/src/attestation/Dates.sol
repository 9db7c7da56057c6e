// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Dates in decimal digits, as certificates and Intel's JSON write them, in unix seconds.
library Dates {
    // One byte a digit, fourteen of them.
    uint256 private constant ZEROS = 0x3030303030303030303030303030;
    uint256 private constant HIGH_HALVES = 0xf0f0f0f0f0f0f0f0f0f0f0f0f0f0;
    uint256 private constant SIXES = 0x0606060606060606060606060606;
    uint256 private constant EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff;

    /// @dev Days in each month of a year that is no leap year, one byte a month.
    uint256 private constant MONTH_DAYS = 0x1f1c1f1e1f1e1f1f1e1f1e1f;

    /// @param digits YYYYMMDDHHMMSS in ASCII, in the low 14 bytes.
    /// @return Zero where it is no date, or one before 1970.
    function fromDigits(uint256 digits) internal pure returns (uint256) {
        unchecked {
            if (digits & HIGH_HALVES != ZEROS) return 0;
            uint256 values = digits ^ ZEROS;
            if ((values + SIXES) & HIGH_HALVES != 0) return 0;
            // Two digits to a number, all seven at once.
            uint256 numbers = ((values >> 8) & EVEN_BYTES) * 10 + (values & EVEN_BYTES);
            uint256 year = (numbers >> 96) * 100 + ((numbers >> 80) & 0xff);
            uint256 month = (numbers >> 64) & 0xff;
            uint256 day = (numbers >> 48) & 0xff;
            if (year < 1970 || month - 1 > 11 || day - 1 >= _daysIn(year, month)) return 0;
            uint256 hour = (numbers >> 32) & 0xff;
            uint256 minute = (numbers >> 16) & 0xff;
            uint256 second = numbers & 0xff;
            if (hour > 23 || minute > 59 || second > 59) return 0;
            return _daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        }
    }

    function _daysIn(uint256 year, uint256 month) private pure returns (uint256) {
        unchecked {
            if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) return 29;
            return (MONTH_DAYS >> (8 * (12 - month))) & 0xff;
        }
    }

    /// @dev The Julian day number of a Gregorian date, less that of 1970-01-01. Years begin in March, leap days end
    /// them.
    function _daysSince1970(uint256 year, uint256 month, uint256 day) private pure returns (uint256) {
        unchecked {
            uint256 isEarly = month < 3 ? 1 : 0;
            uint256 y = year + 4800 - isEarly;
            uint256 m = month + 12 * isEarly - 3;
            return day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32_045 - 2_440_588;
        }
    }
}
