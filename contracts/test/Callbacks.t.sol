// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks, Undelivered} from "../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {IEnigmaDapp} from "../src/interfaces/IEnigmaDapp.sol";
import {packTarget, Task, TaskTarget} from "../src/types/Task.sol";
import {HostileDapp, Mischief} from "./support/Dapps.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// What a dApp, or a relayer who starves it, may do to a settlement: nothing.
contract CallbacksTest is World {
    bytes private constant OUTPUT = abi.encode(uint256(42));
    HostileDapp private hostile;

    function setUp() public override {
        super.setUp();
        startNetwork();
        hostile = new HostileDapp(enigma);
        vm.deal(address(hostile), 10 ether);
    }

    /* FAILING */

    /// A callback that reverts, burns its gas or throws a megabyte settles, pays and frees the slot; the output is in the event.
    function test_S4_settle_survivesACallbackThatFails() public {
        Mischief[3] memory failures = [Mischief.Revert, Mischief.RevertWithMegabyte, Mischief.BurnGas];
        for (uint256 i; i < failures.length; ++i) {
            hostile.plan(failures[i]);
            _settlesAs(0, false);
            _settlesAs(1, false);
        }
    }

    function test_S4_settle_copiesNothingOfAMegabyteReturned() public {
        hostile.plan(Mischief.ReturnMegabyte);
        // A megabyte of memory costs 2.2 million gas: the dApp pays it, and the settlement would have to pay it again.
        Task memory task = _request(3_000_000);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        uint256 before = gasleft();
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
        assertTrue(before - gasleft() < 2_500_000, "gas");
        assertTrue(!enigma.slot(user, 0).pending, "settled");
    }

    function test_S4_settle_givesACallbackNoMoreThanItsGas() public {
        hostile.plan(Mischief.BurnGas);
        Task memory task = _request(100_000);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        uint256 before = gasleft();
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
        assertTrue(before - gasleft() < 200_000, "gas");
    }

    /* STARVING */

    /// EIP-150 hands on 63/64 at most. Whatever gas a relayer sends, the callback gets its own in full or nothing happens.
    function testFuzz_S4_settle_givesTheCallbackItsGas_orReverts(uint256 gas) public {
        hostile.plan(Mischief.None);
        Task memory task = _request(1_000_000);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        gas = bound(gas, 1_000_000, 1_200_000);
        try enigma.settle{gas: gas}(task, 0, 0, OUTPUT, r, vs) {
            // Measured inside the callback, after it was entered and its selector found.
            assertTrue(hostile.gasSeen() > 1_000_000 - 3000, "the callback had its gas");
        } catch {
            assertTrue(enigma.slot(user, 0).pending, "nothing happened");
        }
    }

    function test_S4_settle_revertsWhen_thereIsTooLittleGas() public {
        Task memory task = _request(1_000_000);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        (bool ok, bytes memory reason) =
            address(enigma).call{gas: 1_000_000}(abi.encodeCall(enigma.settle, (task, 0, 0, OUTPUT, r, vs)));
        assertTrue(!ok, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(IEnigmaTasks.NotEnoughGas.selector), "why");
        (, uint256 needed) = abi.decode(_arguments(reason), (uint256, uint256));
        assertEq(needed, 1_000_000 + uint256(1_000_000) / 63 + 6100, "needed");
    }

    /* CALLING BACK IN */

    function test_S4_settle_isLockedAgainstReentry() public {
        vm.prank(address(hostile));
        enigma.fundSlot{value: 1 ether}(0);
        vm.startPrank(operator);
        enigma.leaveSeat(0);
        vm.stopPrank();
        Task memory other = request(user, 9, target(address(dapp)), FEE, FEE);
        Task memory task = _request(1_000_000);
        (bytes32 r, bytes32 vs) = signed(other, 0, 0, OUTPUT);

        bytes[6] memory calls = [
            abi.encodeCall(enigma.settle, (other, 0, 0, OUTPUT, r, vs)),
            abi.encodeCall(enigma.cancel, (other)),
            abi.encodeCall(enigma.withdrawSlot, (0)),
            abi.encodeCall(enigma.withdrawSeat, (0, payable(address(hostile)))),
            abi.encodeCall(enigma.withdrawOwed, (payable(address(hostile)))),
            abi.encodeCall(enigma.renewSeat, (0, bytes32("key"), 0, "", ""))
        ];
        for (uint256 i; i < calls.length; ++i) {
            if (i > 0) task = _request(1_000_000);
            hostile.planCall(calls[i], 0);
            settle(task, 0, 0, OUTPUT);
            assertTrue(!hostile.callSucceeded(), "refused");
            assertEq(hostile.callAnswer(), abi.encodeWithSelector(IEnigmaTasks.Reentered.selector), "why");
        }
        assertTrue(enigma.slot(user, 9).pending, "the other task is as it was");
    }

    function test_S4_withdraw_isLockedAgainstReentry() public {
        HostileReceiver receiver = new HostileReceiver(enigma);
        vm.deal(address(receiver), 3 ether);
        receiver.fund(1 ether);
        receiver.withdraw();
        assertEq(address(receiver).balance, 3 ether, "paid once");
        assertEq(receiver.reason(), abi.encodeWithSelector(IEnigmaTasks.Reentered.selector), "why");
    }

    /// A callback may ask for the next computation: from a slot of its own, with its own money.
    function test_requestTask_worksInsideACallback() public {
        TaskTarget to = target(address(dapp));
        bytes memory call = abi.encodeCall(enigma.requestTask, (0, to, FEE, 2, 0, INPUTS));
        hostile.planCall(call, FEE * 1 gwei);
        Task memory task = _request(1_000_000);
        settle(task, 0, 0, OUTPUT);
        assertTrue(hostile.callSucceeded(), "requested");
        assertTrue(enigma.slot(address(hostile), 0).pending, "pending");
    }

    /// The dApp finds the task ended and paid when it is called: there is nothing left to end or pay twice.
    function test_S4_settle_bookedEverythingBeforeTheCallback() public {
        Task memory task = _request(1_000_000);
        uint256 id = selectedSeat(task, 0);
        hostile.planCall(abi.encodeCall(enigma.slot, (user, 0)), 0);
        settle(task, 0, 0, OUTPUT);
        SlotView memory slot = abi.decode(hostile.callAnswer(), (SlotView));
        assertTrue(!slot.pending && slot.seq == 1, "free");

        task = _request(1_000_000);
        uint256 other = selectedSeat(task, 0);
        hostile.planCall(abi.encodeCall(enigma.seat, (other)), 0);
        settle(task, 0, 0, OUTPUT);
        SeatView memory seat = abi.decode(hostile.callAnswer(), (SeatView));
        assertEq(seat.creditGwei, other == id ? 2e9 : 1e9, "paid");
    }

    /* SELECTORS */

    function test_S3_settle_callsTwoSelectorsOnly_whateverTheCallable() public {
        bytes4 transfer = bytes4(keccak256("transfer(address,uint256)"));
        Task memory task = request(user, 0, packTarget(address(dapp), transfer, 100_000, 64, 4), FEE, FEE);
        skipBlocks(1);
        bytes32 taskId = enigma.taskIdOf(task);
        vm.expectCall(address(dapp), abi.encodeCall(IEnigmaDapp.onEnigmaResult, (taskId, transfer, OUTPUT)));
        settle(task, 0, 0, OUTPUT);

        task = request(user, 1, packTarget(address(dapp), transfer, 100_000, 64, 4), FEE, FEE);
        skipBlocks(1);
        taskId = enigma.taskIdOf(task);
        vm.expectCall(address(dapp), abi.encodeCall(IEnigmaDapp.onEnigmaFailure, (taskId, transfer, 1)));
        settle(task, 0, 1, OUTPUT);
    }

    /* HELPERS */

    function _request(uint32 callbackGas) private returns (Task memory task) {
        task = request(user, 0, packTarget(address(hostile), 0x01020304, callbackGas, 64, 4), 1e9, 1e9);
        skipBlocks(1);
    }

    function _settlesAs(uint8 status, bool delivered) private {
        Task memory task = _request(100_000);
        uint256 id = selectedSeat(task, 0);
        uint256 credit = enigma.seat(id).creditGwei;
        (bytes32 r, bytes32 vs) = signed(task, 0, status, OUTPUT);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.TaskSettled(enigma.taskIdOf(task), id, 0, status, delivered, OUTPUT);
        enigma.settle(task, 0, status, OUTPUT, r, vs);
        assertTrue(!enigma.slot(user, 0).pending, "ended");
        assertEq(enigma.seat(id).creditGwei, credit + 1e9, "paid");
        bool isKept = status == 0 && !delivered;
        assertTrue(enigma.slot(user, 0).undelivered == isKept, "a result is kept, the news of a failure is not");
        if (isKept) _abandon(task, enigma.taskIdOf(task));
    }

    function _abandon(Task memory task, bytes32 taskId) private {
        Undelivered memory result = Undelivered({
            taskId: taskId,
            ref: task.ref,
            dApp: task.target.dApp(),
            callable: task.target.callable(),
            restGwei: task.terms.restGwei(),
            createdBlock: task.terms.createdBlock()
        });
        vm.prank(user);
        enigma.abandon(result, keccak256(OUTPUT));
        assertTrue(!enigma.slot(user, 0).undelivered, "free");
    }

    function _arguments(bytes memory reason) private pure returns (bytes memory arguments) {
        arguments = new bytes(reason.length - 4);
        for (uint256 i; i < arguments.length; ++i) {
            arguments[i] = reason[i + 4];
        }
    }
}

/// Takes its money, and tries to take it again while it is being paid.
contract HostileReceiver {
    IEnigma private immutable _enigma;
    bytes public reason;

    constructor(IEnigma enigma) {
        _enigma = enigma;
    }

    function fund(uint256 amount) external {
        _enigma.fundSlot{value: amount}(0);
        _enigma.fundSlot{value: amount}(1);
    }

    function withdraw() external {
        _enigma.withdrawSlot(0);
        _enigma.withdrawSlot(1);
    }

    receive() external payable {
        try _enigma.withdrawSlot(1) {}
        catch (bytes memory why) {
            if (why.length == 4) reason = why;
        }
    }
}
