// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Dates} from "./Dates.sol";
import {Memory} from "./Memory.sol";
import {refuse} from "./Refusal.sol";

/**
 * DER as far as X.509 needs it, read strictly from memory.
 *
 * BER's freedoms (indefinite and padded lengths, multi-byte tags, padded integers) are refused, so that two readers of
 * the same bytes cannot see two certificates (ITU-T X.690 §10). An element lies within its parent, and the outermost
 * within its bytes.
 */

/// @dev One element. From high to low: zeros, its tag (1 byte), where in memory it begins, its content begins, and it
/// ends (4 bytes each), and the code with which its reader refuses (11 bytes).
type Element is uint256;

using Der for Element global;

uint256 constant ANY = 0;
uint256 constant BOOLEAN = 0x01;
uint256 constant INTEGER = 0x02;
uint256 constant BIT_STRING = 0x03;
uint256 constant OCTET_STRING = 0x04;
uint256 constant OID = 0x06;
uint256 constant UTF8_STRING = 0x0c;
uint256 constant PRINTABLE_STRING = 0x13;
uint256 constant UTC_TIME = 0x17;
uint256 constant GENERALIZED_TIME = 0x18;
uint256 constant SEQUENCE = 0x30;
uint256 constant SET = 0x31;

library Der {
    /// @dev No element: what an optional one is where it is missing.
    Element internal constant NONE = Element.wrap(0);

    /// @dev The one element that fills `der`, or a refusal with `code`, which everything inside inherits.
    function open(bytes memory der, bytes11 code, uint256 tag_) internal pure returns (Element) {
        unchecked {
            uint256 place = Memory.start(der);
            uint256 limit = place + der.length;
            Element whole = _read(place, limit, uint88(code));
            whole.expect(tag_);
            if (whole.end() != limit) whole.fail();
            return whole;
        }
    }

    /// @dev The element that begins at `place` inside `parent`.
    function childAt(Element parent, uint256 place, uint256 tag_) internal pure returns (Element child) {
        child = _read(place, parent.end(), Element.unwrap(parent));
        child.expect(tag_);
    }

    /// @dev The first element inside `parent`.
    function first(Element parent, uint256 tag_) internal pure returns (Element) {
        return parent.childAt(parent.content(), tag_);
    }

    /// @dev The element after `previous`, both inside `parent`.
    function next(Element parent, Element previous, uint256 tag_) internal pure returns (Element) {
        return parent.childAt(previous.end(), tag_);
    }

    /// @dev The one element inside `parent`.
    function only(Element parent, uint256 tag_) internal pure returns (Element child) {
        child = first(parent, tag_);
        parent.close(child);
    }

    /// @dev `last` ends `parent`.
    function close(Element parent, Element last) internal pure {
        if (last.end() != parent.end()) parent.fail();
    }

    function expect(Element element, uint256 tag_) internal pure {
        if (tag_ != ANY && element.tag() != tag_) element.fail();
    }

    function hasNext(Element parent, Element previous) internal pure returns (bool) {
        return previous.end() < parent.end();
    }

    function isEmpty(Element element) internal pure returns (bool) {
        return element.content() == element.end();
    }

    function isNone(Element element) internal pure returns (bool) {
        return Element.unwrap(element) == 0;
    }

    function tag(Element element) internal pure returns (uint256) {
        return Element.unwrap(element) >> 184;
    }

    function start(Element element) internal pure returns (uint256) {
        return uint32(Element.unwrap(element) >> 152);
    }

    function content(Element element) internal pure returns (uint256) {
        return uint32(Element.unwrap(element) >> 120);
    }

    function end(Element element) internal pure returns (uint256) {
        return uint32(Element.unwrap(element) >> 88);
    }

    function length(Element element) internal pure returns (uint256) {
        unchecked {
            return element.end() - element.content();
        }
    }

    /// @dev The same element, of which and inside which all else is refused with another code.
    function recoded(Element element, bytes11 code) internal pure returns (Element) {
        return Element.wrap(((Element.unwrap(element) >> 88) << 88) | uint88(code));
    }

    /// @dev Refuses with the code that the element inherited.
    function fail(Element element) internal pure {
        refuse(bytes32(Element.unwrap(element) << 168));
    }

    /// @dev keccak256 over all its bytes, the header included.
    function keccak(Element element) internal pure returns (bytes32) {
        unchecked {
            return Memory.keccak(element.start(), element.end() - element.start());
        }
    }

    /// @dev SHA-256 over all its bytes, the header included.
    function sha(Element element) internal view returns (bytes32) {
        unchecked {
            return Memory.sha(element.start(), element.end() - element.start());
        }
    }

    /// @dev Content of at most 32 bytes as a number: two that are equal are the same bytes. Zero for all that is longer
    /// or begins with a zero byte, as no name or OID does that we know.
    function number(Element element) internal pure returns (uint256) {
        unchecked {
            uint256 bytes_ = element.length();
            uint256 word = Memory.word(element.content());
            return bytes_ > 32 || word >> 248 == 0 ? 0 : word >> (256 - 8 * bytes_);
        }
    }

    /// @dev The content, of exactly `bytes_` ≤ 32 bytes, as a number.
    function fixedBytes(Element element, uint256 bytes_) internal pure returns (uint256) {
        unchecked {
            if (element.length() != bytes_) element.fail();
            return Memory.word(element.content()) >> (256 - 8 * bytes_);
        }
    }

    /// @dev A non-negative INTEGER below 2^256.
    function unsigned(Element element) internal pure returns (uint256 value) {
        unchecked {
            uint256 place = element.content();
            uint256 bytes_ = element.length();
            uint256 word = Memory.word(place);
            if (bytes_ == 0 || word >> 255 != 0) element.fail();
            if (word >> 248 == 0 && bytes_ > 1) {
                if ((word >> 247) & 1 == 0) element.fail();
                word = Memory.word(place + 1);
                bytes_ -= 1;
            }
            if (bytes_ > 32) element.fail();
            return word >> (256 - 8 * bytes_);
        }
    }

    function boolean(Element element) internal pure returns (bool) {
        uint256 value = element.fixedBytes(1);
        if (value != 0 && value != 0xff) element.fail();
        return value != 0;
    }

    /// @dev A BIT STRING whose bits fill whole bytes, as an element whose content are these.
    function bits(Element element) internal pure returns (Element) {
        unchecked {
            if (element.isEmpty() || Memory.word(element.content()) >> 248 != 0) element.fail();
            return Element.wrap(Element.unwrap(element) + (1 << 120));
        }
    }

    /// @dev UTCTime or GeneralizedTime in unix seconds, in the only forms that RFC 5280 §4.1.2.5 allows.
    function time(Element element) internal pure returns (uint256 seconds_) {
        unchecked {
            uint256 text = Memory.word(element.content());
            uint256 digits;
            if (element.tag() == UTC_TIME && element.length() == 13) {
                // Two digits for the year: those below 50 are of this century.
                bytes32 century = bytes32(text) < "5" ? bytes32("20") : bytes32("19");
                digits = (uint256(century) >> 144) | (text >> 160);
                text <<= 96;
            } else if (element.tag() == GENERALIZED_TIME && element.length() == 15) {
                digits = text >> 144;
                text <<= 112;
            }
            if (text >> 248 == 0x5a) seconds_ = Dates.fromDigits(digits);
            if (seconds_ == 0) element.fail();
        }
    }

    /// @dev The element at `place`, which ends at `limit` or before. What is no element ends beyond every limit.
    /// @param inherited A word whose low 11 bytes are the code.
    function _read(uint256 place, uint256 limit, uint256 inherited) private pure returns (Element element) {
        bool isWithin;
        assembly ("memory-safe") {
            let header := mload(place)
            let length_ := byte(1, header)
            let content_ := add(place, 2)
            if gt(length_, 0x7f) {
                // One to three bytes of length, which is 16 MB; minimal, so that it is 128 or more and begins with no
                // zero.
                let bytes_ := and(length_, 0x7f)
                length_ := shr(sub(256, shl(3, bytes_)), shl(16, header))
                content_ := add(content_, bytes_)
                if or(gt(sub(bytes_, 1), 2), or(lt(length_, 0x80), iszero(byte(2, header)))) { length_ := limit }
            }
            let end_ := add(content_, length_)
            // A tag of several bytes is none that we know.
            if eq(and(byte(0, header), 0x1f), 0x1f) { end_ := not(0) }
            let extent := or(shl(152, place), or(shl(120, content_), shl(88, and(end_, 0xffffffff))))
            element := or(or(shl(184, byte(0, header)), extent), and(inherited, 0xffffffffffffffffffffff))
            isWithin := iszero(gt(end_, limit))
        }
        if (!isWithin) element.fail();
    }
}
