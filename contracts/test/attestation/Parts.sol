// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {Policy} from "../../src/attestation/PlatformPolicy.sol";
import {IAttestationVerifier} from "../../src/interfaces/IAttestationVerifier.sol";
import {Base} from "../support/Base.sol";
import {Vm, vm} from "../support/Vm.sol";

/// The cheat codes that only these tests use.
interface VmMore {
    function parseJsonKeys(string calldata json, string calldata key) external pure returns (string[] memory);
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
}

VmMore constant vmMore = VmMore(address(vm));

/// All that one verification needs, as packages/attestation/vectors/onchain.json has it.
struct Parts {
    /// Unix seconds.
    uint256 at_;
    bytes rootCrl;
    bytes pckCa;
    bytes pckCrl;
    bytes tcbSigner;
    bytes tcbInfo;
    bytes tcbInfoSignature;
    bytes qeIdentity;
    bytes qeIdentitySignature;
    bytes quote;
    bytes leaf;
}

/// The vectors, and a verifier under their root and policy.
abstract contract PartsReader is Base {
    uint256 internal constant SETTERS = 6;

    Parts internal base;
    bytes internal root;

    constructor() {
        string memory json = readVectors();
        root = vm.parseJsonBytes(json, ".root");
        base = replace(json, ".base", base);
    }

    function readVectors() internal view returns (string memory) {
        return vm.readFile("packages/attestation/vectors/onchain.json");
    }

    function policy() internal view returns (Policy memory found) {
        string memory json = readVectors();
        found.statusMask = uint16(vm.parseJsonUint(json, ".policy.statusMask"));
        found.minEvaluationNumber = uint32(vm.parseJsonUint(json, ".policy.minEvaluationNumber"));
        found.advisoryIds = new string[](3);
        for (uint256 i; i < 3; ++i) {
            found.advisoryIds[i] = vm.parseJsonString(json, string.concat(".policy.advisoryIds[", vm.toString(i), "]"));
        }
        found.deniedFmspcs = new bytes6[](1);
        found.deniedFmspcs[0] = bytes6(vm.parseJsonBytes(json, ".policy.deniedFmspcs[0]"));
        found.deniedPlatforms = new bytes16[](1);
        found.deniedPlatforms[0] = bytes16(vm.parseJsonBytes(json, ".policy.deniedPlatforms[0]"));
    }

    function deploy() internal returns (DcapVerifier) {
        vm.warp(base.at_);
        return new DcapVerifier(root, policy(), true);
    }

    /// @dev A verifier that holds the collateral of the base, at its time.
    function filled() internal returns (DcapVerifier verifier) {
        verifier = deploy();
        fill(verifier, base);
    }

    function fill(DcapVerifier verifier, Parts memory parts) internal {
        for (uint256 i; i < SETTERS; ++i) {
            set(verifier, parts, i);
        }
    }

    /// @dev Brings part `i` in the order of a first filling.
    function set(DcapVerifier verifier, Parts memory parts, uint256 i) internal {
        if (i == 0) verifier.setRootCrl(parts.rootCrl);
        else if (i == 1) verifier.setPckCa(parts.pckCa);
        else if (i == 2) verifier.setPckCrl(parts.pckCrl);
        else if (i == 3) verifier.setTcbSigner(parts.tcbSigner);
        else if (i == 4) setTcbInfo(verifier, parts.tcbInfo, parts.tcbInfoSignature);
        else setQeIdentity(verifier, parts.qeIdentity, parts.qeIdentitySignature);
    }

    function setTcbInfo(DcapVerifier verifier, bytes memory text, bytes memory signature) internal {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        verifier.setTcbInfo(text, r, s);
    }

    function setQeIdentity(DcapVerifier verifier, bytes memory text, bytes memory signature) internal {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        verifier.setQeIdentity(text, r, s);
    }

    /// @dev The base with what the case of that name replaces.
    function partsOf(string memory name) internal view returns (Parts memory) {
        string memory path = string.concat("$.cases[?(@.name=='", name, "')].replaced");
        return replace(readVectors(), path, base);
    }

    /// @dev The parts at `path`, for all others those of `parts`.
    function replace(string memory json, string memory path, Parts memory parts) internal pure returns (Parts memory) {
        string[] memory keys = vmMore.parseJsonKeys(json, path);
        for (uint256 i; i < keys.length; ++i) {
            string memory field = string.concat(path, ".", keys[i]);
            bytes32 key = keccak256(bytes(keys[i]));
            if (key == keccak256("at")) {
                parts.at_ = vm.parseJsonUint(json, field);
                continue;
            }
            bytes memory value = vm.parseJsonBytes(json, field);
            if (key == keccak256("rootCrl")) parts.rootCrl = value;
            else if (key == keccak256("pckCa")) parts.pckCa = value;
            else if (key == keccak256("pckCrl")) parts.pckCrl = value;
            else if (key == keccak256("tcbSigner")) parts.tcbSigner = value;
            else if (key == keccak256("tcbInfo")) parts.tcbInfo = value;
            else if (key == keccak256("tcbInfoSignature")) parts.tcbInfoSignature = value;
            else if (key == keccak256("qeIdentity")) parts.qeIdentity = value;
            else if (key == keccak256("qeIdentitySignature")) parts.qeIdentitySignature = value;
            else if (key == keccak256("quote")) parts.quote = value;
            else if (key == keccak256("leaf")) parts.leaf = value;
            else revert(string.concat("unknown part ", keys[i]));
        }
        return parts;
    }

    function _snapshot() internal returns (uint256) {
        return vmMore.snapshotState();
    }

    /// @dev Puts the chain back, as often as one likes.
    function _restore(uint256 id) internal {
        assertTrue(vmMore.revertToState(id), "restored");
    }

    function refusal(bytes32 code) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAttestationVerifier.AttestationRefused.selector, code);
    }

    /// @dev The code of a refusal. Any other revert fails the test.
    function codeOf(bytes memory reason) internal pure returns (bytes32 code) {
        bool isRefusal = reason.length == 36 && bytes4(reason) == IAttestationVerifier.AttestationRefused.selector;
        if (!isRefusal) revert BytesNotEqual("not a refusal", reason, "");
        assembly ("memory-safe") {
            code := mload(add(reason, 36))
        }
    }

    function _freeMemory() internal pure returns (uint256 free) {
        assembly {
            free := mload(0x40)
        }
    }

    /// @dev Memory is never given back: what one round of a loop used, the next one may.
    function _setFreeMemory(uint256 free) internal pure {
        assembly {
            mstore(0x40, free)
        }
    }
}
