// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma, PrefetchRange} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "@enigma/contracts/src/dapp/Private.sol";
import {WordRing, WordRings} from "@enigma/contracts/src/dapp/WordRing.sol";

/**
 * Yao's millionaires: who is the richest, without anybody showing what he has.
 *
 * A club has a fixed list of members. In each round every member stores his fortune, sealed, by a plain transaction, whenever it
 * suits him. Once all are in, any member has them compared: the chain learns who is the richest, and nothing else. How far he is
 * ahead is sealed to the richest alone; neither the member who asked nor the operator of the worker can read it.
 *
 * What a member could learn by comparing often is closed off by the rules, not by the encryption: only members ask, only about a
 * full round, nobody's fortune can be replaced within a round, and a fortune opens in no other club and no other round.
 */
contract Millionaires is EnigmaDapp {
    using WordRings for WordRing;

    struct Club {
        uint32 round;
        uint32 entered;
        /// Of the round: who entered what, in which order.
        bytes32 entriesHash;
        address[] members;
    }

    struct Outcome {
        uint256 club;
        uint256 round;
        /// Of equals, who stands first on the list.
        address richest;
        /// Fortunes that opened. Fewer than members: somebody sealed something else, or too long ago.
        uint256 counted;
        /// A `Lead`, for the richest alone.
        bytes sealedLead;
    }

    /// How far the richest is ahead of the next. Coarse: a finer answer would tell a member who entered an invented fortune what
    /// the next one has.
    enum Lead {
        Slight, // less than a tenth
        Clear, // less than double
        Large, // less than ten times
        Huge
    }

    /// With two, each would know the other's place from his own.
    uint256 public constant LEAST_MEMBERS = 3;
    uint256 public constant MOST_MEMBERS = 32;
    /// So that a club's next round takes no new storage for its result.
    uint256 public constant ROUNDS_KEPT = 12;
    /// Beyond any fortune in wei, so that ten times as much does not overflow.
    uint256 private constant MOST_FORTUNE = type(uint128).max;

    Club[] private _clubs;
    mapping(uint256 club => mapping(address => bool)) public isMember;
    /// Where the answer goes if its owner turns out the richest. By `roundLabel`; zero until he entered.
    mapping(bytes32 label => mapping(address member => bytes32 publicKey)) public replyKeys;
    mapping(uint256 club => WordRing) private _richest;

    event Opened(uint256 indexed club, address[] members);
    event Entered(uint256 indexed club, uint256 indexed round, address indexed member);
    /// @param sealedLead A `Lead`, for the richest's reply key; it opens with `taskId`.
    event Compared(
        uint256 indexed club,
        uint256 indexed round,
        address indexed richest,
        uint256 counted,
        bytes32 taskId,
        bytes sealedLead
    );

    error InvalidClub(uint256 members);
    error InvalidMember(address member);
    error NoSuchClub(uint256 club);
    error NotAMember(address caller);
    error OtherRound(uint256 round);
    error EnteredBefore(uint256 round);
    error NoReplyKey();
    error RoundNotFull(uint256 entered, uint256 members);
    error ComparedBefore(uint256 round);

    constructor(IEnigma enigma) EnigmaDapp(enigma) {}

    /// @notice Opens a club. Who enters should know the others: some who share what they know learn more than each alone.
    function open(address[] calldata members) external returns (uint256 club) {
        if (members.length < LEAST_MEMBERS || members.length > MOST_MEMBERS) revert InvalidClub(members.length);
        club = _clubs.length;
        _clubs.push();
        for (uint256 i; i < members.length; ++i) {
            if (members[i] == address(0) || isMember[club][members[i]]) revert InvalidMember(members[i]);
            isMember[club][members[i]] = true;
        }
        _clubs[club].members = members;
        _startRound(club, 1);
        emit Opened(club, members);
    }

    /// @notice What a fortune is sealed as: `enigma.seal({ label: roundLabel(club, round), … })`.
    function roundLabel(uint256 club, uint256 round) public pure returns (bytes32) {
        return keccak256(abi.encode("fortune", club, round));
    }

    /**
     * @notice Stores the caller's fortune for the round of now.
     * @param fortune A `uint256` of at most 2^128 - 1, sealed under `roundLabel(club, round)`.
     * @param replyKey The caller's X25519 public key: `enigma.replyKeyPair()`.
     */
    function enter(uint256 club, uint256 round, bytes calldata fortune, bytes32 replyKey) external {
        if (!isMember[club][msg.sender]) revert NotAMember(msg.sender);
        Club storage c = _clubs[club];
        if (round != c.round) revert OtherRound(c.round);
        bytes32 label = roundLabel(club, round);
        if (replyKeys[label][msg.sender] != 0) revert EnteredBefore(round);
        if (replyKey == 0) revert NoReplyKey();
        _storeSealedWord(label, fortune);
        replyKeys[label][msg.sender] = replyKey;
        c.entriesHash = keccak256(abi.encode(c.entriesHash, msg.sender, keccak256(fortune), replyKey));
        ++c.entered;
        emit Entered(club, round, msg.sender);
    }

    /**
     * @notice Finds the richest of a full round. Runs in private: it opens every member's fortune.
     * @param expectedEntries `entriesHash` of the club as the caller saw it.
     * @return outcome For `compareDone`.
     */
    function compare(uint256 club, bytes32 expectedEntries) external view returns (Outcome memory outcome) {
        if (!isMember[club][msg.sender]) revert NotAMember(msg.sender);
        Club memory c = _clubs[club];
        if (c.entered != c.members.length) revert RoundNotFull(c.entered, c.members.length);
        requireUnchanged(c.entriesHash, expectedEntries);

        bytes32 label = roundLabel(club, c.round);
        (outcome.club, outcome.round) = (club, c.round);
        uint256 most;
        uint256 next;
        for (uint256 i; i < c.members.length; ++i) {
            (bool isCounted, uint256 fortune) = _fortuneOf(c.members[i], label);
            if (!isCounted) continue;
            if (outcome.counted++ == 0 || fortune > most) {
                (outcome.richest, most, next) = (c.members[i], fortune, most);
            } else if (fortune > next) {
                next = fortune;
            }
        }
        (, outcome.sealedLead) = Private.trySealTo(replyKeys[label][outcome.richest], abi.encode(_leadOf(most, next)));
    }

    /// @notice Receives what `compare` returned, and begins the next round. The first result stands.
    function compareDone(Outcome calldata outcome) external onlyEnigma {
        (uint256 club, uint256 round) = (outcome.club, outcome.round);
        if (_clubs[club].round != round) revert ComparedBefore(round);
        _richest[club].put(ROUNDS_KEPT, round, uint160(outcome.richest));
        _startRound(club, round + 1);
        emit Compared(club, round, outcome.richest, outcome.counted, _taskId(), outcome.sealedLead);
    }

    /// @notice The richest of one of the latest twelve rounds; zero of any other. The event tells of all.
    function richestOf(uint256 club, uint256 round) external view returns (address) {
        (, uint192 richest) = _richest[club].get(ROUNDS_KEPT, round);
        return address(uint160(richest));
    }

    function clubOf(uint256 club) external view returns (Club memory) {
        if (club >= _clubs.length) revert NoSuchClub(club);
        return _clubs[club];
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.compare.selector ? this.compareDone.selector : bytes4(0);
    }

    /// @inheritdoc EnigmaDapp
    /// @dev All fortunes of the club that was opened last, so that they are proven at once. Those of any other are too, only later.
    function enigmaPrefetch(bytes4 callable) public view override returns (PrefetchRange[] memory ranges) {
        if (callable != this.compare.selector || _clubs.length == 0) return ranges;
        uint256 club = _clubs.length - 1;
        Club storage c = _clubs[club];
        return _sealedWords(c.members, roundLabel(club, c.round));
    }

    function _startRound(uint256 club, uint256 round) private {
        Club storage c = _clubs[club];
        c.round = uint32(round);
        c.entered = 0;
        c.entriesHash = roundLabel(club, round);
    }

    /// @dev What does not open or is no such number does not count: one member must not stop the others.
    function _fortuneOf(address member, bytes32 label) private view returns (bool isCounted, uint256 fortune) {
        (bool isOpen, bytes memory plaintext) = Private.tryOpen(sealedData(member, label), member, label);
        if (!isOpen || plaintext.length != 32) return (false, 0);
        fortune = abi.decode(plaintext, (uint256));
        return (fortune <= MOST_FORTUNE, fortune);
    }

    function _leadOf(uint256 most, uint256 next) private pure returns (Lead) {
        if (most < next + next / 10) return Lead.Slight;
        if (most < 2 * next) return Lead.Clear;
        if (most < 10 * next) return Lead.Large;
        return Lead.Huge;
    }
}
