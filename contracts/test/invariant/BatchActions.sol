// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks, TaskRequest, Undelivered} from "../../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {Mischief} from "../support/Dapps.sol";
import {vm} from "../support/Vm.sol";
import {Forgeries} from "./Forgeries.sol";
import {Entry} from "./Ledger.sol";
import {Settlement} from "./SettlementActions.sol";
import {Request} from "./TaskActions.sol";

/// Several tasks in one transaction, which must do what as many transactions would; and results that were not delivered.
abstract contract BatchActions is Forgeries {
    uint256 private constant MOST_MEMBERS = 5;
    bytes32 private constant BATCH_TYPE = keccak256("Batch(bytes32[] receipts)");
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,bytes32 inputsHash,bytes32 outputHash,uint8 status)"
    );

    /// How often a batch left something else behind than as many singles.
    uint256 public batchDifferences;

    /// @dev All of a requester's slots at once: taken if each is, and refused with the first one's error if not.
    function requestMany(uint256 requesterChoice, uint256 dAppChoice, uint256 feeChoice, uint256 sent)
        external
        recorded
    {
        _requestMany(requesterChoice, dAppChoice, feeChoice, sent);
    }

    /// @dev 19: what several settlements in one transaction leave behind is what they leave behind one by one.
    function settleMany(uint256 choice, uint256 rankChoice, uint256 statusChoice, uint256 delay, uint256 mischiefChoice)
        external
        recorded
    {
        (bool isFound, Settlement memory first) = _settlement(choice, rankChoice, statusChoice);
        if (!isFound) return _requestMany(choice, rankChoice, statusChoice, delay);
        if (!_awaitWindow(first, delay)) return;
        (, uint256 seat, address signer) = _drawnFor(first.task, first.rank);
        Settlement[] memory members = _members(seat, first, statusChoice);
        _planMischief(members[0], mischiefChoice);

        bytes32 asSingles = _settledOneByOne(members);
        bytes memory packed = _packed(members);
        if (choice % 4 == 0) (members, packed) = _withOneThatEnded(members, packed, choice);
        _refused(user, _batchCall(seat, members, packed, key("stranger")), IEnigmaTasks.NotSelectedSigner.selector);
        (bool ok,) = address(enigma).call(_batchCall(seat, members, packed, _keyOf(signer)));
        assertTrue(ok, "a sound batch was refused");
        if (_standing() != asSingles) ++batchDifferences;
        _refused(user, _batchCall(seat, members, packed, _keyOf(signer)), IEnigmaTasks.NothingToSettle.selector);
        ++counts[members.length > 1 ? "batch settled" : "batch of one settled"];
    }

    /// @dev Anyone may, with the very output; what fails again changes nothing.
    function redeliver(uint256 choice, uint256 mischiefChoice) external recorded {
        (bool isFound, Entry memory entry) = _pickWaiting(choice);
        if (!isFound) return;
        Undelivered memory result = _undelivered(entry);
        bytes memory call = abi.encodeCall(enigma.redeliver, (result, entry.ending.output));
        bytes memory other = abi.encodeCall(enigma.redeliver, (result, "other output"));
        _refused(user, other, IEnigmaTasks.NotUndelivered.selector);
        hostile.plan(Mischief.Revert);
        _refused(user, call, IEnigmaTasks.DeliveryFailed.selector);
        hostile.planCall(call, 0);
        if (mischiefChoice % 2 == 0) hostile.plan(Mischief.None);
        enigma.redeliver(result, entry.ending.output);
        if (mischiefChoice % 2 != 0) assertTrue(!hostile.callSucceeded(), "S4: the lock");
        _requireFreed(entry);
        _refused(user, call, IEnigmaTasks.NotUndelivered.selector);
        ++counts["redelivered"];
    }

    function abandon(uint256 choice, uint256 byChoice) external recorded {
        (bool isFound, Entry memory entry) = _pickWaiting(choice);
        if (!isFound) return;
        bytes memory call = abi.encodeCall(enigma.abandon, (_undelivered(entry), keccak256(entry.ending.output)));
        address by = byChoice % 2 == 0 ? user : entry.task.ref.requester();
        bool isAnyones = enigma.currentEpoch() >= _epochOfBlock(entry.task.terms.createdBlock()) + 2;
        if (by == user && !isAnyones) {
            _refused(user, call, IEnigmaTasks.AbandonTooEarly.selector);
            if (byChoice % 8 == 0) return;
            _goTo(enigma.boundaryBlock(_epochOfBlock(entry.task.terms.createdBlock()) + 2));
        }
        vm.prank(by);
        (bool ok,) = address(enigma).call(call);
        assertTrue(ok, "S22: giving up was refused");
        _requireFreed(entry);
        ++counts[by == user ? "abandoned by anyone" : "abandoned"];
    }

    function _requireFreed(Entry memory entry) private view {
        SlotView memory held = enigma.slot(entry.task.ref.requester(), entry.task.ref.slot());
        assertEq(held.balanceGwei, entry.task.terms.restGwei(), "S22, 03: the rest is back in the slot");
        assertEq(held.seq, entry.task.ref.seq() + 1, "S22, 07: the slot moved on");
    }

    function _epochOfBlock(uint256 number) private view returns (uint256) {
        return (number - enigma.genesisBlock()) / 60;
    }

    /* REQUESTS */

    function _requestMany(uint256 requesterChoice, uint256 dAppChoice, uint256 feeChoice, uint256 sent) private {
        TaskRequest[] memory requests = new TaskRequest[](SLOTS);
        Request memory wanted;
        wanted.by = _requester(requesterChoice);
        wanted.epoch = _openEpoch(feeChoice);
        bytes4 refusal;
        for (uint32 slot; slot < SLOTS; ++slot) {
            (wanted.slot, wanted.target) = (slot, _targetOf(dAppChoice >> slot));
            wanted.feeGwei = _fee(wanted.target, feeChoice, wanted.epoch);
            uint64 seq = enigma.slot(wanted.by, slot).seq;
            wanted.lane = enigma.laneOf(wanted.by, slot, seq, wanted.target.dApp(), wanted.epoch);
            if (refusal == 0) refusal = _refusalOf(wanted);
            uint64 valueGwei = wanted.feeGwei + uint64(sent % 1e6);
            wanted.sentGwei += valueGwei;
            requests[slot] = TaskRequest(
                slot, wanted.feeGwei, valueGwei, uint24(wanted.epoch), uint16(wanted.lane), wanted.target, INPUTS
            );
        }
        _read(vm.getRecordedLogs());
        vm.prank(wanted.by);
        (bool ok, bytes memory answer) =
            address(enigma).call{value: wanted.sentGwei * 1 gwei}(abi.encodeCall(enigma.requestTasks, (requests)));
        assertTrue(ok == (refusal == 0), "S22, 19: all or none");
        if (!ok) assertEq(bytes32(bytes4(answer)), bytes32(refusal), "refused with another error");
        if (!ok) vm.getRecordedLogs(); // also those of the requests before the one that failed
        ++counts[ok ? "batch requested" : "batch refused"];
    }

    /* SETTLEMENTS */

    /// @dev With the others that this seat may settle now.
    function _members(uint256 seat, Settlement memory first, uint256 statusChoice)
        private
        view
        returns (Settlement[] memory members)
    {
        members = new Settlement[](MOST_MEMBERS);
        members[0] = first;
        uint256 found = 1;
        bytes32 firstId = enigma.taskIdOf(first.task);
        for (uint256 i = entries.length; i > 0 && found < MOST_MEMBERS; --i) {
            Entry memory entry = entries[i - 1];
            if (entry.ending.times != 0 || entry.id == firstId) continue;
            (bool isTheirs, uint8 rank) = _rankOf(entry, seat);
            if (!isTheirs) continue;
            uint8 status = uint8((statusChoice >> found) % 3);
            members[found++] = Settlement(entry.task, rank, status, new bytes(status == 0 ? found : 0));
        }
        assembly ("memory-safe") {
            mstore(members, found)
        }
    }

    /// @dev The first rank of this seat whose window is open.
    function _rankOf(Entry memory entry, uint256 seat) private view returns (bool, uint8) {
        uint256 ageBlocks = vm.getBlockNumber() - entry.task.terms.createdBlock();
        for (uint8 rank; rank < 3; ++rank) {
            bool isOpen = ageBlocks >= (rank == 0 ? 1 : rank * WINDOW) && ageBlocks < 3 * WINDOW;
            (bool isFound, uint256 drawn,) = _drawnFor(entry.task, rank);
            if (isOpen && isFound && drawn == seat) return (true, rank);
        }
        return (false, 0);
    }

    /// @dev A batch may come late for some of its tasks: these are passed over.
    function _withOneThatEnded(Settlement[] memory members, bytes memory packed, uint256 choice)
        private
        view
        returns (Settlement[] memory more, bytes memory)
    {
        (bool isFound, Entry memory ended) = _pick(choice, false);
        if (!isFound) return (members, packed);
        more = new Settlement[](members.length + 1);
        for (uint256 i; i < members.length; ++i) {
            more[i] = members[i];
        }
        more[members.length] = Settlement(ended.task, 0, 1, "");
        return (more, _packed(more));
    }

    /// @dev Not a request, which may find the slot of a member free that, one by one, would still be taken.
    function _planMischief(Settlement memory member, uint256 choice) private {
        uint256 kind = choice % 6;
        if (kind == 5) hostile.planCall(_settleCall(member), 0);
        else hostile.plan(Mischief(kind));
    }

    function _settledOneByOne(Settlement[] memory members) private returns (bytes32 standing) {
        uint256 before = vm.snapshotState();
        for (uint256 i; i < members.length; ++i) {
            (bool ok,) = address(enigma).call(_settleCall(members[i]));
            assertTrue(ok, "a sound settlement was refused");
        }
        standing = _standing();
        vm.revertToState(before);
        vm.getRecordedLogs(); // of what did not happen
    }

    /// @dev All that a settlement may touch. What an operator has earned is one sum: which part of it a seat's 48 bits do not hold,
    /// and is owed beside, depends on how many fees are booked at once.
    function _standing() private view returns (bytes32 hash) {
        hash = keccak256(abi.encode(address(enigma).balance, dapp.calls()));
        for (uint256 i; i < requesters.length * SLOTS; ++i) {
            hash = keccak256(abi.encode(hash, enigma.slot(requesters[i / SLOTS], uint32(i % SLOTS))));
        }
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            seat.creditGwei = 0;
            hash = keccak256(abi.encode(hash, seat));
        }
        for (uint256 i; i < operators.length; ++i) {
            hash = keccak256(abi.encode(hash, _earnedGwei(operators[i])));
        }
    }

    function _earnedGwei(address operator_) private view returns (uint256 gweiEarned) {
        gweiEarned = enigma.owedGwei(operator_);
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            if (seat.operator == operator_) gweiEarned += seat.creditGwei;
        }
    }

    function _batchCall(uint256 seat, Settlement[] memory members, bytes memory packed, uint256 signerKey)
        private
        view
        returns (bytes memory)
    {
        bytes memory receipts;
        for (uint256 i; i < members.length; ++i) {
            receipts = bytes.concat(receipts, _receiptHash(members[i]));
        }
        bytes32 batch = keccak256(abi.encode(BATCH_TYPE, keccak256(receipts)));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", enigma.domainSeparator(), batch));
        (bytes32 r, bytes32 vs) = vm.signCompact(signerKey, digest);
        return abi.encodeCall(enigma.settleBatch, (seat, members.length, packed, r, vs));
    }

    function _receiptHash(Settlement memory m) private view returns (bytes32) {
        bytes32 anchor = blockhash(m.task.terms.createdBlock());
        bytes32 taskId = enigma.taskIdOf(m.task);
        return keccak256(
            abi.encode(RECEIPT_TYPE, taskId, anchor, m.task.codeHash, m.task.inputsHash, keccak256(m.output), m.status)
        );
    }

    function _packed(Settlement[] memory members) private pure returns (bytes memory packed) {
        for (uint256 i; i < members.length; ++i) {
            Settlement memory m = members[i];
            bytes memory head = abi.encodePacked(m.task.ref, m.task.target, m.task.terms, m.task.inputsHash);
            packed = bytes.concat(packed, head, abi.encodePacked(m.rank, m.status, uint16(m.output.length), m.output));
        }
    }
}
