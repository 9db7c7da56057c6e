// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {SignedReceipt} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks, TaskRequest, Undelivered} from "../src/interfaces/IEnigmaTasks.sol";
import {Receipts} from "../src/libraries/Receipts.sol";
import {Task} from "../src/types/Task.sol";
import {HostileDapp, Mischief} from "./support/Dapps.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// A pause takes no new task, ends, and stops nothing else.
contract PauseTest is SecretWorld {
    uint256 private constant MOST = 14 days;

    /* WHAT IT STOPS */

    function test_S24_pause_stopsNewTasks_atOnce() public {
        startNetwork();
        uint256 until = block.timestamp + MOST;
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.Paused(until);
        _pause(guardian, until);
        assertEq(enigma.pausedUntil(), until, "until");
        _refusesTasks(2);
        _refusesBatches(2);
    }

    function test_S24_pause_stopsTasks_thatNameTheEpochBefore() public {
        startNetwork();
        goToEpoch(3);
        _pause(guardian, block.timestamp + 1 days);
        _refusesTasks(2);
        enigma.postSeed(3, "proof");
        _refusesTasks(2);
        _refusesTasks(3);
        assertTrue(enigma.epoch(2).isPaused && enigma.epoch(3).isPaused, "both words say so");
    }

    function test_S24_pause_stopsTasks_ofEpochsThatStartMeanwhile() public {
        startNetwork();
        _pause(guardian, block.timestamp + 1 days);
        startEpoch(3);
        _refusesTasks(3);
        goToEpoch(4);
        skipBlocks(40);
        enigma.postFallbackSeed(4);
        _refusesTasks(4);
        assertTrue(enigma.epoch(4).isFallback, "a fallback keeps its own mark");
    }

    function test_S24_pause_marksTheEpochsOfNow_andNoOthers() public {
        startNetwork();
        startEpoch(3);
        startEpoch(4);
        uint256 seed = enigma.epoch(4).seed;
        _pause(guardian, block.timestamp + 1 days);
        assertTrue(!enigma.epoch(2).isPaused, "long over");
        assertTrue(enigma.epoch(3).isPaused && enigma.epoch(4).isPaused, "the two that a request may name");
        assertEq(enigma.epoch(4).seed, seed, "seed");
        assertEq(enigma.epoch(4).seatCount, 3, "seats");
        assertEq(enigma.epoch(4).priceLevel, 32, "level");
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        assertTrue(enigma.epoch(4).isPaused, "revocations leave it");
        assertEq(enigma.epoch(4).revokedMask, 2, "and it leaves them");
    }

    /// The ring's place of an epoch without a seed holds an older one.
    function test_pause_leavesAnOldWordInTheRingAlone() public {
        startNetwork();
        goToEpoch(34);
        _pause(guardian, block.timestamp + 1 days);
        assertTrue(!enigma.epoch(2).isPaused, "as it was drawn");
    }

    function test_pause_inEpochZero() public {
        _pause(guardian, block.timestamp + 1);
        assertEq(enigma.pausedUntil(), block.timestamp + 1, "until");
    }

    /* ITS END */

    function test_S24_pause_endsByItself_withTheFirstEpochThatStartsLater() public {
        startNetwork();
        uint256 until = block.timestamp + 1 hours;
        _pause(guardian, until);
        vm.warp(until - 1);
        startEpoch(3);
        _refusesTasks(3);
        vm.warp(until);
        _refusesTasks(3);
        startEpoch(4);
        request();
        assertTrue(!enigma.epoch(4).isPaused, "open");
    }

    function test_S24_unpause_opensTheEpochsOfNow() public {
        startNetwork();
        startEpoch(3);
        _pause(guardian, block.timestamp + 1 hours);
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.Unpaused();
        vm.prank(guardian);
        enigma.unpause();
        assertTrue(!enigma.epoch(2).isPaused && !enigma.epoch(3).isPaused, "open");
        request();
        startEpoch(4);
        request(user, 1, target(address(dapp)), FEE, FEE);
    }

    function test_unpause_revertsWhen_nothingIsPaused() public {
        vm.startPrank(guardian);
        vm.expectRevert(IEnigmaGovernance.NotPaused.selector);
        enigma.unpause();
        enigma.pause(block.timestamp + 1 hours);
        vm.warp(block.timestamp + 1 hours);
        vm.expectRevert(IEnigmaGovernance.NotPaused.selector);
        enigma.unpause();
    }

    /* WHO, AND FOR HOW LONG */

    function test_S24_pause_isTheGuardiansAndTheGovernors() public {
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGuardian.selector, operator));
        enigma.pause(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGuardian.selector, operator));
        enigma.unpause();
    }

    function test_S24_pause_lasts14Days_atMost() public {
        uint256 limit = block.timestamp + MOST;
        address[2] memory both = [guardian, governor];
        for (uint256 i; i < 2; ++i) {
            vm.startPrank(both[i]);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.PauseTooLong.selector, limit + 1, limit));
            enigma.pause(limit + 1);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.PauseTooLong.selector, type(uint256).max, limit));
            enigma.pause(type(uint256).max);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.PauseTooLong.selector, block.timestamp, limit));
            enigma.pause(block.timestamp);
            vm.stopPrank();
        }
        _pause(guardian, limit);
    }

    function test_S24_pause_theGuardianExtendsNone_andWaitsAsLongAsOneMayLast() public {
        uint256 until = block.timestamp + 1 days;
        _pause(guardian, until);
        _tooSoon(until + MOST);
        vm.warp(until + MOST - 1);
        _tooSoon(until + MOST);
        vm.warp(until + MOST);
        _pause(guardian, block.timestamp + 1 days);
    }

    /// Else a pause a minute, ended each time, would be one for ever.
    function test_S24_pause_thatTheGuardianEnded_countsLikeAnother() public {
        _pause(guardian, block.timestamp + 1 days);
        vm.warp(block.timestamp + 1 hours);
        vm.prank(guardian);
        enigma.unpause();
        assertEq(enigma.pausedUntil(), block.timestamp, "ended now");
        _tooSoon(block.timestamp + MOST);
    }

    function test_S24_pause_theGovernorExtendsIt_andTheGuardianCannotEndThat() public {
        startNetwork();
        _pause(guardian, block.timestamp + MOST);
        vm.warp(block.timestamp + MOST - 1);
        _pause(governor, block.timestamp + MOST);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGovernor.selector, guardian));
        enigma.unpause();
        _tooSoon(block.timestamp + 2 * MOST);
        _refusesTasks(2);
        vm.prank(governor);
        enigma.unpause();
        request();
    }

    function test_S24_pause_ofTheGuardian_theGovernorEnds() public {
        startNetwork();
        _pause(guardian, block.timestamp + MOST);
        vm.prank(governor);
        enigma.unpause();
        request();
    }

    /// Whatever the guardian does, half of all time is open, to the length of an epoch.
    function testFuzz_S24_pause_ofTheGuardian_isNeverMoreThanHalfOfTheTime(uint256 random) public {
        uint256 start = block.timestamp;
        uint256 paused;
        for (uint256 i; i < 40; ++i) {
            random = uint256(keccak256(abi.encode(random)));
            uint256 length = bound(random, 1, MOST);
            vm.prank(guardian);
            try enigma.pause(block.timestamp + length) {
                paused += length;
            } catch {}
            vm.warp(block.timestamp + bound(random >> 128, 1, 10 days));
        }
        uint256 passed = block.timestamp - start;
        assertTrue(paused <= passed / 2 + MOST, "paused for more than half of the time");
    }

    /* WHAT IT NEVER STOPS */

    function test_S24_pause_neverStops_settlement() public {
        startNetwork();
        Task memory task = request();
        _pauseForAll();
        vm.roll(block.number + 1);
        settle(task, 0, 0, abi.encode(1));
        assertEq(dapp.calls(), 1, "delivered");
    }

    function test_S24_pause_neverStops_batchesOfSettlements() public {
        startNetwork();
        Task memory task = request();
        _pauseForAll();
        vm.roll(block.number + 1);
        bytes memory output = abi.encode(1);
        bytes memory member = abi.encodePacked(
            task.ref, task.target, task.terms, task.inputsHash, uint8(0), uint8(0), uint16(output.length), output
        );
        bytes32[] memory receipts = new bytes32[](1);
        receipts[0] = _receipt(task, keccak256(output));
        bytes32 digest = Receipts.batchDigest(enigma.domainSeparator(), receipts);
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf(selectedSigner(task, 0)), digest);
        enigma.settleBatch(selectedSeat(task, 0), 1, member, r, vs);
        assertEq(dapp.calls(), 1, "delivered");
    }

    function test_S24_pause_neverStops_cancellation_norItsRefund() public {
        startNetwork();
        request();
        Task memory task = request(user, 1, target(address(dapp)), FEE, FEE);
        _pauseForAll();
        skipBlocks(12);
        enigma.cancel(task);
        uint256 before = user.balance;
        vm.startPrank(user);
        enigma.withdrawSlot(1);
        assertEq(user.balance, before + FEE * 1 gwei, "refunded");
        enigma.fundSlot{value: 1 gwei}(1);
        vm.stopPrank();
    }

    function test_S24_pause_neverStops_redelivery_norAbandonment() public {
        startNetwork();
        HostileDapp hostile = new HostileDapp(enigma);
        hostile.plan(Mischief.Revert);
        Task memory first = request(user, 0, target(address(hostile)), FEE, FEE);
        Task memory second = request(user, 1, target(address(hostile)), FEE, FEE);
        vm.roll(block.number + 1);
        settle(first, 0, 0, abi.encode(1));
        settle(second, 0, 0, abi.encode(1));
        _pauseForAll();
        hostile.plan(Mischief.None);
        enigma.redeliver(_undelivered(first), abi.encode(1));
        Undelivered memory result = _undelivered(second);
        vm.prank(user);
        enigma.abandon(result, keccak256(abi.encode(1)));
        assertTrue(enigma.slot(user, 0).balanceGwei == 0 && enigma.slot(user, 1).balanceGwei == 0, "free");
    }

    function test_S24_pause_neverStops_seats_norTheirMoney() public {
        startNetwork();
        Task memory task = request();
        vm.roll(block.number + 1);
        uint256 seat = selectedSeat(task, 0);
        settle(task, 0, 0, abi.encode(1));
        _pauseForAll();
        takeSeat("dave");
        vm.startPrank(operator);
        enigma.withdrawSeat(seat, payable(operator));
        enigma.leaveSeat(seat);
        vm.stopPrank();
        goToEpoch(6);
        _pause(governor, block.timestamp + MOST);
        uint256 before = operator.balance;
        vm.prank(operator);
        enigma.withdrawSeat(seat, payable(operator));
        assertEq(operator.balance, before + 1 ether, "bond");
        takeSeat("erin", seat + 1, operator);
    }

    function test_S24_pause_neverStops_slashing() public {
        startNetwork();
        Task memory task = request();
        vm.roll(block.number + 1);
        _pauseForAll();
        uint256 seat = selectedSeat(task, 0);
        SignedReceipt memory a = _signedReceipt(task, 1);
        SignedReceipt memory b = _signedReceipt(task, 2);
        uint256 before = user.balance;
        bytes32 taskId = enigma.taskIdOf(task);
        vm.prank(user);
        enigma.slash(seat, taskId, blockhash(task.terms.createdBlock()), a, b);
        assertEq(user.balance, before + 0.5 ether, "half of the bond");
    }

    /* THE TEST'S WORDS */

    function _pause(address by, uint256 until) private {
        vm.prank(by);
        enigma.pause(until);
    }

    function _pauseForAll() private {
        _pause(guardian, block.timestamp + MOST);
        _pause(governor, block.timestamp + MOST);
        _refusesTasks(enigma.currentEpoch());
    }

    function _tooSoon(uint256 from) private {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.PauseTooSoon.selector, from, block.timestamp));
        enigma.pause(block.timestamp + 1);
    }

    function _refusesTasks(uint256 epoch) private {
        uint256 lane = enigma.laneOf(user, 9, 0, address(dapp), epoch);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochPaused.selector, epoch));
        vm.prank(user);
        enigma.requestTask{value: FEE * 1 gwei}(9, target(address(dapp)), FEE, epoch, lane, INPUTS);
    }

    function _refusesBatches(uint256 epoch) private {
        TaskRequest[] memory requests = new TaskRequest[](1);
        uint256 lane = enigma.laneOf(user, 9, 0, address(dapp), epoch);
        requests[0] = TaskRequest({
            slot: 9,
            feeGwei: FEE,
            valueGwei: FEE,
            epoch: uint24(epoch),
            lane: uint16(lane),
            target: target(address(dapp)),
            inputs: INPUTS
        });
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochPaused.selector, epoch));
        vm.prank(user);
        enigma.requestTasks{value: FEE * 1 gwei}(requests);
    }

    function _undelivered(Task memory task) private view returns (Undelivered memory) {
        return Undelivered({
            taskId: enigma.taskIdOf(task),
            ref: task.ref,
            dApp: task.target.dApp(),
            callable: task.target.callable(),
            restGwei: task.terms.restGwei(),
            createdBlock: uint40(task.terms.createdBlock())
        });
    }

    function _signedReceipt(Task memory task, uint256 result) private view returns (SignedReceipt memory) {
        bytes32 outputHash = keccak256(abi.encode(result));
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, abi.encode(result));
        return SignedReceipt(task.codeHash, task.inputsHash, outputHash, 0, 0, new bytes32[](0), r, vs);
    }

    function _receipt(Task memory task, bytes32 outputHash) private view returns (bytes32) {
        bytes32 anchor = blockhash(task.terms.createdBlock());
        return Receipts.structHash(enigma.taskIdOf(task), anchor, task.codeHash, task.inputsHash, outputHash, 0);
    }
}
