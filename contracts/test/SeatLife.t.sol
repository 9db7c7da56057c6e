// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {LAST_EPOCH} from "../src/types/Seat.sol";
import {Task} from "../src/types/Task.sol";
import {SeatLifeWorld} from "./support/SeatLifeWorld.sol";
import {vm} from "./support/Vm.sol";

/// SEATS: another in the place of one's own.
contract SeatLifeTest is SeatLifeWorld {
    /* ROTATING */

    function test_S7_rotateSeat_changesPlacesInTheEpochAfterNext() public {
        goToEpoch(4);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatRotated(0, 3);
        assertEq(rotate(0, 0, "dave"), 3, "appended");
        assertEq(enigma.seat(0).exitEpoch, 6, "the old one leaves");
        assertEq(enigma.seat(3).activeEpoch, 6, "when the new one comes");
        assertEq(enigma.seat(3).exitEpoch, 24, "for a term of its own");
        assertEq(enigma.seat(3).signer, account("dave"), "signer");
        assertEq(enigma.seat(3).operator, operator, "operator");
    }

    function test_S22_rotateSeat_takesTheBondAlong() public {
        goToEpoch(4);
        uint256 before = operator.balance;
        rotate(0, 0, "dave");
        assertEq(operator.balance, before, "nothing to pay");
        assertEq(enigma.seat(0).bondGwei, 0, "not twice");
        assertEq(enigma.seat(3).bondGwei, BOND_GWEI, "with the new one");
        requireSolvent();
        goToEpoch(8);
        vm.prank(operator);
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(0, payable(operator));
        takeSeat("erin", 1, user);
        assertEq(enigma.owedGwei(operator), 0, "nor when the old place is retaken");
        requireSolvent();
    }

    function test_rotateSeat_reusesASeat() public {
        leaveSeat(1); // exit 4
        goToEpoch(6);
        assertEq(rotate(0, 2, "dave"), 1, "reused");
        assertEq(enigma.owedGwei(operator), BOND_GWEI, "its bond is owed");
        assertEq(enigma.seatCount(), 3, "no seat more");
        requireSolvent();
    }

    function test_S22_rotateSeat_paysForItsGrant_onceThereIsASecret() public {
        _makeSecret();
        goToEpoch(4);
        uint256 before = operator.balance;
        uint256 to = rotate(2, 0, "dave");
        assertEq(operator.balance, before - JOIN_FEE_GWEI * 1 gwei, "the join fee alone");
        assertEq(enigma.seat(to).activeEpoch, LAST_EPOCH, "waits");
        assertEq(enigma.seat(to).joinFeeGwei, JOIN_FEE_GWEI, "escrowed");
        requireSolvent();
        join("dave", to);
        grant("dave", to, "bob", 1, 1);
        assertEq(enigma.seat(to).activeEpoch, 6, "from its grant on");
        assertEq(enigma.seat(1).creditGwei, JOIN_FEE_GWEI, "the donor's");
        requireSolvent();
    }

    function test_rotateSeat_revertsWhen_notThePrice() public {
        goToEpoch(4);
        bytes memory quote = abi.encode(attestation(operator, account("dave"), block.number - 1));
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongBond.selector, BOND_GWEI, 0));
        enigma.rotateSeat{value: 1 ether}(0, 0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function test_rotateSeat_revertsWhen_notByItsOperator() public {
        goToEpoch(4);
        operator = user;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NotOperator.selector, user, account("operator")));
        this.doRotate(0, 0, "dave");
    }

    /// Else one bond could leave any number of dead seats behind, and the draws would meet nothing else.
    function test_S7_rotateSeat_leavesNoMoreThanOneSeatCoolingDown() public {
        goToEpoch(3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatTooYoung.selector, 0, 4, 3));
        this.doRotate(0, 0, "dave");
        goToEpoch(4);
        rotate(0, 0, "dave"); // 0 is cool in 8, 3 is active in 6
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatTooYoung.selector, 3, 8, 4));
        this.doRotate(3, 0, "erin");
        goToEpoch(7);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatTooYoung.selector, 3, 8, 7));
        this.doRotate(3, 0, "erin");
        goToEpoch(8);
        assertEq(rotate(3, 1, "erin"), 0, "its own old place is cool by then");
    }

    function test_S7_rotateSeat_revertsWhen_theSeatWaitsForTheSecret() public {
        _makeSecret();
        uint256 id = takeSeat("dave");
        goToEpoch(6);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatTooYoung.selector, id, LAST_EPOCH + 2, 6));
        this.doRotate(id, 0, "erin");
    }

    function test_rotateSeat_revertsWhen_theSeatLeavesAnyway() public {
        goToEpoch(4);
        leaveSeat(0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 6, 4));
        this.doRotate(0, 0, "dave");
        rotate(1, 0, "dave");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 1, 6, 4));
        this.doRotate(1, 0, "erin");
    }

    /// Its end is near enough to be put off, in the very epoch: but its bond stands for another now.
    function test_S22_renewSeat_revertsWhen_anotherSeatStandsInForIt() public {
        goToEpoch(4);
        rotate(0, 0, "dave");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 0));
        this.doRenew(0);
    }

    function test_S22_renewSeat_revertsWhen_theSeatWasRelocated() public {
        _hole();
        enigma.relocateSeat(3, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 3));
        this.doRenew(3);
    }

    function test_S7_rotateSeat_keepsItsPlaceOnAFullMachine() public {
        _limitMachinesTo(1);
        _machines[account("dave")] = machineOf(account("alice"));
        goToEpoch(4);
        rotate(0, 0, "dave");
        vm.expectRevert(_full("alice"));
        this.doTake("dave");
        goToEpoch(24);
        takeSeat("dave", 1, operator);
    }

    function test_S7_rotateSeat_revertsWhen_theOtherMachineIsFull() public {
        _limitMachinesTo(1);
        _machines[account("dave")] = machineOf(account("bob"));
        goToEpoch(4);
        vm.expectRevert(_full("bob"));
        this.doRotate(0, 0, "dave");
    }

    /// A machine's list names a seat once, wherever it comes from: else it would take two places.
    function test_S7_rotateSeat_backToASeatOfTheSameMachine_takesOnePlace() public {
        _limitMachinesTo(2);
        address[4] memory signers = [account("alice"), account("dave"), account("erin"), account("frank")];
        for (uint256 i; i < 4; ++i) {
            _machines[signers[i]] = 7;
        }
        enigma = _again(2);
        takeSeat("alice");
        takeSeat("dave");
        goToEpoch(1);
        leaveSeat(0); // listed, and cool in 5
        goToEpoch(5);
        rotate(1, 1, "erin"); // back to 0; 1 lives on until 7
        vm.expectRevert(_full("alice"));
        this.doTake("frank");
        goToEpoch(7);
        takeSeat("frank");
        vm.expectRevert(_full("alice"));
        this.doTake("frank");
    }

    function test_settle_aTaskDrawnOnASeatThatWasRotatedSince() public {
        startEpoch(4);
        Task memory task = request();
        uint256 id = selectedSeat(task, 0);
        rotate(id, 0, "dave");
        skipBlocks(1);
        assertEq(selectedSeat(task, 0), id, "still drawn");
        settle(task, 0, 0, "");
        assertEq(enigma.seat(id).creditGwei, FEE, "its fee");
        withdraw(id);
    }

    /* THE DRAW */

    /// Between the seed and the last settlement of its epoch, none of these moves a rank.
    function test_S7_nothingMovesTheDrawOfAnEpochWhoseSeedExists() public {
        takeSeat("dave");
        takeSeat("erin"); // five seats
        leaveSeat(0);
        startEpoch(7);
        address[30] memory before = _draws(7);
        enigma.relocateSeat(4, 0);
        rotate(1, 0, "frank");
        leaveSeat(3);
        takeSeat("grace");
        vm.roll(enigma.boundaryBlock(8) + 11);
        rotate(2, 0, "heidi");
        enigma.trimSeats(10);
        address[30] memory behind = _draws(7);
        for (uint256 i; i < 30; ++i) {
            assertEq(behind[i], before[i], "the draw");
        }
    }

    function test_S7_severalSeatsOfOneSigner_areNoBackupOfEachOther() public {
        for (uint256 i; i < 4; ++i) {
            takeSeat("alice");
        }
        startEpoch(4);
        for (uint256 lane; lane < 30; ++lane) {
            (, address first) = enigma.selected(4, address(dapp), lane, 0);
            (, address second) = enigma.selected(4, address(dapp), lane, 1);
            (, address third) = enigma.selected(4, address(dapp), lane, 2);
            assertTrue(first != second && second != third && first != third, "three signers");
        }
    }
}
