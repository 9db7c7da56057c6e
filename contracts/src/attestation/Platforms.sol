// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Memory} from "./Memory.sol";
import {PckExtension, PlatformTcb} from "./PckExtension.sol";
import {refuse} from "./Refusal.sol";
import {Certificate} from "./X509.sol";

/// What counts of a PCK certificate once it is verified, in six words: the platform's record is their `abi.encode`.
struct Platform {
    /// The key that signs the quoting enclave's report.
    uint256 x;
    uint256 y;
    /// keccak256 of the CA's distinguished name in DER.
    bytes32 issuer;
    bytes32 serial;
    /// From high to low: FMSPC 6 bytes, PCE id 2, components 16, PCE SVN 2, the certificate's notAfter 6.
    uint256 tcb;
    /// From high to low: PPID 16 bytes, the quoting enclave's SVN 2, zeros.
    uint256 machine;
}

using Platforms for Platform global;

library Platforms {
    uint256 internal constant RECORD_BYTES = 192;
    /// Where the word `machine` stands, and how much of it is the PPID.
    uint256 private constant MACHINE = 160;
    uint256 private constant PPID_BYTES = 16;
    uint256 private constant QE_SVN_SHIFT = 112;

    /// @dev Without the quoting enclave's SVN, which the certificate does not say.
    function fromCertificate(Certificate memory leaf) internal pure returns (Platform memory platform) {
        PlatformTcb memory tcb_ = PckExtension.read(leaf.sgxExtension);
        platform.x = leaf.x;
        platform.y = leaf.y;
        platform.issuer = leaf.issuer;
        platform.serial = leaf.serial;
        platform.tcb = (tcb_.fmspc << 208) | (tcb_.pceId << 192) | (tcb_.versions << 48) | leaf.notAfter;
        platform.machine = tcb_.ppid << 128;
    }

    function fromRecord(bytes calldata record) internal pure returns (Platform memory platform) {
        if (record.length != RECORD_BYTES) refuse("PLATFORM_RECORD");
        assembly ("memory-safe") {
            calldatacopy(platform, record.offset, RECORD_BYTES)
        }
    }

    /// @dev In memory a platform is its record.
    function hash(Platform memory platform) internal pure returns (bytes32) {
        return Memory.keccak(_start(platform), RECORD_BYTES);
    }

    /// @dev keccak256 of the PPID.
    function id(Platform memory platform) internal pure returns (bytes32) {
        unchecked {
            return Memory.keccak(_start(platform) + MACHINE, PPID_BYTES);
        }
    }

    /// @dev FMSPC and PCE id: which TCB info is about it.
    function kind(Platform memory platform) internal pure returns (bytes8) {
        return bytes8(bytes32(platform.tcb));
    }

    /// @dev As in `PlatformTcb`.
    function versions(Platform memory platform) internal pure returns (uint256) {
        return uint144(platform.tcb >> 48);
    }

    function notAfter(Platform memory platform) internal pure returns (uint256) {
        return uint48(platform.tcb);
    }

    function ppid(Platform memory platform) internal pure returns (bytes16) {
        return bytes16(bytes32(platform.machine));
    }

    function qeIsvSvn(Platform memory platform) internal pure returns (uint256) {
        return uint16(platform.machine >> QE_SVN_SHIFT);
    }

    function setQeIsvSvn(Platform memory platform, uint256 isvSvn) internal pure {
        uint256 others = ~(uint256(type(uint16).max) << QE_SVN_SHIFT);
        platform.machine = (platform.machine & others) | (isvSvn << QE_SVN_SHIFT);
    }

    function _start(Platform memory platform) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := platform
        }
    }
}
