// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "@enigma/contracts/src/dapp/Private.sol";

/// What a poll asks of the token whose holders vote: any ERC-20 that moves exactly what it is told to.
interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/**
 * A secret ballot, weighted by a token that knows nothing of Enigma.
 *
 * Voters lock tokens and store their choice sealed. Until the poll ends each may replace his; afterwards one task, that anyone
 * may ask for, opens all of them and counts. Nobody sees a ballot: no teller, no operator, nor whoever asks.
 *
 * Weights are locked and not looked up when it is counted: a count is public, and whoever could have the same ballots counted
 * twice, by balances that differ in one voter's, would read that voter's choice from the difference. Of what is frozen here every
 * count is the same.
 */
contract Voting is EnigmaDapp {
    struct Poll {
        uint64 endsAt;
        uint8 choices;
        bool showsTotals;
        bool isCounted;
        /// What most weight is for, once counted; `NONE` at a tie.
        uint8 winner;
        uint96 leastWeight;
        string question;
    }

    struct Voter {
        address account;
        uint96 weight;
    }

    /// Five slots a voter, of the 1,024 that a private function may read.
    uint256 public constant MOST_VOTERS = 128;
    uint8 public constant NONE = type(uint8).max;

    IERC20 public immutable token;
    Poll[] private _polls;
    mapping(uint256 poll => Voter[]) private _voters;
    /// 1 + the voter's place in the list, while his tokens are locked.
    mapping(uint256 poll => mapping(address account => uint256)) private _places;

    event Opened(uint256 indexed poll, address indexed by, string question, uint256 endsAt);
    event Voted(uint256 indexed poll, address indexed voter, uint256 weight);
    event Counted(uint256 indexed poll, uint8 winner, uint256 counted, uint256[] votes);
    event Unlocked(uint256 indexed poll, address indexed voter, uint256 weight);

    error InvalidPoll();
    error NoSuchPoll(uint256 poll);
    error PollOver(uint256 poll, uint256 endsAt);
    error PollRunning(uint256 poll, uint256 endsAt);
    error WeightTooLow(uint256 weight, uint256 leastWeight);
    error NoPlaceLeft(uint256 poll);
    error CountedBefore(uint256 poll);
    error NothingLocked(uint256 poll, address account);
    error TokenRefused();

    constructor(IEnigma enigma, IERC20 token_) EnigmaDapp(enigma) {
        token = token_;
    }

    /* THE POLL */

    /**
     * @notice Opens a poll.
     * @param choices How many there are to choose from, 2 to 16; a ballot names one of 0 to choices - 1.
     * @param leastWeight What a voter must lock at least. There are 128 places: whoever wants all of them locks 128 times as much.
     * @param showsTotals Whether the weight for each choice is told, or only the winner. Where weights are public, totals tell
     * who voted how to whoever finds the voters whose weights add up to them: of few voters, tell only the winner.
     */
    function open(string calldata question, uint8 choices, uint32 durationSeconds, uint96 leastWeight, bool showsTotals)
        external
        returns (uint256 poll)
    {
        bool isSound = choices >= 2 && choices <= 16 && durationSeconds != 0 && leastWeight != 0;
        if (!isSound) revert InvalidPoll();
        poll = _polls.length;
        uint64 endsAt = uint64(block.timestamp + durationSeconds);
        _polls.push(Poll(endsAt, choices, showsTotals, false, NONE, leastWeight, question));
        emit Opened(poll, msg.sender, question, endsAt);
    }

    function pollOf(uint256 poll) public view returns (Poll memory) {
        if (poll >= _polls.length) revert NoSuchPoll(poll);
        return _polls[poll];
    }

    function votersOf(uint256 poll) external view returns (Voter[] memory) {
        return _voters[poll];
    }

    /* BALLOTS */

    /**
     * @notice Votes, or votes anew.
     * @param weight Tokens to lock, which the caller has approved; on top of those that he has locked before.
     * @param choice Sealed, with the poll's number as its label. One that does not open, or is none of the choices, counts nothing.
     */
    function vote(uint256 poll, uint96 weight, bytes calldata choice) external {
        Poll memory p = pollOf(poll);
        if (block.timestamp > p.endsAt) revert PollOver(poll, p.endsAt);

        Voter[] storage voters = _voters[poll];
        uint256 place = _places[poll][msg.sender];
        if (place == 0) {
            if (weight < p.leastWeight) revert WeightTooLow(weight, p.leastWeight);
            if (voters.length == MOST_VOTERS) revert NoPlaceLeft(poll);
            voters.push(Voter(msg.sender, weight));
            _places[poll][msg.sender] = voters.length;
        } else {
            voters[place - 1].weight += weight;
        }
        _storeSealedWord(bytes32(poll), choice);
        emit Voted(poll, msg.sender, weight);
        if (weight != 0 && !token.transferFrom(msg.sender, address(this), weight)) revert TokenRefused();
    }

    /// @notice Gives the caller his tokens back, once the poll is over. What they weigh in the count stays.
    function unlock(uint256 poll) external {
        Poll memory p = pollOf(poll);
        if (block.timestamp <= p.endsAt) revert PollRunning(poll, p.endsAt);
        uint256 place = _places[poll][msg.sender];
        if (place == 0) revert NothingLocked(poll, msg.sender);
        uint256 weight = _voters[poll][place - 1].weight;
        _places[poll][msg.sender] = 0;
        emit Unlocked(poll, msg.sender, weight);
        if (!token.transfer(msg.sender, weight)) revert TokenRefused();
    }

    /* THE COUNT */

    /**
     * @notice Counts a poll that is over. Runs in private; anyone may ask, and all are told the same.
     * @return tallied The poll, again.
     * @return winner What most weight is for; `NONE` at a tie.
     * @return counted Ballots for one of the choices.
     * @return votes Weight for each choice; all zero where the poll shows no totals.
     */
    function tally(uint256 poll)
        external
        view
        returns (uint256 tallied, uint8 winner, uint256 counted, uint256[] memory votes)
    {
        Poll memory p = pollOf(poll);
        if (block.timestamp <= p.endsAt) revert PollRunning(poll, p.endsAt);
        Voter[] memory voters = _voters[poll];
        votes = new uint256[](p.choices);
        for (uint256 i; i < voters.length; ++i) {
            uint256 choice = _choiceOf(poll, voters[i].account);
            if (choice >= p.choices) continue;
            votes[choice] += voters[i].weight;
            ++counted;
        }
        winner = _winnerOf(votes);
        return (poll, winner, counted, p.showsTotals ? votes : new uint256[](p.choices));
    }

    /// @notice Receives what `tally` returned.
    function receiveTally(uint256 poll, uint8 winner, uint256 counted, uint256[] calldata votes) external onlyEnigma {
        Poll storage p = _polls[poll];
        if (p.isCounted) revert CountedBefore(poll);
        (p.isCounted, p.winner) = (true, winner);
        emit Counted(poll, winner, counted, votes);
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.tally.selector ? this.receiveTally.selector : bytes4(0);
    }

    /// @dev What does not open is no choice: one voter must not stop the others.
    function _choiceOf(uint256 poll, address voter) private view returns (uint256) {
        bytes memory ballot = sealedData(voter, bytes32(poll));
        (bool isOpen, bytes memory opened) = Private.tryOpen(ballot, voter, bytes32(poll));
        return isOpen && opened.length == 32 ? uint256(bytes32(opened)) : NONE;
    }

    function _winnerOf(uint256[] memory votes) private pure returns (uint8 winner) {
        uint256 most;
        winner = NONE;
        for (uint8 i; i < votes.length; ++i) {
            if (votes[i] == most) winner = NONE;
            if (votes[i] > most) (winner, most) = (i, votes[i]);
        }
    }
}
