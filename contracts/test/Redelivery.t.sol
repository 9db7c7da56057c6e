// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks, Undelivered} from "../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {IEnigmaDapp} from "../src/interfaces/IEnigmaDapp.sol";
import {packRef, packTarget, Task} from "../src/types/Task.sol";
import {HostileDapp, Mischief} from "./support/Dapps.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// What becomes of a result whose callback failed: anyone delivers it again, or it is given up. Once, and either of both.
contract RedeliveryTest is World {
    bytes private constant OUTPUT = abi.encode(uint256(42));
    bytes4 private constant CALLABLE = 0x01020304;
    /// What a callback of a million gas costs.
    uint64 private constant PAID = 3 * FEE;
    uint64 private constant REST = 777;
    HostileDapp private hostile;
    address private stranger = account("stranger");

    function setUp() public override {
        super.setUp();
        startNetwork();
        hostile = new HostileDapp(enigma);
        vm.deal(address(hostile), 10 ether);
        hostile.plan(Mischief.Revert);
    }

    /* THE CALLBACK FAILS */

    function test_S22_settle_keepsAResultWhoseCallbackFailed_andPaysForIt() public {
        Task memory task = _request(0);
        bytes32 taskId = enigma.taskIdOf(task);
        uint256 id = selectedSeat(task, 0);
        settle(task, 0, 0, OUTPUT);
        assertEq(enigma.seat(id).creditGwei, PAID, "paid");
        // Written out as the protocol says, so that it does not agree with the contract by being the same code.
        bytes32 hash = keccak256(
            abi.encode(
                taskId,
                address(hostile),
                CALLABLE,
                keccak256(OUTPUT),
                user,
                uint256(0),
                uint256(0),
                uint256(REST),
                task.terms.createdBlock()
            )
        );
        assertEq(slotWord(task), bytes32(uint256(3) << 254 | uint256(hash) << 2 >> 2), "the word");
        SlotView memory slot = enigma.slot(user, 0);
        assertTrue(slot.undelivered && !slot.pending, "undelivered");
        assertEq(slot.hashBits, uint256(hash) << 2 >> 2, "the hash");
        assertTrue(slot.seq == 0 && slot.balanceGwei == 0, "no more is known");
    }

    /// That a computation failed is news, not a result: whoever could not hear it is not told again.
    function test_S22_settle_keepsNoNoticeOfAFailure() public {
        for (uint8 status = 1; status < 3; ++status) {
            Task memory task = _request(0);
            Undelivered memory result = _of(task);
            settle(task, 0, status, OUTPUT);
            _assertFree(task);
            _refused(result, OUTPUT);
        }
    }

    /* DELIVERING AGAIN */

    function test_S22_redeliver_byAnyone_handsTheResultOverOnce() public {
        (Task memory task, Undelivered memory result) = _undelivered();
        uint256 heldWei = address(enigma).balance;
        uint256 credit = enigma.seat(selectedSeat(task, 0)).creditGwei;
        hostile.plan(Mischief.None);
        vm.expectCall(address(hostile), abi.encodeCall(IEnigmaDapp.onEnigmaResult, (result.taskId, CALLABLE, OUTPUT)));
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.TaskRedelivered(result.taskId);
        vm.prank(stranger);
        enigma.redeliver(result, OUTPUT);
        assertTrue(hostile.gasSeen() != 0, "called");
        _assertFree(task);
        assertEq(address(enigma).balance, heldWei, "no money moved");
        assertEq(enigma.seat(selectedSeat(task, 0)).creditGwei, credit, "the fee stays paid, once");
        _refused(result, OUTPUT);
        _refusedToAbandon(result, OUTPUT);
        vm.prank(user);
        enigma.withdrawSlot(0);
        assertEq(address(enigma).balance, heldWei - REST * 1 gwei, "the rest is the requester's");
    }

    /// The gas of the callback was too little: with more of it, it passes.
    function test_S22_redeliver_givesAllTheGasOfItsCall() public {
        hostile.plan(Mischief.None);
        Task memory task = request(user, 0, packTarget(address(hostile), CALLABLE, 100, 64, 4), FEE, FEE + REST);
        skipBlocks(1);
        settle(task, 0, 0, OUTPUT);
        assertEq(slotWord(task) >> 254, bytes32(uint256(3)), "undelivered");
        enigma.redeliver{gas: 1_000_000}(_of(task), OUTPUT);
        assertTrue(hostile.gasSeen() > 900_000, "much of a million");
        _assertFree(task);
    }

    function test_S4_redeliver_changesNothing_whenTheCallbackFailsAgain() public {
        (Task memory task, Undelivered memory result) = _undelivered();
        bytes32 word = slotWord(task);
        Mischief[3] memory failures = [Mischief.Revert, Mischief.RevertWithMegabyte, Mischief.BurnGas];
        for (uint256 i; i < failures.length; ++i) {
            hostile.plan(failures[i]);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.DeliveryFailed.selector, result.taskId));
            enigma.redeliver{gas: 5_000_000}(result, OUTPUT);
            assertEq(slotWord(task), word, "as it was");
        }
        hostile.plan(Mischief.None);
        enigma.redeliver(result, OUTPUT);
        _assertFree(task);
    }

    function test_S4_redeliver_copiesNothingOfAMegabyteReturned() public {
        (, Undelivered memory result) = _undelivered();
        hostile.plan(Mischief.ReturnMegabyte);
        uint256 before = gasleft();
        enigma.redeliver(result, OUTPUT);
        // As much again would be ours if it were copied.
        assertTrue(before - gasleft() < 2_500_000, "gas");
    }

    /// Whoever calls it chooses the gas: the dApp has taken the result, or nothing happened.
    function testFuzz_S4_redeliver_deliversOrChangesNothing_withHoweverLittleGas(uint256 gas) public {
        (Task memory task, Undelivered memory result) = _undelivered();
        bytes32 word = slotWord(task);
        hostile.plan(Mischief.None);
        gas = bound(gas, 20_000, 120_000);
        try enigma.redeliver{gas: gas}(result, OUTPUT) {
            assertTrue(hostile.gasSeen() != 0, "delivered");
            _assertFree(task);
        } catch {
            assertEq(hostile.gasSeen(), 0, "not delivered");
            assertEq(slotWord(task), word, "as it was");
        }
    }

    /* OF THIS RESULT ALONE */

    function test_S22_redeliverAndAbandon_refuseWhateverDiffersInAField() public {
        (Task memory task, Undelivered memory result) = _undelivered();
        hostile.plan(Mischief.None);
        bytes32 word = slotWord(task);
        Undelivered memory other;
        for (uint256 field; field < 9; ++field) {
            other = _of(task);
            bytes memory output = OUTPUT;
            if (field == 0) other.taskId = bytes32(uint256(other.taskId) ^ 1);
            if (field == 1) other.ref = packRef(stranger, 0, 0);
            if (field == 2) other.ref = packRef(user, 1, 0);
            if (field == 3) other.ref = packRef(user, 0, 1);
            if (field == 4) other.dApp = address(dapp);
            if (field == 5) other.callable = 0x01020305;
            if (field == 6) other.restGwei = REST + 1;
            if (field == 7) other.createdBlock -= 1;
            if (field == 8) output = abi.encode(uint256(43));
            // So that it is the hash that refuses, and not another slot that is empty.
            vm.store(address(enigma), _slotKey(stranger, 0), word);
            vm.store(address(enigma), _slotKey(user, 1), word);
            _refusedWith(other, output, word);
        }
        vm.store(address(enigma), _slotKey(stranger, 0), 0);
        enigma.redeliver(result, OUTPUT);
        _assertFree(task);
    }

    function test_S22_redeliverAndAbandon_refuseATaskThatIsPending() public {
        Task memory task = _request(0);
        _refused(_of(task), OUTPUT);
        _refusedToAbandon(_of(task), OUTPUT);
    }

    /* WHILE IT WAITS */

    function test_S22_aSlotThatIsUndelivered_isNeitherRequestedFundedWithdrawnSettledNorCancelled() public {
        (Task memory task,) = _undelivered();
        bytes32 word = slotWord(task);
        uint256 epoch = enigma.currentEpoch();
        bytes memory inUse = abi.encodeWithSelector(IEnigmaTasks.SlotInUse.selector, user, 0);
        vm.startPrank(user);
        vm.expectRevert(inUse);
        enigma.requestTask{value: PAID * 1 gwei}(0, task.target, PAID, epoch, 0, INPUTS);
        vm.expectRevert(inUse);
        enigma.fundSlot{value: 1 ether}(0);
        vm.expectRevert(inUse);
        enigma.withdrawSlot(0);
        vm.stopPrank();

        bytes memory notPending =
            abi.encodeWithSelector(IEnigmaTasks.TaskNotPending.selector, enigma.taskIdOf(task), uint256(word));
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        vm.expectRevert(notPending);
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
        skipBlocks(3 * parameters().windowBlocks);
        vm.expectRevert(notPending);
        enigma.cancel(task);
    }

    /// No two tasks share an id, by whichever way the first one ended.
    function test_S22_theNextTaskOfTheSlotHasAnIdOfItsOwn() public {
        (Task memory first, Undelivered memory result) = _undelivered();
        hostile.plan(Mischief.None);
        enigma.redeliver(result, OUTPUT);
        hostile.plan(Mischief.Revert);
        (Task memory second, Undelivered memory other) = _undelivered();
        assertEq(second.ref.seq(), 1, "the next number");
        vm.prank(user);
        enigma.abandon(other, keccak256(OUTPUT));
        (Task memory third, Undelivered memory last) = _undelivered();
        assertEq(third.ref.seq(), 2, "the next number");
        _refused(result, OUTPUT);
        _refused(other, OUTPUT);
        assertTrue(enigma.taskIdOf(first) != enigma.taskIdOf(second), "ids");
        assertTrue(enigma.taskIdOf(second) != last.taskId, "ids");
    }

    /* GIVING UP */

    function test_S22_abandon_byTheRequester_atOnce() public {
        (Task memory task, Undelivered memory result) = _undelivered();
        hostile.plan(Mischief.None);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.TaskAbandoned(result.taskId);
        vm.prank(user);
        enigma.abandon(result, keccak256(OUTPUT));
        assertEq(hostile.gasSeen(), 0, "the dApp hears nothing");
        _assertFree(task);
        _refused(result, OUTPUT);
        _refusedToAbandon(result, OUTPUT);
    }

    /// COOL epochs after the epoch of its block: two, from epoch 2 on.
    function test_S22_abandon_byAnyone_onlyAfterTheCoolDown() public {
        (Task memory task, Undelivered memory result) = _undelivered();
        vm.roll(enigma.boundaryBlock(4) - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AbandonTooEarly.selector, 4, 3));
        vm.prank(stranger);
        enigma.abandon(result, keccak256(OUTPUT));
        vm.roll(enigma.boundaryBlock(4));
        vm.prank(stranger);
        enigma.abandon(result, keccak256(OUTPUT));
        _assertFree(task);
    }

    /// It waits as long as nobody gives it up.
    function test_S22_redeliver_worksHoweverLate() public {
        (Task memory task, Undelivered memory result) = _undelivered();
        goToEpoch(1000);
        hostile.plan(Mischief.None);
        enigma.redeliver(result, OUTPUT);
        _assertFree(task);
    }

    /* CALLING BACK IN */

    function test_S4_redeliver_isLockedAgainstReentry() public {
        (, Undelivered memory result) = _undelivered();
        Task memory other = _request(1);
        settle(other, 0, 0, OUTPUT);
        Undelivered memory waiting = _of(other);
        bytes32 word = slotWord(other);
        Task memory pending = request(user, 9, target(address(dapp)), FEE, FEE);
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(pending, 0, 0, OUTPUT);
        bytes[6] memory calls = [
            abi.encodeCall(enigma.redeliver, (result, OUTPUT)),
            abi.encodeCall(enigma.redeliver, (waiting, OUTPUT)),
            abi.encodeCall(enigma.abandon, (waiting, keccak256(OUTPUT))),
            abi.encodeCall(enigma.settle, (pending, 0, 0, OUTPUT, r, vs)),
            abi.encodeCall(enigma.cancel, (pending)),
            abi.encodeCall(enigma.withdrawSlot, (0))
        ];
        for (uint256 i; i < calls.length; ++i) {
            if (i > 0) (, result) = _undelivered();
            hostile.planCall(calls[i], 0);
            enigma.redeliver(result, OUTPUT);
            assertTrue(!hostile.callSucceeded(), "refused");
            assertEq(hostile.callAnswer(), abi.encodeWithSelector(IEnigmaTasks.Reentered.selector), "why");
            hostile.plan(Mischief.Revert);
        }
        assertEq(slotWord(other), word, "the other result is as it was");
        assertTrue(enigma.slot(user, 9).pending, "the other task is as it was");
    }

    function test_S4_settle_isLockedAgainstRedeliveringAndAbandoning() public {
        (, Undelivered memory waiting) = _undelivered();
        bytes[2] memory calls = [
            abi.encodeCall(enigma.redeliver, (waiting, OUTPUT)),
            abi.encodeCall(enigma.abandon, (waiting, keccak256(OUTPUT)))
        ];
        for (uint256 i; i < calls.length; ++i) {
            hostile.planCall(calls[i], 0);
            settle(_request(1), 0, 0, OUTPUT);
            assertEq(hostile.callAnswer(), abi.encodeWithSelector(IEnigmaTasks.Reentered.selector), "why");
        }
    }

    /// Freed first, so that there is nothing left to deliver or abandon twice.
    function test_S4_redeliver_freedTheSlotBeforeTheCallback() public {
        (, Undelivered memory result) = _undelivered();
        hostile.planCall(abi.encodeCall(enigma.slot, (user, 0)), 0);
        enigma.redeliver(result, OUTPUT);
        SlotView memory slot = abi.decode(hostile.callAnswer(), (SlotView));
        assertTrue(!slot.undelivered && slot.seq == 1 && slot.balanceGwei == REST, "free");
    }

    /* HELPERS */

    function _request(uint32 slot) private returns (Task memory task) {
        uint256 sentGwei = PAID + (enigma.slot(user, slot).seq == 0 ? REST : 0);
        task = request(user, slot, packTarget(address(hostile), CALLABLE, 1_000_000, 64, 4), PAID, sentGwei);
        skipBlocks(1);
    }

    /// @dev In slot 0, with REST left over.
    function _undelivered() private returns (Task memory task, Undelivered memory result) {
        task = _request(0);
        settle(task, 0, 0, OUTPUT);
        result = _of(task);
    }

    function _of(Task memory task) private view returns (Undelivered memory) {
        return Undelivered({
            taskId: enigma.taskIdOf(task),
            ref: task.ref,
            dApp: task.target.dApp(),
            callable: task.target.callable(),
            restGwei: task.terms.restGwei(),
            createdBlock: uint40(task.terms.createdBlock())
        });
    }

    function _assertFree(Task memory task) private view {
        SlotView memory slot = enigma.slot(user, task.ref.slot());
        assertTrue(!slot.pending && !slot.undelivered, "free");
        assertEq(slot.seq, task.ref.seq() + 1, "the next number");
        assertEq(slot.balanceGwei, task.terms.restGwei(), "the rest");
    }

    function _refused(Undelivered memory result, bytes memory output) private {
        bytes32 word = vm.load(address(enigma), _slotKey(result.ref.requester(), result.ref.slot()));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotUndelivered.selector, result.taskId, word));
        enigma.redeliver(result, output);
    }

    function _refusedToAbandon(Undelivered memory result, bytes memory output) private {
        bytes32 word = vm.load(address(enigma), _slotKey(result.ref.requester(), result.ref.slot()));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotUndelivered.selector, result.taskId, word));
        vm.prank(user);
        enigma.abandon(result, keccak256(output));
    }

    function _refusedWith(Undelivered memory result, bytes memory output, bytes32 word) private {
        assertEq(vm.load(address(enigma), _slotKey(result.ref.requester(), result.ref.slot())), word, "undelivered");
        _refused(result, output);
        _refusedToAbandon(result, output);
    }

    function _slotKey(address requester, uint32 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(uint256(slot), keccak256(abi.encode(requester, uint256(0)))));
    }
}
