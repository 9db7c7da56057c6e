// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {Fees} from "../src/libraries/Fees.sol";
import {packTarget, packTerms, Task, TaskTarget, TaskTerms} from "../src/types/Task.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// TASKS: requesting, cancelling, and the money of a slot.
contract TasksTest is World {
    bytes4 private constant CALLABLE = 0x01020304;

    function setUp() public override {
        super.setUp();
        startNetwork();
    }

    /* REQUESTING */

    function test_requestTask_escrowsFeeAndRestInTheSlotWord() public {
        Task memory task = request(user, 3, target(address(dapp)), FEE, FEE + 500);
        SlotView memory slot = enigma.slot(user, 3);
        assertTrue(slot.pending, "pending");
        assertEq(slot.hashBits, uint256(enigma.taskIdOf(task)) & (1 << 254) - 1, "low bits of the id");
        assertEq(slot.seq, 0, "seq");
        assertEq(slot.balanceGwei, 0, "balance");
        assertEq(uint256(slotWord(task)) >> 254, 2, "top bits");
        assertEq(address(enigma).balance, 3 ether + uint256(FEE + 500) * 1 gwei, "held");
    }

    function test_requestTask_announcesTheTask() public {
        TaskTarget to = target(address(dapp));
        TaskTerms terms = packTerms(FEE, 0, block.number, 2, 0);
        vm.recordLogs();
        Task memory task = request(user, 1, to, FEE, FEE);
        assertEq(TaskTerms.unwrap(task.terms), TaskTerms.unwrap(terms), "terms");
        bytes memory logged = vm.getRecordedLogs()[0].data;
        bytes memory expected = abi.encode(task.ref, task.target, task.terms, task.codeHash, INPUTS);
        assertEq(logged, expected, "what the event says is the task");
    }

    function test_requestTask_spendsTheBalanceFirstSentBefore() public {
        vm.prank(user);
        enigma.fundSlot{value: 5 * uint256(FEE) * 1 gwei}(0);
        Task memory task = request(user, 0, target(address(dapp)), FEE, 0);
        assertEq(task.terms.restGwei(), 4 * FEE, "rest");
    }

    function test_requestTask_usesEverySlotForItself() public {
        Task memory first = request(user, 0, target(address(dapp)), FEE, FEE);
        Task memory second = request(user, type(uint32).max, target(address(dapp)), FEE, FEE);
        Task memory other = request(operator, 0, target(address(dapp)), FEE, FEE);
        assertTrue(enigma.taskIdOf(first) != enigma.taskIdOf(second), "slots");
        assertTrue(enigma.taskIdOf(first) != enigma.taskIdOf(other), "requesters");
    }

    function test_requestTask_revertsWhen_theSlotIsInUse() public {
        request();
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SlotInUse.selector, user, 0));
        _request(target(address(dapp)), FEE, 2, 0, INPUTS, FEE);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SlotInUse.selector, user, 0));
        vm.prank(user);
        enigma.fundSlot{value: 1 gwei}(0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SlotInUse.selector, user, 0));
        vm.prank(user);
        enigma.withdrawSlot(0);
    }

    function test_requestTask_revertsWhen_theFeeIsBelowTheQuote() public {
        uint64 quoted = enigma.quoteFee(4, 200_000, 64, block.basefee);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FeeTooLow.selector, quoted - 1, quoted));
        _request(target(address(dapp)), quoted - 1, 2, 0, INPUTS, quoted);
        _request(target(address(dapp)), quoted, 2, 0, INPUTS, quoted);
    }

    function test_S22_requestTask_revertsWhen_theFeeIsNotCovered() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FeeNotCovered.selector, FEE, FEE - 1));
        _request(target(address(dapp)), FEE, 2, 0, INPUTS, FEE - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FeeNotCovered.selector, type(uint64).max, FEE));
        _request(target(address(dapp)), type(uint64).max, 2, 0, INPUTS, FEE);
    }

    function test_S22_requestTask_revertsWhen_weiWouldBeLost() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotWholeGwei.selector, FEE * 1 gwei + 1));
        vm.prank(user);
        enigma.requestTask{value: FEE * 1 gwei + 1}(0, target(address(dapp)), FEE, 2, 0, INPUTS);

        uint256 unbelievable = uint256(type(uint64).max) + 1; // fee and rest together: cancelling puts both back
        vm.deal(user, unbelievable * 1 gwei);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AmountTooLarge.selector, unbelievable));
        vm.prank(user);
        enigma.requestTask{value: unbelievable * 1 gwei}(0, target(address(dapp)), FEE, 2, 0, INPUTS);
    }

    function test_requestTask_revertsWhen_theInputsAreTooLong() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InputsTooLong.selector, 16_385, 16_384));
        _request(target(address(dapp)), FEE, 2, 0, new bytes(16_385), FEE);
        _request(target(address(dapp)), FEE, 2, 0, new bytes(16_384), FEE);
    }

    function test_requestTask_revertsWhen_theTargetExceedsALimit() public {
        _refusesTarget(packTarget(address(dapp), CALLABLE, 8_000_001, 64, 4));
        _refusesTarget(packTarget(address(dapp), CALLABLE, 100_000, 8193, 4));
        _refusesTarget(packTarget(address(dapp), CALLABLE, 100_000, 64, 13));
        _refusesTarget(TaskTarget.wrap(TaskTarget.unwrap(target(address(dapp))) | 1 << 248));
        _request(packTarget(address(dapp), CALLABLE, 8_000_000, 8192, 12), 1e9, 2, 0, INPUTS, 1e9);
    }

    /// The limits are compared in one subtraction: each field by itself, whatever stands beside it.
    function testFuzz_isWithinLimits_judgesEachFieldByItself(uint256 seed) public pure {
        uint256 callbackGas = _near(8_000_000, seed, type(uint32).max);
        uint256 outputCap = _near(8192, seed >> 8, type(uint16).max);
        uint256 classAndAbove = _near(12, seed >> 16, type(uint16).max);
        uint256 fields = callbackGas | outputCap << 32 | classAndAbove << 48;
        TaskTarget to = TaskTarget.wrap(uint256(uint192(seed >> 64)) | fields << 192);
        bool expected = callbackGas <= 8_000_000 && outputCap <= 8192 && classAndAbove <= 12;
        assertTrue(to.isWithinLimits() == expected, "within its limits");
    }

    function test_requestTask_revertsWhen_thereIsNoCode() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotAContract.selector, user));
        _request(target(user), FEE, 2, 0, INPUTS, FEE); // an account that exists: its code hash is that of nothing
        address nobody = address(0xdead);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotAContract.selector, nobody));
        _request(target(nobody), FEE, 2, 0, INPUTS, FEE); // one that does not: zero
    }

    function test_S5_requestTask_revertsWhen_theLaneIsNotTheFormulas() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.WrongLane.selector, 1, 0));
        _request(target(address(dapp)), FEE, 2, 1, INPUTS, FEE);

        vm.prank(address(dapp));
        enigma.setLanes(7);
        startEpoch(4);
        uint256 lane = enigma.laneOf(user, 0, 0, address(dapp), 4);
        for (uint256 other; other < 7; ++other) {
            if (other == lane) continue;
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.WrongLane.selector, other, lane));
            _request(target(address(dapp)), FEE, 4, other, INPUTS, FEE);
        }
        _request(target(address(dapp)), FEE, 4, lane, INPUTS, FEE);
    }

    function test_requestTask_takesTheEpochBefore_withinGrace() public {
        startEpoch(3);
        uint256 boundary = enigma.boundaryBlock(3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochNotOpen.selector, 4, 3));
        _request(target(address(dapp)), FEE, 4, 0, INPUTS, FEE);
        vm.roll(boundary + 10);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochNotOpen.selector, 2, 3));
        _request(target(address(dapp)), FEE, 2, 0, INPUTS, FEE);
        vm.roll(boundary + 9);
        _request(target(address(dapp)), FEE, 2, 0, INPUTS, FEE);
    }

    function test_requestTask_revertsWhen_theSeedIsNotPosted() public {
        goToEpoch(3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 3));
        _request(target(address(dapp)), FEE, 3, 0, INPUTS, FEE);
    }

    function testFuzz_requestTask_revertsWhen_theEpochIsAnyOther(uint256 epoch) public {
        epoch = bound(epoch, 0, type(uint256).max / 60 - GENESIS);
        vm.assume(epoch != 2 && epoch != 1); // the one before is within its grace
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochNotOpen.selector, epoch, 2));
        _request(target(address(dapp)), FEE, epoch, 0, INPUTS, FEE);
    }

    /// 2 + 2^254 has epoch 2's boundary, modulo 2^256: it passes the window, and must not pass for epoch 2.
    function test_requestTask_revertsWhen_theEpochsBoundaryWrapsAround() public {
        uint256 epoch = 2 + (1 << 254);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, epoch));
        _request(target(address(dapp)), FEE, epoch, 0, INPUTS, FEE);
    }

    function test_requestTask_revertsWhen_noSeatIsLive() public {
        vm.startPrank(operator);
        for (uint256 id; id < 3; ++id) {
            enigma.leaveSeat(id);
        }
        vm.stopPrank();
        startEpoch(4);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, 4, address(dapp), 0, 0));
        _request(target(address(dapp)), FEE, 4, 0, INPUTS, FEE);
    }

    /// That the first draw meets a seat that has left is no reason to refuse: another draw decides.
    function test_requestTask_isServed_whereTheFirstDrawIsOfADeadSeat() public {
        vm.startPrank(operator);
        enigma.leaveSeat(0);
        enigma.leaveSeat(1);
        vm.stopPrank();
        startEpoch(4);
        for (uint160 i = 1; i <= 20; ++i) {
            address other = address(0xdada << 16 | i);
            vm.etch(other, address(dapp).code);
            Task memory task = request(user, uint32(i), target(other), FEE, FEE);
            assertEq(selectedSeat(task, 0), 2, "the one that stayed");
        }
    }

    /* FEES */

    function test_quoteFee_isFloorAndComputeAndTwiceTheSettlement() public view {
        // class 4: 2^20 gas at 1,000 gwei a million, rounded up; 60,000 + 100,000 + 40 · 64 gas at twice 3 gwei
        assertEq(enigma.quoteFee(4, 100_000, 64, 3 gwei), 10_000 + 1049 + 2 * 3 * 162_560, "quote");
        assertEq(enigma.quoteFee(0, 0, 0, 0), 10_000 + 66, "no callback, no base fee");
        assertEq(enigma.quoteFee(0, 0, 0, 1), 10_000 + 66 + 1, "a part of a gwei counts in full");
    }

    function test_quoteFee_revertsWhen_beyondTheLimits() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidTarget.selector, packTarget(address(0), 0, 0, 0, 13)));
        enigma.quoteFee(13, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AmountTooLarge.selector, uint256(1) << 128));
        enigma.quoteFee(0, 0, 0, 1 << 128);
        // The largest base fee is reckoned with: what exceeds is the fee, which 64 bits of gwei do not hold.
        uint256 feeGwei = Fees.quote(packTarget(address(0), 0, 8_000_000, 8192, 0), type(uint128).max, 10_000, 1000, 32);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AmountTooLarge.selector, feeGwei));
        enigma.quoteFee(0, 8_000_000, 8192, type(uint128).max);
    }

    function testFuzz_quoteFee_growsWithEachPart(uint8 gasClass, uint32 callbackGas, uint16 outputCap, uint256 baseFee)
        public
        view
    {
        gasClass = uint8(bound(gasClass, 0, 11));
        callbackGas = uint32(bound(callbackGas, 0, 7_999_999));
        outputCap = uint16(bound(outputCap, 0, 8191));
        baseFee = bound(baseFee, 1 gwei, 1e13);
        uint64 quoted = enigma.quoteFee(gasClass, callbackGas, outputCap, baseFee);
        assertTrue(enigma.quoteFee(gasClass + 1, callbackGas, outputCap, baseFee) > quoted, "gasClass");
        assertTrue(enigma.quoteFee(gasClass, callbackGas + 1, outputCap, baseFee) > quoted, "callbackGas");
        assertTrue(enigma.quoteFee(gasClass, callbackGas, outputCap + 1, baseFee) > quoted, "outputCap");
        assertTrue(enigma.quoteFee(gasClass, callbackGas, outputCap, baseFee + 1 gwei) > quoted, "base fee");
    }

    /* CANCELLING */

    function test_S22_cancel_returnsFeeAndRest() public {
        Task memory task = request(user, 0, target(address(dapp)), FEE, FEE + 7);
        skipBlocks(12);
        bytes32 taskId = enigma.taskIdOf(task);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.TaskCancelled(taskId);
        vm.prank(operator); // anyone may
        enigma.cancel(task);
        SlotView memory slot = enigma.slot(user, 0);
        assertTrue(!slot.pending, "free");
        assertEq(slot.seq, 1, "seq");
        assertEq(slot.balanceGwei, FEE + 7, "balance");
    }

    function test_S22_cancel_revertsWhen_aWorkerMayStillSettle() public {
        Task memory task = request();
        uint256 opens = block.number + 12;
        skipBlocks(11);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TooEarly.selector, opens, block.number));
        enigma.cancel(task);
    }

    function test_S22_cancel_revertsWhen_theTaskHasEnded() public {
        Task memory task = request();
        skipBlocks(12);
        enigma.cancel(task);
        bytes32 taskId = enigma.taskIdOf(task);
        bytes32 word = slotWord(task);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TaskNotPending.selector, taskId, word));
        enigma.cancel(task);
    }

    /// Every field that a relayer could bend, one after the other: the rest of a stranger, another fee, another block …
    function testFuzz_S2_cancel_revertsWhen_anyBitOfTheTaskDiffers(uint256 which, uint256 bit) public {
        Task memory task = request();
        bytes32 word = slotWord(task);
        skipBlocks(12);
        Task memory bent = abi.decode(abi.encode(task), (Task));
        _flip(bent, bound(which, 0, 4), bound(bit, 0, 255));
        vm.expectRevert(); // which word it finds depends on the slot that the bent task names
        enigma.cancel(bent);
        assertEq(slotWord(task), word, "the slot is as it was");
    }

    /* SLOTS */

    function test_fundSlot_addsUp_andWithdrawSlotPaysOut() public {
        vm.startPrank(user);
        enigma.fundSlot{value: 3 gwei}(9);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.SlotFunded(user, 9, 4);
        enigma.fundSlot{value: 4 gwei}(9);
        assertEq(enigma.slot(user, 9).balanceGwei, 7, "balance");

        uint256 before = user.balance;
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.SlotWithdrawn(user, 9, 7);
        enigma.withdrawSlot(9);
        assertEq(user.balance, before + 7 gwei, "paid");
        assertEq(enigma.slot(user, 9).balanceGwei, 0, "empty");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NothingToWithdraw.selector));
        enigma.withdrawSlot(9);
    }

    function test_withdrawSlot_keepsTheSeq() public {
        Task memory task = request();
        skipBlocks(12);
        enigma.cancel(task);
        vm.prank(user);
        enigma.withdrawSlot(0);
        assertEq(enigma.slot(user, 0).seq, 1, "an id must never come twice");
    }

    function test_fundSlot_revertsWhen_tooMuchOrNotWhole() public {
        vm.deal(user, type(uint128).max);
        vm.startPrank(user);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotWholeGwei.selector, 1));
        enigma.fundSlot{value: 1}(0);
        enigma.fundSlot{value: uint256(type(uint64).max) * 1 gwei}(0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AmountTooLarge.selector, uint256(1) << 64));
        enigma.fundSlot{value: 1 gwei}(0);
    }

    /* HELPERS */

    function _request(TaskTarget to, uint64 fee, uint256 epoch, uint256 lane, bytes memory inputs, uint256 sentGwei)
        private
    {
        vm.prank(user);
        enigma.requestTask{value: sentGwei * 1 gwei}(0, to, fee, epoch, lane, inputs);
    }

    function _refusesTarget(TaskTarget to) private {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidTarget.selector, to));
        _request(to, 1e9, 2, 0, INPUTS, 1e9);
    }

    /// @dev Mostly a step around the limit, otherwise anything that the field holds.
    function _near(uint256 limit, uint256 seed, uint256 most) private pure returns (uint256) {
        uint256 kind = seed % 5;
        if (kind == 4) return (seed >> 24) % (most + 1);
        return kind == 3 ? 0 : limit - 1 + kind;
    }

    /// @dev Field `which` of a task in memory, with one bit changed.
    function _flip(Task memory task, uint256 which, uint256 bit) private pure {
        assembly ("memory-safe") {
            let field := add(task, mul(which, 0x20))
            mstore(field, xor(mload(field), shl(bit, 1)))
        }
    }
}
