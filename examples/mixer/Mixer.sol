// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "@enigma/contracts/src/dapp/Private.sol";

/**
 * Mixes equal coins: many pay in, each names in secret where his coin shall go, and no one can tell whose coin went where.
 *
 * A round takes a fixed number of deposits. Each rests on chain with its destination sealed. When the round is full, one task
 * draws the seed of its shuffle, which rests sealed too; a second opens the destinations, shuffles them by that seed and hands
 * the list to the callback, which pays.
 *
 * Two tasks, since each task draws anew: whoever saw a shuffled list could otherwise ask until he liked one. Of draws that nobody
 * can read the first stands, and from there on every task on the round computes the same list.
 *
 * A round that does not fill, or is not mixed in time, gives every coin back.
 */
contract Mixer is EnigmaDapp {
    enum Stage {
        Open,
        Mixed,
        GivenUp
    }

    struct Round {
        Stage stage;
        /// While it fills: until when it must be full. Once full: until when it must be mixed.
        uint64 endsAt;
        address[] depositors;
    }

    uint256 public constant MOST_PLACES = 32;
    /// Enough for a smart account to take its coin and say so; too little to write storage that is not its own.
    uint256 private constant PUSH_GAS = 10_000;

    uint256 public immutable coinWei;
    uint256 public immutable places;
    uint32 public immutable fillSeconds;
    uint32 public immutable mixSeconds;

    mapping(uint256 round => Round) private _rounds;
    uint256 private _latest;
    mapping(uint256 round => mapping(address depositor => bool)) public hasCoinIn;
    /// What a destination did not take when it was paid.
    mapping(address payee => uint256 amountWei) public creditWei;

    event Deposited(uint256 indexed round, address indexed depositor, uint256 place);
    event Drawn(uint256 indexed round);
    event Mixed(uint256 indexed round, address[] payees);
    event TakenBack(uint256 indexed round, address indexed depositor);

    error InvalidRules();
    error NotOneCoin(uint256 sentWei, uint256 coinWei);
    /// @dev The coin would meet another round than the one that its destination was sealed for.
    error NotTheOpenRound(uint256 round, uint256 openRound);
    error DepositedBefore(uint256 round, address depositor);
    error NotFull(uint256 round, uint256 deposits);
    error RoundOver(uint256 round, Stage stage);
    error DrawnBefore(uint256 round);
    error NotDrawn(uint256 round);
    error StillRunning(uint256 round, uint256 endsAt);
    error NoCoinIn(uint256 round, address depositor);
    error NotTaken(address payee);

    constructor(IEnigma enigma, uint256 coinWei_, uint256 places_, uint32 fillSeconds_, uint32 mixSeconds_)
        EnigmaDapp(enigma)
    {
        bool isSound = coinWei_ != 0 && places_ >= 2 && places_ <= MOST_PLACES && fillSeconds_ != 0 && mixSeconds_ != 0;
        if (!isSound) revert InvalidRules();
        (coinWei, places, fillSeconds, mixSeconds) = (coinWei_, places_, fillSeconds_, mixSeconds_);
    }

    /* DEPOSITS */

    /**
     * @notice Pays one coin into a round. One coin an account and round.
     * @param round `openRound()`: the label that the destination is sealed with.
     * @param destination Sealed, an address. One that does not open, or is not fit to be paid, counts as the depositor's own.
     */
    function deposit(uint256 round, bytes calldata destination) external payable {
        if (msg.value != coinWei) revert NotOneCoin(msg.value, coinWei);
        if (round != openRound()) revert NotTheOpenRound(round, openRound());
        if (hasCoinIn[round][msg.sender]) revert DepositedBefore(round, msg.sender);

        Round storage r = _rounds[round];
        uint256 place = r.depositors.length;
        if (place == 0) (_latest, r.endsAt) = (round, uint64(block.timestamp + fillSeconds));
        if (place + 1 == places) r.endsAt = uint64(block.timestamp + mixSeconds);
        r.depositors.push(msg.sender);
        hasCoinIn[round][msg.sender] = true;
        _storeSealedWord(bytes32(round), destination);
        emit Deposited(round, msg.sender, place);
    }

    /// @notice The round that a deposit now would be part of.
    function openRound() public view returns (uint256) {
        Round storage r = _rounds[_latest];
        uint256 deposits = r.depositors.length;
        bool takesMore = deposits == 0 || (deposits < places && block.timestamp <= r.endsAt);
        return takesMore ? _latest : _latest + 1;
    }

    function roundOf(uint256 round) external view returns (Round memory) {
        return _rounds[round];
    }

    /// @notice Gas that the callback of `mix` needs, whatever the destinations do with theirs.
    function mixGas() external view returns (uint32) {
        return uint32(100_000 + 65_000 * places);
    }

    /* THE DRAW */

    /// @notice Draws the seed of a full round, for nobody to see. Runs in private; anyone may ask.
    function draw(uint256 round) external view returns (uint256 drawn, bytes memory sealedSeed) {
        _requireFull(round);
        if (sealedData(address(this), bytes32(round)).length != 0) revert DrawnBefore(round);
        return (round, Private.seal(abi.encode(Private.random()), address(this), bytes32(round)));
    }

    /// @notice Receives what `draw` returned. The first draw of a round stands: nobody can tell it from another.
    function receiveDraw(uint256 round, bytes calldata sealedSeed) external onlyEnigma {
        _replaceState(bytes32(round), keccak256(""), sealedSeed);
        emit Drawn(round);
    }

    /* THE MIX */

    /// @notice Shuffles a round's destinations by its seed. Runs in private; anyone may ask, and all are told the same.
    function mix(uint256 round) external view returns (uint256 mixed, address[] memory payees) {
        address[] memory depositors = _requireFull(round);
        (bytes memory seed,) = _openState(bytes32(round));
        if (seed.length == 0) revert NotDrawn(round);

        payees = new address[](depositors.length);
        for (uint256 i; i < payees.length; ++i) {
            payees[i] = _payeeOf(round, depositors[i]);
        }
        // The list counts too: should the network withdraw keys in between, another list is in another order, and the places of
        // the one tell nothing of the other.
        _shuffle(payees, keccak256(abi.encode(seed, payees)));
        return (round, payees);
    }

    /// @notice Receives what `mix` returned, and pays. A destination that does not take its coin has it as a credit.
    function receiveMix(uint256 round, address[] calldata payees) external onlyEnigma {
        Round storage r = _rounds[round];
        if (r.stage != Stage.Open) revert RoundOver(round, r.stage);
        r.stage = Stage.Mixed;
        emit Mixed(round, payees);
        for (uint256 i; i < payees.length; ++i) {
            if (!_push(payees[i])) creditWei[payees[i]] += coinWei;
        }
    }

    /* WAYS OUT */

    /// @notice Takes the caller's coin back from a round that did not fill or was not mixed in time. From then on it is not mixed.
    function takeBack(uint256 round, address payable to) external {
        Round storage r = _rounds[round];
        if (r.stage == Stage.Mixed) revert RoundOver(round, r.stage);
        if (!hasCoinIn[round][msg.sender]) revert NoCoinIn(round, msg.sender);
        if (block.timestamp <= r.endsAt) revert StillRunning(round, r.endsAt);
        r.stage = Stage.GivenUp;
        hasCoinIn[round][msg.sender] = false;
        emit TakenBack(round, msg.sender);
        _pay(to, coinWei);
    }

    /// @notice Pays the caller's credit to `to`.
    function withdraw(address payable to) external {
        uint256 amountWei = creditWei[msg.sender];
        creditWei[msg.sender] = 0;
        _pay(to, amountWei);
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        if (callable == this.draw.selector) return this.receiveDraw.selector;
        if (callable == this.mix.selector) return this.receiveMix.selector;
        return 0;
    }

    function _requireFull(uint256 round) private view returns (address[] memory depositors) {
        Round memory r = _rounds[round];
        if (r.stage != Stage.Open) revert RoundOver(round, r.stage);
        if (r.depositors.length != places) revert NotFull(round, r.depositors.length);
        return r.depositors;
    }

    /// @dev What does not open, or is not fit to be paid, goes back: one depositor must not stop the others.
    function _payeeOf(uint256 round, address depositor) private view returns (address) {
        bytes memory sealed_ = sealedData(depositor, bytes32(round));
        (bool isOpen, bytes memory opened) = Private.tryOpen(sealed_, depositor, bytes32(round));
        uint256 word = isOpen && opened.length == 32 ? uint256(bytes32(opened)) : 0;
        bool isFit = word != 0 && word <= type(uint160).max && word != uint160(address(this));
        return isFit ? address(uint160(word)) : depositor;
    }

    /// @dev Fisher and Yates. With 32 places the bias of a 256-bit draw is below 2^-250.
    function _shuffle(address[] memory list, bytes32 seed) private pure {
        for (uint256 i = list.length - 1; i > 0; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
    }

    /// @dev Nothing is copied back. Where too little gas is left to hand on all of it, too little is left to write a credit: the
    /// callback fails as a whole, and may be asked for again.
    function _push(address payee) private returns (bool isTaken) {
        uint256 amountWei = coinWei;
        assembly ("memory-safe") {
            isTaken := call(PUSH_GAS, payee, amountWei, 0, 0, 0, 0)
        }
    }

    function _pay(address payable to, uint256 amountWei) private {
        (bool ok,) = to.call{value: amountWei}("");
        if (!ok) revert NotTaken(to);
    }
}
