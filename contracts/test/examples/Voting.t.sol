// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp} from "../../src/dapp/EnigmaDapp.sol";
import {Private} from "../../src/dapp/Private.sol";
import {packTarget, Task} from "../../src/types/Task.sol";
import {Token} from "../../../examples/voting/Token.sol";
import {IERC20, Voting} from "../../../examples/voting/Voting.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// A poll with three choices. The count runs as the enclave runs it, with stand-ins for its calls.
contract VotingTest is World {
    uint96 private constant LEAST = 10;
    uint8 private constant CHOICES = 3;

    Token private token;
    Voting private voting;
    uint256 private poll;

    function setUp() public override {
        super.setUp();
        startNetwork();
        token = new Token(1_000_000_000);
        voting = new Voting(enigma, IERC20(address(token)));
        poll = voting.open("A question", CHOICES, 1 days, LEAST, true);
        PrivateCalls.install();
    }

    /* THE COUNT */

    function test_tally_weighsEachVoteByWhatItsVoterLocked() public {
        _vote(0, 400, 1);
        _vote(1, 350, 2);
        _vote(2, 30, 2);
        _end();
        (uint256 tallied, uint8 winner, uint256 counted, uint256[] memory votes) = voting.tally(poll);
        assertEq(tallied, poll, "poll");
        assertEq(counted, 3, "ballots");
        assertEq(winner, 1, "winner");
        assertEq(abi.encode(votes), _three(0, 400, 380), "votes");
    }

    function test_tally_countsTheLastBallotOfEachVoter_withAllThatHeLocked() public {
        _vote(0, 400, 1);
        _vote(0, 0, 0);
        _vote(0, 50, 2);
        _end();
        (, uint8 winner,, uint256[] memory votes) = voting.tally(poll);
        assertEq(winner, 2, "winner");
        assertEq(abi.encode(votes), _three(0, 0, 450), "votes");
    }

    function test_tally_tellsOnlyTheWinner_whereThePollShowsNoTotals() public {
        poll = voting.open("Another", CHOICES, 1 days, LEAST, false);
        _vote(0, 400, 1);
        _vote(1, 350, 2);
        _end();
        (, uint8 winner,, uint256[] memory votes) = voting.tally(poll);
        assertEq(winner, 1, "winner");
        assertEq(abi.encode(votes), _three(0, 0, 0), "votes");
    }

    function test_tally_hasNoWinner_atATie_orWithoutBallots() public {
        _vote(0, 400, 1);
        _vote(1, 400, 2);
        uint256 empty = voting.open("Another", CHOICES, 1 days, LEAST, true);
        _end();
        (, uint8 winner,,) = voting.tally(poll);
        assertEq(winner, voting.NONE(), "tie");
        (, winner,,) = voting.tally(empty);
        assertEq(winner, voting.NONE(), "nobody");
    }

    function testFuzz_tally_isTheSum_andItsWinnerHasMost(uint96[6] memory weights, uint8[6] memory choices) public {
        uint256[] memory sums = new uint256[](CHOICES);
        for (uint256 i; i < 6; ++i) {
            weights[i] = uint96(bound(weights[i], LEAST, 1_000_000));
            choices[i] %= CHOICES + 2;
            _vote(i, weights[i], choices[i]);
            if (choices[i] < CHOICES) sums[choices[i]] += weights[i];
        }
        _end();
        (, uint8 winner,, uint256[] memory votes) = voting.tally(poll);
        assertEq(abi.encode(votes), abi.encode(sums), "a ballot for none of the choices counts nothing");
        for (uint256 i; i < CHOICES; ++i) {
            if (winner == voting.NONE()) break;
            assertTrue(i == winner || sums[i] < sums[winner], "most");
        }
    }

    /// A second count, by other balances or by fewer ballots, would tell one voter's choice by its difference.
    function test_S13_tally_isTheSame_whateverHappensToTheTokensAfterwards() public {
        _vote(0, 400, 1);
        _vote(1, 350, 2);
        _end();
        bytes memory first = _tallyOutput();
        vm.prank(_voter(0));
        voting.unlock(poll);
        vm.prank(_voter(0));
        token.transfer(_voter(1), 400);
        vm.warp(block.timestamp + 30 days);
        assertEq(_tallyOutput(), first, "count");
    }

    function test_S13_tally_revertsWhile_ballotsMayStillChange() public {
        _vote(0, 400, 1);
        uint256 endsAt = voting.pollOf(poll).endsAt;
        vm.warp(endsAt);
        vm.expectRevert(abi.encodeWithSelector(Voting.PollRunning.selector, poll, endsAt));
        voting.tally(poll);
        _vote(1, 350, 2);
        vm.warp(endsAt + 1);
        voting.tally(poll);
        vm.expectRevert(abi.encodeWithSelector(Voting.PollOver.selector, poll, endsAt));
        vm.prank(_voter(0));
        voting.vote(poll, 0, _sealed(0, 1));
    }

    /// Whoever asks chooses the gas: with too little there is no count, and never one without the last ballots.
    function testFuzz_tally_withLittleGas_countsNothingElse(uint256 gasLimit) public {
        for (uint256 i; i < 5; ++i) {
            _vote(i, LEAST, uint8(i % 3));
        }
        _end();
        uint256 before = gasleft();
        bytes memory full = _tallyOutput();
        uint256 used = before - gasleft();
        gasLimit = bound(gasLimit, used / 10, used + used / 10);
        (bool ok, bytes memory output) = address(voting).staticcall{gas: gasLimit}(abi.encodeCall(Voting.tally, (poll)));
        if (ok) assertEq(output, full, "count");
    }

    function test_S9_aBallotThatIsAnothers_orOfAnotherPoll_orNoWord_countsNothing() public {
        uint256 other = voting.open("Another", CHOICES, 1 days, LEAST, true);
        _vote(0, 400, 1);
        _voteWith(1, 400, _sealed(0, 1));
        _voteWith(2, 400, PrivateCalls.seal(address(voting), abi.encode(1), _voter(2), bytes32(other)));
        bytes memory changed = _sealed(3, 1);
        changed[20] ^= 0x01;
        _voteWith(3, 400, changed);
        _voteWith(4, 400, PrivateCalls.seal(address(voting), new bytes(31), _voter(4), bytes32(poll)));
        _end();
        (,, uint256 counted, uint256[] memory votes) = voting.tally(poll);
        assertEq(counted, 1, "ballots");
        assertEq(abi.encode(votes), _three(0, 400, 0), "votes");
    }

    function test_receiveTally_storesTheResult_once() public {
        _vote(0, 400, 1);
        _end();
        uint64 fee = 100_000_000;
        Task memory task =
            request(user, 0, packTarget(address(voting), Voting.tally.selector, 100_000, 512, 6), fee, fee);
        skipBlocks(1);
        settle(task, 0, 0, _tallyOutput());
        assertTrue(voting.pollOf(poll).isCounted, "counted");
        assertEq(voting.pollOf(poll).winner, 1, "winner");
        vm.expectRevert(abi.encodeWithSelector(Voting.CountedBefore.selector, poll));
        vm.prank(address(enigma));
        voting.onEnigmaResult(0, Voting.tally.selector, abi.encode(poll, 2, 1, new uint256[](3)));
    }

    /* SECRECY */

    function test_S26_onChain_nothingIsOpened() public {
        _vote(0, 400, 1);
        _end();
        vm.etch(0x2a73967deea15EE5b41eCdeD5C83D47BF5A248d1, "");
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        voting.tally(poll);
    }

    function test_vote_revertsWhen_theLengthWouldTell() public {
        bytes memory long = PrivateCalls.seal(address(voting), new bytes(100), _voter(0), bytes32(poll));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, long.length));
        vm.prank(_voter(0));
        voting.vote(poll, LEAST, long);
    }

    function test_S3_receiveTally_revertsWhen_notFromEnigma() public {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        voting.receiveTally(poll, 1, 1, new uint256[](3));
    }

    /* THE TOKENS */

    function test_unlock_givesTheTokensBack_onceThePollIsOver() public {
        _vote(0, 400, 1);
        uint256 endsAt = voting.pollOf(poll).endsAt;
        vm.expectRevert(abi.encodeWithSelector(Voting.PollRunning.selector, poll, endsAt));
        vm.prank(_voter(0));
        voting.unlock(poll);
        _end();
        vm.prank(_voter(0));
        voting.unlock(poll);
        assertEq(token.balanceOf(_voter(0)), 400, "back");
        vm.expectRevert(abi.encodeWithSelector(Voting.NothingLocked.selector, poll, _voter(0)));
        vm.prank(_voter(0));
        voting.unlock(poll);
    }

    /// Whatever happens in whatever order, in two polls at once: locked are the weights of those who have not unlocked.
    function testFuzz_S22_theContractHoldsWhatIsLocked(uint256[40] memory steps) public {
        uint256[2] memory polls = [poll, voting.open("Another", CHOICES, 2 days, LEAST, true)];
        uint256[4][2] memory locked;
        for (uint256 i; i < steps.length; ++i) {
            (uint256 who, uint256 which) = ((steps[i] >> 8) % 4, (steps[i] >> 16) % 2);
            poll = polls[which];
            if (steps[i] % 16 == 0) vm.warp(block.timestamp + 8 hours);
            if (steps[i] % 2 == 1) {
                uint96 weight = uint96((steps[i] >> 24) % 50);
                if (_try(who, weight, abi.encodeCall(Voting.vote, (poll, weight, _sealed(who, 1))))) {
                    locked[which][who] += weight;
                }
            } else if (_try(who, 0, abi.encodeCall(Voting.unlock, (poll)))) {
                locked[which][who] = 0;
            }
            uint256 sum;
            for (uint256 j; j < 8; ++j) {
                sum += locked[j / 4][j % 4];
            }
            assertEq(token.balanceOf(address(voting)), sum, "locked");
        }
    }

    function test_vote_revertsWhen_theWeightIsTooLow_orNotApproved() public {
        vm.expectRevert(abi.encodeWithSelector(Voting.WeightTooLow.selector, LEAST - 1, LEAST));
        vm.prank(_voter(0));
        voting.vote(poll, LEAST - 1, _sealed(0, 1));
        vm.expectRevert(abi.encodeWithSelector(Token.AllowanceTooLow.selector, 0, LEAST));
        vm.prank(_voter(0));
        voting.vote(poll, LEAST, _sealed(0, 1));
    }

    function test_vote_andUnlock_revertWhen_theTokenRefuses() public {
        bytes memory ballot = _sealed(0, 1);
        vm.mockCall(address(token), abi.encodePacked(token.transferFrom.selector), abi.encode(false));
        vm.expectRevert(Voting.TokenRefused.selector);
        vm.prank(_voter(0));
        voting.vote(poll, LEAST, ballot);
        poll = voting.open("Another", CHOICES, 1 days, LEAST, true);
        vm.mockCall(address(token), abi.encodePacked(token.transferFrom.selector), abi.encode(true));
        vm.mockCall(address(token), abi.encodePacked(token.transfer.selector), abi.encode(false));
        ballot = _sealed(0, 1);
        vm.prank(_voter(0));
        voting.vote(poll, LEAST, ballot);
        _end();
        vm.expectRevert(Voting.TokenRefused.selector);
        vm.prank(_voter(0));
        voting.unlock(poll);
    }

    function test_vote_revertsWhen_noPlaceIsLeft_butNotForWhoHasOne() public {
        for (uint256 i; i < voting.MOST_VOTERS(); ++i) {
            _vote(i, LEAST, 1);
        }
        bytes memory ballot = _sealed(1000, 1);
        vm.expectRevert(abi.encodeWithSelector(Voting.NoPlaceLeft.selector, poll));
        vm.prank(_voter(1000));
        voting.vote(poll, LEAST, ballot);
        _vote(5, LEAST, 0);
        _end();
        (,,, uint256[] memory votes) = voting.tally(poll);
        assertEq(abi.encode(votes), _three(2 * LEAST, 127 * LEAST, 0), "votes");
    }

    function test_open_revertsWhen_thereIsNothingToChoose_orNoTime_orNoLeastWeight() public {
        _refusesPoll(1, 1 days, 1);
        _refusesPoll(17, 1 days, 1);
        _refusesPoll(2, 0, 1);
        _refusesPoll(2, 1 days, 0);
        vm.expectRevert(abi.encodeWithSelector(Voting.NoSuchPoll.selector, 7));
        voting.tally(7);
    }

    /* HELPERS */

    function _voter(uint256 i) private pure returns (address) {
        return vm.addr(1000 + i);
    }

    function _sealed(uint256 i, uint8 choice) private view returns (bytes memory) {
        return PrivateCalls.seal(address(voting), abi.encode(choice), _voter(i), bytes32(poll));
    }

    function _vote(uint256 i, uint96 weight, uint8 choice) private {
        _voteWith(i, weight, _sealed(i, choice));
    }

    function _voteWith(uint256 i, uint96 weight, bytes memory choice) private {
        _fund(i, weight);
        vm.prank(_voter(i));
        voting.vote(poll, weight, choice);
    }

    function _fund(uint256 i, uint256 amount) private {
        token.transfer(_voter(i), amount);
        vm.prank(_voter(i));
        token.approve(address(voting), amount);
    }

    function _try(uint256 i, uint256 amount, bytes memory message) private returns (bool ok) {
        _fund(i, amount);
        vm.prank(_voter(i));
        (ok,) = address(voting).call(message);
    }

    function _end() private {
        vm.warp(block.timestamp + 1 days + 1);
    }

    function _tallyOutput() private view returns (bytes memory) {
        (uint256 tallied, uint8 winner, uint256 counted, uint256[] memory votes) = voting.tally(poll);
        return abi.encode(tallied, winner, counted, votes);
    }

    function _three(uint256 a, uint256 b, uint256 c) private pure returns (bytes memory) {
        uint256[] memory votes = new uint256[](3);
        (votes[0], votes[1], votes[2]) = (a, b, c);
        return abi.encode(votes);
    }

    function _refusesPoll(uint8 choices, uint32 durationSeconds, uint96 leastWeight) private {
        vm.expectRevert(Voting.InvalidPoll.selector);
        voting.open("Unsound", choices, durationSeconds, leastWeight, true);
    }
}
