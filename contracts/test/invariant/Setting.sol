// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HostileDapp} from "../support/Dapps.sol";
import {vm} from "../support/Vm.sol";
import {Entry} from "./Ledger.sol";
import {SecretLedger} from "./SecretLedger.sol";

/// Who takes part, how time passes, and how an action that must be refused is tried.
abstract contract Setting is SecretLedger {
    uint256 internal constant WINDOW = 4;
    uint256 internal constant MAX_SEATS = 10;

    mapping(address signer => uint256) private keyBehind;

    constructor() {
        setUp();
        registry = enigma.keyRegistry();
        hostile = new HostileDapp(enigma);
        for (uint256 i; i < 3; ++i) {
            operators.push(account(string.concat("operator ", vm.toString(i))));
            requesters.push(account(string.concat("requester ", vm.toString(i))));
        }
        requesters.push(address(hostile));
        for (uint256 i; i < 5; ++i) {
            uint256 signerKey = key(string.concat("signer ", vm.toString(i)));
            signerKeys.push(signerKey);
            keyBehind[vm.addr(signerKey)] = signerKey;
            codeNow[vm.addr(signerKey)] = i % 2;
        }
        for (uint256 i; i < 3; ++i) {
            vm.deal(operators[i], 1e30);
        }
        for (uint256 i; i < 4; ++i) {
            vm.deal(requesters[i], 1e30);
        }
    }

    /* TIME */

    function _goTo(uint256 blockNumber) internal {
        uint256 blocks = blockNumber - vm.getBlockNumber();
        vm.warp(block.timestamp + blocks);
        vm.roll(blockNumber);
    }

    function _enterNextEpoch() internal {
        _goTo(enigma.boundaryBlock(enigma.currentEpoch() + 1) + 1);
    }

    /// @dev Posts the seed of the current epoch, unless that was done or cannot be done in this block.
    function _postSeed(uint256 proof) internal {
        uint256 epoch = enigma.currentEpoch();
        if (_isStarted(epoch)) return;
        if (_isBoundary()) _goTo(vm.getBlockNumber() + 1);
        enigma.postSeed(epoch, abi.encode(proof));
        ++counts["seed posted"];
    }

    /// @dev In the boundary block itself no seed can be posted: its hash is not known yet.
    function _isBoundary() internal view returns (bool) {
        return vm.getBlockNumber() == enigma.boundaryBlock(enigma.currentEpoch());
    }

    /* CHOICES */

    function _requester(uint256 choice) internal view returns (address) {
        return requesters[choice % requesters.length];
    }

    function _operator(uint256 choice) internal view returns (address) {
        return operators[choice % operators.length];
    }

    function _signerKey(uint256 choice) internal view returns (uint256) {
        return signerKeys[choice % signerKeys.length];
    }

    /// @dev Nobody's signature where nobody was drawn.
    function _keyOf(address signer) internal view returns (uint256) {
        uint256 known = keyBehind[signer];
        return known == 0 ? key("stranger") : known;
    }

    /// @dev One of the tasks that are open or, as asked, that have ended. The latest are looked at first.
    function _pick(uint256 choice, bool isOpen) internal view returns (bool isFound, Entry memory entry) {
        uint256 length = entries.length;
        uint256 skip = choice % 4;
        for (uint256 i = length; i > 0; --i) {
            if ((entries[i - 1].ending.times == 0) != isOpen) continue;
            (isFound, entry) = (true, entries[i - 1]);
            if (skip == 0) break;
            --skip;
        }
    }

    /* REFUSALS */

    /// @dev Tries `call`, which must revert with `refusal`.
    function _refused(address by, bytes memory call, bytes4 refusal) internal {
        _refusedBy(address(enigma), by, call, refusal);
    }

    function _refusedBy(address to, address by, bytes memory call, bytes4 refusal) internal {
        vm.prank(by);
        (bool ok, bytes memory answer) = to.call(call);
        assertTrue(!ok, "what must be refused went through");
        assertEq(bytes32(bytes4(answer)), bytes32(refusal), "refused with another error");
        ++counts["refused"];
    }
}
