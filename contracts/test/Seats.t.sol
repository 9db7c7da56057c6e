// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {Attestation} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {Identity} from "../src/libraries/Identity.sol";
import {LAST_EPOCH} from "../src/types/Seat.sol";
import {Task} from "../src/types/Task.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// SEATS: taking, renewing, leaving, and the money of a seat.
contract SeatsTest is World {
    /* TAKING */

    function test_takeSeat_isLiveFromTheEpochAfterNext() public {
        goToEpoch(5);
        uint256 id = takeSeat("alice");
        SeatView memory seat = enigma.seat(id);
        assertEq(seat.signer, account("alice"), "signer");
        assertEq(seat.operator, operator, "operator");
        assertEq(seat.activeEpoch, 7, "active");
        assertEq(seat.exitEpoch, 25, "exit");
        assertEq(seat.measurementId, 0, "measurement");
        assertEq(seat.bondGwei, 1e9, "bond");
        assertEq(seat.creditGwei, 0, "credit");
        assertEq(seat.quoteBlock, block.number, "quoteBlock");
        assertEq(seat.leafBlock, block.number, "leafBlock");
        assertEq(seat.platformHash, keccak256(recordOf(machineOf(account("alice")))), "platformHash");
        assertEq(enigma.seatCount(), 1, "seatCount");
    }

    function test_takeSeat_announcesQuoteAndKey() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatTaken(
            0, account("alice"), operator, INPUT_KEY, 2, 20, 0, block.number - 1, abi.encode(found), LEAF
        );
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
    }

    function test_takeSeat_numbersTheMeasurement() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.measurement = OTHER_MEASUREMENT;
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
        assertEq(enigma.seat(0).measurementId, 1, "measurement");
    }

    function test_S16_takeSeat_endsWithTheCollateral() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        // The collateral lasts 100 s, its grace a day more: 86,500 s are 1,441 epochs of 60 s; LIFE is shorter.
        found.collateralUntil = uint64(block.timestamp + 100);
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
        assertEq(enigma.seat(0).exitEpoch, 20, "LIFE is shorter");

        vm.warp(block.timestamp + 90);
        found.collateralUntil = uint64(block.timestamp);
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
        assertEq(enigma.seat(1).exitEpoch, 20, "valid to this very second");
    }

    function test_S16_takeSeat_revertsWhen_theCollateralHasExpired() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.collateralUntil = uint64(block.timestamp - 1);
        _refuses(abi.encodeWithSelector(IEnigmaSeats.CollateralExpired.selector, block.timestamp - 1, block.timestamp));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
    }

    function test_S16_takeSeat_revertsWhen_theCollateralEndsBeforeTheSeatIsActive() public {
        enigma = _shortGrace();
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.collateralUntil = uint64(block.timestamp + 179); // two whole epochs
        _refuses(abi.encodeWithSelector(IEnigmaSeats.NeverLive.selector, 2, 2));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);

        found.collateralUntil = uint64(block.timestamp + 180); // three
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
        assertEq(enigma.seat(0).exitEpoch, 3, "exit");
    }

    function test_takeSeat_revertsWhen_theBondIsNotExact() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        _refuses(abi.encodeWithSelector(IEnigmaSeats.WrongBond.selector, 1e9 - 1, 1e9));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether - 1 gwei);
        _refuses(abi.encodeWithSelector(IEnigmaSeats.WrongBond.selector, 1e9 + 1, 1e9));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether + 1 gwei);
        _refuses(abi.encodeWithSelector(IEnigmaTasks.NotWholeGwei.selector, 1 ether + 1));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether + 1);
    }

    function test_takeSeat_revertsWhen_signerOrKeyIsZero() public {
        Attestation memory found = attestation(operator, address(0), block.number - 1);
        _refuses(abi.encodeWithSelector(IEnigmaSeats.ZeroSigner.selector));
        _take(found, address(0), INPUT_KEY, block.number - 1, 1 ether);
        _refuses(abi.encodeWithSelector(IEnigmaSeats.ZeroInputKey.selector));
        _take(found, account("alice"), 0, block.number - 1, 1 ether);
    }

    function test_S14_takeSeat_revertsWhen_theMeasurementIsNotAdmitted() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.measurement = keccak256("rogue");
        _refuses(abi.encodeWithSelector(IEnigmaSeats.UnknownMeasurement.selector, keccak256("rogue")));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
    }

    /// A quote vouches for one network, operator, signer, input key and block: each is changed once.
    function test_S2_takeSeat_revertsWhen_theQuoteVouchesForAnotherIdentity() public {
        uint256 identityBlock = block.number - 1;
        bytes32 network = enigma.networkHash();
        address alice = account("alice");
        bytes32 expected = Identity.hash(network, operator, alice, INPUT_KEY, identityBlock);
        bytes32[5] memory others = [
            Identity.hash(keccak256("other network"), operator, alice, INPUT_KEY, identityBlock),
            Identity.hash(network, user, alice, INPUT_KEY, identityBlock),
            Identity.hash(network, operator, account("bob"), INPUT_KEY, identityBlock),
            Identity.hash(network, operator, alice, keccak256("other key"), identityBlock),
            Identity.hash(network, operator, alice, INPUT_KEY, identityBlock - 1)
        ];
        Attestation memory found = attestation(operator, alice, identityBlock);
        for (uint256 i; i < others.length; ++i) {
            found.identity = others[i];
            _refuses(abi.encodeWithSelector(IEnigmaSeats.WrongIdentity.selector, others[i], expected));
            _take(found, alice, INPUT_KEY, identityBlock, 1 ether);
        }
    }

    function test_takeSeat_revertsWhen_theQuoteIsTooOld() public {
        uint256 oldest = block.number - 256;
        _take(attestation(operator, account("alice"), oldest), account("alice"), INPUT_KEY, oldest, 1 ether);

        uint256[2] memory outside = [block.number - 257, block.number];
        for (uint256 i; i < 2; ++i) {
            Attestation memory found = attestation(operator, account("alice"), outside[i]);
            _refuses(abi.encodeWithSelector(IEnigmaSeats.StaleQuote.selector, outside[i], block.number));
            _take(found, account("alice"), INPUT_KEY, outside[i], 1 ether);
        }
    }

    function test_takeSeat_revertsWhen_theQuoteIsOfAnotherBranch() public {
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.freshness = keccak256("another branch");
        _refuses(abi.encodeWithSelector(IEnigmaSeats.StaleQuote.selector, block.number - 1, block.number));
        _take(found, account("alice"), INPUT_KEY, block.number - 1, 1 ether);
    }

    /* TAKING AGAIN */

    function test_S7_takeSeat_reusesASeatAfterItsCoolDown() public {
        takeSeat("alice");
        goToEpoch(21); // exit 20, cool 2
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatStillHeld.selector, 0, 22, 21));
        this.takeAgain(1);

        goToEpoch(22);
        assertEq(takeSeat("bob", 1, user), 0, "the same seat");
        assertEq(enigma.seat(0).signer, account("bob"), "signer");
        assertEq(enigma.seatCount(), 1, "seatCount");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 1));
        this.takeAgain(2);
    }

    function test_S7_takeSeat_revertsWhen_oneIsAppendedBesideACoolSeat() public {
        takeSeat("alice");
        takeSeat("bob");
        takeSeat("carol");
        goToEpoch(22);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.ReuseSeat.selector, 0));
        this.takeAgain(0);
        takeSeat("dave", 1, user);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.ReuseSeat.selector, 1));
        this.takeAgain(0);
        takeSeat("erin", 2, user);
        takeSeat("frank", 3, user);
        assertEq(takeSeat("grace"), 3, "appended once none is cool");
    }

    function test_S22_takeSeat_owesTheFormerOperatorCreditAndBond() public {
        startNetwork();
        Task memory task = request();
        uint256 id = selectedSeat(task, 0);
        skipBlocks(1);
        settle(task, 0, 0, "");
        goToEpoch(22);
        takeSeat("dave", id + 1, user);

        assertEq(enigma.owedGwei(operator), 1e9 + FEE, "owed");
        assertEq(enigma.seat(id).creditGwei, 0, "the new holder starts with nothing");
        address payable to = payable(account("to"));
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.OwedWithdrawn(operator, to, 1e9 + FEE);
        vm.prank(operator);
        enigma.withdrawOwed(to);
        assertEq(to.balance, 1 ether + FEE * 1 gwei, "paid");
        assertEq(enigma.owedGwei(operator), 0, "nothing left");

        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NothingToWithdraw.selector));
        vm.prank(operator);
        enigma.withdrawOwed(to);
    }

    /* RENEWING */

    function test_renewSeat_extendsAndChangesTheKey() public {
        takeSeat("alice");
        goToEpoch(10);
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatRenewed(
            0, account("alice"), operator, INPUT_KEY, 30, block.number - 1, abi.encode(found), LEAF
        );
        _renew(operator, found);
        assertEq(enigma.seat(0).exitEpoch, 30, "exit");
        assertEq(enigma.seat(0).activeEpoch, 2, "active since it was taken");
        assertEq(enigma.seat(0).quoteBlock, block.number, "quoteBlock");
    }

    function test_renewSeat_neverShortens() public {
        enigma = _shortGrace();
        takeSeat("alice");
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.collateralUntil = uint64(block.timestamp + 240);
        _renew(operator, found);
        assertEq(enigma.seat(0).exitEpoch, 20, "exit");
    }

    function test_renewSeat_takesBackALeave_inTheSameEpoch() public {
        takeSeat("alice");
        goToEpoch(10);
        vm.prank(operator);
        enigma.leaveSeat(0);
        _renew(operator, attestation(operator, account("alice"), block.number - 1));
        assertEq(enigma.seat(0).exitEpoch, 30, "exit");
    }

    function test_S7_renewSeat_revertsWhen_theSeatWouldJoinALotteryThatStands() public {
        takeSeat("alice");
        goToEpoch(19); // exit 20
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 20, 19));
        this.renew(operator, found);

        goToEpoch(18);
        _renew(operator, attestation(operator, account("alice"), block.number - 1));
    }

    function test_renewSeat_revertsWhen_notTheOperator_orNoSeat() public {
        takeSeat("alice");
        Attestation memory found = attestation(user, account("alice"), block.number - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NotOperator.selector, user, operator));
        this.renew(user, found);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 7));
        enigma.renewSeat(7, INPUT_KEY, block.number - 1, abi.encode(found), LEAF);
    }

    function test_renewSeat_revertsWhen_theQuoteIsOfOtherCodeOrAnotherSigner() public {
        takeSeat("alice");
        Attestation memory found = attestation(operator, account("alice"), block.number - 1);
        found.measurement = OTHER_MEASUREMENT;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongMeasurement.selector, 1, 0));
        this.renew(operator, found);

        bytes32 expected = found.identity;
        found = attestation(operator, account("bob"), block.number - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongIdentity.selector, found.identity, expected));
        this.renew(operator, found);
    }

    /* LEAVING */

    function test_leaveSeat_endsTheSeatInTheEpochAfterNext() public {
        takeSeat("alice");
        goToEpoch(7);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatLeft(0, 9);
        vm.prank(operator);
        enigma.leaveSeat(0);
        assertEq(enigma.seat(0).exitEpoch, 9, "exit");
    }

    function test_leaveSeat_revertsWhen_itEndsAnyway() public {
        takeSeat("alice");
        goToEpoch(18);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 20, 18));
        vm.prank(operator);
        enigma.leaveSeat(0);
    }

    function test_leaveSeat_revertsWhen_notTheOperator_orNoSeat() public {
        takeSeat("alice");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NotOperator.selector, user, operator));
        vm.prank(user);
        enigma.leaveSeat(0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 1));
        enigma.leaveSeat(1);
    }

    /* WITHDRAWING */

    function test_withdrawSeat_paysCreditAtOnceAndTheBondAfterCoolDown() public {
        startNetwork();
        Task memory task = request();
        uint256 id = selectedSeat(task, 0);
        skipBlocks(1);
        settle(task, 0, 0, "");
        address payable to = payable(account("to"));

        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatWithdrawn(id, to, FEE, 0);
        vm.prank(operator);
        enigma.withdrawSeat(id, to);
        assertEq(to.balance, FEE * 1 gwei, "credit");
        assertEq(enigma.seat(id).signer, selectedSigner(task, 0), "the seat is unchanged");

        goToEpoch(21);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NothingToWithdraw.selector));
        vm.prank(operator);
        enigma.withdrawSeat(id, to);

        goToEpoch(22);
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatWithdrawn(id, to, 0, 1e9);
        vm.prank(operator);
        enigma.withdrawSeat(id, to);
        assertEq(to.balance, 1 ether + FEE * 1 gwei, "bond");

        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NothingToWithdraw.selector));
        vm.prank(operator);
        enigma.withdrawSeat(id, to);
    }

    function test_withdrawSeat_revertsWhen_notTheOperator() public {
        takeSeat("alice");
        goToEpoch(22);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NotOperator.selector, user, operator));
        vm.prank(user);
        enigma.withdrawSeat(0, payable(user));
    }

    function test_withdrawSeat_revertsWhen_thePaymentIsRefused() public {
        takeSeat("alice");
        goToEpoch(22);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.PaymentFailed.selector, address(dapp), 1 ether));
        vm.prank(operator);
        enigma.withdrawSeat(0, payable(address(dapp)));
        assertEq(enigma.seat(0).bondGwei, 1e9, "nothing is lost");
    }

    function test_seat_revertsWhen_thereIsNone() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 0));
        enigma.seat(0);
    }

    function test_takeSeat_endsWithTheLastEpochThatFits() public {
        vm.roll(enigma.boundaryBlock(LAST_EPOCH - 10) + 1);
        takeSeat("alice");
        assertEq(enigma.seat(0).exitEpoch, LAST_EPOCH, "exit");
        vm.roll(enigma.boundaryBlock(LAST_EPOCH - 2) + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NeverLive.selector, LAST_EPOCH, LAST_EPOCH));
        this.takeAgain(0);
    }

    /* HELPERS */

    /// @dev External, so that `expectRevert` meets the contract's call and not the helper's first view.
    function takeAgain(uint256 reuse) external {
        takeSeat("bob", reuse, operator);
    }

    function renew(address by, Attestation calldata found) external {
        _renew(by, found);
    }

    function _renew(address by, Attestation memory found) private {
        vm.prank(by);
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, abi.encode(found), LEAF);
    }

    function _take(Attestation memory found, address signer, bytes32 inputKey, uint256 identityBlock, uint256 value)
        private
    {
        vm.prank(operator);
        enigma.takeSeat{value: value}(0, signer, inputKey, identityBlock, abi.encode(found), LEAF);
    }

    function _refuses(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    /// @dev A network whose seats end with their collateral.
    function _shortGrace() private returns (IEnigma) {
        Parameters memory p = parameters();
        p.collateralGraceSeconds = 0;
        return deploy(p);
    }
}
