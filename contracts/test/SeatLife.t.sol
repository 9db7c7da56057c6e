// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Standing} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {LAST_EPOCH, tagOf} from "../src/types/Seat.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {Task} from "../src/types/Task.sol";
import {SeatWorld} from "./support/SeatWorld.sol";
import {vm} from "./support/Vm.sol";

/// SEATS: another in the place of one's own, a lower place, and the end of the list. COOL is 2 epochs here.
contract SeatLifeTest is SeatWorld {
    /// By signer; zero for a machine of the signer's own.
    mapping(address signer => uint256) private _machines;

    function setUp() public override {
        super.setUp();
        startNetwork();
    }

    function machineOf(address signer) internal view override returns (uint256) {
        return _machines[signer] == 0 ? uint160(signer) : _machines[signer];
    }

    function keyOf(address signer) internal pure override returns (uint256) {
        return signer == account("dave") ? key("dave") : super.keyOf(signer);
    }

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
        leave(1); // exit 4
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
        leave(0);
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
        leave(0); // listed, and cool in 5
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
        leave(0); // exit 4, cool in 6
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
        leave(3); // exit 9
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 3, 9, 7));
        enigma.relocateSeat(3, 0);
        enigma.relocateSeat(2, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 2, 9, 7));
        enigma.relocateSeat(2, 0);
    }

    function test_S7_relocateSeat_revertsWhen_theSeatWaitsForTheSecret() public {
        _makeSecret();
        uint256 id = takeSeat("dave");
        leave(0);
        goToEpoch(7);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, id, 22, 7));
        enigma.relocateSeat(id, 0);
    }

    /// Taken in this very epoch: it would be active in the old place from the epoch on in which it leaves it.
    function test_S7_relocateSeat_ofASeatThatIsNotYetActive() public {
        takeSeat("dave");
        leave(0);
        leave(3);
        goToEpoch(6);
        takeSeat("erin", 4, operator);
        enigma.relocateSeat(3, 0);
        assertEq(enigma.seat(0).activeEpoch, 8, "active");
        assertEq(enigma.seat(3).exitEpoch, 8, "never in the old place");
    }

    function test_S7_relocateSeat_keepsItsPlaceOnAFullMachine() public {
        _limitMachinesTo(1);
        takeSeat("dave");
        leave(0);
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
        leave(2);
        leave(3); // cool in 6
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
        leave(2);
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
        leave(2);
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
        leave(2);
        goToEpoch(6);
        enigma.trimSeats(1);
        assertEq(enigma.owedGwei(operator), BOND_GWEI + FEE, "owed");
        vm.prank(operator);
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(2, payable(operator));
    }

    function test_S7_trimSeats_leavesNothingToRenewOrReport() public {
        leave(2);
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
        leave(2);
        leave(3);
        goToEpoch(6);
        enigma.trimSeats(2);
        for (uint256 i; i < 4; ++i) {
            assertEq(takeSeat("frank"), 2 + i, "appended");
        }
    }

    /// Moved down and trimmed, a list that has thinned out is dense again.
    function test_S7_aThinList_becomesDense() public {
        takeSeat("dave");
        leave(0);
        leave(1);
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

    /* THE DRAW */

    /// Between the seed and the last settlement of its epoch, none of these moves a rank.
    function test_S7_nothingMovesTheDrawOfAnEpochWhoseSeedExists() public {
        takeSeat("dave");
        takeSeat("erin"); // five seats
        leave(0);
        startEpoch(7);
        address[30] memory before = _draws(7);
        enigma.relocateSeat(4, 0);
        rotate(1, 0, "frank");
        leave(3);
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

    /* HELPERS, external where a revert is expected */

    function doRotate(uint256 from, uint256 reuse, string calldata name) external {
        rotate(from, reuse, name);
    }

    function doRenew(uint256 id) external {
        renew(id);
    }

    function doLeave(uint256 id) external {
        leave(id);
    }

    function doSlash(uint256 id, string calldata name) external {
        slash(id, name);
    }

    function doTake(string calldata name) external {
        takeSeat(name);
    }

    function doReuse(string calldata name, uint256 reuse) external {
        takeSeat(name, reuse, operator);
    }

    /// @dev Four seats, of which the first is free, in epoch 7; Dave's is the last.
    function _hole() private {
        takeSeat("dave");
        leave(0); // exit 4, cool in 6
        goToEpoch(7);
    }

    /// @dev The last seat moves to place 0.
    function _relocated() private {
        uint256 last = takeSeat("erin");
        leave(0);
        goToEpoch(enigma.currentEpoch() + 4);
        enigma.relocateSeat(last, 0);
    }

    function _postSeedHere() private {
        enigma.postSeed(enigma.currentEpoch(), "proof");
    }

    /// @dev A task whose rank 0 is this seat, ready to be settled: dApps are tried until one draws it.
    function _drawnOn(uint256 id) private returns (Task memory task) {
        for (uint160 i = 1; i < 100; ++i) {
            address to = address(uint160(address(dapp)) + i);
            vm.etch(to, address(dapp).code);
            (uint256 drawn,) = enigma.selected(enigma.currentEpoch(), to, 0, 0);
            if (drawn != id) continue;
            task = request(user, 0, target(to), FEE, FEE);
            skipBlocks(1);
            return task;
        }
        revert("never drawn");
    }

    function _draws(uint256 epoch) private view returns (address[30] memory signers) {
        for (uint256 i; i < 30; ++i) {
            (, signers[i]) = enigma.selected(epoch, address(dapp), i / 3, i % 3);
        }
    }

    function _full(string memory name) private view returns (bytes memory) {
        uint24 tag = tagOf(keccak256(abi.encode(machineOf(account(name)))));
        return abi.encodeWithSelector(IEnigmaSeats.PlatformFull.selector, tag, enigma.parameters().seatsPerPlatform);
    }

    function _makeSecret() private {
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
    }

    /// @dev The network again, in its own epoch 2.
    function _limitMachinesTo(uint256 limit) private {
        enigma = _again(limit);
        startNetwork();
    }

    function _again(uint256 limit) private returns (IEnigma) {
        Parameters memory p = parameters();
        p.seatsPerPlatform = uint8(limit);
        return deploy(p);
    }
}
