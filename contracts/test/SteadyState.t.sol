// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskRequest} from "../src/interfaces/IEnigmaTasks.sol";
import {packRef, packTerms, Task} from "../src/types/Task.sol";
import {BatchWorld, Part} from "./support/BatchWorld.sol";
import {vm} from "./support/Vm.sol";

/// A network that has run for a while makes no new word of storage, whatever it does: state is the dearest thing on a chain, and
/// dearer with the next fork (EIP-8037).
contract SteadyStateTest is BatchWorld {
    uint256 private constant RING = 32;
    uint256 private constant SEATS = 3;
    uint32 private constant TOGETHER = 6;

    uint32 private _firstSlot;
    uint256 private _wordsOfTheRound;

    /// The seeds' ring has gone round once, and each slot has served once.
    function setUp() public override {
        super.setUp();
        for (uint256 epoch = 3; epoch < 2 + RING; ++epoch) {
            startEpoch(epoch);
            if (epoch % 10 == 0) _renewAll();
        }
        _round(2 + RING);
    }

    function test_aRoundOfEverything_makesNoNewStorage() public {
        _round(3 + RING);
        assertEq(_wordsOfTheRound, 0, "words that were zero before and are not after");
    }

    /// What the test above relies on: the same round shows new words where there are some.
    function test_aRoundInNewSlots_makesOneWordEach() public {
        _firstSlot = 1000;
        _round(3 + RING);
        assertEq(_wordsOfTheRound, 1 + TOGETHER, "a word for each new slot");
    }

    /// @dev Of all that recurs, with what it wrote told by the state's differences.
    function _round(uint256 epoch) private {
        goToEpoch(epoch);
        vm.startStateDiffRecording();
        enigma.postSeed(epoch, "proof");
        _renewAll();
        _single();
        _cancelled();
        _batch();
        _withdrawCredits();
        _wordsOfTheRound = created(vm.stopAndReturnStateDiff());
    }

    function _renewAll() private {
        for (uint256 id; id < SEATS; ++id) {
            bytes memory quote = abi.encode(attestation(operator, enigma.seat(id).signer, block.number - 1));
            vm.prank(operator);
            enigma.renewSeat(id, INPUT_KEY, block.number - 1, quote, LEAF);
        }
    }

    function _withdrawCredits() private {
        for (uint256 id; id < SEATS; ++id) {
            if (enigma.seat(id).creditGwei == 0) continue;
            vm.prank(operator);
            enigma.withdrawSeat(id, payable(operator));
        }
    }

    function _single() private {
        Task memory task = request(user, _firstSlot, target(address(dapp)), FEE, FEE + 1);
        skipBlocks(1);
        settle(task, 0, 0, OUTPUT);
    }

    function _cancelled() private {
        Task memory task = request(user, _firstSlot, target(address(dapp)), FEE, FEE);
        skipBlocks(12); // three ranks, each a window of four
        enigma.cancel(task);
        vm.prank(user);
        enigma.withdrawSlot(_firstSlot);
        vm.prank(user);
        enigma.fundSlot{value: 1 gwei}(_firstSlot);
    }

    /// @dev All of one lottery, and so of one seat: the dApp has one lane.
    function _batch() private {
        uint256 epoch = enigma.currentEpoch();
        TaskRequest[] memory requests = new TaskRequest[](TOGETHER);
        Part[] memory parts = new Part[](TOGETHER);
        for (uint32 i; i < TOGETHER; ++i) {
            uint32 slot = _firstSlot + 1 + i;
            requests[i] = TaskRequest(slot, FEE, FEE, uint24(epoch), 0, target(address(dapp)), INPUTS);
            parts[i] = part(
                Task({
                    ref: packRef(user, slot, enigma.slot(user, slot).seq),
                    target: target(address(dapp)),
                    terms: packTerms(FEE, enigma.slot(user, slot).balanceGwei, block.number, epoch, 0),
                    codeHash: address(dapp).codehash,
                    inputsHash: keccak256(INPUTS)
                })
            );
        }
        vm.prank(user);
        enigma.requestTasks{value: uint256(FEE) * TOGETHER * 1 gwei}(requests);
        skipBlocks(1);
        settleBatch(parts);
    }
}
