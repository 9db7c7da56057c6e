// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaObservers} from "./EnigmaObservers.sol";
import {EnigmaStorage} from "./EnigmaStorage.sol";
import {Attestation, IAttestationVerifier, Standing} from "./interfaces/IAttestationVerifier.sol";
import {IBeacon} from "./interfaces/IBeacon.sol";
import {IEnigmaGovernance} from "./interfaces/IEnigmaGovernance.sol";
import {IEnigmaNetwork} from "./interfaces/IEnigmaNetwork.sol";
import {IEnigmaSeats, SeatView} from "./interfaces/IEnigmaSeats.sol";
import {IEnigmaDapps} from "./interfaces/IEnigmaDapps.sol";
import {IEnigmaTasks, Undelivered} from "./interfaces/IEnigmaTasks.sol";
import {EpochView, IEnigmaViews, SlotView} from "./interfaces/IEnigmaViews.sol";
import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {Callbacks} from "./libraries/Callbacks.sol";
import {Deployment} from "./libraries/Deployment.sol";
import {Identity} from "./libraries/Identity.sol";
import {Lifetime} from "./libraries/Lifetime.sol";
import {Measurements} from "./libraries/Measurements.sol";
import {Money} from "./libraries/Money.sol";
import {PlatformEntry, PlatformSeats} from "./libraries/PlatformSeats.sol";
import {Receipts} from "./libraries/Receipts.sol";
import {Seating} from "./libraries/Seating.sol";
import {Epoch, EPOCHS_KEPT, MAX_PRICE_LEVEL, wordOf} from "./types/Epoch.sol";
import {Lanes} from "./types/Lanes.sol";
import {Parameters} from "./types/Parameters.sol";
import {Escrow, GOVERNORS_PAUSE, LAST_EPOCH, newSeat, Seat, SeatHolder, SeatTerm, Successor} from "./types/Seat.sol";
import {freeSlot, Slot, SlotRecord, undeliveredSlot} from "./types/Slot.sol";
import {packRef, packTarget, TaskTarget} from "./types/Task.sol";

/**
 * The rarer half of the Enigma contract: SEATS · DAPPS · RESULTS · GOVERNANCE · VIEWS. Its code runs on Enigma's storage, under
 * Enigma's address.
 * What each function promises stands in IEnigmaSeats, IEnigmaDapps and IEnigmaGovernance; here stands how.
 *
 * Called by itself it is a contract without measurements, seats or money, of which nothing can be taken.
 */
