// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDuties} from "./EnigmaDuties.sol";
import {EnigmaStorage} from "./EnigmaStorage.sol";
import {IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IBeacon} from "./interfaces/IBeacon.sol";
import {IEnigmaNetwork} from "./interfaces/IEnigmaNetwork.sol";
import {IEnigmaObservers} from "./interfaces/IEnigmaObservers.sol";
import {IEnigmaSeats} from "./interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks, TaskRequest, Undelivered} from "./interfaces/IEnigmaTasks.sol";
import {Governance, IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {KeyRegistry} from "./KeyRegistry.sol";
import {Batch, Member} from "./libraries/Batch.sol";
import {BlockHashes} from "./libraries/BlockHashes.sol";
import {Callbacks} from "./libraries/Callbacks.sol";
import {Deployment} from "./libraries/Deployment.sol";
import {Fees} from "./libraries/Fees.sol";
import {Money} from "./libraries/Money.sol";
import {Receipts} from "./libraries/Receipts.sol";
import {Seeds} from "./libraries/Seeds.sol";
import {Selection} from "./libraries/Selection.sol";
import {Epoch, EPOCHS_KEPT, newEpoch, wordOf} from "./types/Epoch.sol";
import {Lanes} from "./types/Lanes.sol";
import {Observation} from "./types/Parameters.sol";
import {Escrow, OBSERVERS_CHANGE, Roster, Seat} from "./types/Seat.sol";
import {freeSlot, pendingSlot, Slot, SlotRecord, UNDELIVERED, undeliveredSlot} from "./types/Slot.sol";
import {MAX_INPUT_BYTES, packTerms, Task, TaskRef, TaskTarget, TaskTerms} from "./types/Task.sol";

/**
 * The Enigma contract, in the order of a task's life: EPOCHS · TASKS · SETTLEMENT · VIEWS; what a seat answers for while it serves is in
 * EnigmaDuties, what is rarer in EnigmaSeats.
 * What each function promises stands in IEnigma; here stands how. Immutable; no account may touch another's money.
 *
 * Whoever reads for the money: wei come in through requestTask, requestTasks, fundSlot, takeSeat and rotateSeat, and go out
 * through `Money.pay`.
 */
contract Enigma is EnigmaDuties {
    /// Status 0 result, 1 failed, 2 not opened.
    uint8 private constant LAST_STATUS = 2;

    address private immutable SEATS;
    IKeyRegistry private immutable REGISTRY;
    bytes32 private immutable NETWORK_HASH;
    /// @dev Of an epoch, counted from its boundary: until then a task may name it.
    uint256 private immutable LAST_OPEN_BLOCK;

    /// @param seats EnigmaSeats, deployed before, with the parameters: this contract takes them from there.
    /// @param observation Observers, threshold and depth.
    /// @param beacon_ Where seeds come from.
    /// @param verifier Who verifies quotes.
    /// @param measurements The code that is admitted from the start, numbered from 0 on.
    /// @param governance Governor and guardian.
    constructor(
        IEnigmaNetwork seats,
        Observation memory observation,
        IBeacon beacon_,
        IAttestationVerifier verifier,
        bytes32[] memory measurements,
        Governance memory governance
    ) EnigmaStorage(seats.parameters(), seats.genesisBlock(), seats.simulated()) {
        Deployment.requireDepth(_parameters, observation.depth);
        Deployment.requireBeacon(beacon_);
        Deployment.requireVerifier(verifier, SIMULATED);
        Deployment.requireGovernor(governance.governor, SIMULATED);
        Deployment.admit(measurements, _measurementNumbers);
        SEATS = address(seats);
        LAST_OPEN_BLOCK = EPOCH_BLOCKS + GRACE_BLOCKS - 1;
        (_beacon, _verifier, _measurements) = (beacon_, verifier, measurements);
        _roster.priceLevel = Fees.LEVEL_AT_DEPLOYMENT;
        NETWORK_HASH = Deployment.bind(observation, SIMULATED);
        _networkHash = NETWORK_HASH;
        // The first contract that this one creates: enclaves reckon its address.
        REGISTRY = new KeyRegistry(governance, NETWORK_HASH, domainSeparator, verifier.policyHash());
    }

    /// @dev What is rarer: the other half's code on this one's storage. Each function here costs those behind it 22 gas, there one costs
    /// its caller 3,100.
    fallback() external payable {
        address seats = SEATS;
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, 0, calldatasize())
            let ok := delegatecall(gas(), seats, input, calldatasize(), 0, 0)
            returndatacopy(input, 0, returndatasize())
            if ok { return(input, returndatasize()) }
            revert(input, returndatasize())
        }
    }

    /// @dev It would be nobody's: money comes with a request, into a slot or for a seat.
    receive() external payable {
        revert PlainPayment(msg.value);
    }

    function _network() internal view override returns (bytes32) {
        return _serial == 0 ? NETWORK_HASH : _networkHash;
    }

    /* THE NETWORK SECRET */

    function markSeatGranted(uint256 id, uint256 donorSeat) external {
        _requireKeyRegistry();
        if (_holders[id].escrow != Escrow.BondAndJoinFee) return;
        _holders[id].escrow = Escrow.Bond;
        Seat activated = _seats[id].activatedAt(_currentEpoch() + NOTICE_EPOCHS);
        _seats[id] = activated;
        _credit(donorSeat, _seats[donorSeat], JOIN_FEE_GWEI);
        emit IEnigmaSeats.SeatActivated(id, activated.activeEpoch());
    }

    function markSecretFinal() external {
        _requireKeyRegistry();
        _roster.hasSecret = true;
    }

    function _requireKeyRegistry() private view {
        if (msg.sender != address(REGISTRY)) revert OnlyKeyRegistry(msg.sender);
    }

    /* EPOCHS */

    function postSeed(uint256 number, bytes calldata proof) external {
        uint256 boundary = _requireStartable(number);
        uint256 cutBlock = boundary + CUT_BLOCKS;
        if (block.number > cutBlock) revert SeedOverdue(cutBlock, block.number);
        bytes32 anchor = BlockHashes.known(boundary);
        _start(number, _beacon.seed(number, anchor, proof), anchor, false);
    }

    function postFallbackSeed(uint256 number) external {
        uint256 cutBlock = _requireStartable(number) + CUT_BLOCKS;
        if (block.number <= cutBlock) revert SeedStillDue(cutBlock, block.number);
        bytes32 anchor = BlockHashes.known(cutBlock);
        _start(number, Seeds.fallbackSeed(number, anchor), anchor, true);
    }

    function _requireStartable(uint256 number) private view returns (uint256 boundary) {
        uint256 current = _currentEpoch();
        if (number != current) revert NotCurrentEpoch(number, current);
        if (_epochs[number % EPOCHS_KEPT].isStarted(number)) revert EpochAlreadyStarted(number);
        boundary = boundaryBlock(number);
        if (block.number <= boundary) revert BoundaryNotMined(boundary);
    }

    function _start(uint256 number, uint256 seed, bytes32 anchor, bool isFallback) private {
        Roster memory roster = _roster;
        uint256 count = roster.countAtStartOf(number);
        if (count == 0) revert NoSeats(number);
        if (roster.marks & OBSERVERS_CHANGE != 0) roster.revokedMask = _leftOutIn(number);
        Epoch word = newEpoch(seed, count, number, roster.priceLevel, roster.revokedMask);
        if (isFallback) word = word.withFallback();
        if (block.timestamp < roster.pausedUntil) word = word.withPaused(true);
        _epochs[number % EPOCHS_KEPT] = word;
        emit EpochStarted(number, word.seed(), count, anchor, isFallback);
    }

    /// @dev While a change of observers is announced: until it is due the seats of the next network, from then on those of the former.
    function _leftOutIn(uint256 number) private returns (uint32) {
        if (number < _switchEpoch) return _roster.revokedMask | _nextIds;
        address seats = SEATS;
        bytes32 selector = IEnigmaObservers.switchObservers.selector;
        assembly ("memory-safe") {
            mstore(0, selector)
            if iszero(delegatecall(gas(), seats, 0, 4, 0, 0)) { revert(0, 0) }
        }
        return _roster.revokedMask;
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
        uint256 valueGwei = msg.value / 1 gwei;
        unchecked {
            if (valueGwei * 1 gwei != msg.value) revert NotWholeGwei(msg.value);
        }
        return _request(slot_, target, feeGwei, valueGwei, epoch_, lane, inputs);
    }

    function requestTasks(TaskRequest[] calldata requests) external payable {
        uint256 requestedGwei;
        for (uint256 i; i < requests.length; ++i) {
            TaskRequest calldata one = requests[i];
            requestedGwei += one.valueGwei;
            _request(one.slot, one.target, one.feeGwei, one.valueGwei, one.epoch, one.lane, one.inputs);
        }
        uint256 sentGwei = Money.toGwei(msg.value);
        if (sentGwei != requestedGwei) revert WrongValue(sentGwei, requestedGwei);
    }

    function cancel(Task calldata task) external locked {
        (bytes32 taskId, SlotRecord storage record) = _requirePending(task);
        uint256 opensAtBlock = task.terms.createdBlock() + RANKS * WINDOW_BLOCKS;
        if (block.number < opensAtBlock) revert TooEarly(opensAtBlock, block.number);
        _free(record, task, task.terms.feeGwei() + task.terms.restGwei());
        emit TaskCancelled(taskId);
    }

    function _request(
        uint32 slot_,
        TaskTarget target,
        uint256 feeGwei,
        uint256 valueGwei,
        uint256 epoch_,
        uint256 lane,
        bytes calldata inputs
    ) private returns (bytes32) {
        if (!target.isWithinLimits()) revert InvalidTarget(target);
        if (inputs.length > MAX_INPUT_BYTES) revert InputsTooLong(inputs.length, MAX_INPUT_BYTES);
        _requireOpen(epoch_);
        SlotRecord storage record = _slots[msg.sender][slot_];
        Slot word = record.word;
        if (!word.isFree()) revert SlotInUse(msg.sender, slot_);
        TaskRef ref = word.nextRef(msg.sender, slot_);
        uint256 availableGwei;
        unchecked {
            // Neither is near 2^255.
            availableGwei = word.balanceGwei() + valueGwei;
        }
        TaskTerms terms = _agree(ref, target, feeGwei, availableGwei, epoch_, lane);
        return _open(record, ref, target, terms, inputs);
    }

    /// @dev The task's terms, once it is sure that its lottery serves it for this fee. What is left of the slot's balance stays there.
    function _agree(TaskRef ref, TaskTarget target, uint256 feeGwei, uint256 availableGwei, uint256 epoch_, uint256 lane)
        private
        view
        returns (TaskTerms)
    {
        uint8 level = _requireServed(ref, target.dApp(), epoch_, lane);
        uint256 quotedGwei = _quote(target, block.basefee, level);
        if (feeGwei < quotedGwei) revert FeeTooLow(feeGwei, quotedGwei);
        unchecked {
            // Fee and rest together stay within 64 bits, so that cancelling can put both back. Below zero, the rest exceeds them too.
            uint256 restGwei = availableGwei - feeGwei;
            if ((restGwei | availableGwei) >> 64 != 0) _refuseFee(feeGwei, availableGwei);
            return packTerms(feeGwei, restGwei, block.number, epoch_, lane);
        }
    }

    function _refuseFee(uint256 feeGwei, uint256 availableGwei) private pure {
        if (availableGwei > type(uint64).max) revert AmountTooLarge(availableGwei);
        revert FeeNotCovered(feeGwei, availableGwei);
    }

    /// @dev The current epoch, or the one before until GRACE: within one epoch and GRACE blocks of its boundary. A number so
    /// large that the boundary wraps around is no epoch that was ever started.
    function _requireOpen(uint256 number) private view {
        unchecked {
            uint256 ageBlocks = block.number - (GENESIS_BLOCK + number * EPOCH_BLOCKS);
            if (ageBlocks > LAST_OPEN_BLOCK) revert EpochNotOpen(number, _currentEpoch());
        }
    }

    /// @dev A task in another lane than its own would be one more draw for the requester; one without rank 0 is not taken. Returns the
    /// price level.
    function _requireServed(TaskRef ref, address dApp, uint256 number, uint256 lane) private view returns (uint8) {
        Lanes lanes_ = _lanes[dApp];
        if (lanes_.areSet()) _requireLane(lane, lanes_.laneOf(ref, number));
        else if (lane != 0) revert WrongLane(lane, 0);
        Epoch word = wordOf(_epochs, number);
        if (!word.isPlain(number)) _requireUsable(word, number, dApp, lanes_);
        Selection.requireAny(_seats, word, dApp, lane);
        return word.priceLevel();
    }

    function _requireLane(uint256 lane, uint256 expected) private pure {
        if (lane != expected) revert WrongLane(lane, expected);
    }

    function _requireUsable(Epoch word, uint256 number, address dApp, Lanes lanes_) private pure {
        if (!word.isStarted(number)) revert SeedNotPosted(number);
        if (word.isPaused()) revert EpochPaused(number);
        if (word.isFallback() && lanes_.refusesFallback()) revert FallbackRefused(dApp, number);
    }

    function _open(SlotRecord storage record, TaskRef ref, TaskTarget target, TaskTerms terms, bytes calldata inputs)
        private
        returns (bytes32 taskId)
    {
        bytes32 codeHash = Callbacks.codeHashOf(target.dApp());
        taskId = Receipts.taskId(domainSeparator, ref, target, terms, codeHash, Receipts.hash(inputs));
        record.word = pendingSlot(taskId);
        _announce(taskId, ref, target, terms, codeHash, inputs);
    }

    /// @dev emit TaskRequested(taskId, target.dApp(), ref, target, terms, codeHash, inputs), for 100 gas less.
    function _announce(
        bytes32 taskId,
        TaskRef ref,
        TaskTarget target,
        TaskTerms terms,
        bytes32 codeHash,
        bytes calldata inputs
    ) private {
        bytes32 topic = TaskRequested.selector;
        assembly ("memory-safe") {
            let data := mload(0x40) // used here only: the free memory pointer stays
            mstore(data, ref)
            mstore(add(data, 0x20), target)
            mstore(add(data, 0x40), terms)
            mstore(add(data, 0x60), codeHash)
            mstore(add(data, 0x80), 0xa0) // where the inputs begin
            mstore(add(data, 0xa0), inputs.length)
            calldatacopy(add(data, 0xc0), inputs.offset, inputs.length)
            mstore(add(add(data, 0xc0), inputs.length), 0)
            log3(data, add(0xc0, and(add(inputs.length, 31), not(31))), topic, taskId, shr(96, shl(96, target)))
        }
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
        if (!delivered && status == 0) {
            record.word = _undelivered(taskId, task.ref, task.target, task.terms, Receipts.hash(output));
        }
        emit TaskSettled(taskId, id, rank, status, delivered, output);
    }

    /**
     * @dev In two rounds. First everything is checked and booked: no member can be booked twice, since none is pending any more, and
     * the seat's word is not written after somebody else's code has run. Then each result is delivered. Until its turn its slot
     * is marked undelivered, with bits that are no result's hash: no callback of another member can put a task there.
     */
    function settleBatch(uint256 id, uint256 count, bytes calldata members, bytes32 r, bytes32 vs) external locked {
        bytes32[] memory receipts = new bytes32[](count);
        bytes32[] memory taskIds = new bytes32[](count);
        _bookBatch(id, members, receipts, taskIds);
        {
            Seat held = _requireSeat(id);
            address signer = Receipts.recover(Receipts.batchDigest(domainSeparator, receipts), r, vs);
            if (signer != held.signer()) revert NotSelectedSigner(signer, held.signer());
        }
        Member memory member;
        for (uint256 i; i < count; ++i) {
            Batch.read(members, member);
            if (taskIds[i] != 0) _deliverMember(id, taskIds[i], member, Batch.output(members, member));
        }
    }

    /// @dev Fills in `receipts`, and `taskIds` for those members that are settled.
    function _bookBatch(uint256 id, bytes calldata members, bytes32[] memory receipts, bytes32[] memory taskIds)
        private
    {
        Member memory member;
        uint256 feesGwei;
        uint256 drawn;
        for (uint256 i; i < receipts.length; ++i) {
            Batch.read(members, member);
            bytes32 codeHash = member.target.dApp().codehash;
            bytes32 taskId =
                Receipts.taskId(domainSeparator, member.ref, member.target, member.terms, codeHash, member.inputsHash);
            bytes32 outputHash = Receipts.hash(Batch.output(members, member));
            receipts[i] = Receipts.structHash(
                taskId, blockhash(member.terms.createdBlock()), codeHash, member.inputsHash, outputHash, member.status
            );
            SlotRecord storage record = _slots[member.ref.requester()][member.ref.slot()];
            if (!record.word.holds(taskId) || _isOver(member.terms.createdBlock())) continue;

            _requireWindow(member.terms.createdBlock(), member.rank);
            if (member.status > LAST_STATUS) revert InvalidStatus(member.status);
            if (member.outputLength > member.target.outputCap()) {
                revert OutputTooLong(member.outputLength, member.target.outputCap());
            }
            // Members of one draw stand together: it is made once for them.
            uint256 draw = Batch.drawOf(member);
            if (draw != drawn) _requireDrawn(i, id, member);
            drawn = draw;

            record.word =
                member.status == 0 ? Slot.wrap(UNDELIVERED) : freeSlot(member.ref.seq() + 1, member.terms.restGwei());
            feesGwei += member.terms.feeGwei();
            taskIds[i] = taskId;
        }
        if (member.end != members.length) revert MalformedBatch(members.length, member.end);
        if (drawn == 0) revert NothingToSettle();
        _credit(id, _seats[id], feesGwei);
    }

    function _requireDrawn(uint256 index, uint256 id, Member memory member) private view {
        TaskTerms terms = member.terms;
        (uint256 drawn,) = _select(terms.epoch(), member.target.dApp(), terms.lane(), member.rank);
        if (drawn != id) revert NotSelectedSeat(index, id, drawn);
    }

    function _deliverMember(uint256 id, bytes32 taskId, Member memory member, bytes calldata output) private {
        SlotRecord storage record = _slots[member.ref.requester()][member.ref.slot()];
        if (member.status == 0) record.word = freeSlot(member.ref.seq() + 1, member.terms.restGwei());
        bool delivered = Callbacks.deliver(member.target, taskId, member.status, output);
        if (!delivered && member.status == 0) {
            record.word = _undelivered(taskId, member.ref, member.target, member.terms, Receipts.hash(output));
        }
        emit TaskSettled(taskId, id, member.rank, member.status, delivered, output);
    }

    function _undelivered(bytes32 taskId, TaskRef ref, TaskTarget target, TaskTerms terms, bytes32 outputHash)
        private
        pure
        returns (Slot)
    {
        Undelivered memory result =
            Undelivered(taskId, ref, target.dApp(), target.callable(), terms.restGwei(), terms.createdBlock());
        return undeliveredSlot(result, outputHash);
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
            if (_isOver(createdBlock)) revert TooLate(createdBlock + RANKS * WINDOW_BLOCKS, block.number);
        }
    }

    function _isOver(uint256 createdBlock) private view returns (bool) {
        return block.number >= createdBlock + RANKS * WINDOW_BLOCKS;
    }

    /// @dev The one way out of pending: the next seq, so that no two tasks ever share an id.
    function _free(SlotRecord storage record, Task calldata task, uint64 balanceGwei) private {
        record.word = freeSlot(task.ref.seq() + 1, balanceGwei);
    }

    /* VIEWS */

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

    function boundaryBlock(uint256 number) public view returns (uint256) {
        return GENESIS_BLOCK + number * EPOCH_BLOCKS;
    }

    function seatWord(uint256 id) external view returns (uint256 word, bool isRevoked, uint256 current) {
        Seat held = _seats[id];
        isRevoked = (_roster.revokedMask >> held.measurementId()) & 1 == 1;
        return (Seat.unwrap(held), isRevoked, _currentEpoch());
    }

    function taskIdOf(Task calldata task) external view returns (bytes32) {
        return Receipts.taskId(domainSeparator, task);
    }

}
