// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {IEnigmaSeats, SeatView, SignedReceipt} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Standing} from "../src/interfaces/IAttestationVerifier.sol";
import {LAST_EPOCH} from "../src/types/Seat.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {Task} from "../src/types/Task.sol";
import {SeatWorld} from "./support/SeatWorld.sol";
import {vm} from "./support/Vm.sol";

/// Reports, and reports once more while it is being paid.
contract GreedyReporter {
    IEnigma private immutable ENIGMA;
    bytes private _again;
    bytes public answer;

    constructor(IEnigma enigma_) {
        ENIGMA = enigma_;
    }

    function report(bytes calldata first, bytes calldata again) external {
        _again = again;
        (bool ok,) = address(ENIGMA).call(first);
        require(ok);
    }

    receive() external payable {
        (, answer) = address(ENIGMA).call(_again);
    }
}

/// SEATS: what becomes of one whose enclave signed two results.
contract SlashingTest is SeatWorld {
    function setUp() public override {
        super.setUp();
        startNetwork();
    }

    /* WHAT PROVES IT */

    function test_S23_slash_takesTwoReceipts_eachSignedAloneOrInABatch() public {
        string[3] memory names = ["alice", "bob", "carol"];
        for (uint256 id; id < 3; ++id) {
            string memory name = names[id];
            SignedReceipt memory a = id == 2 ? batchReceipt(name, "one") : receipt(name, "one");
            SignedReceipt memory b = id == 0 ? receipt(name, "two") : batchReceipt(name, "two");
            vm.prank(reporter);
            enigma.slash(id, TASK, ANCHOR, a, b);
            assertEq(enigma.seat(id).activeEpoch, LAST_EPOCH, "out at once");
        }
    }

    function test_S23_slash_takesReceiptsThatDifferInAnyField() public {
        for (uint256 field; field < 4; ++field) {
            SignedReceipt memory other = unsigned("one");
            if (field == 0) other.codeHash = keccak256("other code");
            if (field == 1) other.inputsHash = keccak256("other inputs");
            if (field == 2) other.outputHash = keccak256("other output");
            if (field == 3) other.status = 1;
            other = _sign(other);
            if (field != 0) takeSeat("alice");
            SignedReceipt memory one = receipt("alice", "one");
            vm.prank(reporter);
            enigma.slash(field == 0 ? 0 : 2 + field, TASK, ANCHOR, one, other);
        }
    }

    function test_S23_slash_revertsWhen_theReceiptsAreTheSame() public {
        SignedReceipt memory one = receipt("alice", "one");
        bytes memory refusal = abi.encodeWithSelector(IEnigmaSeats.SameReceipt.selector, hashOf(one, TASK, ANCHOR));
        _refuses(0, one, one, refusal);
        // Signed once alone and once in a batch, as a worker may that settles late.
        _refuses(0, one, batchReceipt("alice", "one"), refusal);
    }

    function test_S23_slash_revertsWhen_oneIsOfAnotherTaskOrBranch() public {
        SignedReceipt memory one = receipt("alice", "one");
        bytes32[2][2] memory others = [[keccak256("other task"), ANCHOR], [TASK, keccak256("another branch")]];
        for (uint256 i; i < 2; ++i) {
            SignedReceipt memory other = receipt("alice", others[i][0], others[i][1], "two");
            bytes4 refusal = IEnigmaSeats.NotSeatSigner.selector;
            vm.expectPartialRevert(refusal);
            enigma.slash(0, TASK, ANCHOR, one, other);
            vm.expectPartialRevert(refusal);
            enigma.slash(0, TASK, ANCHOR, other, one);
        }
    }

    function test_S23_slash_revertsWhen_anotherSigned() public {
        bytes memory refusal =
            abi.encodeWithSelector(IEnigmaSeats.NotSeatSigner.selector, account("bob"), account("alice"));
        _refuses(0, receipt("alice", "one"), receipt("bob", "two"), refusal);
        _refuses(0, receipt("bob", "one"), receipt("alice", "two"), refusal);
        _refuses(0, receipt("bob", "one"), receipt("bob", "two"), refusal);
        _refuses(0, receipt("alice", "one"), batchReceipt("bob", "two"), refusal);
        SignedReceipt memory none = unsigned("two");
        _refuses(
            0,
            receipt("alice", "one"),
            none,
            abi.encodeWithSelector(IEnigmaSeats.NotSeatSigner.selector, address(0), account("alice"))
        );
    }

    function test_S2_S23_slash_revertsWhen_signedForAnotherContract() public {
        SignedReceipt memory one = receipt("alice", "one");
        SignedReceipt memory two = unsigned("two");
        bytes32 domain = deploy(parameters()).domainSeparator();
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, hashOf(two, TASK, ANCHOR)));
        (two.r, two.vs) = vm.signCompact(key("alice"), digest);
        vm.expectPartialRevert(IEnigmaSeats.NotSeatSigner.selector);
        enigma.slash(0, TASK, ANCHOR, one, two);
    }

    function test_S23_slash_revertsWhen_theReceiptIsNotInItsBatch() public {
        SignedReceipt memory one = receipt("alice", "one");
        SignedReceipt memory two = batchReceipt("alice", "two");
        bytes32 hash = hashOf(two, TASK, ANCHOR);
        uint16[3] memory elsewhere = [uint16(0), 2, 3];
        for (uint256 i; i < 3; ++i) {
            two.index = elsewhere[i];
            _refuses(0, one, two, abi.encodeWithSelector(IEnigmaSeats.NotInBatch.selector, hash, elsewhere[i]));
        }
        two.index = 1;
        two.outputHash = keccak256("never signed");
        hash = hashOf(two, TASK, ANCHOR);
        _refuses(0, one, two, abi.encodeWithSelector(IEnigmaSeats.NotInBatch.selector, hash, 1));
    }

    function test_slash_revertsWhen_thereIsNoSeat() public {
        SignedReceipt memory one = receipt("alice", "one");
        _refuses(7, one, one, abi.encodeWithSelector(IEnigmaSeats.UnknownSeat.selector, 7));
    }

    /* WHAT IT TAKES */

    function test_S22_S23_slash_paysHalfOfTheBondAndBurnsTheOther() public {
        (SignedReceipt memory a, SignedReceipt memory b) = (receipt("alice", "one"), receipt("alice", "two"));
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatSlashed(0, reporter, TASK, BOND_GWEI / 2, BOND_GWEI / 2);
        vm.prank(reporter);
        enigma.slash(0, TASK, ANCHOR, a, b);
        assertEq(reporter.balance, BOND_GWEI / 2 * 1 gwei, "reward");
        assertEq(enigma.burnedGwei(), BOND_GWEI / 2, "burned");
        assertEq(enigma.seat(0).bondGwei, 0, "bond");
        assertEq(enigma.seat(1).bondGwei, BOND_GWEI, "nobody else's");
        requireSolvent();
    }

    function test_S22_S23_slash_losesNoGweiOfAnOddBond() public {
        enigma = _withBond(BOND_GWEI + 1);
        takeSeat("alice");
        slash(0, "alice");
        assertEq(reporter.balance, BOND_GWEI / 2 * 1 gwei, "reward");
        assertEq(enigma.burnedGwei(), BOND_GWEI / 2 + 1, "burned");
        requireSolvent();
    }

    function test_S22_S23_slash_happensOnce() public {
        slash(0, "alice");
        (SignedReceipt memory a, SignedReceipt memory b) = (receipt("alice", "one"), receipt("alice", "two"));
        _refuses(0, a, b, abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 0));
        goToEpoch(3);
        _refuses(0, a, b, abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 0));
        goToEpoch(4);
        _refuses(0, a, b, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 0, 2, 4));
    }

    function test_S23_slash_takesTheSeatOutAtOnce_andTheRanksBehindMoveUp() public {
        Task memory task = request();
        skipBlocks(1);
        uint256 id = selectedSeat(task, 0);
        uint256 next = selectedSeat(task, 1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, "");
        slash(id, _nameOf(id));
        assertEq(selectedSeat(task, 0), next, "rank 1 has become rank 0");
        address found = enigma.seat(id).signer;
        vm.expectRevert(
            abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, found, enigma.seat(next).signer)
        );
        enigma.settle(task, 0, 0, "", r, vs);
        settle(task, 0, 0, "");
        assertEq(enigma.seat(next).creditGwei, FEE, "the fee is the next rank's");
    }

    function test_S22_S23_slash_leavesTheCreditToTheOperator() public {
        Task memory task = request();
        skipBlocks(1);
        uint256 id = selectedSeat(task, 0);
        settle(task, 0, 0, "");
        slash(id, _nameOf(id));
        uint256 before = operator.balance;
        withdraw(id);
        assertEq(operator.balance, before + FEE * 1 gwei, "what it has earned, and no bond");
        goToEpoch(10);
        vm.prank(operator);
        vm.expectRevert(IEnigmaTasks.NothingToWithdraw.selector);
        enigma.withdrawSeat(id, payable(operator));
        takeSeat("dave", id + 1, user);
        assertEq(enigma.owedGwei(operator), 0, "nor when it is retaken");
        requireSolvent();
    }

    function test_S23_slash_neitherRenewsNorLeavesNorRelocates() public {
        slash(2, "carol");
        bytes memory over = abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 2, 2, 2);
        vm.expectRevert(over);
        this.doRenew(2);
        vm.expectRevert(over);
        this.doLeave(2);
        vm.expectRevert(over);
        enigma.relocateSeat(2, 0);
        vm.expectRevert(over);
        this.doRotate(2, 0, "dave");
    }

    function test_S22_slash_givesTheReporterNothingMore_whileItIsPaid() public {
        GreedyReporter greedy = new GreedyReporter(enigma);
        (SignedReceipt memory a, SignedReceipt memory b) = (receipt("alice", "one"), receipt("alice", "two"));
        (SignedReceipt memory c, SignedReceipt memory d) = (receipt("bob", "one"), receipt("bob", "two"));
        greedy.report(
            abi.encodeCall(enigma.slash, (0, TASK, ANCHOR, a, b)), abi.encodeCall(enigma.slash, (1, TASK, ANCHOR, c, d))
        );
        assertEq(bytes32(bytes4(greedy.answer())), bytes32(IEnigmaTasks.Reentered.selector), "locked");
        assertEq(address(greedy).balance, BOND_GWEI / 2 * 1 gwei, "one reward");
        requireSolvent();
    }

    function test_S22_slash_revertsWhen_theReporterCannotBePaid() public {
        SignedReceipt memory a = receipt("alice", "one");
        bytes memory refusal =
            abi.encodeWithSelector(IEnigmaTasks.PaymentFailed.selector, address(this), BOND_GWEI / 2 * 1 gwei);
        _refuses(0, a, receipt("alice", "two"), refusal);
        slash(0, "alice");
    }

    /* WHEN */

    function test_S23_slash_reachesASeatThatLeft_untilItIsCool() public {
        leaveSeat(0); // exit 4
        leaveSeat(1);
        goToEpoch(5);
        slash(0, "alice");
        assertEq(enigma.seat(0).exitEpoch, 4, "the cool-down is not lengthened");
        goToEpoch(6);
        (SignedReceipt memory a, SignedReceipt memory b) = (receipt("bob", "one"), receipt("bob", "two"));
        _refuses(1, a, b, abi.encodeWithSelector(IEnigmaSeats.SeatNotLive.selector, 1, 4, 6));
    }

    function test_S23_slash_reachesASeatThatIsNotYetActive() public {
        uint256 id = takeSeat("dave");
        slash(id, "dave");
        startEpoch(4);
        for (uint256 lane; lane < 50; ++lane) {
            (uint256 drawn,) = enigma.selected(4, address(dapp), lane, 0);
            assertTrue(drawn != id, "drawn after it was slashed");
        }
    }

    function test_S23_slash_reachesASeatThatARecheckRevoked() public {
        bytes memory record = recordOf(machineOf(account("alice")));
        verifier.setStanding(record, Standing.Revoked);
        enigma.recheck(0, record);
        slash(0, "alice");
        assertEq(reporter.balance, BOND_GWEI / 2 * 1 gwei, "reward");
        requireSolvent();
    }

    function test_S23_slash_reachesASeatOfARevokedMeasurement() public {
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        slash(0, "alice");
        assertEq(reporter.balance, BOND_GWEI / 2 * 1 gwei, "reward");
    }

    /// It loses the fee that was to pay for its grant as well, and nobody can activate it.
    function test_S22_S23_slash_reachesASeatThatWaitsForTheSecret() public {
        _makeSecret();
        uint256 id = takeSeat("dave");
        join("dave", id);
        slash(id, "dave");
        assertEq(reporter.balance, (BOND_GWEI + JOIN_FEE_GWEI) / 2 * 1 gwei, "reward");
        assertEq(enigma.seat(id).joinFeeGwei, 0, "no fee is held");
        requireSolvent();
        (bytes32 r, bytes32 vs) = signedGrant("bob", id, joinKeyOf("dave"), 1);
        vm.expectPartialRevert(bytes4(keccak256("SeatCannotHold(uint256)")));
        registry.grantKey(id, 1, joinKeyOf("dave"), 1, CIPHERTEXT, r, vs);
        assertEq(enigma.seat(id).activeEpoch, LAST_EPOCH, "never active");
        SignedReceipt memory a = receipt("dave", "one");
        _refuses(id, a, receipt("dave", "two"), abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, id));
    }

    /* WHO ANSWERS FOR IT */

    function test_S23_slash_asksEachSeatOfTheSigner() public {
        uint256 second = takeSeat("alice");
        slash(0, "alice");
        assertEq(enigma.seat(second).bondGwei, BOND_GWEI, "not yet");
        slash(second, "alice");
        assertEq(reporter.balance, BOND_GWEI * 1 gwei, "two rewards");
        // It comes back: the old proof is as good as ever.
        slash(takeSeat("alice"), "alice");
        requireSolvent();
    }

    function test_S23_slash_ofARotatedSeat_takesTheBondOfTheOneInItsPlace() public {
        goToEpoch(4);
        uint256 to = rotate(0, 0, "dave");
        vm.expectEmit(address(enigma));
        emit IEnigmaSeats.SeatEnded(to, 4, true);
        slash(0, "alice");
        assertEq(reporter.balance, BOND_GWEI / 2 * 1 gwei, "reward");
        assertEq(enigma.seat(to).bondGwei, 0, "its bond");
        assertEq(enigma.seat(to).activeEpoch, LAST_EPOCH, "out as well");
        assertEq(enigma.seat(0).activeEpoch, LAST_EPOCH, "out");
        requireSolvent();
        SignedReceipt memory a = receipt("dave", "one");
        _refuses(to, a, receipt("dave", "two"), abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, to));
        a = receipt("alice", "one");
        _refuses(0, a, receipt("alice", "two"), abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 0));
    }

    /// The bond is gone with the new seat: the old one is out for nothing, once.
    function test_S23_slash_ofARotatedSeat_takesItOut_thoughTheBondIsGone() public {
        goToEpoch(4);
        uint256 to = rotate(0, 0, "dave");
        slash(to, "dave");
        assertTrue(enigma.seat(0).activeEpoch != LAST_EPOCH, "it answers for itself alone");
        uint256 before = reporter.balance;
        slash(0, "alice");
        assertEq(enigma.seat(0).activeEpoch, LAST_EPOCH, "out");
        assertEq(reporter.balance, before, "no second reward");
        SignedReceipt memory a = receipt("alice", "one");
        _refuses(0, a, receipt("alice", "two"), abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 0));
        requireSolvent();
    }

    /// Nothing is paid, so that nobody need be able to take it.
    function test_S23_slash_ofARotatedSeat_withoutABond_isAnybodysToReport() public {
        goToEpoch(4);
        slash(rotate(0, 0, "dave"), "dave");
        SignedReceipt memory a = receipt("alice", "one");
        enigma.slash(0, TASK, ANCHOR, a, receipt("alice", "two"));
        assertEq(enigma.seat(0).activeEpoch, LAST_EPOCH, "out");
    }

    function test_S23_slash_followsAChainOfSeats() public {
        takeSeat("dave"); // 3
        leaveSeat(0); // a hole from epoch 6 on
        startEpoch(7);
        uint256 last = rotate(3, 0, "erin"); // 4, of five seats
        uint256 into = 0;
        enigma.relocateSeat(last, into);
        slash(3, "dave");
        assertEq(enigma.seat(into).bondGwei, 0, "the bond has come as far as here");
        assertEq(enigma.seat(into).activeEpoch, LAST_EPOCH, "out");
        requireSolvent();
    }

    function test_S23_slash_ofARelocatedSeat_takesBothPlaces_andOneBond() public {
        takeSeat("dave");
        leaveSeat(0);
        startEpoch(7);
        enigma.relocateSeat(3, 0);
        slash(3, "dave");
        assertEq(enigma.seat(0).bondGwei, 0, "bond");
        SignedReceipt memory a = receipt("dave", "one");
        _refuses(0, a, receipt("dave", "two"), abi.encodeWithSelector(IEnigmaSeats.NoBond.selector, 0));
        assertEq(reporter.balance, BOND_GWEI / 2 * 1 gwei, "one reward");
        requireSolvent();
    }

    /// The new place was revoked at once, is cool before the old one, and is somebody else's by then: he answers for nothing.
    function test_S22_S23_slash_neverReachesWhoeverRetookTheNewPlace() public {
        takeSeat("dave");
        leaveSeat(0);
        startEpoch(7);
        enigma.relocateSeat(3, 0); // 3 exits in 9
        slash(0, "dave"); // exits in 7
        goToEpoch(9);
        takeSeat("frank", 1, user);
        uint256 before = reporter.balance;
        slash(3, "dave");
        assertEq(reporter.balance, before, "nothing to be had");
        SeatView memory innocent = enigma.seat(0);
        assertEq(innocent.bondGwei, BOND_GWEI, "his bond");
        assertEq(innocent.activeEpoch, 11, "his seat");
        requireSolvent();
    }

    /* HELPERS, external where a revert is expected */

    function doRenew(uint256 id) external {
        renew(id);
    }

    function doLeave(uint256 id) external {
        leaveSeat(id);
    }

    function doRotate(uint256 from, uint256 reuse, string calldata name) external {
        rotate(from, reuse, name);
    }

    function _sign(SignedReceipt memory one) private view returns (SignedReceipt memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", enigma.domainSeparator(), hashOf(one, TASK, ANCHOR)));
        (one.r, one.vs) = vm.signCompact(key("alice"), digest);
        return one;
    }

    function _refuses(uint256 id, SignedReceipt memory a, SignedReceipt memory b, bytes memory refusal) private {
        vm.expectRevert(refusal);
        enigma.slash(id, TASK, ANCHOR, a, b);
    }

    function _nameOf(uint256 id) private pure returns (string memory) {
        return ["alice", "bob", "carol"][id];
    }

    function _makeSecret() private {
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
    }

    function _withBond(uint256 bondGwei) private returns (IEnigma made) {
        Parameters memory p = parameters();
        p.bondGwei = uint56(bondGwei);
        made = deploy(p);
        vm.roll(made.genesisBlock() + 1);
    }
}
