// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp} from "../../src/dapp/EnigmaDapp.sol";
import {packTarget, Task} from "../../src/types/Task.sol";
import {Token} from "../../../examples/voting/Token.sol";
import {IBalances, Voting} from "../../../examples/voting/Voting.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// The count, run as the enclave runs it: a static call with the teller as sender.
contract VotingTest is World {
    Token private token;
    Voting private voting;
    address private teller = account("teller");
    uint256 private poll;

    function setUp() public override {
        super.setUp();
        startNetwork();
        token = new Token(1_000_000);
        voting = new Voting(enigma, IBalances(address(token)));
        vm.prank(teller);
        poll = voting.open("A question", 3);
    }

    function test_tally_weighsEachVoteByTheVotersBalance() public {
        Voting.Ballot[] memory ballots = _ballots(3, 2);
        token.transfer(ballots[0].voter, 10);
        token.transfer(ballots[2].voter, 30);
        (uint256 counted, uint256[] memory votes, bytes32 voters) = _tally(ballots);
        assertEq(counted, poll, "poll");
        assertEq(votes.length, 3, "choices");
        assertEq(votes[2], 40, "the one without a balance counts nothing");
        assertEq(votes[0] + votes[1], 0, "others");
        bytes32 list = keccak256(abi.encode(ballots[0].voter, ballots[1].voter, ballots[2].voter));
        assertEq(voters, list, "voters");
    }

    function test_tally_ofNobodyIsNothing() public {
        (, uint256[] memory votes,) = _tally(new Voting.Ballot[](0));
        assertEq(votes[0] + votes[1] + votes[2], 0, "votes");
    }

    function test_tally_revertsWhen_aVoterStandsTwice_orOutOfOrder() public {
        Voting.Ballot[] memory ballots = _ballots(2, 1);
        ballots[1] = ballots[0];
        _refuses(ballots, abi.encodeWithSelector(Voting.VotersNotAscending.selector, 1));
        ballots = _ballots(2, 1);
        (ballots[0], ballots[1]) = (ballots[1], ballots[0]);
        _refuses(ballots, abi.encodeWithSelector(Voting.VotersNotAscending.selector, 1));
    }

    function test_tally_revertsWhen_theSignatureIsForAnotherChoiceOrPoll() public {
        Voting.Ballot[] memory ballots = _ballots(1, 1);
        ballots[0].choice = 2;
        _refuses(ballots, abi.encodeWithSelector(Voting.NotSignedByVoter.selector, 0));
        vm.prank(teller);
        uint256 other = voting.open("Another", 3);
        ballots = _ballots(1, 1);
        poll = other;
        _refuses(ballots, abi.encodeWithSelector(Voting.NotSignedByVoter.selector, 0));
    }

    function test_tally_revertsWhen_theSignatureIsNobodys() public {
        Voting.Ballot[] memory ballots = _ballots(1, 1);
        (ballots[0].voter, ballots[0].r) = (address(0), 0);
        _refuses(ballots, abi.encodeWithSelector(Voting.NotSignedByVoter.selector, 0));
    }

    function test_tally_revertsWhen_thereIsNoSuchChoiceOrPoll() public {
        _refuses(_ballots(1, 3), abi.encodeWithSelector(Voting.NoSuchChoice.selector, 0));
        poll = 7;
        _refuses(_ballots(1, 1), abi.encodeWithSelector(Voting.NoSuchPoll.selector, 7));
    }

    function test_tally_revertsWhen_thereAreTooMany() public {
        Voting.Ballot[] memory ballots = new Voting.Ballot[](voting.MOST_BALLOTS() + 1);
        _refuses(ballots, abi.encodeWithSelector(Voting.TooManyBallots.selector, ballots.length));
    }

    function test_tally_revertsWhen_notAskedByTheTeller() public {
        vm.expectRevert(abi.encodeWithSelector(Voting.OnlyTeller.selector, user));
        vm.prank(user);
        voting.tally(poll, new Voting.Ballot[](0));
    }

    function test_tallied_storesTheFirstResult() public {
        (uint256 counted, uint256[] memory votes, bytes32 voters) = _tally(_ballots(2, 0));
        vm.prank(address(enigma));
        voting.tallied(counted, votes, voters);
        assertEq(voting.votesOf(poll).length, 3, "votes");
        assertEq(voting.votersHash(poll), voters, "voters");
        assertTrue(voting.pollOf(poll).isCounted, "counted");
        vm.expectRevert(abi.encodeWithSelector(Voting.CountedBefore.selector, poll));
        vm.prank(address(enigma));
        voting.tallied(counted, votes, voters);
    }

    function test_S3_tallied_revertsWhen_notFromEnigma() public {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, teller));
        vm.prank(teller);
        voting.tallied(poll, new uint256[](3), 0);
    }

    function test_open_revertsWhen_thereIsNothingToChoose() public {
        vm.expectRevert(abi.encodeWithSelector(Voting.InvalidPoll.selector, 1));
        voting.open("One way", 1);
        vm.expectRevert(abi.encodeWithSelector(Voting.InvalidPoll.selector, 17));
        voting.open("Too many", 17);
    }

    /* HELPERS */

    function _tally(Voting.Ballot[] memory ballots) private returns (uint256, uint256[] memory, bytes32) {
        vm.prank(teller);
        return voting.tally(poll, ballots);
    }

    function _refuses(Voting.Ballot[] memory ballots, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(teller);
        voting.tally(poll, ballots);
    }

    /// Ballots of `count` voters for one choice, in the order that the contract wants.
    function _ballots(uint256 count, uint8 choice) private view returns (Voting.Ballot[] memory ballots) {
        ballots = new Voting.Ballot[](count);
        for (uint256 i; i < count; ++i) {
            ballots[i] = _ballot(i + 1, choice);
            for (uint256 j = i; j > 0 && ballots[j].voter < ballots[j - 1].voter; --j) {
                (ballots[j], ballots[j - 1]) = (ballots[j - 1], ballots[j]);
            }
        }
    }

    function _ballot(uint256 key, uint8 choice) private view returns (Voting.Ballot memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Enigma Voting"),
                keccak256("1"),
                block.chainid,
                address(voting)
            )
        );
        bytes32 ballot = keccak256(abi.encode(keccak256("Ballot(uint256 poll,uint8 choice)"), poll, choice));
        (bytes32 r, bytes32 vs) = vm.signCompact(key, keccak256(abi.encodePacked("\x19\x01", domain, ballot)));
        return Voting.Ballot(vm.addr(key), choice, r, vs);
    }
}
