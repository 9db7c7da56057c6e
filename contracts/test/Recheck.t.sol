// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, Standing} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {LAST_EPOCH} from "../src/types/Seat.sol";
import {Task} from "../src/types/Task.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// SEATS: what becomes of a seat whose platform no longer stands as it must.
contract RecheckTest is World {
    /* REFUSED */

    function test_S16_recheck_endsASeatBelowThePolicyInTheEpochAfterNext() public {
        startNetwork();
        _stands(0, Standing.Refused);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatEnded(0, 4, false);
        _recheck(0);
        SeatView memory seat = enigma.seat(0);
        assertEq(seat.activeEpoch, 2, "active");
        assertEq(seat.exitEpoch, 4, "exit");
        assertEq(seat.bondGwei, 1e9, "the bond stays");
    }

    function test_S16_recheck_leavesPendingTasksToASeatBelowThePolicy() public {
        (Task memory task, uint256 id) = _pending();
        _stands(id, Standing.Refused);
        _recheck(id);
        assertEq(selectedSeat(task, 0), id, "still selected");
        settle(task, 0, 0, "");
    }

    function test_recheck_revertsWhen_aSeatBelowThePolicyEndsAnyway() public {
        startNetwork();
        _stands(0, Standing.Refused);
        _recheck(0);
        _refuses(0, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 4, 2));
        goToEpoch(18); // the others' exit is 20
        _stands(1, Standing.Refused);
        _refuses(1, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 1, 20, 18));
    }

    function test_renewSeat_stays_whereItsPlatformWasUpdatedInTime() public {
        startNetwork();
        _stands(0, Standing.Refused);
        _recheck(0);
        _renew(0);
        assertEq(enigma.seat(0).exitEpoch, 22, "exit");
    }

    /* REVOKED */

    function test_S16_recheck_endsARevokedSeatAtOnce() public {
        startNetwork();
        _stands(0, Standing.Revoked);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatEnded(0, 2, true);
        _recheck(0);
        SeatView memory seat = enigma.seat(0);
        assertEq(seat.activeEpoch, LAST_EPOCH, "active in no epoch");
        assertEq(seat.exitEpoch, 2, "the cool-down counts from now");
        assertEq(seat.bondGwei, 1e9, "the bond stays");
    }

    function test_S16_settle_revertsWhen_theSeatWasRevoked_andTheRanksBehindMoveUp() public {
        (Task memory task, uint256 id) = _pending();
        uint256 next = selectedSeat(task, 1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, "");
        _stands(id, Standing.Revoked);
        _recheck(id);

        assertEq(selectedSeat(task, 0), next, "rank 1 has become rank 0");
        address found = enigma.seat(id).signer;
        address selected = enigma.seat(next).signer;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, found, selected));
        enigma.settle(task, 0, 0, "", r, vs);
        settle(task, 0, 0, "");
        assertEq(enigma.seat(next).creditGwei, FEE, "the fee is the next rank's");
    }

    function test_S16_settle_revertsWhen_theTaskIsOfTheEpochBefore() public {
        startNetwork();
        vm.roll(enigma.boundaryBlock(3) - 1);
        Task memory task = request();
        skipBlocks(1); // in epoch 3
        uint256 id = selectedSeat(task, 0);
        uint256 next = selectedSeat(task, 1);
        _stands(id, Standing.Revoked);
        _recheck(id);
        assertEq(enigma.seat(id).exitEpoch, 3, "exit");
        assertEq(selectedSeat(task, 0), next, "out of epoch 2 as well");
    }

    function test_S22_cancel_refundsATaskNoneOfWhoseRanksRemains() public {
        (Task memory task,) = _pending();
        for (uint256 id; id < 3; ++id) {
            _stands(id, Standing.Revoked);
            _recheck(id);
        }
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, 2, address(dapp), 0, 0));
        enigma.settle(task, 0, 0, "", 0, 0);
        skipBlocks(12);
        enigma.cancel(task);
        assertEq(enigma.slot(user, 0).balanceGwei, FEE, "refunded");
    }

    /// Its last tasks are pending: they are what a revoked platform must not settle.
    function test_S16_recheck_revokesASeatThatHasLeft_untilItIsCool() public {
        startNetwork();
        vm.prank(operator);
        enigma.leaveSeat(0); // exit 4
        vm.prank(operator);
        enigma.leaveSeat(1);
        goToEpoch(5);
        _stands(0, Standing.Revoked);
        _stands(1, Standing.Revoked);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatEnded(0, 4, true);
        _recheck(0);
        assertEq(enigma.seat(0).exitEpoch, 4, "the cool-down is not lengthened");

        goToEpoch(6);
        _refuses(1, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 1, 4, 6));
    }

    function test_S7_recheck_revokesASeatThatWaits() public {
        takeSeat("alice");
        _stands(0, Standing.Revoked);
        _recheck(0);
        assertEq(enigma.seat(0).exitEpoch, 0, "exit");
        startEpoch(2);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, 2, address(dapp), 0, 0));
        enigma.selected(2, address(dapp), 0, 0);
    }

    function test_S16_renewSeat_revertsWhen_theSeatIsRevoked() public {
        startNetwork();
        _stands(0, Standing.Revoked);
        _recheck(0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 2, 2));
        this.renew(0);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 2, 2));
        enigma.leaveSeat(0);
    }

    function test_recheck_revertsWhen_theSeatIsRevokedAlready() public {
        startNetwork();
        _stands(0, Standing.Revoked);
        _recheck(0);
        _refuses(0, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 2, 2));
        goToEpoch(3);
        _refuses(0, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 2, 3));
        _stands(0, Standing.Refused);
        _refuses(0, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 2, 3));
    }

    function test_recheck_revokesASeatThatWasBelowThePolicyBefore() public {
        startNetwork();
        _stands(0, Standing.Refused);
        _recheck(0);
        _stands(0, Standing.Revoked);
        _recheck(0);
        assertEq(enigma.seat(0).exitEpoch, 2, "exit");
    }

    function test_S22_withdrawSeat_paysARevokedSeatsBondAfterItsCoolDown() public {
        startNetwork();
        _stands(0, Standing.Revoked);
        _recheck(0);
        goToEpoch(3);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NothingToWithdraw.selector));
        enigma.withdrawSeat(0, payable(account("to")));
        goToEpoch(4);
        vm.prank(operator);
        enigma.withdrawSeat(0, payable(account("to")));
        assertEq(account("to").balance, 1 ether, "bond");
    }

    function test_S7_takeSeat_reusesARevokedSeatAfterItsCoolDown() public {
        startNetwork();
        _stands(0, Standing.Revoked);
        _recheck(0);
        goToEpoch(3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatStillHeld.selector, 0, 4, 3));
        this.retake();
        goToEpoch(4);
        this.retake();
        assertEq(enigma.seat(0).activeEpoch, 6, "active");
        assertEq(enigma.seat(0).exitEpoch, 24, "exit");
        assertEq(enigma.owedGwei(operator), 1e9, "owed");
    }

    function test_S7_recheck_freesTheMachinesPlaceAtOnce() public {
        Parameters memory p = parameters();
        p.seatsPerPlatform = 1;
        enigma = deploy(p);
        takeSeat("alice");
        uint24 tag = enigma.seat(0).platformTag;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.PlatformFull.selector, tag, 1));
        this.takeOnTheSameMachine();
        _stands(0, Standing.Revoked);
        _recheck(0);
        this.takeOnTheSameMachine();
    }

    /* NEITHER */

    function test_recheck_revertsWhen_thePlatformStandsAsItMust() public {
        startNetwork();
        _refuses(0, abi.encodeWithSelector(IEnigmaSeats.PlatformGood.selector, 0));
    }

    function test_S16_recheck_revertsWhen_theRecordIsAnothers() public {
        startNetwork();
        _stands(1, Standing.Revoked);
        bytes memory other = recordOf(machineOf(enigma.seat(1).signer));
        vm.expectRevert(
            abi.encodeWithSelector(IEnigmaSeats.WrongRecord.selector, keccak256(other), enigma.seat(0).platformHash)
        );
        enigma.recheck(0, other);
    }

    function test_recheck_revertsWhen_thereIsNoSeat() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 0));
        enigma.recheck(0, "");
    }

    /* HELPERS, external where a revert is expected */

    function recheck(uint256 id) external {
        _recheck(id);
    }

    function renew(uint256 id) external {
        _renew(id);
    }

    function retake() external {
        takeSeat("dave", 1, user);
    }

    function takeOnTheSameMachine() external {
        takeSeat("alice");
    }

    function _recheck(uint256 id) private {
        bytes memory record = recordOf(machineOf(enigma.seat(id).signer));
        vm.prank(account("anyone"));
        enigma.recheck(id, record);
    }

    function _refuses(uint256 id, bytes memory reason) private {
        vm.expectRevert(reason);
        this.recheck(id);
    }

    function _renew(uint256 id) private {
        Attestation memory found = attestation(operator, enigma.seat(id).signer, block.number - 1);
        vm.prank(operator);
        enigma.renewSeat(id, INPUT_KEY, block.number - 1, abi.encode(found), LEAF);
    }

    function _stands(uint256 id, Standing standing) private {
        verifier.setStanding(recordOf(machineOf(enigma.seat(id).signer)), standing);
    }

    /// @dev A task that may be settled now, and the seat of its rank 0.
    function _pending() private returns (Task memory task, uint256 id) {
        startNetwork();
        task = request();
        skipBlocks(1);
        id = selectedSeat(task, 0);
    }
}
