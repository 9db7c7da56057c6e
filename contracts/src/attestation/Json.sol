// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Dates} from "./Dates.sol";
import {Memory} from "./Memory.sol";
import {refuse} from "./Refusal.sol";
import {Text} from "./Text.sol";

/// Where in memory the next character stands, where the text ends, which form it has to have from here on, and the code
/// with which all else is refused.
struct Reader {
    uint256 place;
    uint256 end;
    uint256 form;
    bytes32 code;
}

using Json for Reader global;

/**
 * Reads JSON as Intel writes it, from left to right: no spaces, fields in their known order.
 *
 * A form is such a text with a placeholder for each value, `#` and three characters: `u08` a number below 2^8 (16, 32);
 * `h06` six bytes in hex (02 to 32), of either case; `iso` a date; `svn` sixteen versions of components; `any` what the
 * caller reads himself.
 *
 * A reader may look past the text's end (into memory that holds something else) but never steps back, so that `close`
 * refuses whatever was taken from there. Every loop is bounded: numbers, strings and lists are.
 */
library Json {
    /// Advisory ids have 14 characters, names of components 30.
    uint256 private constant MAX_STRING_BYTES = 64;
    uint256 private constant QUOTE = 0x22;
    uint256 private constant PLACEHOLDER = 0x23;
    uint256 private constant PLACEHOLDER_BYTES = 4;

    function open(bytes memory text, bytes memory form, bytes32 code) internal pure returns (Reader memory reader) {
        unchecked {
            reader.place = Memory.start(text);
            reader.end = reader.place + text.length;
            reader.form = Memory.start(form);
            reader.code = code;
        }
    }

    /// @dev The text ends here.
    function close(Reader memory reader) internal pure {
        if (reader.place != reader.end) reader.fail();
    }

    function fail(Reader memory reader) internal pure {
        refuse(reader.code);
    }

    /// @dev Steps over what the form has before its next placeholder, at most 31 characters, and reads the value.
    function value(Reader memory reader) internal pure returns (uint256) {
        unchecked {
            uint256 form = Memory.word(reader.form);
            uint256 bits = Text.bitsBefore(form, PLACEHOLDER);
            if ((Memory.word(reader.place) ^ form) >> (256 - bits) != 0) reader.fail();
            reader.place += bits >> 3;
            reader.form += (bits >> 3) + PLACEHOLDER_BYTES;
            uint256 kind = uint24(Memory.word(reader.form - PLACEHOLDER_BYTES) >> 224);
            uint256 size = ((kind >> 8) & 0x0f) * 10 + (kind & 0x0f);
            if (kind >> 16 == uint8(bytes1("u"))) return _number(reader, size);
            if (kind >> 16 == uint8(bytes1("h"))) return _hexadecimal(reader, size);
            if (kind >> 16 == uint8(bytes1("i"))) return _date(reader);
            if (kind >> 16 == uint8(bytes1("s"))) return _components(reader);
            return 0;
        }
    }

    /// @dev Whether the form's next placeholder is a date's.
    function isDateNext(Reader memory reader) internal pure returns (bool) {
        unchecked {
            uint256 form = Memory.word(reader.form);
            return uint8((form << (Text.bitsBefore(form, PLACEHOLDER) + 8)) >> 248) == uint8(bytes1("i"));
        }
    }

    function expect(Reader memory reader, bytes1 character) internal pure {
        if (!reader.take(character)) reader.fail();
    }

    /// @dev Steps over `character` where it stands here.
    function take(Reader memory reader, bytes1 character) internal pure returns (bool) {
        return reader.take(character, 1);
    }

    /// @dev Steps over `text`, of `bytes_` characters, where it stands here.
    function take(Reader memory reader, bytes32 text, uint256 bytes_) internal pure returns (bool taken) {
        unchecked {
            taken = (Memory.word(reader.place) ^ uint256(text)) >> (256 - 8 * bytes_) == 0;
            if (taken) reader.place += bytes_;
        }
    }

    /// @dev A string whose opening quote was taken, closing quote included: where its characters begin, and how many
    /// there are.
    function string_(Reader memory reader) internal pure returns (uint256 from, uint256 bytes_) {
        unchecked {
            from = reader.place;
            uint256 bits;
            do {
                bits = Text.bitsBefore(Memory.word(from + bytes_), QUOTE);
                bytes_ += bits >> 3;
            } while (bits == 256 && bytes_ <= MAX_STRING_BYTES);
            if (bytes_ > MAX_STRING_BYTES) reader.fail();
            reader.place = from + bytes_ + 1;
        }
    }

    /// @dev A number of at most `bits` bits. JSON writes no zeros before others.
    function _number(Reader memory reader, uint256 bits) private pure returns (uint256 number) {
        unchecked {
            uint256 word = Memory.word(reader.place);
            uint256 count;
            while (count < 16) {
                uint256 digit = ((word << (8 * count)) >> 248) ^ 0x30;
                if (digit > 9) break;
                number = number * 10 + digit;
                ++count;
            }
            bool isPadded = count > 1 && word >> 248 == 0x30;
            if (count == 0 || isPadded || number >> bits != 0) reader.fail();
            reader.place += count;
        }
    }

    /// @dev `bytes_` ≤ 32 bytes.
    function _hexadecimal(Reader memory reader, uint256 bytes_) private pure returns (uint256 number) {
        unchecked {
            uint256 place = reader.place;
            uint256 end = place + 2 * bytes_;
            for (; place != end; ++place) {
                uint256 character = Memory.word(place) >> 248;
                uint256 digit = character ^ 0x30;
                if (digit > 9) {
                    // a to f, as 1 to 6.
                    digit = (character | 0x20) ^ 0x60;
                    if (digit == 0 || digit > 6) reader.fail();
                    digit += 9;
                }
                number = (number << 4) | digit;
            }
            reader.place = end;
        }
    }

    /// @dev YYYY-MM-DDTHH:MM:SSZ in unix seconds.
    function _date(Reader memory reader) private pure returns (uint256 seconds_) {
        unchecked {
            uint256 text = Memory.word(reader.place) >> 96;
            uint256 marks = 0x00000000002d00002d00005400003a00003a00005a;
            uint256 places = 0x0000000000ff0000ff0000ff0000ff0000ff0000ff;
            if (text & places != marks) reader.fail();
            uint256 digits = (text >> 128) << 80;
            digits |= ((text >> 104) & 0xffff) << 64;
            digits |= ((text >> 80) & 0xffff) << 48;
            digits |= ((text >> 56) & 0xffff) << 32;
            digits |= ((text >> 32) & 0xffff) << 16;
            digits |= (text >> 8) & 0xffff;
            seconds_ = Dates.fromDigits(digits);
            if (seconds_ == 0) reader.fail();
            reader.place += 20;
        }
    }

    /// @dev Sixteen, a byte each. Some say besides what they are.
    function _components(Reader memory reader) private pure returns (uint256 versions) {
        unchecked {
            for (uint256 i; i < 16; ++i) {
                if (i != 0) reader.expect(",");
                if (!reader.take('{"svn":', 7)) reader.fail();
                versions = (versions << 8) | _number(reader, 8);
                if (reader.take("}")) continue;
                if (reader.take(',"category":"', 13)) reader.string_();
                if (reader.take(',"type":"', 9)) reader.string_();
                reader.expect("}");
            }
        }
    }
}
