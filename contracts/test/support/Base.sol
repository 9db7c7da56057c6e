// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";

/// What every test needs: assertions that say what was found, and numbers within bounds.
abstract contract Base {
    bool public constant IS_TEST = true;

    error NotEqual(string what, uint256 found, uint256 expected);
    error BytesNotEqual(string what, bytes found, bytes expected);
    error NotTrue(string what);

    function assertEq(uint256 found, uint256 expected, string memory what) internal pure {
        if (found != expected) revert NotEqual(what, found, expected);
    }

    function assertEq(address found, address expected, string memory what) internal pure {
        if (found != expected) revert NotEqual(what, uint160(found), uint160(expected));
    }

    function assertEq(bytes32 found, bytes32 expected, string memory what) internal pure {
        if (found != expected) revert NotEqual(what, uint256(found), uint256(expected));
    }

    function assertEq(bytes memory found, bytes memory expected, string memory what) internal pure {
        if (keccak256(found) != keccak256(expected)) revert BytesNotEqual(what, found, expected);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @dev A number from `least` to `most`, of any number.
    function bound(uint256 x, uint256 least, uint256 most) internal pure returns (uint256) {
        return most - least == type(uint256).max ? x : least + x % (most - least + 1);
    }

    function key(string memory name) internal pure returns (uint256) {
        return bound(uint256(keccak256(bytes(name))), 1, type(uint128).max);
    }

    function account(string memory name) internal pure returns (address) {
        return vm.addr(key(name));
    }
}
