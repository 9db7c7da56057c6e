// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {ICollateral} from "../../src/interfaces/ICollateral.sol";
import {vm} from "../support/Vm.sol";
import {Forger} from "./Forger.sol";

/// A list that revokes more than fits into a transaction goes in by parts.
contract DcapLongListTest is Forger {
    uint256 private constant AT_ONCE = 300;
    /// What a transaction may use (EIP-7825).
    uint256 private constant MOST_GAS = 16_777_216;

    // Where in the base's list, which has no entries, its content, its issuer's name and its entries would begin.
    uint256 private constant CONTENT = 7;
    uint256 private constant ISSUER = 22;
    uint256 private constant ENTRIES = 181;
    uint256 private constant ENTRY_BYTES = 39;
    bytes private constant DATE = hex"170d3236303130313030303030305a";

    DcapVerifier private verifier;
    bytes32 private issuer;

    function setUp() public {
        verifier = filled();
        issuer = keccak256(_slice(base.pckCrl, ISSUER, ENTRIES - 2 * DATE.length));
    }

    function test_S16_setPckCrl_takesAMassRevocationByParts() public {
        bytes memory list = _listOf(2 * AT_ONCE + 50);
        uint64 before = verifier.pckCrl(issuer).thisUpdate;
        for (uint256 i; i < 3; ++i) {
            assertEq(verifier.pckCrl(issuer).thisUpdate, before, "not set before it is whole");
            assertTrue(!verifier.isRevoked(issuer, _serialAt(i * AT_ONCE)), "not yet revoked");
            uint256 gas = gasleft();
            verifier.setPckCrl(list);
            assertTrue(gas - gasleft() < MOST_GAS, "more gas than a transaction may have");
            assertTrue(verifier.isRevoked(issuer, _serialAt(i * AT_ONCE)), "revoked at once");
        }
        assertTrue(verifier.isRevoked(issuer, _serialAt(2 * AT_ONCE + 49)), "the last");
        assertTrue(verifier.pckCrl(issuer).thisUpdate > before, "set");
        vm.expectRevert(refusal("PCK_CRL_ROLLBACK"));
        verifier.setPckCrl(list);
    }

    function test_S16_setPckCrl_saysOnlyOfAWholeListThatItIsSet() public {
        bytes memory list = _listOf(AT_ONCE);
        vm.recordLogs();
        verifier.setPckCrl(list);
        assertEq(vm.getRecordedLogs().length, 0, "events");
        vm.expectEmit(address(verifier));
        emit ICollateral.PckCrlSet(issuer, 1_780_272_000, 1_782_820_800, 0);
        verifier.setPckCrl(list);
    }

    function _serialAt(uint256 i) private pure returns (bytes32) {
        return bytes32((1 << 158) + i);
    }

    /// @dev The base's list, issued later, that revokes `count` machines.
    function _listOf(uint256 count) private view returns (bytes memory) {
        bytes memory base_ = swapped(base.pckCrl, LIST_ISSUED, LIST_ISSUED_LATER);
        bytes memory content = _slice(base_, CONTENT, ENTRIES);
        return reissued(bytes.concat(hex"30820000", _sequence(bytes.concat(content, _sequence(_entries(count))))), CA);
    }

    function _entries(uint256 count) private pure returns (bytes memory entries) {
        entries = new bytes(count * ENTRY_BYTES);
        for (uint256 i; i < count; ++i) {
            bytes memory entry = bytes.concat(hex"30250214", bytes20(uint160(uint256(_serialAt(i)))), DATE);
            for (uint256 j; j < ENTRY_BYTES; ++j) {
                entries[i * ENTRY_BYTES + j] = entry[j];
            }
        }
    }

    function _sequence(bytes memory content) private pure returns (bytes memory) {
        return bytes.concat(hex"3082", bytes2(uint16(content.length)), content);
    }
}
