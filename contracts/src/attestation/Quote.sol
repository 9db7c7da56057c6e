// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Memory} from "./Memory.sol";
import {P256} from "./P256.sol";
import {refuse} from "./Refusal.sol";

/**
 * A bare quote's bytes: version 3 of DCAP's quotes, up to the end of the quoting enclave's authentication data.
 *
 * Offsets: docs/protocol/attestation.md; sgx_quote_3.h of Intel's DCAP. Integers are little-endian.
 */
library Quote {
    /// The TypeScript verifier's bound.
    uint256 private constant MAX_BYTES = 16_384;

    uint256 private constant HEADER_BYTES = 48;
    uint256 private constant REPORT_BYTES = 384;
    uint256 private constant VENDOR = 12;
    bytes16 private constant INTEL = 0x939a7233f79c4ca9940a0db3957f0607;
    uint256 private constant BODY = HEADER_BYTES;
    uint256 private constant SIGNATURE = 436;
    uint256 private constant ATTESTATION_KEY = 500;
    uint256 private constant QE_REPORT = 564;
    uint256 private constant QE_REPORT_SIGNATURE = 948;
    uint256 private constant AUTH_LENGTH = 1012;
    uint256 private constant AUTH = 1014;

    // Offsets in a report (Intel SDM vol. 3D, REPORT).
    uint256 private constant MISCSELECT = 16;
    uint256 private constant ATTRIBUTES = 48;
    uint256 private constant MRENCLAVE = 64;
    uint256 private constant MRSIGNER = 128;
    uint256 private constant ISVPRODID = 256;
    uint256 private constant ISVSVN = 258;
    uint256 private constant REPORT_DATA = 320;

    /// In the first byte of ATTRIBUTES: the host may read and write the enclave's memory.
    uint256 private constant DEBUG = 0x02;

    /// @dev SGX, version 3, ECDSA P-256, and as long as it says. The length at 432 counts certification data that is
    /// not here: nothing signs it and nothing reads it.
    function requireWellFormed(bytes memory quote) internal pure {
        unchecked {
            if (quote.length > MAX_BYTES) refuse("QUOTE_TOO_LARGE");
            if (quote.length < HEADER_BYTES) refuse("QUOTE_TRUNCATED");
            if (_uint16(quote, 0) != 3) refuse("QUOTE_VERSION");
            if (_uint16(quote, 2) != 2) refuse("ATT_KEY_TYPE");
            if (_word(quote, 4) >> 224 != 0) refuse("TEE_TYPE");
            if (quote.length < AUTH) refuse("QUOTE_TRUNCATED");
            uint256 end = AUTH + _uint16(quote, AUTH_LENGTH);
            if (quote.length < end) refuse("QUOTE_TRUNCATED");
            if (quote.length > end) refuse("AUTH_SIZE");
            if (bytes16(bytes32(_word(quote, VENDOR))) != INTEL) refuse("QE_VENDOR");
        }
    }

    /// @dev The platform's key signed the quoting enclave's report.
    function requireQeReportSignature(bytes memory quote, uint256 x, uint256 y) internal view {
        bytes32 signed = Memory.sha(_place(quote, QE_REPORT), REPORT_BYTES);
        (uint256 r, uint256 s) = _pair(quote, QE_REPORT_SIGNATURE);
        if (!P256.verify(signed, r, s, x, y)) refuse("QE_REPORT_SIGNATURE");
    }

    /// @dev The quoting enclave's report binds the attestation key: hash, and zeros to the end of report data.
    function requireKeyBinding(bytes memory quote) internal view {
        uint256 key = _place(quote, ATTESTATION_KEY);
        uint256 auth = _place(quote, AUTH);
        bytes32 hash;
        assembly ("memory-safe") {
            let bound := mload(0x40)
            let authBytes := sub(mload(quote), AUTH)
            mcopy(bound, key, 64)
            mcopy(add(bound, 64), auth, authBytes)
            if iszero(staticcall(gas(), 0x02, bound, add(64, authBytes), 0x00, 0x20)) { revert(0x00, 0x00) }
            hash := mload(0x00)
        }
        (uint256 high, uint256 low) = _pair(quote, QE_REPORT + REPORT_DATA);
        if (bytes32(high) != hash || low != 0) refuse("QE_REPORT_DATA");
    }

    /// @dev The attestation key signed header and body.
    function requireSignature(bytes memory quote) internal view {
        bytes32 signed = Memory.sha(Memory.start(quote), HEADER_BYTES + REPORT_BYTES);
        (uint256 r, uint256 s) = _pair(quote, SIGNATURE);
        (uint256 x, uint256 y) = _pair(quote, ATTESTATION_KEY);
        if (!P256.verify(signed, r, s, x, y)) refuse("QUOTE_SIGNATURE");
    }

    function isDebug(bytes memory quote) internal pure returns (bool) {
        return _hasDebugFlag(quote, BODY);
    }

    function measurement(bytes memory quote) internal pure returns (bytes32) {
        return bytes32(_word(quote, BODY + MRENCLAVE));
    }

    function reportData(bytes memory quote) internal pure returns (bytes32, bytes32) {
        (uint256 first, uint256 second) = _pair(quote, BODY + REPORT_DATA);
        return (bytes32(first), bytes32(second));
    }

    // What the quoting enclave's report says of it.

    function qeMiscSelect(bytes memory quote) internal pure returns (uint256) {
        return _word(quote, QE_REPORT + MISCSELECT) >> 224;
    }

    function qeAttributes(bytes memory quote) internal pure returns (uint256) {
        return _word(quote, QE_REPORT + ATTRIBUTES) >> 128;
    }

    function qeIsDebug(bytes memory quote) internal pure returns (bool) {
        return _hasDebugFlag(quote, QE_REPORT);
    }

    function qeMrSigner(bytes memory quote) internal pure returns (bytes32) {
        return bytes32(_word(quote, QE_REPORT + MRSIGNER));
    }

    function qeIsvProdId(bytes memory quote) internal pure returns (uint256) {
        return _uint16(quote, QE_REPORT + ISVPRODID);
    }

    function qeIsvSvn(bytes memory quote) internal pure returns (uint256) {
        return _uint16(quote, QE_REPORT + ISVSVN);
    }

    function _hasDebugFlag(bytes memory quote, uint256 report) private pure returns (bool) {
        return (_word(quote, report + ATTRIBUTES) >> 248) & DEBUG != 0;
    }

    /// @dev Two words, big-endian: key, signature, report data.
    function _pair(bytes memory quote, uint256 offset) private pure returns (uint256, uint256) {
        return (_word(quote, offset), _word(quote, offset + 32));
    }

    function _uint16(bytes memory quote, uint256 offset) private pure returns (uint256) {
        uint256 bytes_ = _word(quote, offset);
        return (bytes_ >> 248) | ((bytes_ >> 232) & 0xff00);
    }

    function _word(bytes memory quote, uint256 offset) private pure returns (uint256) {
        return Memory.word(_place(quote, offset));
    }

    function _place(bytes memory quote, uint256 offset) private pure returns (uint256) {
        unchecked {
            return Memory.start(quote) + offset;
        }
    }
}
