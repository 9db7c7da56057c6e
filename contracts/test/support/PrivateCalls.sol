// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Private} from "../../src/dapp/Private.sol";
import {vm} from "./Vm.sol";

/**
 * Stands in for the enclave's private calls, so that a test runs a private function as Core would. NOTHING IS SECRET HERE: what
 * it "seals" is plaintext that says so, of the length and with the head of a real envelope.
 *
 * `install` it, then call the private function with `vm.prank(requester)`. Frames other than the dApp's are not told apart:
 * Core's own tests see to that.
 */
library PrivateCalls {
    bytes8 internal constant IN_CLEAR = "IN CLEAR";
    bytes4 internal constant DATA = 0x01010201;
    bytes4 internal constant REPLY = 0x01010301;

    function install() internal {
        vm.etch(0x2a73967deea15EE5b41eCdeD5C83D47BF5A248d1, type(OpenInClear).runtimeCode);
        vm.etch(0xEBc1073f46a070086ef6ed939E0EA2CF60d212FE, type(SealInClear).runtimeCode);
        vm.etch(0x3744F4c0194a682086381c45Ed4eaB118e18896B, type(SealToInClear).runtimeCode);
        vm.etch(0x336e63bFbB7F511aEbE531Ec1cbFbD23De2d5fC7, type(RandomByGas).runtimeCode);
    }

    /// What the client's `enigma.seal` does, for a dApp's user.
    function seal(address dApp, bytes memory plaintext, address owner, bytes32 label)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 bound = keccak256(abi.encode(dApp, owner, label));
        return _envelope(DATA, bound, plaintext);
    }

    /// What the client does with a reply to its key. Reverts if it is for another.
    function openReply(bytes32 publicKey, bytes memory reply) internal pure returns (bytes memory) {
        return _unpack(REPLY, publicKey, reply);
    }

    function sealFor(bytes32 publicKey, bytes memory plaintext) internal pure returns (bytes memory) {
        return _envelope(REPLY, publicKey, plaintext);
    }

    function open(address dApp, bytes memory data, address owner, bytes32 label) internal pure returns (bytes memory) {
        return _unpack(DATA, keccak256(abi.encode(dApp, owner, label)), data);
    }

    function _envelope(bytes4 head, bytes32 bound, bytes memory plaintext) private pure returns (bytes memory) {
        uint256 padded = plaintext.length < 28 ? 32 : _padme(plaintext.length + 4);
        bytes memory zeros = new bytes(padded - 4 - plaintext.length + 16);
        return abi.encodePacked(head, IN_CLEAR, bound, uint32(plaintext.length), plaintext, zeros);
    }

    function _unpack(bytes4 head, bytes32 bound, bytes memory envelope) private pure returns (bytes memory plaintext) {
        if (envelope.length < 92) revert Private.DoesNotOpen();
        uint256 length = uint32(bytes4(_word(envelope, 44)));
        if (length + 64 > envelope.length) revert Private.DoesNotOpen();
        plaintext = new bytes(length);
        for (uint256 i; i < length; ++i) {
            plaintext[i] = envelope[48 + i];
        }
        // What the same plaintext would be sealed to, for this dApp, owner and label, or for this key.
        if (keccak256(envelope) != keccak256(_envelope(head, bound, plaintext))) revert Private.DoesNotOpen();
    }

    function _padme(uint256 length) private pure returns (uint256) {
        uint256 exponent;
        while (length >> (exponent + 1) != 0) ++exponent;
        uint256 kept;
        while (exponent >> kept != 0) ++kept;
        uint256 unit = 2 ** (exponent - kept);
        return (length + unit - 1) / unit * unit;
    }

    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }
}

contract OpenInClear {
    fallback(bytes calldata question) external returns (bytes memory) {
        (bytes memory data, address owner, bytes32 label) = abi.decode(question, (bytes, address, bytes32));
        if (data.length > 8192) revert Private.BadCall();
        return abi.encode(PrivateCalls.open(msg.sender, data, owner, label));
    }
}

contract SealInClear {
    fallback(bytes calldata question) external returns (bytes memory) {
        (bytes memory plaintext, address owner, bytes32 label) = abi.decode(question, (bytes, address, bytes32));
        if (plaintext.length > 8192) revert Private.BadCall();
        return abi.encode(PrivateCalls.seal(msg.sender, plaintext, owner, label));
    }
}

contract SealToInClear {
    fallback(bytes calldata question) external returns (bytes memory) {
        (bytes32 publicKey, bytes memory plaintext) = abi.decode(question, (bytes32, bytes));
        if (plaintext.length > 8192) revert Private.BadCall();
        if (publicKey == 0) revert Private.InvalidPublicKey(publicKey);
        return abi.encode(PrivateCalls.sealFor(publicKey, plaintext));
    }
}

/// Another word with each call of one function, since each leaves less gas.
contract RandomByGas {
    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(keccak256(abi.encode("not random", msg.sender, block.number, gasleft())));
    }
}
