// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HostileDapp, PlainDapp} from "../support/Dapps.sol";
import {vm} from "../support/Vm.sol";
import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {Accounts} from "./Accounts.sol";
import {Entry} from "./Ledger.sol";

/// Counts what it is called with beside the callbacks, and knows with how little gas one of these came.
contract WatchedDapp is PlainDapp {
    uint256 public strangeCalls;
    uint256 public leastGas = type(uint256).max;

    function onEnigmaResult(bytes32 taskId_, bytes4 callable_, bytes calldata output_) public override {
        _noteGas(gasleft());
        super.onEnigmaResult(taskId_, callable_, output_);
    }

    function onEnigmaFailure(bytes32 taskId_, bytes4 callable_, uint8 status) public override {
        _noteGas(gasleft());
        super.onEnigmaFailure(taskId_, callable_, status);
    }

    function _noteGas(uint256 found) private {
        if (found < leastGas) leastGas = found;
    }

    fallback() external {
        ++strangeCalls;
    }
}

/// Who takes part, how time passes, and how an action that must be refused is tried.
abstract contract Setting is Accounts {
    uint256 internal constant WINDOW = 4;
    uint256 internal constant MAX_SEATS = 10;
    uint256 internal constant ENDOWMENT_WEI = 1e30;

    mapping(address signer => uint256) private keyBehind;

    constructor() {
        setUp();
        registry = enigma.keyRegistry();
        dapp = new WatchedDapp();
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
            vm.deal(operators[i], ENDOWMENT_WEI);
        }
        for (uint256 i; i < 4; ++i) {
            vm.deal(requesters[i], ENDOWMENT_WEI);
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
        bytes memory ofBeacon = abi.encodeCall(enigma.postSeed, (epoch, abi.encode(proof)));
        bytes memory ofBlock = abi.encodeCall(enigma.postFallbackSeed, (epoch));
        bool isOverdue = vm.getBlockNumber() > enigma.boundaryBlock(epoch) + CUT;
        bytes4 refusal = isOverdue ? IEnigmaTasks.SeedOverdue.selector : IEnigmaTasks.SeedStillDue.selector;
        _refused(address(this), isOverdue ? ofBeacon : ofBlock, refusal);
        (bool ok,) = address(enigma).call(isOverdue ? ofBlock : ofBeacon);
        assertTrue(ok, "a seed that was due was refused");
        ++counts[isOverdue ? "fallback seed posted" : "seed posted"];
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

    /// @dev One of the results that wait to be delivered.
    function _pickWaiting(uint256 choice) internal view returns (bool isFound, Entry memory entry) {
        uint256 skip = choice % 3;
        for (uint256 i = entries.length; i > 0; --i) {
            if (!entries[i - 1].ending.isWaiting) continue;
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
