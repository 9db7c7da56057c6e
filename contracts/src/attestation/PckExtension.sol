// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ANY, Element, INTEGER, OCTET_STRING, OID, SEQUENCE} from "./Der.sol";
import {Memory} from "./Memory.sol";
import {refuse} from "./Refusal.sol";

/// What Intel certifies about a machine.
struct PlatformTcb {
    /// Names this one machine. 16 bytes.
    uint256 ppid;
    /// Family, model, stepping, platform type, custom SKU: the kind of machine that a TCB info is about. 6 bytes.
    uint256 fmspc;
    uint256 pceId;
    /// The security versions of sixteen components, a byte each, then two bytes of the PCE's.
    uint256 versions;
}

/**
 * Intel's extension of PCK certificates, 1.2.840.113741.1.13.1 ("SGX PCK Certificate and CRL Profile Specification"
 * 1.5, §1.3.5).
 *
 * Its fields are pairs of OID and value; the OID is the extension's own with one more arc, or two inside the TCB.
 */
library PckExtension {
    /// The extension's own OID, and that of its TCB.
    uint256 private constant EXTENSION = 0x2a864886f84d010d01;
    uint256 private constant TCB = (EXTENSION << 8) | 2;

    // Bits of the fields that must be there, by their last arc: PPID, TCB, PCE id, FMSPC; sixteen components and the
    // PCE's SVN.
    uint256 private constant FIELDS_NEEDED = 0x1e;
    uint256 private constant VERSIONS_NEEDED = 0x3fffe;

    /// A pair of the TCB whose version is below 128, all of its 18 bytes, and the bits in which such pairs differ: arc,
    /// version.
    uint256 private constant SMALL_VERSION = 0x3010060b2a864886f84d010d010200020100;
    uint256 private constant SMALL_VERSION_BYTES = 18;
    uint256 private constant SMALL_VERSION_BITS = 0x1f00007f;

    /// @param value The extension's content, `Der.NONE` where a certificate lacks it.
    function read(Element value) internal pure returns (PlatformTcb memory tcb) {
        if (value.isNone()) refuse("SGX_EXT_MISSING");
        _readFields(tcb, value.recoded("SGX_EXT").only(SEQUENCE), EXTENSION);
    }

    /// @dev All pairs of `list`, whose OIDs are `base` and one more arc below 32, in any order, none twice.
    function _readFields(PlatformTcb memory tcb, Element list, uint256 base) private pure {
        unchecked {
            uint256 seen;
            uint256 place = list.content();
            while (place != list.end()) {
                // Most pairs are versions below 128, which one comparison reads as well as what follows, in a tenth of
                // the gas.
                uint256 pair = (Memory.word(place) >> (256 - 8 * SMALL_VERSION_BYTES)) ^ SMALL_VERSION;
                bool isSmall = pair & ~SMALL_VERSION_BITS == 0 && place + SMALL_VERSION_BYTES <= list.end();
                uint256 arc = pair >> 24;
                Element value;
                if (base != TCB || !isSmall) (arc, value) = _readPair(list, place, base);
                if ((seen >> arc) & 1 != 0) refuse("SGX_EXT_DUP");
                seen |= 1 << arc;
                if (base != TCB) _readField(tcb, arc, value);
                else if (value.isNone()) _setVersion(tcb, arc, pair & 0x7f);
                else _readVersion(tcb, arc, value);
                place = value.isNone() ? place + SMALL_VERSION_BYTES : value.end();
            }
            uint256 needed = base == TCB ? VERSIONS_NEEDED : FIELDS_NEEDED;
            if (seen & needed != needed) list.fail();
        }
    }

    function _readPair(Element list, uint256 place, uint256 base) private pure returns (uint256 arc, Element value) {
        Element pair = list.childAt(place, SEQUENCE);
        Element name = pair.first(OID);
        value = pair.next(name, ANY);
        pair.close(value);
        uint256 oid = name.number();
        arc = oid & 0xff;
        if (oid >> 8 != base || arc > 31) name.fail();
    }

    function _readField(PlatformTcb memory tcb, uint256 arc, Element value) private pure {
        if (arc == 0 || arc > 4) return;
        if (arc == 2) {
            value.expect(SEQUENCE);
            _readFields(tcb, value, TCB);
        } else {
            value.expect(OCTET_STRING);
            if (arc == 1) tcb.ppid = value.fixedBytes(16);
            else if (arc == 3) tcb.pceId = value.fixedBytes(2);
            else tcb.fmspc = value.fixedBytes(6);
        }
    }

    function _readVersion(PlatformTcb memory tcb, uint256 arc, Element value) private pure {
        if (arc == 0 || arc > 17) return;
        value.expect(INTEGER);
        uint256 svn = value.unsigned();
        if (svn > (arc == 17 ? 0xffff : 0xff)) value.fail();
        _setVersion(tcb, arc, svn);
    }

    /// @dev Component 1 is the highest byte; the PCE's SVN, the seventeenth, has the two lowest.
    function _setVersion(PlatformTcb memory tcb, uint256 arc, uint256 svn) private pure {
        unchecked {
            if (arc == 17) tcb.versions |= svn;
            else if (arc - 1 < 16) tcb.versions |= svn << (8 * (18 - arc));
        }
    }
}
