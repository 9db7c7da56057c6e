// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Json, Reader} from "./Json.sol";
import {Memory} from "./Memory.sol";
import {refuse} from "./Refusal.sol";
import {Level, Tcb} from "./Tcb.sol";

/// What TCB info and QE identity both say of themselves.
struct Dating {
    /// Unix seconds. Both belong to the time in which the document is in force.
    uint256 issueDate;
    uint256 nextUpdate;
    uint256 evaluationNumber;
}

/// TCB info of SGX, version 3: what each set of security versions is worth, for one kind of platform.
struct TcbInfo {
    Dating dating;
    uint256 fmspc;
    uint256 pceId;
    uint256 tcbType;
    /// At least one, highest first.
    Level[] levels;
}

/// QE identity, version 2: which enclave is Intel's quoting enclave. Masks and values in the byte order of a report.
struct QeIdentity {
    Dating dating;
    uint256 miscSelect;
    uint256 miscSelectMask;
    uint256 attributes;
    uint256 attributesMask;
    bytes32 mrSigner;
    uint256 isvProdId;
    /// At least one, highest first.
    Level[] levels;
}

/**
 * TCB info and QE identity of Intel's PCS API v4, in the exact form in which Intel writes them: no spaces, fields in
 * this order.
 *
 * Documents of another kind or version have another grammar; their reading ends where they name it.
 */
library IntelJson {
    /// Intel's longest table has 19.
    uint256 private constant MAX_LEVELS = 64;

    // Forms, see Json.sol. The last line of each is a level.
    // forgefmt: disable-next-item
    bytes private constant TCB_INFO_FORM =
        '{"id":#any,"version":#any,"issueDate":"#iso","nextUpdate":"#iso","fmspc":"#h06","pceId":"#h02","tcbType":#u32'
        ',"tcbEvaluationDataNumber":#u32,"tcbLevels":[#any'
        '{"tcb":{"sgxtcbcomponents":[#svn],"pcesvn":#u16},"tcbDate":"#iso","tcbStatus":"#any';
    // forgefmt: disable-next-item
    bytes private constant QE_IDENTITY_FORM =
        '{"id":#any,"version":#any,"issueDate":"#iso","nextUpdate":"#iso","tcbEvaluationDataNumber":#u32'
        ',"miscselect":"#h04","miscselectMask":"#h04","attributes":"#h16","attributesMask":"#h16","mrsigner":"#h32"'
        ',"isvprodid":#u16,"tcbLevels":[#any'
        '{"tcb":{"isvsvn":#u16},"tcbDate":"#iso","tcbStatus":"#any';

    /// @param advisoryIds Those that the policy accepts, at most 31 characters each, left-aligned.
    function readTcbInfo(bytes memory json, bytes32[] memory advisoryIds) internal pure returns (TcbInfo memory info) {
        Reader memory reader = Json.open(json, TCB_INFO_FORM, "TCB_INFO_FORMAT");
        reader.value();
        if (!reader.take('"SGX"', 5)) _refuseOther(reader, "TCB_INFO_MISMATCH");
        reader.value();
        if (!reader.take("3")) refuse("TCB_INFO_VERSION");
        (info.dating.issueDate, info.dating.nextUpdate) = (reader.value(), reader.value());
        (info.fmspc, info.pceId, info.tcbType) = (reader.value(), reader.value(), reader.value());
        info.dating.evaluationNumber = reader.value();
        info.levels = _readLevels(reader, advisoryIds);
    }

    /// @param advisoryIds As above.
    function readQeIdentity(bytes memory json, bytes32[] memory advisoryIds)
        internal
        pure
        returns (QeIdentity memory identity)
    {
        Reader memory reader = Json.open(json, QE_IDENTITY_FORM, "QE_IDENTITY_FORMAT");
        reader.value();
        if (!reader.take('"QE"', 4)) _refuseOther(reader, "QE_IDENTITY_MISMATCH");
        reader.value();
        if (!reader.take("2")) refuse("QE_IDENTITY_VERSION");
        (identity.dating.issueDate, identity.dating.nextUpdate) = (reader.value(), reader.value());
        identity.dating.evaluationNumber = reader.value();
        (identity.miscSelect, identity.miscSelectMask) = (reader.value(), reader.value());
        (identity.attributes, identity.attributesMask) = (reader.value(), reader.value());
        identity.mrSigner = bytes32(reader.value());
        identity.isvProdId = reader.value();
        identity.levels = _readLevels(reader, advisoryIds);
    }

    /// @dev A document of another kind, if it is one at all.
    function _refuseOther(Reader memory reader, bytes32 code) private pure {
        reader.expect('"');
        reader.string_();
        refuse(code);
    }

    /// @dev At least one level, and with them the end of the document.
    function _readLevels(Reader memory reader, bytes32[] memory advisoryIds)
        private
        pure
        returns (Level[] memory levels)
    {
        unchecked {
            levels = new Level[](MAX_LEVELS);
            reader.value();
            uint256 form = reader.form;
            uint256 count;
            do {
                if (count == MAX_LEVELS) reader.fail();
                reader.form = form;
                uint256 versions = reader.value();
                while (!reader.isDateNext()) versions = (versions << 16) | reader.value();
                Tcb.insert(levels, count++, _readLevel(reader, versions, advisoryIds));
            } while (reader.take(","));
            reader.expect("]");
            reader.expect("}");
            reader.close();
            assembly ("memory-safe") {
                mstore(levels, count)
            }
        }
    }

    /// @dev What follows a level's versions.
    function _readLevel(Reader memory reader, uint256 versions, bytes32[] memory advisoryIds)
        private
        pure
        returns (Level)
    {
        // The date of a level means nothing here, but it has to be one.
        reader.value();
        reader.value();
        (uint256 place, uint256 bytes_) = reader.string_();
        uint256 status = Tcb.statusNamed(place, bytes_);
        bool isRefused;
        if (reader.take(',"advisoryIDs":[', 16) && !reader.take("]")) {
            do {
                reader.expect('"');
                (place, bytes_) = reader.string_();
                if (!isRefused) isRefused = !_isAmong(place, bytes_, advisoryIds);
            } while (reader.take(","));
            reader.expect("]");
        }
        reader.expect("}");
        return Tcb.pack(versions, isRefused, status);
    }

    function _isAmong(uint256 place, uint256 bytes_, bytes32[] memory advisoryIds) private pure returns (bool) {
        unchecked {
            if (bytes_ == 0 || bytes_ > 31) return false;
            uint256 unused = 256 - 8 * bytes_;
            bytes32 id = bytes32((Memory.word(place) >> unused) << unused);
            for (uint256 i; i < advisoryIds.length; ++i) {
                if (advisoryIds[i] == id) return true;
            }
            return false;
        }
    }
}
