// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, PrefetchRange} from "../../src/dapp/EnigmaDapp.sol";
import {packTarget, Task} from "../../src/types/Task.sol";
import {Millionaires} from "../../../examples/millionaires/Millionaires.sol";
import {newStorageOf} from "../support/NewStorage.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// The rules of the club, run as the enclave runs them, on fortunes that only look sealed.
contract MillionairesTest is World {
    Millionaires private millionaires;
    address[] private members;
    uint256 private club;

    function setUp() public override {
        super.setUp();
        startNetwork();
        PrivateCalls.install();
        millionaires = new Millionaires(enigma);
        members = [account("yao"), account("ann"), account("ben")];
        club = millionaires.open(members);
    }

    /* WHO IS THE RICHEST */

    function test_compare_findsTheRichest() public {
        _enterAll([uint256(3), 7, 5]);
        Millionaires.Outcome memory outcome = _compare();
        assertEq(outcome.richest, members[1], "richest");
        assertEq(outcome.counted, 3, "counted");
        assertEq(outcome.round, 1, "round");
    }

    function testFuzz_compare_findsTheRichest_whereverHeStands(uint128[3] memory fortunes) public {
        _enterAll([uint256(fortunes[0]), fortunes[1], fortunes[2]]);
        address richest = _compare().richest;
        for (uint256 i; i < 3; ++i) {
            if (members[i] != richest) continue;
            assertTrue(fortunes[i] >= fortunes[0] && fortunes[i] >= fortunes[1] && fortunes[i] >= fortunes[2], "most");
            return;
        }
        assertTrue(false, "a member");
    }

    function test_compare_ofEqualsTakesTheFirstOnTheList() public {
        _enterAll([uint256(1), 9, 9]);
        assertEq(_compare().richest, members[1], "richest");
    }

    function test_compare_sealsTheLeadForTheRichestAlone() public {
        _enterAll([uint256(10), 11, 0]);
        bytes memory lead = _compare().sealedLead;
        assertEq(PrivateCalls.openReply(_replyKey(members[1]), lead), abi.encode(Millionaires.Lead.Clear), "lead");
        vm.expectRevert();
        this.openReply(_replyKey(members[0]), lead);
    }

    function test_compare_tellsTheLeadInSteps() public {
        _leads(10, 10, Millionaires.Lead.Slight);
        _leads(109, 100, Millionaires.Lead.Slight);
        _leads(110, 100, Millionaires.Lead.Clear);
        _leads(199, 100, Millionaires.Lead.Clear);
        _leads(200, 100, Millionaires.Lead.Large);
        _leads(999, 100, Millionaires.Lead.Large);
        _leads(1000, 100, Millionaires.Lead.Huge);
        _leads(type(uint128).max, type(uint128).max, Millionaires.Lead.Slight);
    }

    function test_compare_passesOverWhatIsNoFortune() public {
        uint256[3] memory fortunes = [uint256(type(uint128).max) + 1, 1, 0];
        _enter(members[0], fortunes[0]);
        _enter(members[1], fortunes[1]);
        bytes memory forged = _sealed(members[2], 100);
        forged[60] = 0x77; // not what his key would have made
        _enter(members[2], 1, forged);
        Millionaires.Outcome memory outcome = _compare();
        assertEq(outcome.richest, members[1], "richest");
        assertEq(outcome.counted, 1, "counted");
    }

    function test_compare_endsTheRound_whenNoFortuneOpens() public {
        for (uint256 i; i < 3; ++i) {
            _enter(members[i], 1, _sealed(members[(i + 1) % 3], 100));
        }
        Millionaires.Outcome memory outcome = _compare();
        assertEq(outcome.richest, address(0), "richest");
        assertEq(outcome.counted, 0, "counted");
        assertEq(outcome.sealedLead, "", "lead");
    }

    function test_prefetch_namesTheFortunesOfTheClubThatWasOpenedLast() public {
        _enterAll([uint256(3), 7, 5]);
        _prefetchesFortunes();
        club = millionaires.open(members);
        _enterAll([uint256(1), 2, 3]);
        _prefetchesFortunes();
        _done(_compare());
        assertEq(millionaires.enigmaPrefetch(millionaires.compare.selector).length, 6, "of the round that began");
    }

    function test_prefetch_namesNothing_forOtherFunctionsOrWithoutAClub() public {
        assertEq(millionaires.enigmaPrefetch(millionaires.clubOf.selector).length, 0, "another function");
        assertEq(new Millionaires(enigma).enigmaPrefetch(millionaires.compare.selector).length, 0, "no club");
    }

    /* WHO MAY ASK FOR WHAT */

    function test_S26_compare_revertsWhen_theCallerIsNoMember() public {
        _enterAll([uint256(3), 7, 5]);
        bytes32 entries = millionaires.clubOf(club).entriesHash;
        vm.expectRevert(abi.encodeWithSelector(Millionaires.NotAMember.selector, user));
        vm.prank(user);
        millionaires.compare(club, entries);
    }

    function test_compare_revertsWhen_somebodyIsMissing() public {
        _enter(members[0], 3);
        _enter(members[1], 7);
        bytes32 entries = millionaires.clubOf(club).entriesHash;
        vm.expectRevert(abi.encodeWithSelector(Millionaires.RoundNotFull.selector, 2, 3));
        vm.prank(members[0]);
        millionaires.compare(club, entries);
    }

    function test_S27_compare_revertsWhen_theEntriesAreOthersThanTheCallerSaw() public {
        _enterAll([uint256(3), 7, 5]);
        bytes32 seen = millionaires.clubOf(club).entriesHash;
        _done(_compare());
        _enterAll([uint256(4), 7, 5]);
        bytes32 found = millionaires.clubOf(club).entriesHash;
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.StateChanged.selector, found, seen));
        vm.prank(members[0]);
        millionaires.compare(club, seen);
    }

    /* ENTERING */

    function test_enter_revertsWhen_theMemberEnteredBefore() public {
        _enter(members[0], 3);
        bytes memory fortune = _sealed(members[0], 4);
        vm.expectRevert(abi.encodeWithSelector(Millionaires.EnteredBefore.selector, 1));
        _enter(members[0], 1, fortune);
    }

    function test_enter_revertsWhen_noMember_orSealedForAnotherRound_orWithoutAKey() public {
        bytes memory fortune = _sealed(user, 4);
        vm.expectRevert(abi.encodeWithSelector(Millionaires.NotAMember.selector, user));
        _enter(user, 1, fortune);
        vm.expectRevert(abi.encodeWithSelector(Millionaires.OtherRound.selector, 1));
        _enter(members[0], 2, fortune);
        vm.expectRevert(Millionaires.NoReplyKey.selector);
        vm.prank(members[0]);
        millionaires.enter(club, 1, fortune, 0);
    }

    function test_enter_revertsWhen_theDataIsLongerThanANumber() public {
        bytes memory fortune = PrivateCalls.seal(address(millionaires), new bytes(64), members[0], _label(1));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, fortune.length));
        _enter(members[0], 1, fortune);
    }

    function test_aFortuneOpensInNoOtherRoundAndNoOtherClub() public {
        _enterAll([uint256(3), 7, 5]);
        bytes memory old = _sealed(members[1], 7);
        _done(_compare());
        _enter(members[0], 3);
        _enter(members[1], 2, old);
        _enter(members[2], 5);
        assertEq(_compare().richest, members[2], "richest");
        assertTrue(_label(1) != millionaires.roundLabel(club + 1, 1), "label");
    }

    /* THE RESULT */

    function test_compareDone_announcesTheRichest_andBeginsTheNextRound() public {
        _enterAll([uint256(3), 7, 5]);
        Millionaires.Outcome memory outcome = _compare();
        bytes4 callable = Millionaires.compare.selector;
        Task memory task = request(user, 0, packTarget(address(millionaires), callable, 200_000, 512, 4), FEE, FEE);
        skipBlocks(1);
        vm.expectEmit(address(millionaires));
        emit Millionaires.Compared(club, 1, members[1], 3, enigma.taskIdOf(task), outcome.sealedLead);
        settle(task, 0, 0, abi.encode(outcome));
        assertEq(millionaires.richestOf(club, 1), members[1], "richest");
        Millionaires.Club memory after_ = millionaires.clubOf(club);
        assertEq(after_.round, 2, "round");
        assertEq(after_.entered, 0, "entered");
        assertEq(after_.entriesHash, _label(2), "entriesHash");
    }

    /// State is the dearest thing on a chain: a club that goes on makes no more of it for its results.
    function test_compareDone_makesNoNewStorage_onceTheLatestRoundsAreKept() public {
        uint256 kept = millionaires.ROUNDS_KEPT();
        for (uint256 round = 1; round <= kept + 3; ++round) {
            _enterAll([round, 7, 3]);
            Millionaires.Outcome memory outcome = _compare();
            vm.startStateDiffRecording();
            _done(outcome);
            uint256 created = newStorageOf(address(millionaires), vm.stopAndReturnStateDiff());
            assertEq(created, round <= kept ? 1 : 0, "words");
        }
        assertEq(millionaires.richestOf(club, 3), address(0), "no longer kept");
        assertEq(millionaires.richestOf(club, 4), members[1], "kept");
        assertEq(millionaires.richestOf(club, kept + 3), members[0], "the last");
        assertEq(millionaires.richestOf(club + 1, 4), address(0), "of another club");
    }

    function test_compareDone_revertsWhen_theRoundIsOver_orNotFromEnigma() public {
        _enterAll([uint256(3), 7, 5]);
        Millionaires.Outcome memory outcome = _compare();
        _done(outcome);
        vm.expectRevert(abi.encodeWithSelector(Millionaires.ComparedBefore.selector, 1));
        _done(outcome);
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, members[0]));
        vm.prank(members[0]);
        millionaires.compareDone(outcome);
    }

    /* CLUBS */

    function test_open_revertsWhen_thereAreTooFewOrTooMany_orOneTwice() public {
        vm.expectRevert(abi.encodeWithSelector(Millionaires.InvalidClub.selector, 2));
        millionaires.open(new address[](2));
        vm.expectRevert(abi.encodeWithSelector(Millionaires.InvalidClub.selector, 33));
        millionaires.open(new address[](33));
        members[2] = members[0];
        vm.expectRevert(abi.encodeWithSelector(Millionaires.InvalidMember.selector, members[0]));
        millionaires.open(members);
        members[2] = address(0);
        vm.expectRevert(abi.encodeWithSelector(Millionaires.InvalidMember.selector, address(0)));
        millionaires.open(members);
    }

    function test_clubOf_revertsWhen_thereIsNone() public {
        vm.expectRevert(abi.encodeWithSelector(Millionaires.NoSuchClub.selector, club + 1));
        millionaires.clubOf(club + 1);
    }

    /* HELPERS */

    function openReply(bytes32 key, bytes calldata reply) external pure returns (bytes memory) {
        return PrivateCalls.openReply(key, reply);
    }

    function _leads(uint256 most, uint256 next, Millionaires.Lead lead) private {
        _enterAll([most, next, 0]);
        Millionaires.Outcome memory outcome = _compare();
        assertEq(PrivateCalls.openReply(_replyKey(members[0]), outcome.sealedLead), abi.encode(lead), "lead");
        _done(outcome);
    }

    /// @dev Of `club`, in the order of its members: a slot that says 96 bytes, and three that hold them.
    function _prefetchesFortunes() private view {
        PrefetchRange[] memory ranges = millionaires.enigmaPrefetch(millionaires.compare.selector);
        assertEq(ranges.length, 2 * members.length, "ranges");
        for (uint256 i; i < members.length; ++i) {
            bytes memory fortune = millionaires.sealedData(members[i], _label(millionaires.clubOf(club).round));
            (PrefetchRange memory length, PrefetchRange memory data) = (ranges[2 * i], ranges[2 * i + 1]);
            assertEq(uint256(vm.load(length.account, bytes32(length.firstSlot))), 2 * 96 + 1, "length");
            assertEq(data.count, 3, "slots");
            assertEq(vm.load(data.account, bytes32(data.firstSlot + 1)), _wordAt(fortune, 1), "bytes");
        }
    }

    function _wordAt(bytes memory data, uint256 index) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(data, mul(0x20, add(index, 1))))
        }
    }

    function _enterAll(uint256[3] memory fortunes) private {
        for (uint256 i; i < 3; ++i) {
            _enter(members[i], fortunes[i]);
        }
    }

    function _enter(address member, uint256 fortune) private {
        _enter(member, millionaires.clubOf(club).round, _sealed(member, fortune));
    }

    function _enter(address member, uint256 round, bytes memory fortune) private {
        vm.prank(member);
        millionaires.enter(club, round, fortune, _replyKey(member));
    }

    function _sealed(address member, uint256 fortune) private view returns (bytes memory) {
        bytes32 label = _label(millionaires.clubOf(club).round);
        return PrivateCalls.seal(address(millionaires), abi.encode(fortune), member, label);
    }

    function _label(uint256 round) private view returns (bytes32) {
        return millionaires.roundLabel(club, round);
    }

    function _replyKey(address member) private pure returns (bytes32) {
        return keccak256(abi.encode("reply key", member));
    }

    function _compare() private returns (Millionaires.Outcome memory) {
        bytes32 entries = millionaires.clubOf(club).entriesHash;
        vm.prank(members[2]);
        return millionaires.compare(club, entries);
    }

    function _done(Millionaires.Outcome memory outcome) private {
        vm.prank(address(enigma));
        millionaires.compareDone(outcome);
    }
}
