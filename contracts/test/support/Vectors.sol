// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// Reads packages/protocol/vectors: the cases that TypeScript and Solidity must agree on.
abstract contract VectorReader is Base {
    string private _json;
    string private _case;

    function open(string memory name) internal {
        _json = vm.readFile(string.concat("packages/protocol/vectors/", name, ".json"));
    }

    /// @dev Goes to entry `i` of the list; false past its end.
    function goTo(string memory list, uint256 i) internal returns (bool) {
        _case = string.concat(".", list, "[", vm.toString(i), "]");
        return vm.keyExistsJson(_json, _case);
    }

    function number(string memory field) internal view returns (uint256) {
        return vm.parseJsonUint(_json, _path(field));
    }

    function numbers(string memory field) internal view returns (uint256[] memory) {
        return vm.parseJsonUintArray(_json, _path(field));
    }

    function addressOf(string memory field) internal view returns (address) {
        return vm.parseJsonAddress(_json, _path(field));
    }

    function addresses(string memory field) internal view returns (address[] memory) {
        return vm.parseJsonAddressArray(_json, _path(field));
    }

    function word(string memory field) internal view returns (bytes32) {
        return vm.parseJsonBytes32(_json, _path(field));
    }

    function words(string memory field) internal view returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(_json, _path(field));
    }

    function data(string memory field) internal view returns (bytes memory) {
        return vm.parseJsonBytes(_json, _path(field));
    }

    function flag(string memory field) internal view returns (bool) {
        return vm.parseJsonBool(_json, _path(field));
    }

    function text(string memory field) internal view returns (string memory) {
        return vm.parseJsonString(_json, _path(field));
    }

    function has(string memory field) internal view returns (bool) {
        return vm.keyExistsJson(_json, _path(field));
    }

    function _path(string memory field) private view returns (string memory) {
        return string.concat(_case, ".", field);
    }
}
