// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {Attestation} from "../../src/interfaces/IAttestationVerifier.sol";
import {vm} from "../support/Vm.sol";
import {Parts, PartsReader, vmMore} from "./Parts.sol";

/// The contract answers what the TypeScript verifier answers, case by case.
contract DcapVectorsTest is PartsReader {
    error WrongAnswer(string name, string found, string expected);

    function test_verify_saysWhatTheQuoteSays() public {
        string memory json = readVectors();
        Attestation memory found = filled().verify(base.quote, base.leaf, 0);
        assertEq(found.measurement, vm.parseJsonBytes32(json, ".expected.measurement"), "measurement");
        bytes memory reportData = vm.parseJsonBytes(json, ".expected.reportData");
        assertEq(bytes.concat(found.identity, found.freshness), reportData, "report data");
        assertEq(found.platformId, vm.parseJsonBytes32(json, ".expected.platformId"), "platformId");
        assertEq(found.platformHash, vm.parseJsonBytes32(json, ".expected.platformHash"), "platformHash");
        bytes memory record = vm.parseJsonBytes(json, ".expected.record");
        assertEq(keccak256(record), found.platformHash, "record");
        assertEq(found.collateralUntil, vm.parseJsonUint(json, ".expected.collateralUntil"), "collateralUntil");
        assertEq(found.certificateUntil, vm.parseJsonUint(json, ".expected.certificateUntil"), "certificateUntil");
    }

    /// @dev Every refusal and every acceptance of the vectors.
    function test_S14_S15_S16_S17_everyCaseOfTheVectorsHasItsCode() public {
        DcapVerifier verifier = deploy();
        string memory json = readVectors();
        uint256 memoryUsed = _freeMemory();
        uint256 i;
        for (;; ++i) {
            string memory path = string.concat(".cases[", vm.toString(i), "]");
            if (!vm.keyExistsJson(json, path)) break;
            Parts memory parts = replace(json, string.concat(path, ".replaced"), base);
            string memory code = vm.parseJsonString(json, string.concat(path, ".code"));
            string memory found = _answer(verifier, parts);
            if (keccak256(bytes(found)) != keccak256(bytes(code))) {
                revert WrongAnswer(vm.parseJsonString(json, string.concat(path, ".name")), found, code);
            }
            _setFreeMemory(memoryUsed);
        }
        assertTrue(i > 150, "the vectors are there");
    }

    function setPart(DcapVerifier verifier, Parts memory parts, uint256 i) external {
        set(verifier, parts, i);
    }

    /// @dev The first refusal, empty for none. Leaves the verifier as it was.
    function _answer(DcapVerifier verifier, Parts memory parts) private returns (string memory code) {
        uint256 before = vmMore.snapshotState();
        vm.warp(parts.at_);
        for (uint256 i; i < SETTERS && bytes(code).length == 0; ++i) {
            try this.setPart(verifier, parts, i) {}
            catch (bytes memory reason) {
                code = _text(codeOf(reason));
            }
        }
        if (bytes(code).length == 0) {
            try verifier.verify(parts.quote, parts.leaf, 0) {}
            catch (bytes memory reason) {
                code = _text(codeOf(reason));
            }
        }
        vmMore.revertToState(before);
    }

    function _text(bytes32 code) private pure returns (string memory) {
        uint256 length;
        while (code[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i; i < length; ++i) {
            text[i] = code[i];
        }
        return string(text);
    }
}
