// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";

/// What a poll asks of the token whose holders vote: any ERC-20 there is.
interface IBalances {
    function balanceOf(address owner) external view returns (uint256);
}

/**
 * A poll among the holders of a token, whose ballots nobody sees on chain.
 *
 * Each voter signs his choice and gives the ballot to the poll's teller, off chain. The teller seals all of them and asks for
 * the tally: the enclave checks each signature and weighs each vote by the voter's balance in the block of the request. The
 * chain learns the totals, and a hash of the voters' list by which each can check that he was counted.
 *
 * The teller sees the ballots. He can alter none, count none twice and weigh none otherwise; what he leaves out, the list shows.
 */
contract Voting is EnigmaDapp {
    struct Poll {
        address teller;
        uint8 choices;
        bool isCounted;
        string question;
    }

    /// A signature over `Ballot(uint256 poll,uint8 choice)`, compact as in EIP-2098.
    struct Ballot {
        address voter;
        uint8 choice;
        bytes32 r;
        bytes32 vs;
    }

    bytes32 private constant BALLOT_TYPE = keccak256("Ballot(uint256 poll,uint8 choice)");
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    /// What fits into the inputs of one task: 16 KB.
    uint256 public constant MOST_BALLOTS = 120;

    IBalances public immutable token;
    Poll[] private _polls;
    mapping(uint256 poll => uint256[]) private _votes;
    mapping(uint256 poll => bytes32) public votersHash;

    event Opened(uint256 indexed poll, address indexed teller, string question);
    event Counted(uint256 indexed poll, uint256[] votes, bytes32 votersHash);

    error InvalidPoll(uint256 choices);
    error NoSuchPoll(uint256 poll);
    error CountedBefore(uint256 poll);
    // Refusals of a tally: the number of the ballot, never its choice.
    error OnlyTeller(address caller);
    error TooManyBallots(uint256 count);
    error VotersNotAscending(uint256 ballot);
    error NoSuchChoice(uint256 ballot);
    error NotSignedByVoter(uint256 ballot);

    constructor(IEnigma enigma, IBalances token_) EnigmaDapp(enigma) {
        token = token_;
    }

    /// @notice Opens a poll with the caller as its teller.
    /// @param choices How many there are to choose from, 2 to 16; a ballot names one of 0 to choices - 1.
    function open(string calldata question, uint8 choices) external returns (uint256 poll) {
        if (choices < 2 || choices > 16) revert InvalidPoll(choices);
        poll = _polls.length;
        _polls.push(Poll(msg.sender, choices, false, question));
        emit Opened(poll, msg.sender, question);
    }

    /**
     * @notice Counts a poll. Runs in private: the ballots are known to the teller and the enclave alone.
     * @param ballots One for each voter, by ascending address.
     * @return counted The poll, again.
     * @return votes Sum of the balances behind each choice.
     * @return voters keccak256 of the voters' addresses, 32 bytes each.
     */
    function tally(uint256 poll, Ballot[] calldata ballots)
        external
        view
        returns (uint256 counted, uint256[] memory votes, bytes32 voters)
    {
        Poll memory p = pollOf(poll);
        if (msg.sender != p.teller) revert OnlyTeller(msg.sender);
        if (ballots.length > MOST_BALLOTS) revert TooManyBallots(ballots.length);

        votes = new uint256[](p.choices);
        address[] memory list = new address[](ballots.length);
        for (uint256 i; i < ballots.length; ++i) {
            Ballot calldata ballot = ballots[i];
            if (i > 0 && ballot.voter <= list[i - 1]) revert VotersNotAscending(i);
            if (ballot.choice >= p.choices) revert NoSuchChoice(i);
            if (!_isSigned(poll, ballot)) revert NotSignedByVoter(i);
            list[i] = ballot.voter;
            votes[ballot.choice] += token.balanceOf(ballot.voter);
        }
        return (poll, votes, keccak256(abi.encodePacked(list)));
    }

    /// @notice Receives what `tally` returned. The first result stands.
    function tallied(uint256 poll, uint256[] calldata votes, bytes32 voters) external onlyEnigma {
        if (_polls[poll].isCounted) revert CountedBefore(poll);
        _polls[poll].isCounted = true;
        _votes[poll] = votes;
        votersHash[poll] = voters;
        emit Counted(poll, votes, voters);
    }

    function pollOf(uint256 poll) public view returns (Poll memory) {
        if (poll >= _polls.length) revert NoSuchPoll(poll);
        return _polls[poll];
    }

    /// @notice The totals; none before the poll was counted.
    function votesOf(uint256 poll) external view returns (uint256[] memory) {
        return _votes[poll];
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.tally.selector ? this.tallied.selector : bytes4(0);
    }

    function _isSigned(uint256 poll, Ballot calldata ballot) private view returns (bool) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPE, keccak256("Enigma Voting"), keccak256("1"), block.chainid, address(this))
        );
        bytes32 digest =
            keccak256(abi.encodePacked("\x19\x01", domain, keccak256(abi.encode(BALLOT_TYPE, poll, ballot.choice))));
        bytes32 s = ballot.vs & bytes32(uint256(type(int256).max));
        uint8 v = 27 + uint8(uint256(ballot.vs) >> 255);
        return ballot.voter != address(0) && ecrecover(digest, v, ballot.r, s) == ballot.voter;
    }
}