contract EnigmaSeats is EnigmaObservers, IEnigmaNetwork, IEnigmaSeats, IEnigmaDapps, IEnigmaGovernance, IEnigmaViews {
    uint256 private constant MOST_PAUSE_SECONDS = 14 days;

    /// @dev Epoch 0 begins here.
    /// @param p Blocks, epochs, seconds and money, for ever.
    /// @param simulated_ Whether hardware is simulated.
    constructor(Parameters memory p, bool simulated_) EnigmaStorage(p, block.number, simulated_) {}

    function _network() internal view override returns (bytes32) {
        return _networkHash;
    }

    /* SEATS */

    function takeSeat(
        uint256 reuse,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external payable returns (uint256 id) {
        Money.requirePrice(seatPriceGwei());
        SeatTerm memory term = _attestNew(reuse, signer, inputKey, identityBlock, quote, evidence);
        id = _seat(reuse, signer, term, evidence);
        PlatformSeats.enter(_platformSeats, _seats, _holders, _entry(id));
        Seating.announce(id, _seats[id], inputKey, identityBlock, quote, evidence);
    }

    function rotateSeat(
        uint256 from,
        uint256 reuse,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external payable locked returns (uint256 to) {
        Seat old = _requireOperator(from);
        _requireLasting(from, old);
        _requireSettledIn(from, old);
        Money.requirePrice(seatPriceGwei() - BOND_GWEI);
        SeatTerm memory term = _attestNew(reuse, signer, inputKey, identityBlock, quote, evidence);
        to = _seat(reuse, signer, term, evidence);
        _succeed(from, to);
        emit SeatRotated(from, to);
        Seating.announce(to, _seats[to], inputKey, identityBlock, quote, evidence);
    }

    function leaveSeat(uint256 id) external {
        Seat held = _requireOperator(id);
        _requireLasting(id, held);
        uint256 exitEpoch = _currentEpoch() + NOTICE_EPOCHS;
        _seats[id] = held.withExit(exitEpoch);
        emit SeatLeft(id, exitEpoch);
    }

    function relocateSeat(uint256 from, uint256 into) external locked {
        uint256 half = _roster.count / 2;
        if (from < half || into >= half) revert NotAHole(from, into, _roster.count);
        Seat moved = _requireSeat(from);
        _requireLasting(from, moved);
        // One that waits for the secret, or was revoked, has no epoch to be moved in.
        if (moved.activeEpoch() == LAST_EPOCH) revert SeatNotLive(from, moved.exitEpoch(), _currentEpoch());
        _reclaimSeat(into);
        uint256 activeEpoch = _currentEpoch() + NOTICE_EPOCHS;
        _seats[into] = newSeat(moved.signer(), activeEpoch, moved.exitEpoch(), moved.measurementId());
        _holders[into] = _holders[from];
        _platformHashes[into] = _platformHashes[from];
        // Whoever follows `from` goes along before it leaves.
        emit SeatRelocated(from, into, activeEpoch);
        _succeed(from, into);
    }

    function trimSeats(uint256 most) external {
        for (; most != 0 && _roster.count != 0; --most) {
            uint256 last = _roster.count - 1;
            Seat held = _seats[last];
            if (!_isCool(held)) break;
            _reclaimSeat(last);
            _seats[last] = held.withCredit(0);
            _holders[last].escrow = Escrow.None;
            Seating.shorten(_roster, _currentEpoch());
        }
    }

    function withdrawSeat(uint256 id, address payable to) external locked {
        Seat held = _requireOperator(id);
        uint256 creditGwei = held.creditGwei();
        uint256 bondGwei = _isCool(held) ? _escrowGwei(id) : 0;
        if (creditGwei + bondGwei == 0) revert IEnigmaTasks.NothingToWithdraw();
        _seats[id] = held.withCredit(0);
        if (bondGwei != 0) _holders[id].escrow = Escrow.None;
        emit SeatWithdrawn(id, to, creditGwei, bondGwei);
        Money.pay(to, creditGwei + bondGwei);
    }

    function withdrawOwed(address payable to) external locked {
        uint256 gweiPaid = _owedGwei[msg.sender];
        if (gweiPaid == 0) revert IEnigmaTasks.NothingToWithdraw();
        _owedGwei[msg.sender] = 0;
        emit OwedWithdrawn(msg.sender, to, gweiPaid);
        Money.pay(to, gweiPaid);
    }

    /// @dev Of an enclave that takes a seat. Its machine's record is enough where the seat that is reused was on that machine.
    function _attestNew(
        uint256 reuse,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) private view returns (SeatTerm memory term) {
        if (signer == address(0)) revert ZeroSigner();
        bytes32 knownPlatform = reuse == 0 ? bytes32(0) : _platformHashes[reuse - 1];
        term = _attest(knownPlatform, signer, inputKey, identityBlock, quote, evidence);
        if (term.exitEpoch <= term.activeEpoch) revert NeverLive(term.activeEpoch, term.exitEpoch);
    }

    /// @dev Writes a new seat of the caller's; its machine's list is the caller's affair.
    function _seat(uint256 reuse, address signer, SeatTerm memory term, bytes calldata evidence)
        private
        returns (uint256 id)
    {
        bool isWaiting = _roster.hasSecret;
        id = reuse == 0 ? Seating.append(_roster, _seats, COOL_EPOCHS, _currentEpoch()) : _reclaimSeat(reuse - 1);
        uint256 activeEpoch = isWaiting ? LAST_EPOCH : term.activeEpoch;
        _seats[id] = newSeat(signer, activeEpoch, term.exitEpoch, term.measurementId);
        Escrow escrow = isWaiting ? Escrow.BondAndJoinFee : Escrow.Bond;
        SeatHolder memory holder = SeatHolder(msg.sender, escrow, 0, 0, _holders[id].leafBlock);
        holder.seen(term.platformId, evidence).writeTo(_holders, id);
        _platformHashes[id] = term.platformHash;
    }

    /// @dev `to` stands in for `from`, which ends when it can begin; on its machine too, if that is the same one.
    function _succeed(uint256 from, uint256 to) private {
        _seats[from] = _seats[from].withExit(_currentEpoch() + NOTICE_EPOCHS);
        _holders[from].escrow = Escrow.Rotated;
        _successors[from] = Successor(uint32(to), _seats[to].signer());
        bool isSameMachine = _holders[from].platformTag == _holders[to].platformTag;
        bool isListed = isSameMachine && PlatformSeats.replace(_platformSeats, _holders[to].platformTag, from, to);
        if (!isListed) PlatformSeats.enter(_platformSeats, _seats, _holders, _entry(to));
        emit SeatLeft(from, _currentEpoch() + NOTICE_EPOCHS);
    }

    /// @dev Frees a seat whose cool-down is over. What it still held stays its operator's, what it lost stays burned.
    function _reclaimSeat(uint256 id) private returns (uint256) {
        Seat old = _requireSeat(id);
        if (id >= _roster.count) revert UnknownSeat(id);
        if (!_isCool(old)) revert SeatStillHeld(id, old.exitEpoch() + COOL_EPOCHS, _currentEpoch());
        uint256 leftGwei = old.creditGwei() + _escrowGwei(id);
        if (leftGwei != 0) _owedGwei[_holders[id].operator] += leftGwei;
        uint256 burned = _holders[id].escrow.burnedGwei(BOND_GWEI, JOIN_FEE_GWEI);
        if (burned != 0) _roster.burnedGwei += uint64(burned);
        return id;
    }

    /// @dev Whether the seat does not end before the current epoch + 2 as it is.
    function _requireLasting(uint256 id, Seat held) private view {
        bool isLasting = held.exitEpoch() > _currentEpoch() + NOTICE_EPOCHS;
        if (!isLasting) revert SeatNotLive(id, held.exitEpoch(), _currentEpoch());
    }

    /// @dev Active for as long as a seat cools down. So one bond leaves no more than one seat cooling down behind: else it could
    /// fill the list with dead ones, which thin the lottery out.
    function _requireSettledIn(uint256 id, Seat held) private view {
        uint256 fromEpoch = held.activeEpoch() + COOL_EPOCHS;
        if (_currentEpoch() < fromEpoch) revert SeatTooYoung(id, fromEpoch, _currentEpoch());
    }

    /* DAPPS, and the slots of those who ask them */

    function setLanes(uint16 lanes_) external {
        if (lanes_ == 0) revert IEnigmaTasks.InvalidLanes(lanes_);
        uint256 fromEpoch = _currentEpoch() + NOTICE_EPOCHS;
        Lanes held = _lanes[msg.sender];
        // Two values are kept, and requests may still name the epoch before: the last change must lie behind both.
        bool isChanging = held.fromEpoch() != 0 && held.fromEpoch() >= _currentEpoch();
        if (isChanging && held.fromEpoch() != fromEpoch) revert IEnigmaTasks.LanesChanging(held.fromEpoch(), _currentEpoch());
        _lanes[msg.sender] = held.change(lanes_, fromEpoch);
        emit IEnigmaTasks.LanesSet(msg.sender, lanes_, fromEpoch);
    }

    function refuseFallback(bool refuses) external {
        _lanes[msg.sender] = _lanes[msg.sender].withRefusal(refuses);
        emit IEnigmaTasks.FallbackRefusalSet(msg.sender, refuses);
    }

    function fundSlot(uint32 slot_) external payable {
        uint256 addedGwei = Money.toGwei(msg.value);
        (SlotRecord storage record, Slot word) = _requireFree(slot_);
        record.word = word.addedGwei(addedGwei);
        emit IEnigmaTasks.SlotFunded(msg.sender, slot_, addedGwei);
    }

    function withdrawSlot(uint32 slot_) external locked {
        (SlotRecord storage record, Slot word) = _requireFree(slot_);
        uint64 gweiPaid = word.balanceGwei();
        if (gweiPaid == 0) revert IEnigmaTasks.NothingToWithdraw();
        record.word = freeSlot(word.seq(), 0);
        emit IEnigmaTasks.SlotWithdrawn(msg.sender, slot_, gweiPaid);
        Money.pay(payable(msg.sender), gweiPaid);
    }

    function _requireFree(uint32 slot_) private view returns (SlotRecord storage record, Slot word) {
        record = _slots[msg.sender][slot_];
        word = record.word;
        if (!word.isFree()) revert IEnigmaTasks.SlotInUse(msg.sender, slot_);
    }

    /* RESULTS that were not delivered */

    function redeliver(Undelivered calldata result, bytes calldata output) external locked {
        SlotRecord storage record = _requireUndelivered(result, Receipts.hash(output));
        record.word = freeSlot(result.ref.seq() + 1, result.restGwei);
        TaskTarget target = packTarget(result.dApp, result.callable, 0, 0, 0);
        if (!Callbacks.deliverWithAll(target, result.taskId, output)) revert IEnigmaTasks.DeliveryFailed(result.taskId);
        emit IEnigmaTasks.TaskRedelivered(result.taskId);
    }

    function abandon(Undelivered calldata result, bytes32 outputHash) external locked {
        SlotRecord storage record = _requireUndelivered(result, outputHash);
        uint256 fromEpoch = (result.createdBlock - GENESIS_BLOCK) / EPOCH_BLOCKS + COOL_EPOCHS;
        bool mayAnyone = _currentEpoch() >= fromEpoch;
        if (msg.sender != result.ref.requester() && !mayAnyone) revert IEnigmaTasks.AbandonTooEarly(fromEpoch, _currentEpoch());
        record.word = freeSlot(result.ref.seq() + 1, result.restGwei);
        emit IEnigmaTasks.TaskAbandoned(result.taskId);
    }

    function _requireUndelivered(Undelivered calldata result, bytes32 outputHash)
        private
        view
        returns (SlotRecord storage record)
    {
        record = _slots[result.ref.requester()][result.ref.slot()];
        Slot word = record.word;
        if (!word.equals(undeliveredSlot(result, outputHash))) {
            revert IEnigmaTasks.NotUndelivered(result.taskId, Slot.unwrap(word));
        }
    }

    /* GOVERNANCE */

    modifier onlyGuardian() {
        if (msg.sender != keyRegistry().guardian() && msg.sender != keyRegistry().governor()) revert OnlyGuardian(msg.sender);
        _;
    }

    function revokeMeasurement(uint8 id) external onlyGuardian {
        bytes32 revoked = measurement(id);
        uint32 ids = Measurements.revoke(_measurementNumbers, _measurements, revoked, id);
        _roster.revokedMask |= ids;
        Measurements.takeOut(_epochs, _currentEpoch(), _epochsInUse(), ids);
        emit MeasurementRevoked(id, revoked);
    }

    function admitMeasurement(bytes32 admitted) external onlyGovernor returns (uint8 id) {
        id = Deployment.admitOne(admitted, _measurementNumbers, _measurements.length);
        _measurements.push(admitted);
        emit MeasurementAdmitted(id, admitted);
        if (_isChanging()) _admitToNext(admitted);
    }

    function setPriceLevel(uint8 level) external onlyGovernor {
        if (level > MAX_PRICE_LEVEL) revert InvalidPriceLevel(level);
        _roster.priceLevel = level;
        emit PriceLevelSet(level);
    }

    function setBeacon(IBeacon beacon_) external onlyGovernor {
        Deployment.requireBeacon(beacon_);
        _beacon = beacon_;
        emit BeaconSet(beacon_);
    }

    function setAttestationVerifier(IAttestationVerifier verifier) external onlyGovernor {
        Deployment.requireVerifier(verifier, SIMULATED);
        _verifier = verifier;
        bytes32 policyHash = verifier.policyHash();
        keyRegistry().setPolicyHash(policyHash);
        emit AttestationVerifierSet(verifier, policyHash);
    }

    /// @dev The guardian's pauses leave as much time between them as one may last; the governor is bound to the length alone.
    function pause(uint256 until) external onlyGuardian {
        uint256 limit = block.timestamp + MOST_PAUSE_SECONDS;
        if (until <= block.timestamp || until > limit) revert PauseTooLong(until, limit);
        uint256 last = _roster.pausedUntil;
        uint256 from = last == 0 ? 0 : last + MOST_PAUSE_SECONDS;
        bool isGovernors = msg.sender == keyRegistry().governor();
        if (!isGovernors && block.timestamp < from) revert PauseTooSoon(from, block.timestamp);
        uint8 others = _roster.marks & ~GOVERNORS_PAUSE;
        (_roster.pausedUntil, _roster.marks) = (uint40(until), isGovernors ? others | GOVERNORS_PAUSE : others);
        _markPaused(true);
        emit Paused(until);
    }

    /// @dev What is left of it counts as spent. The guardian ends his own alone: he takes away, and gives nothing back.
    function unpause() external onlyGuardian {
        if (_roster.pausedUntil <= block.timestamp) revert NotPaused();
        if (_roster.marks & GOVERNORS_PAUSE != 0 && msg.sender != keyRegistry().governor()) revert OnlyGovernor(msg.sender);
        _roster.pausedUntil = uint40(block.timestamp);
        _markPaused(false);
        emit Unpaused();
    }

    /// @dev In the words of the epochs that a request may still name: the current one, and the one before.
    function _markPaused(bool isPaused) private {
        uint256 current = _currentEpoch();
        for (uint256 number = current == 0 ? 0 : current - 1; number <= current; ++number) {
            Epoch word = _epochs[number % EPOCHS_KEPT];
            if (word.isStarted(number)) _epochs[number % EPOCHS_KEPT] = word.withPaused(isPaused);
        }
    }

    /* VIEWS */

    function parameters() external view returns (Parameters memory) {
        return _parameters;
    }

    function genesisBlock() external view returns (uint256) {
        return GENESIS_BLOCK;
    }

    function currentEpoch() external view returns (uint256) {
        return _currentEpoch();
    }

    function beacon() external view returns (IBeacon) {
        return _beacon;
    }

    function attestationVerifier() external view returns (IAttestationVerifier) {
        return _verifier;
    }

    function simulated() external view returns (bool) {
        return SIMULATED;
    }

    function networkHash() external view returns (bytes32) {
        return _networkHash;
    }

    function owedGwei(address account) external view returns (uint256) {
        return _owedGwei[account];
    }

    function keyRegistry() public view override(EnigmaObservers, IEnigmaNetwork) returns (IKeyRegistry) {
        return super.keyRegistry();
    }

    function seatPriceGwei() public view returns (uint256) {
        return _roster.hasSecret ? BOND_GWEI + JOIN_FEE_GWEI : BOND_GWEI;
    }

    function hasSecret() external view returns (bool) {
        return _roster.hasSecret;
    }

    function revokedMeasurements() external view returns (uint32) {
        return _roster.revokedMask;
    }

    function measurement(uint8 id) public view returns (bytes32) {
        return id < _measurements.length ? _measurements[id] : bytes32(0);
    }

    function seatCount() public view returns (uint256) {
        return _roster.count;
    }

    function seat(uint256 id) external view returns (SeatView memory) {
        return Seating.unpacked(_requireSeat(id), _holders[id], _platformHashes[id], BOND_GWEI, JOIN_FEE_GWEI);
    }

    function burnedGwei() external view returns (uint256 totalGwei) {
        totalGwei = _roster.burnedGwei;
        for (uint256 id; id < _roster.count; ++id) {
            totalGwei += _holders[id].escrow.burnedGwei(BOND_GWEI, JOIN_FEE_GWEI);
        }
    }

    function pausedUntil() external view returns (uint256) {
        return _roster.pausedUntil;
    }

    function priceLevel() external view returns (uint8) {
        return _roster.priceLevel;
    }

    function epoch(uint256 number) external view returns (EpochView memory) {
        Epoch word = _requireStarted(number);
        return EpochView(
            word.seed(),
            word.isFallback(),
            word.seatCount(),
            word.revokedMask(),
            word.isPaused(),
            word.priceLevel()
        );
    }

    function lanes(address dApp, uint256 epoch_) public view returns (uint16) {
        return uint16(_lanes[dApp].inEpoch(epoch_));
    }

    function refusesFallback(address dApp) external view returns (bool) {
        return _lanes[dApp].refusesFallback();
    }

    function laneOf(address requester, uint32 slot_, uint64 seq, address dApp, uint256 epoch_)
        public
        view
        returns (uint256)
    {
        return _lanes[dApp].laneOf(packRef(requester, slot_, seq), epoch_);
    }

    function quoteFee(uint8 gasClass, uint32 callbackGas, uint16 outputCap, uint256 baseFeeWei)
        external
        view
        returns (uint64 feeGwei)
    {
        TaskTarget target = packTarget(address(0), 0, callbackGas, outputCap, gasClass);
        if (!target.isWithinLimits()) revert IEnigmaTasks.InvalidTarget(target);
        if (baseFeeWei > type(uint128).max) revert IEnigmaTasks.AmountTooLarge(baseFeeWei);
        return Money.toUint64(_quote(target, baseFeeWei, _levelNow()));
    }

    /// @dev Of the epoch that a request would name: the current one, or the one before while that is open; else of the next to start.
    function _levelNow() private view returns (uint8) {
        uint256 current = _currentEpoch();
        Epoch word = wordOf(_epochs, current);
        if (word.isStarted(current)) return word.priceLevel();
        bool isBeforeOpen = current != 0 && block.number < GENESIS_BLOCK + current * EPOCH_BLOCKS + GRACE_BLOCKS;
        if (!isBeforeOpen) return _roster.priceLevel;
        word = wordOf(_epochs, current - 1);
        return word.isStarted(current - 1) ? word.priceLevel() : _roster.priceLevel;
    }

    function slot(address requester, uint32 number) external view returns (SlotView memory) {
        return _slots[requester][number].word.unpacked();
    }
}
