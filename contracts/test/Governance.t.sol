// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaSeats} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {Task} from "../src/types/Task.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// What governor and guardian may do, that nobody else may, and that none of it moves money.
contract GovernanceTest is SecretWorld {
    function test_S24_revokeMeasurement_shutsItsCodeOut_atOnce() public {
        _takeMallorysSeat();
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.MeasurementRevoked(1, OTHER_MEASUREMENT);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        assertEq(enigma.revokedMeasurements(), 2, "mask");
        assertEq(enigma.epoch(2).revokedMask, 2, "in the epoch of now too");
        for (uint256 lane; lane < 50; ++lane) {
            (uint256 id,) = enigma.selected(2, address(dapp), lane, 0);
            assertTrue(id != 0, "Mallory's seat is drawn");
        }
        startEpoch(3);
        assertEq(enigma.epoch(3).revokedMask, 2, "and in those that follow");
    }

    function test_S24_revokeMeasurement_reachesEveryEpochWhoseTasksMayBePending() public {
        Parameters memory p = parameters();
        (p.epochBlocks, p.graceBlocks, p.windowBlocks, p.coolEpochs) = (4, 4, 4, 5);
        enigma = deploy(p);
        registry = enigma.keyRegistry();
        _takeMallorysSeat();
        for (uint256 epoch = 3; epoch < 9; ++epoch) {
            startEpoch(epoch);
        }
        vm.prank(governor);
        enigma.revokeMeasurement(1);
        // A task of epoch e is requested until 4 blocks after it, and settled within 12 more: 4 epochs of 4.
        for (uint256 epoch = 2; epoch < 9; ++epoch) {
            assertEq(enigma.epoch(epoch).revokedMask, epoch < 4 ? 0 : 2, "mask");
        }
    }

    /// In the ring of epochs, one that has no seed yet has an old one in its place.
    function test_revokeMeasurement_leavesEpochsAlone_thatAreOver() public {
        _takeMallorysSeat();
        goToEpoch(34);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        assertEq(enigma.epoch(2).revokedMask, 0, "as it was drawn");
    }

    function test_S24_aRevokedSeat_settlesNothingMore_andTheRankBehindMovesUp() public {
        _takeMallorysSeat();
        Task memory task;
        for (uint32 slot;; ++slot) {
            task = request(user, slot, target(address(dapp)), FEE, FEE);
            vm.roll(block.number + 1);
            if (selectedSeat(task, 0) == 0) break;
            assertTrue(slot < 40, "Mallory is never drawn");
            startEpoch(enigma.currentEpoch() + 1);
        }
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, abi.encode(1));
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        vm.expectRevert();
        enigma.settle(task, 0, 0, abi.encode(1), r, vs);
        assertTrue(selectedSeat(task, 0) != 0, "the one behind");
        settle(task, 0, 0, abi.encode(1));
    }

    function test_S24_revokeMeasurement_refusesItsSeatsAndRenewals() public {
        _takeMallorysSeat();
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        bytes memory quote = abi.encode(attestation(operator, account("mallory"), block.number - 1));
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 1));
        enigma.takeSeat{value: 1 ether}(0, account("mallory"), INPUT_KEY, block.number - 1, quote, LEAF);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 1));
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function test_S24_revokeMeasurement_revertsWhen_unknown_twice_orByAnother() public {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.UnknownMeasurementId.selector, 2));
        enigma.revokeMeasurement(2);
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 0));
        enigma.revokeMeasurement(0);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGuardian.selector, operator));
        enigma.revokeMeasurement(1);
    }

    /// A revocation takes no bond: it leaves after the cool-down, as ever.
    function test_S22_S24_aRevokedSeat_getsItsBondBack() public {
        _takeMallorysSeat();
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        vm.startPrank(operator);
        enigma.leaveSeat(0);
        goToEpoch(6);
        uint256 before = operator.balance;
        enigma.withdrawSeat(0, payable(operator));
        assertEq(operator.balance, before + 1 ether, "bond");
    }

    function test_S24_freezeJoins_isTheGuardiansToBegin_andTheGovernorsToEnd() public {
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGuardian.selector, operator));
        registry.freezeJoins(true);
        vm.startPrank(guardian);
        registry.freezeJoins(true);
        assertTrue(registry.state().isFrozen, "frozen");
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, guardian));
        registry.freezeJoins(false);
        vm.stopPrank();
        vm.startPrank(governor);
        registry.freezeJoins(false);
        assertTrue(!registry.state().isFrozen, "ended");
        registry.freezeJoins(true);
    }

    /// Every function of either contract that changes something: called by the two, it moves no wei of anybody's.
    function test_S24_neitherTouchesMoney() public {
        makeFirstSecret();
        uint256 seat = takeSeat("dave");
        Task memory task = request();
        address[2] memory both = [governor, guardian];
        uint256 balance = address(enigma).balance;
        for (uint256 i; i < 2; ++i) {
            address by = both[i];
            _refused(by, abi.encodeCall(enigma.withdrawSeat, (seat, payable(by))), IEnigmaSeats.NotOperator.selector);
            _refused(by, abi.encodeCall(enigma.leaveSeat, (seat)), IEnigmaSeats.NotOperator.selector);
            _refused(by, abi.encodeCall(enigma.withdrawOwed, (payable(by))), IEnigmaTasks.NothingToWithdraw.selector);
            _refused(by, abi.encodeCall(enigma.withdrawSlot, (0)), IEnigmaTasks.NothingToWithdraw.selector);
            _refused(by, abi.encodeCall(enigma.cancel, (task)), IEnigmaTasks.TooEarly.selector);
            _refused(by, abi.encodeCall(enigma.markSeatGranted, (seat, 0)), IEnigmaTasks.OnlyKeyRegistry.selector);
            _refused(by, abi.encodeCall(enigma.markSecretFinal, ()), IEnigmaTasks.OnlyKeyRegistry.selector);
        }
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        vm.prank(guardian);
        registry.freezeJoins(true);
        vm.startPrank(governor);
        registry.freezeJoins(false);
        registry.openGeneration();
        vm.stopPrank();
        assertEq(address(enigma).balance, balance, "not a wei");
        assertEq(governor.balance + guardian.balance, 0, "to neither");
        // With every seat revoked the task is served by nobody, and refunded.
        skipBlocks(12);
        enigma.cancel(task);
        assertEq(enigma.slot(user, 0).balanceGwei, FEE, "refunded");
    }

    function _takeMallorysSeat() private {
        takeSeat("mallory");
        takeSeat("alice");
        takeSeat("bob");
        startEpoch(2);
    }

    function _refused(address by, bytes memory call, bytes4 refusal) private {
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call(call);
        assertTrue(!ok, "went through");
        assertEq(bytes32(bytes4(answer)), bytes32(refusal), "refused with another error");
    }
}
