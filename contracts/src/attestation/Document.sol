// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Dating} from "./IntelJson.sol";

/**
 * What is kept of every TCB info and QE identity, in one word. From high to low: issueDate (40 bits), nextUpdate (40),
 * evaluation number (32), the signer's notAfter (40) and number (24), and 80 bits of its own kind. Zero where none was
 * set.
 *
 * TCB info: number of levels (8), whether the policy denies its FMSPC (1). QE identity: MISCSELECT (32), its mask (32),
 * ISVPRODID (16).
 */
type Document is uint256;

using Documents for Document global;

library Documents {
    function pack(Dating memory dating, uint256 signerUntil_, uint256 signer_, uint256 own)
        internal
        pure
        returns (Document)
    {
        return Document.wrap(
            (dating.issueDate << 216) | (dating.nextUpdate << 176) | (dating.evaluationNumber << 144)
                | (signerUntil_ << 104) | (signer_ << 80) | own
        );
    }

    function isNone(Document document) internal pure returns (bool) {
        return Document.unwrap(document) == 0;
    }

    function issueDate(Document document) internal pure returns (uint256) {
        return Document.unwrap(document) >> 216;
    }

    function nextUpdate(Document document) internal pure returns (uint256) {
        return uint40(Document.unwrap(document) >> 176);
    }

    function evaluationNumber(Document document) internal pure returns (uint256) {
        return uint32(Document.unwrap(document) >> 144);
    }

    function signerUntil(Document document) internal pure returns (uint256) {
        return uint40(Document.unwrap(document) >> 104);
    }

    function signer(Document document) internal pure returns (uint256) {
        return uint24(Document.unwrap(document) >> 80);
    }

    /// @dev Of TCB info.
    function levels(Document document) internal pure returns (uint256) {
        return uint8(Document.unwrap(document));
    }

    /// @dev Of TCB info.
    function isDeniedKind(Document document) internal pure returns (bool) {
        return Document.unwrap(document) & 0x100 != 0;
    }

    function ownOfTcbInfo(uint256 levels_, bool isDenied) internal pure returns (uint256) {
        return levels_ | (isDenied ? 0x100 : 0);
    }

    /// @dev Of QE identity.
    function miscSelect(Document document) internal pure returns (uint256) {
        return uint32(Document.unwrap(document) >> 48);
    }

    /// @dev Of QE identity.
    function miscSelectMask(Document document) internal pure returns (uint256) {
        return uint32(Document.unwrap(document) >> 16);
    }

    /// @dev Of QE identity.
    function isvProdId(Document document) internal pure returns (uint256) {
        return uint16(Document.unwrap(document));
    }

    function ownOfQeIdentity(uint256 miscSelect_, uint256 mask, uint256 isvProdId_) internal pure returns (uint256) {
        return (miscSelect_ << 48) | (mask << 16) | isvProdId_;
    }
}
