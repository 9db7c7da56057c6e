// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "contracts/src/dapp/Private.sol";

/// Stored fortunes, compared by one task; and the private calls singly, many times over.
contract Fortunes is EnigmaDapp {
    uint256 public richest;

    constructor(IEnigma enigma_) EnigmaDapp(enigma_) {}

    function store(bytes32 label, bytes calldata data) external {
        _storeSealed(label, data);
    }

    function storeMany(bytes[] calldata data) external {
        for (uint256 i; i < data.length; ++i) {
            _storeSealed(bytes32(i), data[i]);
        }
    }

    function compare(address owner, uint256 count) external view returns (uint256 first) {
        uint256 most;
        for (uint256 i; i < count; ++i) {
            uint256 fortune = abi.decode(Private.open(sealedData(owner, bytes32(i)), owner, bytes32(i)), (uint256));
            if (fortune > most) (most, first) = (fortune, i);
        }
    }

    /// @dev One stored value, opened `count` times: what the time grows by is that of one opening.
    function openMany(address owner, uint256 count) external view returns (uint256 last) {
        bytes memory data = sealedData(owner, bytes32(0));
        for (uint256 i; i < count; ++i) {
            last = abi.decode(Private.open(data, owner, bytes32(0)), (uint256));
        }
    }

    function sealMany(uint256 count) external view returns (uint256 bytesSealed) {
        for (uint256 i; i < count; ++i) {
            bytesSealed += Private.seal(abi.encode(i), address(this), bytes32(i)).length;
        }
    }

    function onNumber(uint256 number) external onlyEnigma {
        richest = number;
    }

    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        bool isOurs = callable == this.compare.selector || callable == this.openMany.selector
            || callable == this.sealMany.selector;
        return isOurs ? this.onNumber.selector : bytes4(0);
    }
}
