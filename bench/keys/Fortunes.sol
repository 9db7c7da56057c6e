// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma, PrefetchRange} from "contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "contracts/src/dapp/Private.sol";

/// Stored fortunes, compared by one task; and the private calls singly, many times over.
contract Fortunes is EnigmaDapp {
    uint256 public richest;
    address public owner;
    uint256 public count;

    constructor(IEnigma enigma_) EnigmaDapp(enigma_) {}

    function store(bytes32 label, bytes calldata data) external {
        _storeSealed(label, data);
    }

    function storeMany(bytes[] calldata data) external {
        (owner, count) = (msg.sender, data.length);
        for (uint256 i; i < data.length; ++i) {
            _storeSealedWord(bytes32(i), data[i]);
        }
    }

    function compare() external view returns (uint256 first) {
        (address of_, uint256 stored) = (owner, count);
        uint256 most;
        for (uint256 i; i < stored; ++i) {
            uint256 fortune = abi.decode(Private.open(sealedData(of_, bytes32(i)), of_, bytes32(i)), (uint256));
            if (fortune > most) (most, first) = (fortune, i);
        }
    }

    /// @dev One stored value, opened many times: what the time grows by is that of one opening.
    function openMany(uint256 times) external view returns (uint256 last) {
        address of_ = owner;
        bytes memory data = sealedData(of_, bytes32(0));
        for (uint256 i; i < times; ++i) {
            last = abi.decode(Private.open(data, of_, bytes32(0)), (uint256));
        }
    }

    function sealMany(uint256 times) external view returns (uint256 bytesSealed) {
        for (uint256 i; i < times; ++i) {
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

    function enigmaPrefetch(bytes4 callable) public view override returns (PrefetchRange[] memory ranges) {
        if (callable != this.compare.selector) return ranges;
        bytes32[] memory labels = new bytes32[](count);
        for (uint256 i; i < labels.length; ++i) {
            labels[i] = bytes32(i);
        }
        return _sealedWords(owner, labels);
    }
}
