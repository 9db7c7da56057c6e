// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {LAST_EPOCH} from "../src/types/Seat.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// SEATS, once the network has a secret: they wait for it, and pay whoever hands it to them.
contract WaitingSeatsTest is SecretWorld {
    uint256 private constant BOND_GWEI = 1e9;
    uint256 private constant JOIN_FEE_GWEI = 1e7;

    function test_takeSeat_costsTheBondAlone_untilThereIsASecret() public {
        assertEq(enigma.seatPriceGwei(), BOND_GWEI, "price");
        startNetwork();
        commit("alice", 0, 1);
        assertEq(enigma.seatPriceGwei(), BOND_GWEI, "a commitment alone is none");
        assertEq(enigma.seat(0).joinFeeGwei, 0, "no fee");
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        assertEq(enigma.seat(0).creditGwei, 0, "nothing to earn");
        assertEq(enigma.seat(1).activeEpoch, 2, "live as it was");
        hold("bob", 1, 1);
        assertEq(enigma.seatPriceGwei(), BOND_GWEI + JOIN_FEE_GWEI, "price from then on");
    }

    function test_S22_takeSeat_revertsWhen_notThePrice() public {
        makeFirstSecret();
        uint256 identityBlock = block.number - 1;
        bytes memory quote = abi.encode(attestation(operator, account("dave"), identityBlock));
        uint256[3] memory sentGwei = [BOND_GWEI, BOND_GWEI + JOIN_FEE_GWEI - 1, BOND_GWEI + JOIN_FEE_GWEI + 1];
        for (uint256 i; i < 3; ++i) {
            vm.prank(operator);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongBond.selector, sentGwei[i], BOND_GWEI + JOIN_FEE_GWEI));
            enigma.takeSeat{value: sentGwei[i] * 1 gwei}(0, account("dave"), INPUT_KEY, identityBlock, quote, LEAF);
        }
    }

    function test_S7_takeSeat_waitsForItsGrant() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        SeatView memory taken = enigma.seat(id);
        assertEq(taken.activeEpoch, LAST_EPOCH, "active in no epoch");
        assertEq(taken.bondGwei, BOND_GWEI, "bond");
        assertEq(taken.joinFeeGwei, JOIN_FEE_GWEI, "fee");
    }

    function test_S7_aWaitingSeat_takesPartInNoDraw() public {
        makeFirstSecret();
        for (uint256 i; i < 5; ++i) {
            takeSeat("dave");
            vm.roll(block.number + 1);
        }
        startEpoch(5);
        assertEq(enigma.epoch(5).seatCount, 8, "T counts them");
        for (uint256 lane; lane < 50; ++lane) {
            for (uint256 rank; rank < 3; ++rank) {
                (uint256 id,) = enigma.selected(5, address(dapp), lane, rank);
                assertTrue(id < 3, "drawn while it waits");
            }
        }
    }

    function test_S7_markSeatGranted_takesEffectTwoEpochsLater_andPaysTheDonor() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        startEpoch(3);
        join("dave", id);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatActivated(id, 5);
        grant("dave", id, "bob", 1, 1);
        SeatView memory seat = enigma.seat(id);
        assertEq(seat.activeEpoch, 5, "active");
        assertEq(seat.joinFeeGwei, 0, "the fee has left");
        assertEq(seat.bondGwei, BOND_GWEI, "the bond has not");
        assertEq(enigma.seat(1).creditGwei, JOIN_FEE_GWEI, "the donor's");
        assertTrue(!_isDrawn(3, id), "not in this epoch");
        startEpoch(4);
        assertTrue(!_isDrawn(4, id), "nor in the next");
        startEpoch(5);
        assertTrue(_isDrawn(5, id), "in the one after");
    }

    function test_S22_markSeatGranted_paysOnce() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        for (uint256 i; i < 2; ++i) {
            join("dave", id);
            grant("dave", id, "bob", 1, 1);
            goToEpoch(enigma.currentEpoch() + 1);
        }
        assertEq(enigma.seat(1).creditGwei, JOIN_FEE_GWEI, "once");
        assertEq(enigma.seat(id).activeEpoch, 4, "since the first");
    }

    function test_S24_markSeatGranted_andMarkSecretFinal_areTheRegistrysAlone() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        address[3] memory others = [governor, guardian, operator];
        for (uint256 i; i < 3; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.OnlyKeyRegistry.selector, others[i]));
            enigma.markSeatGranted(id, 1);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.OnlyKeyRegistry.selector, others[i]));
            enigma.markSecretFinal();
            vm.stopPrank();
        }
    }

    /// Granted in its last epochs: it holds the secret, and is live in no epoch.
    function test_S7_markSeatGranted_bringsNoSeatBeyondItsExit() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        vm.prank(operator);
        enigma.leaveSeat(id);
        goToEpoch(3);
        join("dave", id);
        grant("dave", id, "bob", 1, 1);
        SeatView memory seat = enigma.seat(id);
        assertEq(seat.exitEpoch, 4, "exit");
        assertEq(seat.activeEpoch, 5, "after it");
        startEpoch(5);
        assertTrue(!_isDrawn(5, id), "never drawn");
    }

    function test_S22_withdrawSeat_givesAnUnearnedFeeBackWithTheBond() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        vm.startPrank(operator);
        enigma.leaveSeat(id);
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(id, payable(operator));
        goToEpoch(6);
        uint256 before = operator.balance;
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatWithdrawn(id, operator, 0, BOND_GWEI + JOIN_FEE_GWEI);
        enigma.withdrawSeat(id, payable(operator));
        assertEq(operator.balance, before + (BOND_GWEI + JOIN_FEE_GWEI) * 1 gwei, "paid");
        assertEq(enigma.seat(id).joinFeeGwei, 0, "gone");
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(id, payable(operator));
    }

    function test_S22_aRetakenSeat_owesItsUnearnedFee() public {
        makeFirstSecret();
        address other = account("other operator");
        vm.deal(other, 10 ether);
        uint256 id = takeSeat("dave", 0, other);
        vm.prank(other);
        enigma.leaveSeat(id);
        goToEpoch(6);
        takeSeat("erin", id + 1, operator);
        assertEq(enigma.owedGwei(other), BOND_GWEI + JOIN_FEE_GWEI, "owed");
        assertEq(enigma.seat(id).activeEpoch, LAST_EPOCH, "the next one waits for itself");
    }

    function test_renewSeat_keepsASeatWaiting() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        goToEpoch(10);
        bytes memory quote = abi.encode(attestation(operator, account("dave"), block.number - 1));
        vm.prank(operator);
        enigma.renewSeat(id, INPUT_KEY, block.number - 1, quote, LEAF);
        assertEq(enigma.seat(id).activeEpoch, LAST_EPOCH, "waits on");
        assertEq(enigma.seat(id).joinFeeGwei, JOIN_FEE_GWEI, "fee");
        assertEq(enigma.seat(id).exitEpoch, 30, "extended");
    }

    /// @dev In 100 lanes a live one among four seats is drawn, but with a chance of 10^-12.
    function _isDrawn(uint256 epoch, uint256 wanted) private view returns (bool) {
        for (uint256 lane; lane < 100; ++lane) {
            (uint256 id,) = enigma.selected(epoch, address(dapp), lane, 0);
            if (id == wanted) return true;
        }
        return false;
    }
}
