// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {vm} from "../support/Vm.sol";
import {Parts, PartsReader} from "./Parts.sol";

interface VmP256 {
    function signP256(uint256 privateKey, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
}

/// Plays the simulated authority whose keys follow from names: changes what it issued, and signs it again.
abstract contract Forger is PartsReader {
    string internal constant ROOT = "Simulated SGX Root CA";
    string internal constant CA = "Simulated SGX PCK Platform CA";
    string internal constant SIGNER = "Simulated SGX TCB Signing";

    /// Behind the headers of certificate and content, the version, and the number's own header.
    uint256 internal constant SERIAL = 15;

    // The base's dates, and later ones that are not in the future.
    bytes internal constant ISSUED = "2026-05-31T12:00:00Z";
    bytes internal constant ISSUED_LATER = "2026-06-01T00:00:00Z";
    bytes internal constant LIST_ISSUED = "260531120000Z";
    bytes internal constant LIST_ISSUED_LATER = "260601000000Z";
    bytes internal constant CERTIFIED = "240101000000Z";
    bytes internal constant CERTIFIED_LATER = "250101000000Z";

    function secretOf(string memory bearer) internal pure returns (uint256) {
        return uint256(sha256(bytes.concat("enigma/simulated-pki/v1/key/forged/", bytes(bearer))));
    }

    function signed(bytes memory text) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = VmP256(address(vm)).signP256(secretOf(SIGNER), sha256(text));
        return bytes.concat(r, s);
    }

    /// @dev A certificate or revocation list with a signature of `issuer` over what stands in it now.
    function reissued(bytes memory der, string memory issuer) internal pure returns (bytes memory) {
        uint256 end = 4 + _sizeAt(der, 4);
        bytes memory tbs = _slice(der, 4, end);
        (bytes32 r, bytes32 s) = VmP256(address(vm)).signP256(secretOf(issuer), sha256(tbs));
        bytes memory pair = bytes.concat(_integer(r), _integer(s));
        bytes memory bits = bytes.concat(hex"00", hex"30", bytes1(uint8(pair.length)), pair);
        bytes memory whole = bytes.concat(tbs, hex"300a06082a8648ce3d040302", hex"03", bytes1(uint8(bits.length)), bits);
        return bytes.concat(hex"3082", bytes2(uint16(whole.length)), whole);
    }

    /// @dev `data` with the first `from` turned into `to`, which is as long.
    function swapped(bytes memory data, bytes memory from, bytes memory to) internal pure returns (bytes memory) {
        bytes32 wanted = keccak256(from);
        for (uint256 i; i + from.length <= data.length; ++i) {
            if (data[i] != from[0] || keccak256(_slice(data, i, i + from.length)) != wanted) continue;
            bytes memory rest = _slice(data, i + from.length, data.length);
            return bytes.concat(_slice(data, 0, i), to, rest);
        }
        revert(string.concat("not there: ", string(from)));
    }

    /// @dev Brings TCB info of the case of that name as if it had been issued later than the base's.
    function supersedeTcbInfo(DcapVerifier verifier, string memory name) internal {
        bytes memory text = swapped(partsOf(name).tcbInfo, ISSUED, ISSUED_LATER);
        setTcbInfo(verifier, text, signed(text));
    }

    function supersedeQeIdentity(DcapVerifier verifier, string memory name) internal {
        bytes memory text = swapped(partsOf(name).qeIdentity, ISSUED, ISSUED_LATER);
        setQeIdentity(verifier, text, signed(text));
    }

    function supersedeRootCrl(DcapVerifier verifier, string memory name) internal {
        verifier.setRootCrl(reissued(swapped(partsOf(name).rootCrl, LIST_ISSUED, LIST_ISSUED_LATER), ROOT));
    }

    function supersedePckCrl(DcapVerifier verifier, string memory name) internal {
        verifier.setPckCrl(reissued(swapped(partsOf(name).pckCrl, LIST_ISSUED, LIST_ISSUED_LATER), CA));
    }

    /// @dev Brings a later list of the root's that revokes `certificate`.
    function revokeByRoot(DcapVerifier verifier, bytes memory certificate) internal {
        bytes memory list =
            swapped(partsOf("a revoked CA (PCK_CA_REVOKED)").rootCrl, _serialOf(base.pckCa), _serialOf(certificate));
        verifier.setRootCrl(reissued(swapped(list, LIST_ISSUED, LIST_ISSUED_LATER), ROOT));
    }

    /// @dev Another certificate of the TCB signer, of another serial number and a later notBefore.
    function renewedSigner() internal view returns (bytes memory der) {
        der = swapped(base.tcbSigner, CERTIFIED, CERTIFIED_LATER);
        der[SERIAL + 5] ^= 0x01;
        return reissued(der, ROOT);
    }

    function _serialOf(bytes memory certificate) private pure returns (bytes memory) {
        return _slice(certificate, SERIAL, SERIAL + 20);
    }

    /// @dev All bytes of the element that begins at `place`.
    function _sizeAt(bytes memory der, uint256 place) private pure returns (uint256) {
        uint8 length = uint8(der[place + 1]);
        if (length == 0x81) return 3 + uint8(der[place + 2]);
        if (length == 0x82) return 4 + (uint256(uint8(der[place + 2])) << 8) + uint8(der[place + 3]);
        return 2 + length;
    }

    function _integer(bytes32 value) private pure returns (bytes memory) {
        uint256 zeros;
        while (value[zeros] == 0) ++zeros;
        bytes memory magnitude = _slice(bytes.concat(value), zeros, 32);
        if (uint8(magnitude[0]) >= 0x80) magnitude = bytes.concat(hex"00", magnitude);
        return bytes.concat(hex"02", bytes1(uint8(magnitude.length)), magnitude);
    }

    function _slice(bytes memory data, uint256 from, uint256 to) internal pure returns (bytes memory part) {
        part = new bytes(to - from);
        assembly ("memory-safe") {
            mcopy(add(part, 32), add(add(data, 32), from), sub(to, from))
        }
    }
}
