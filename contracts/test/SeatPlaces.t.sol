// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Standing} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Task} from "../src/types/Task.sol";
import {SeatLifeWorld} from "./support/SeatLifeWorld.sol";
import {vm} from "./support/Vm.sol";

/// SEATS: a lower place, and the end of the list.
contract SeatPlacesTest is SeatLifeWorld {
    /* RELOCATING */

    function test_S7_relocateSeat_changesPlacesInTheEpochAfterNext() public {
        _hole();
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatRelocated(3, 0, 9);
        vm.prank(account("anyone"));
        enigma.relocateSeat(3, 0);
        SeatView memory from = enigma.seat(3);
        SeatView memory to = enigma.seat(0);
        assertEq(from.exitEpoch, 9, "leaves");
        assertEq(to.activeEpoch, 9, "comes");
        assertEq(to.exitEpoch, 22, "for what remained of its term");
        assertEq(to.signer, account("dave"), "signer");
        assertEq(to.operator, operator, "operator");
        assertEq(to.quoteBlock, from.quoteBlock, "quoteBlock");
        assertEq(to.leafBlock, from.leafBlock, "leafBlock");
        assertEq(to.platformHash, from.platformHash, "platformHash");
        assertEq(to.platformTag, from.platformTag, "platformTag");
        assertEq(to.measurementId, from.measurementId, "measurement");
    }

    function test_S22_relocateSeat_movesTheBond_andLeavesTheCredit() public {
        _hole();
        _postSeedHere();
        Task memory task = _drawnOn(3);
        settle(task, 0, 0, "");
        enigma.relocateSeat(3, 0);
        assertEq(enigma.seat(3).creditGwei, FEE, "stays");
        assertEq(enigma.seat(3).bondGwei, 0, "goes");
        assertEq(enigma.seat(0).creditGwei, 0, "fresh");
        assertEq(enigma.seat(0).bondGwei, BOND_GWEI, "comes");
        assertEq(enigma.owedGwei(operator), BOND_GWEI, "what the hole still held");
        requireSolvent();
        withdraw(3);
        requireSolvent();
        goToEpoch(24);
        uint256 before = operator.balance;
        withdraw(0);
        assertEq(operator.balance, before + BOND_GWEI * 1 gwei, "the bond, once");
        requireSolvent();
    }

    function test_S7_relocateSeat_goesFromTheUpperHalfToTheLower() public {
        _hole(); // four seats
        bytes4 refusal = IEnigmaSeats.NotAHole.selector;
        uint256[2][3] memory wrong = [[uint256(1), 0], [uint256(3), 2], [uint256(3), 3]];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(refusal, wrong[i][0], wrong[i][1], 4));
            enigma.relocateSeat(wrong[i][0], wrong[i][1]);
        }
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 4));
        enigma.relocateSeat(4, 0);
        enigma.relocateSeat(2, 0);
    }

    function test_S7_relocateSeat_revertsWhen_thePlaceIsStillHeld() public {
        takeSeat("dave");
        leaveSeat(0); // exit 4, cool in 6
        goToEpoch(5);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatStillHeld.selector, 0, 6, 5));
        enigma.relocateSeat(3, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatStillHeld.selector, 1, 22, 5));
        enigma.relocateSeat(3, 1);
        goToEpoch(6);
        enigma.relocateSeat(3, 0);
    }

    function test_relocateSeat_revertsWhen_theSeatEndsAnyway() public {
        _hole();
        leaveSeat(3); // exit 9
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 3, 9, 7));
        enigma.relocateSeat(3, 0);
        enigma.relocateSeat(2, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 2, 9, 7));
        enigma.relocateSeat(2, 0);
    }

    function test_S7_relocateSeat_revertsWhen_theSeatWaitsForTheSecret() public {
        _makeSecret();
        uint256 id = takeSeat("dave");
        leaveSeat(0);
        goToEpoch(7);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, id, 22, 7));
        enigma.relocateSeat(id, 0);
    }

    /// Taken in this very epoch: it would be active in the old place from the epoch on in which it leaves it.
    function test_S7_relocateSeat_ofASeatThatIsNotYetActive() public {
        takeSeat("dave");
        leaveSeat(0);
        leaveSeat(3);
        goToEpoch(6);
        takeSeat("erin", 4, operator);
        enigma.relocateSeat(3, 0);
        assertEq(enigma.seat(0).activeEpoch, 8, "active");
        assertEq(enigma.seat(3).exitEpoch, 8, "never in the old place");
    }

    function test_S7_relocateSeat_keepsItsPlaceOnAFullMachine() public {
        _limitMachinesTo(1);
        takeSeat("dave");
        leaveSeat(0);
        goToEpoch(7);
        enigma.relocateSeat(3, 0);
        vm.expectRevert(_full("dave"));
        this.doTake("dave");
        renew(0);
    }

    function test_settle_aTaskDrawnOnASeatThatWasRelocatedSince() public {
        _hole();
        _postSeedHere();
        Task memory task = _drawnOn(3);
        enigma.relocateSeat(3, 0);
        assertEq(selectedSeat(task, 0), 3, "still drawn");
        settle(task, 0, 0, "");
        assertEq(enigma.seat(3).creditGwei, FEE, "where it was drawn");
    }

    function test_renewSeat_afterRelocation() public {
        _relocated();
        renew(0);
        assertEq(enigma.seat(0).exitEpoch, enigma.currentEpoch() + 20, "extended");
    }

    /* TRIMMING */

    function test_S7_trimSeats_takesCoolSeatsOffTheEnd() public {
        takeSeat("dave");
        leaveSeat(2);
        leaveSeat(3); // cool in 6
        goToEpoch(5);
        enigma.trimSeats(10);
        assertEq(enigma.seatCount(), 4, "not yet");
        goToEpoch(6);
        enigma.trimSeats(1);
        assertEq(enigma.seatCount(), 3, "one, as asked");
        enigma.trimSeats(10);
        assertEq(enigma.seatCount(), 2, "seat 1 is live");
        assertEq(enigma.owedGwei(operator), 2 * BOND_GWEI, "owed");
        requireSolvent();
    }

    /// A lottery counts the seats that there were at its boundary, whatever is trimmed and appended before its seed is posted.
    function test_S7_trimSeats_movesNoDrawOfAnEpochThatHasBegun() public {
        leaveSeat(2);
        goToEpoch(6);
        enigma.trimSeats(1);
        takeSeat("dave");
        takeSeat("erin");
        enigma.postSeed(6, "proof");
        assertEq(enigma.epoch(6).seatCount, 3, "as at the boundary");
        startEpoch(7);
        assertEq(enigma.epoch(7).seatCount, 4, "as at its own");
    }

    function test_S22_trimSeats_paysOnce() public {
        leaveSeat(2);
        goToEpoch(6);
        enigma.trimSeats(1);
        vm.prank(operator);
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(2, payable(operator));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 2));
        this.doReuse("dave", 3);
        assertEq(takeSeat("dave"), 2, "appended again");
        assertEq(enigma.owedGwei(operator), BOND_GWEI, "owed once");
        assertEq(enigma.seat(2).bondGwei, BOND_GWEI, "its own bond");
        requireSolvent();
        vm.prank(operator);
        enigma.withdrawOwed(payable(operator));
        requireSolvent();
    }

    function test_S22_trimSeats_owesWhatASeatHasEarned_once() public {
        Task memory task = _drawnOn(2);
        settle(task, 0, 0, "");
        leaveSeat(2);
        goToEpoch(6);
        enigma.trimSeats(1);
        assertEq(enigma.owedGwei(operator), BOND_GWEI + FEE, "owed");
        vm.prank(operator);
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(2, payable(operator));
    }

    function test_S7_trimSeats_leavesNothingToRenewOrReport() public {
        leaveSeat(2);
        goToEpoch(6);
        enigma.trimSeats(1);
        bytes memory over = abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 2, 4, 6);
        vm.expectRevert(over);
        this.doRenew(2);
        vm.expectRevert(over);
        this.doLeave(2);
        vm.expectRevert(over);
        this.doSlash(2, "carol");
        bytes memory record = recordOf(machineOf(account("carol")));
        verifier.setStanding(record, Standing.Revoked);
        vm.expectRevert(over);
        enigma.recheck(2, record);
    }

    function test_trimSeats_emptiesTheList_andItBeginsAnew() public {
        goToEpoch(22);
        enigma.trimSeats(type(uint256).max);
        assertEq(enigma.seatCount(), 0, "none");
        enigma.trimSeats(1);
        goToEpoch(23);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoSeats.selector, 23));
        enigma.postSeed(23, "proof");
        assertEq(takeSeat("alice"), 0, "the first");
        assertEq(takeSeat("bob"), 1, "the second");
        requireSolvent();
    }

    /// The next append looks at the seat under the cursor, which must be one that there is.
    function test_trimSeats_bringsTheCursorBack() public {
        takeSeat("dave"); // the cursor is at 2
        leaveSeat(2);
        leaveSeat(3);
        goToEpoch(6);
        enigma.trimSeats(2);
        for (uint256 i; i < 4; ++i) {
            assertEq(takeSeat("frank"), 2 + i, "appended");
        }
    }

    /// Moved down and trimmed, a list that has thinned out is dense again.
    function test_S7_aThinList_becomesDense() public {
        takeSeat("dave");
        leaveSeat(0);
        leaveSeat(1);
        goToEpoch(7);
        enigma.relocateSeat(3, 0);
        enigma.relocateSeat(2, 1);
        goToEpoch(11);
        enigma.trimSeats(4);
        assertEq(enigma.seatCount(), 2, "two seats");
        startEpoch(12);
        assertEq(enigma.epoch(12).seatCount, 2, "drawn among");
        requireSolvent();
    }
}
