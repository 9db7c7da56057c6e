// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier, Standing} from "./interfaces/IAttestationVerifier.sol";
import {IBeacon} from "./interfaces/IBeacon.sol";
import {EpochView, IEnigma, Observation, Parameters, SeatView, SlotView} from "./interfaces/IEnigma.sol";
import {Governance, IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {KeyRegistry} from "./KeyRegistry.sol";
import {BlockHashes} from "./libraries/BlockHashes.sol";
import {Callbacks} from "./libraries/Callbacks.sol";
import {Deployment} from "./libraries/Deployment.sol";
import {Fees} from "./libraries/Fees.sol";
import {Identity} from "./libraries/Identity.sol";
import {Lifetime} from "./libraries/Lifetime.sol";
import {Measurements} from "./libraries/Measurements.sol";
import {Money} from "./libraries/Money.sol";
import {PlatformSeats} from "./libraries/PlatformSeats.sol";
import {Receipts} from "./libraries/Receipts.sol";
import {Seating} from "./libraries/Seating.sol";
import {Selection} from "./libraries/Selection.sol";
import {Epoch, EPOCHS_KEPT, newEpoch, wordOf} from "./types/Epoch.sol";
import {Lanes} from "./types/Lanes.sol";
import {Escrow, LAST_EPOCH, MAX_CREDIT_GWEI, newSeat, Roster, Seat, SeatHolder, SeatTerm} from "./types/Seat.sol";
import {freeSlot, pendingSlot, Slot, SlotRecord} from "./types/Slot.sol";
import {MAX_INPUT_BYTES, packRef, packTarget, packTerms, Task, TaskRef, TaskTarget, TaskTerms} from "./types/Task.sol";

/**
 * The Enigma contract, in the order of a task's life: SEATS · EPOCHS · TASKS · SETTLEMENT · VIEWS.
 * What each function promises stands in IEnigma; here stands how. Immutable; no account may touch another's money.
 *
 * Whoever reads for the money: wei come in through takeSeat, requestTask and fundSlot, and go out through `Money.pay`.
 */
contract Enigma is IEnigma {
    uint256 private constant RANKS = Selection.RANKS;
    /// Joining, leaving and changing lanes take effect this many epochs later, before anyone can know that epoch's seed.
    uint256 private constant NOTICE_EPOCHS = 2;
    /// Status 0 result, 1 failed, 2 not opened.
    uint8 private constant LAST_STATUS = 2;

    // What tasks and seats need of the parameters; the others are read from storage, rarely.
    uint256 private immutable EPOCH_BLOCKS;
    uint256 private immutable WINDOW_BLOCKS;
    uint256 private immutable GRACE_BLOCKS;
    uint64 private immutable FLOOR_GWEI;
    uint64 private immutable COMPUTE_GWEI_PER_MGAS;
    uint256 private immutable COOL_EPOCHS;
    uint256 private immutable BOND_GWEI;
    uint256 private immutable JOIN_FEE_GWEI;
    address private immutable GOVERNOR;
    address private immutable GUARDIAN;

    uint256 public immutable genesisBlock;
    IBeacon public immutable beacon;
    IAttestationVerifier public immutable attestationVerifier;
    IKeyRegistry public immutable keyRegistry;
    bool public immutable simulated;
    bytes32 public immutable networkHash;
    bytes32 public immutable domainSeparator;

    /// @dev The first five storage slots are the protocol's: enclaves have their words proven. In the first stand the tasks.
    mapping(address requester => mapping(uint32 slot => SlotRecord)) private _slots;
    mapping(uint256 id => Seat) private _seats;
    mapping(uint256 id => SeatHolder) private _holders;
    bytes32[] private _measurements;
    Roster private _roster;
    /// @dev A ring: epoch e stands at e mod EPOCHS_KEPT.
    Epoch[EPOCHS_KEPT] private _epochs;
    mapping(address dApp => Lanes) private _lanes;
    mapping(address operator => uint256) public owedGwei;
    /// @dev See Measurements.sol.
    mapping(bytes32 measurement => uint256 number) private _measurementNumbers;
    Parameters private _parameters;
    mapping(uint256 id => bytes32) private _platformHashes;
    /// @dev See PlatformSeats.sol.
    mapping(bytes32 platformId => uint256 list) private _platformSeats;
    bool private transient _locked;

    constructor(
        Parameters memory p,
        Observation memory observation,
        IBeacon beacon_,
        IAttestationVerifier verifier,
        bytes32[] memory measurements,
        bool simulated_,
        Governance memory governance
    ) {
        Deployment.requireSound(p, observation.depth, NOTICE_EPOCHS);
        Deployment.requireParts(beacon_, verifier, simulated_);
        Deployment.admit(measurements, _measurementNumbers);

        EPOCH_BLOCKS = p.epochBlocks;
        WINDOW_BLOCKS = p.windowBlocks;
        GRACE_BLOCKS = p.graceBlocks;
        FLOOR_GWEI = p.floorGwei;
        COMPUTE_GWEI_PER_MGAS = p.computeGweiPerMgas;
        COOL_EPOCHS = p.coolEpochs;
        BOND_GWEI = p.bondGwei;
        JOIN_FEE_GWEI = p.joinFeeGwei;
        _parameters = p;
        _measurements = measurements;

        genesisBlock = block.number;
        beacon = beacon_;
        attestationVerifier = verifier;
        simulated = simulated_;
        networkHash = Deployment.bind(observation, simulated_);
        domainSeparator = Receipts.domainSeparator("Enigma", address(this));
        (GOVERNOR, GUARDIAN) = (governance.governor, governance.guardian);
        // The first contract that this one creates: enclaves reckon its address.
        keyRegistry = new KeyRegistry(governance, networkHash, domainSeparator, verifier.policyHash());
    }

    /// @dev On all that settles or pays out. `requestTask` stays open: a callback may ask for the next computation.
    modifier locked() {
        if (_locked) revert Reentered();
        _locked = true;
        _;
        _locked = false;
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
        bool isWaiting = _roster.hasSecret;
        Money.requirePrice(seatPriceGwei());
        if (signer == address(0)) revert ZeroSigner();
        bytes32 knownPlatform = reuse == 0 ? bytes32(0) : _platformHashes[reuse - 1];
        SeatTerm memory term = _attest(knownPlatform, signer, inputKey, identityBlock, quote, evidence);
        if (term.exitEpoch <= term.activeEpoch) revert NeverLive(term.activeEpoch, term.exitEpoch);

        id = reuse == 0 ? Seating.append(_roster, _seats, COOL_EPOCHS, currentEpoch()) : _reclaimSeat(reuse - 1);
        Seat taken = newSeat(signer, isWaiting ? LAST_EPOCH : term.activeEpoch, term.exitEpoch, term.measurementId);
        _seats[id] = taken;
        Escrow escrow = isWaiting ? Escrow.BondAndJoinFee : Escrow.Bond;
        _holders[id] = SeatHolder(msg.sender, escrow, 0, 0, _holders[id].leafBlock).seen(term.platformId, evidence);
        _enterPlatform(id, term);
        Seating.announce(id, taken, inputKey, identityBlock, quote, evidence);
    }

    function renewSeat(
        uint256 id,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external locked {
        Seat held = _requireOperator(id);
        bytes32 platform = _platformHashes[id];
        SeatTerm memory term = _attest(platform, held.signer(), inputKey, identityBlock, quote, evidence);
        // A nearer exit stands: extending it would bring the seat into a lottery whose set must already be settled.
        if (held.exitEpoch() < term.activeEpoch) revert SeatNotLive(id, held.exitEpoch(), currentEpoch());
        if (term.measurementId != held.measurementId()) {
            revert WrongMeasurement(term.measurementId, held.measurementId());
        }

        if (term.exitEpoch > held.exitEpoch()) held = held.withExit(term.exitEpoch);
        _seats[id] = held;
        _holders[id] = _holders[id].seen(term.platformId, evidence);
        // A live seat is listed on its platform; another record may be another machine's.
        if (term.platformHash != platform) _enterPlatform(id, term);
        emit SeatRenewed(id, held.signer(), msg.sender, inputKey, held.exitEpoch(), identityBlock, quote, evidence);
    }

    function leaveSeat(uint256 id) external {
        Seat held = _requireOperator(id);
        uint256 exitEpoch = currentEpoch() + NOTICE_EPOCHS;
        if (held.exitEpoch() <= exitEpoch) revert SeatNotLive(id, held.exitEpoch(), currentEpoch());
        _seats[id] = held.withExit(exitEpoch);
        emit SeatLeft(id, exitEpoch);
    }

    function recheck(uint256 id, bytes calldata record) external {
        Seat held = _requireSeat(id);
        bytes32 recordHash = Receipts.hash(record);
        if (recordHash != _platformHashes[id]) revert WrongRecord(recordHash, _platformHashes[id]);
        Standing standing = attestationVerifier.recheck(record);
        if (standing == Standing.Good) revert PlatformGood(id);

        // A seat that has left may have tasks to settle until it is cool: a revoked platform may not.
        bool isRevoked = standing == Standing.Revoked;
        Seat ended = isRevoked ? held.revokedBy(currentEpoch()) : held.endedBy(currentEpoch() + NOTICE_EPOCHS);
        if (ended.equals(held) || _isCool(held)) revert SeatNotLive(id, held.exitEpoch(), currentEpoch());
        _seats[id] = ended;
        emit SeatEnded(id, ended.exitEpoch(), isRevoked);
    }

    function withdrawSeat(uint256 id, address payable to) external locked {
        Seat held = _requireOperator(id);
        uint256 creditGwei = held.creditGwei();
        uint256 bondGwei = _isCool(held) ? _escrowGwei(id) : 0;
        if (creditGwei + bondGwei == 0) revert NothingToWithdraw();
        _seats[id] = held.withCredit(0);
        if (bondGwei != 0) _holders[id].escrow = Escrow.None;
        emit SeatWithdrawn(id, to, creditGwei, bondGwei);
        Money.pay(to, creditGwei + bondGwei);
    }

    function withdrawOwed(address payable to) external locked {
        uint256 gweiPaid = owedGwei[msg.sender];
        if (gweiPaid == 0) revert NothingToWithdraw();
        owedGwei[msg.sender] = 0;
        emit OwedWithdrawn(msg.sender, to, gweiPaid);
        Money.pay(to, gweiPaid);
    }

    function revokeMeasurement(uint8 id) external {
        if (msg.sender != GUARDIAN && msg.sender != GOVERNOR) revert OnlyGuardian(msg.sender);
        bytes32 revoked = measurement(id);
        _roster.revokedMask = Measurements.revoke(_measurementNumbers, revoked, id, _roster.revokedMask);
        // As many epochs as tasks drawn in them may still be pending.
        uint256 inUse = 1 + (GRACE_BLOCKS + RANKS * WINDOW_BLOCKS + EPOCH_BLOCKS - 1) / EPOCH_BLOCKS;
        Measurements.takeOut(_epochs, currentEpoch(), inUse, _roster.revokedMask);
        emit MeasurementRevoked(id, revoked);
    }

    function markSeatGranted(uint256 id, uint256 donorSeat) external {
        _requireKeyRegistry();
        if (_holders[id].escrow != Escrow.BondAndJoinFee) return;
        _holders[id].escrow = Escrow.Bond;
        Seat activated = _seats[id].activatedAt(currentEpoch() + NOTICE_EPOCHS);
        _seats[id] = activated;
        _credit(donorSeat, _seats[donorSeat], JOIN_FEE_GWEI);
        emit SeatActivated(id, activated.activeEpoch());
    }

    function markSecretFinal() external {
        _requireKeyRegistry();
        _roster.hasSecret = true;
    }

    function _requireKeyRegistry() private view {
        if (msg.sender != address(keyRegistry)) revert OnlyKeyRegistry(msg.sender);
    }

    /// @dev The quote must be genuine, of an admitted measurement, and made for exactly this identity a moment ago.
    function _attest(
        bytes32 knownPlatform,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) private view returns (SeatTerm memory) {
        if (inputKey == 0) revert ZeroInputKey();
        Attestation memory found = attestationVerifier.verify(quote, evidence, knownPlatform);
        uint256 measurementId = Measurements.idOf(_measurementNumbers, found.measurement);
        bytes32 identity = Identity.hash(networkHash, msg.sender, signer, inputKey, identityBlock);
        Identity.check(found, identity, identityBlock);
        return Lifetime.term(_parameters, found, measurementId, currentEpoch(), NOTICE_EPOCHS);
    }

    /// @dev Frees a seat whose cool-down is over. What it still held stays its operator's.
    function _reclaimSeat(uint256 id) private returns (uint256) {
        Seat old = _requireSeat(id);
        if (!_isCool(old)) revert SeatStillHeld(id, old.exitEpoch() + COOL_EPOCHS, currentEpoch());
        uint256 leftGwei = old.creditGwei() + _escrowGwei(id);
        if (leftGwei != 0) owedGwei[_holders[id].operator] += leftGwei;
        return id;
    }

    function _escrowGwei(uint256 id) private view returns (uint256) {
        (uint256 bondGwei, uint256 joinFeeGwei) = _holders[id].escrowGwei(BOND_GWEI, JOIN_FEE_GWEI);
        return bondGwei + joinFeeGwei;
    }

    function _enterPlatform(uint256 id, SeatTerm memory term) private {
        PlatformSeats.enter(
            _platformSeats, _seats, _holders, term.platformId, id, _parameters.seatsPerPlatform, currentEpoch()
        );
        _platformHashes[id] = term.platformHash;
    }

    function _isCool(Seat held) private view returns (bool) {
        return Seating.isCool(held, COOL_EPOCHS, currentEpoch());
    }

    function _requireOperator(uint256 id) private view returns (Seat held) {
        held = _requireSeat(id);
        address operator = _holders[id].operator;
        if (msg.sender != operator) revert NotOperator(msg.sender, operator);
    }

    /// @dev No seat that was ever taken has the zero signer.
    function _requireSeat(uint256 id) private view returns (Seat held) {
        held = _seats[id];
        if (held.signer() == address(0)) revert UnknownSeat(id);
    }

    /* EPOCHS */

    function postSeed(uint256 number, bytes calldata proof) external {
        uint256 current = currentEpoch();
        if (number != current) revert NotCurrentEpoch(number, current);
        if (_epochs[number % EPOCHS_KEPT].isStarted(number)) revert EpochAlreadyStarted(number);
        uint256 boundary = boundaryBlock(number);
        if (block.number <= boundary) revert BoundaryNotMined(boundary);
        bytes32 anchor = BlockHashes.get(boundary);
        if (anchor == 0) revert AnchorUnavailable(boundary);
        Roster memory roster = _roster;
        uint24 count = roster.countAtStartOf(number);
        if (count == 0) revert NoSeats(number);

        Epoch word = newEpoch(beacon.seed(number, anchor, proof), count, number, roster.revokedMask);
        _epochs[number % EPOCHS_KEPT] = word;
        emit EpochStarted(number, word.seed(), count, anchor);
    }

    function setLanes(uint16 lanes_) external {
        if (lanes_ == 0) revert InvalidLanes(lanes_);
        uint256 fromEpoch = currentEpoch() + NOTICE_EPOCHS;
        Lanes held = _lanes[msg.sender];
        // Two values are kept, and requests may still name the epoch before: the last change must lie behind both.
        bool isChanging = held.fromEpoch() != 0 && held.fromEpoch() >= currentEpoch();
        if (isChanging && held.fromEpoch() != fromEpoch) revert LanesChanging(held.fromEpoch(), currentEpoch());
        _lanes[msg.sender] = held.change(lanes_, fromEpoch);
        emit LanesSet(msg.sender, lanes_, fromEpoch);
    }

    /* TASKS */

    function requestTask(
        uint32 slot_,
        TaskTarget target,
        uint64 feeGwei,
        uint256 epoch_,
        uint256 lane,
        bytes calldata inputs
    ) external payable returns (bytes32 taskId) {
        if (!target.isWithinLimits()) revert InvalidTarget(target);
        if (inputs.length > MAX_INPUT_BYTES) revert InputsTooLong(inputs.length, MAX_INPUT_BYTES);
        _requireOpen(epoch_);
        SlotRecord storage record = _slots[msg.sender][slot_];
        Slot word = record.word;
        if (word.isPending()) revert SlotInUse(msg.sender, slot_);
        TaskRef ref = packRef(msg.sender, slot_, word.seq());
        _requireServed(ref, target.dApp(), epoch_, lane);
        TaskTerms terms = packTerms(feeGwei, _takeFee(word, target, feeGwei), block.number, epoch_, lane);
        return _open(record, ref, target, terms, inputs);
    }

    function cancel(Task calldata task) external locked {
        (bytes32 taskId, SlotRecord storage record) = _requirePending(task);
        uint256 opensAtBlock = task.terms.createdBlock() + RANKS * WINDOW_BLOCKS;
        if (block.number < opensAtBlock) revert TooEarly(opensAtBlock, block.number);
        _free(record, task, task.terms.feeGwei() + task.terms.restGwei());
        emit TaskCancelled(taskId);
    }

    function fundSlot(uint32 slot_) external payable {
        Slot word = _requireFree(slot_);
        uint256 addedGwei = Money.toGwei(msg.value);
        _slots[msg.sender][slot_].word = freeSlot(word.seq(), Money.toUint64(word.balanceGwei() + addedGwei));
        emit SlotFunded(msg.sender, slot_, addedGwei);
    }

    function withdrawSlot(uint32 slot_) external locked {
        Slot word = _requireFree(slot_);
        uint64 gweiPaid = word.balanceGwei();
        if (gweiPaid == 0) revert NothingToWithdraw();
        _slots[msg.sender][slot_].word = freeSlot(word.seq(), 0);
        emit SlotWithdrawn(msg.sender, slot_, gweiPaid);
        Money.pay(payable(msg.sender), gweiPaid);
    }

    function _requireFree(uint32 slot_) private view returns (Slot word) {
        word = _slots[msg.sender][slot_].word;
        if (word.isPending()) revert SlotInUse(msg.sender, slot_);
    }

    /// @dev What stays in the slot once the fee is taken from its balance and the value sent.
    function _takeFee(Slot word, TaskTarget target, uint64 feeGwei) private view returns (uint64 restGwei) {
        uint256 quotedGwei = Fees.quote(target, block.basefee, FLOOR_GWEI, COMPUTE_GWEI_PER_MGAS);
        if (feeGwei < quotedGwei) revert FeeTooLow(feeGwei, quotedGwei);
        return Money.restAfter(feeGwei, word.balanceGwei());
    }

    /// @dev The current epoch, or the one before until GRACE: within one epoch and GRACE blocks of its boundary. A number so
    /// large that the boundary wraps around is no epoch that was ever started.
    function _requireOpen(uint256 number) private view {
        unchecked {
            uint256 ageBlocks = block.number - (genesisBlock + number * EPOCH_BLOCKS);
            if (ageBlocks >= EPOCH_BLOCKS + GRACE_BLOCKS) revert EpochNotOpen(number, currentEpoch());
        }
    }

    /// @dev A task in another lane than its own would be one more draw for the requester; one without rank 0 is not taken.
    function _requireServed(TaskRef ref, address dApp, uint256 number, uint256 lane) private view {
        Lanes lanes = _lanes[dApp];
        uint256 expected;
        if (lanes.areSet()) expected = lanes.laneOf(ref, number);
        if (lane != expected) revert WrongLane(lane, expected);
        Selection.requireAny(_seats, _requireStarted(number), dApp, lane);
    }

    function _open(SlotRecord storage record, TaskRef ref, TaskTarget target, TaskTerms terms, bytes calldata inputs)
        private
        returns (bytes32 taskId)
    {
        bytes32 codeHash = Callbacks.codeHashOf(target.dApp());
        taskId = Receipts.taskId(domainSeparator, ref, target, terms, codeHash, Receipts.hash(inputs));
        record.word = pendingSlot(taskId);
        emit TaskRequested(taskId, target.dApp(), ref, target, terms, codeHash, inputs);
    }

    /* SETTLEMENT */

    function settle(Task calldata task, uint8 rank, uint8 status, bytes calldata output, bytes32 r, bytes32 vs)
        external
        locked
    {
        (bytes32 taskId, SlotRecord storage record) = _requirePending(task);
        _requireWindow(task.terms.createdBlock(), rank);
        if (status > LAST_STATUS) revert InvalidStatus(status);
        if (output.length > task.target.outputCap()) revert OutputTooLong(output.length, task.target.outputCap());
        (uint256 id, Seat selected_) = _select(task.terms.epoch(), task.target.dApp(), task.terms.lane(), rank);
        {
            bytes32 digest = Receipts.digest(domainSeparator, taskId, task, Receipts.hash(output), status);
            address signer = Receipts.recover(digest, r, vs);
            if (signer != selected_.signer()) revert NotSelectedSigner(signer, selected_.signer());
        }

        // Settled and paid before the callback, so that a dApp which calls back in finds nothing pending.
        _free(record, task, task.terms.restGwei());
        _credit(id, selected_, task.terms.feeGwei());
        bool delivered = Callbacks.deliver(task.target, taskId, status, output);
        emit TaskSettled(taskId, id, rank, status, delivered, output);
    }

    /// @dev Any field that differs from the task's gives another id, and no slot holds that.
    function _requirePending(Task calldata task) private view returns (bytes32 taskId, SlotRecord storage record) {
        taskId = Receipts.taskId(domainSeparator, task);
        record = _slots[task.ref.requester()][task.ref.slot()];
        Slot word = record.word;
        if (!word.holds(taskId)) revert TaskNotPending(taskId, Slot.unwrap(word));
    }

    /// @dev Ranks' windows all end where cancelling begins; the task's own block has no hash yet to anchor in. Unchecked: three
    /// windows are below 128 blocks.
    function _requireWindow(uint256 createdBlock, uint256 rank) private view {
        if (rank >= RANKS) revert InvalidRank(rank);
        unchecked {
            uint256 opensAtBlock = createdBlock + (rank == 0 ? 1 : rank * WINDOW_BLOCKS);
            if (block.number < opensAtBlock) revert TooEarly(opensAtBlock, block.number);
            uint256 closedAtBlock = createdBlock + RANKS * WINDOW_BLOCKS;
            if (block.number >= closedAtBlock) revert TooLate(closedAtBlock, block.number);
        }
    }

    /// @dev The one way out of pending: the next seq, so that no two tasks ever share an id.
    function _free(SlotRecord storage record, Task calldata task, uint64 balanceGwei) private {
        record.word = freeSlot(task.ref.seq() + 1, balanceGwei);
    }

    /// @dev A fee that the seat's 48 bits cannot hold is owed beside, so that no fee makes a task impossible to settle.
    function _credit(uint256 id, Seat held, uint256 feeGwei) private {
        uint256 creditGwei = held.creditGwei() + feeGwei;
        if (creditGwei <= MAX_CREDIT_GWEI) _seats[id] = held.withCredit(creditGwei);
        else owedGwei[_holders[id].operator] += feeGwei;
    }

    /* VIEWS */

    function parameters() external view returns (Parameters memory) {
        return _parameters;
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

    function currentEpoch() public view returns (uint256) {
        return (block.number - genesisBlock) / EPOCH_BLOCKS;
    }

    function boundaryBlock(uint256 number) public view returns (uint256) {
        return genesisBlock + number * EPOCH_BLOCKS;
    }

    function seatCount() public view returns (uint256) {
        return _roster.count;
    }

    function seat(uint256 id) external view returns (SeatView memory) {
        return Seating.unpacked(_requireSeat(id), _holders[id], _platformHashes[id], BOND_GWEI, JOIN_FEE_GWEI);
    }

    function seatWord(uint256 id) external view returns (uint256 word, bool isRevoked, uint256 current) {
        Seat held = _seats[id];
        isRevoked = (_roster.revokedMask >> held.measurementId()) & 1 == 1;
        return (Seat.unwrap(held), isRevoked, currentEpoch());
    }

    function epoch(uint256 number) external view returns (EpochView memory) {
        Epoch word = _requireStarted(number);
        return EpochView(word.seed(), word.isFallback(), word.seatCount(), word.revokedMask());
    }

    function selected(uint256 epoch_, address dApp, uint256 lane, uint256 rank)
        external
        view
        returns (uint256 id, address signer)
    {
        if (rank >= RANKS) revert InvalidRank(rank);
        Seat held;
        (id, held) = _select(epoch_, dApp, lane, rank);
        signer = held.signer();
    }

    function lanes(address dApp, uint256 epoch_) public view returns (uint16) {
        return uint16(_lanes[dApp].inEpoch(epoch_));
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
        if (!target.isWithinLimits()) revert InvalidTarget(target);
        if (baseFeeWei > type(uint128).max) revert AmountTooLarge(baseFeeWei);
        return Money.toUint64(Fees.quote(target, baseFeeWei, FLOOR_GWEI, COMPUTE_GWEI_PER_MGAS));
    }

    function slot(address requester, uint32 number) external view returns (SlotView memory) {
        return _slots[requester][number].word.unpacked();
    }

    function taskIdOf(Task calldata task) external view returns (bytes32) {
        return Receipts.taskId(domainSeparator, task);
    }

    function _requireStarted(uint256 number) private view returns (Epoch word) {
        word = wordOf(_epochs, number);
        if (!word.isStarted(number)) revert SeedNotPosted(number);
    }

    function _select(uint256 number, address dApp, uint256 lane, uint256 rank) private view returns (uint256, Seat) {
        return Selection.find(_seats, _requireStarted(number), dApp, lane, rank);
    }
}
