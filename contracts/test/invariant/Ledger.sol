// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation} from "../../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaGovernance} from "../../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaSeats, SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {EpochView} from "../../src/interfaces/IEnigmaViews.sol";
import {Parameters} from "../../src/types/Parameters.sol";
import {Task, TaskRef, TaskTarget, TaskTerms} from "../../src/types/Task.sol";
import {HostileDapp} from "../support/Dapps.sol";
import {Vm, vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// How a task ended, as its event told, and who should have settled it by the test's own reckoning.
struct Ending {
    uint256 times;
    bool isSettled;
    uint256 rank;
    uint256 seat;
    bool isExpectedSeatFound;
    uint256 expectedSeat;
    bool isRevoked;
    uint256 atBlock;
    /// Of a result that was not delivered, until it is, or is given up.
    bool isWaiting;
    bytes output;
}

struct Entry {
    bytes32 id;
    Task task;
    Ending ending;
}

/// A seat drawn when its epoch's seed was posted, or when a revocation took one away since; `signer` is zero where the draws met
/// none.
struct Draw {
    uint256 epoch;
    address dApp;
    uint256 lanes; // of the dApp in this epoch
    uint256 lane;
    uint256 rank;
    uint256 seat;
    address signer;
}

/// A bond that left or a seat that was retaken.
struct Release {
    uint256 seat;
    uint256 exitEpoch;
    uint256 atEpoch;
}

struct Slashings {
    uint256 times;
    uint256 rewardsGwei;
    uint256 burnedGwei;
    bool isRepeated;
}

struct Length {
    uint256 epoch;
    uint256 seats;
}

/**
 * What happened, as told by the contract's events, for the invariants to judge.
 *
 * Nothing here is what the handler meant to do: a task that a callback asks for on its own is written down like any other.
 */
abstract contract Ledger is World {
    uint256 internal constant SLOTS = 2;
    uint256 internal constant LANES_DRAWN = 2;
    uint256 internal constant MACHINES = 4;
    uint256 internal constant SEATS_PER_MACHINE = 3;
    uint256 internal constant CODES = 8;

    HostileDapp internal hostile;
    address[] internal requesters;
    address[] internal operators;
    uint256[] internal signerKeys;
    Entry[] internal entries;
    Draw[] internal draws;
    Release[] internal releases;
    mapping(bytes32 taskId => uint256 indexPlusOne) internal entryOf;
    mapping(address requester => mapping(uint256 slot => uint256)) internal requested;
    /// As of the end of the action before.
    mapping(uint256 seat => uint256) internal exitOf;
    /// On which machine each seat's latest quote was made, and whether that was revoked since.
    mapping(uint256 seat => uint256) internal machineOfSeat;
    mapping(uint256 seat => bool) internal isRevoked;
    /// The seat that stands in for one that was rotated or relocated, plus 1, and how often each was taken before.
    mapping(uint256 seat => uint256) private successors;
    mapping(uint256 seat => uint256) private takings;
    mapping(uint256 seat => uint256) private takingsOfSuccessor;
    /// Nothing stands for it any more: another seat stands in for it, or it was slashed.
    mapping(uint256 seat => bool) internal isStripped;
    mapping(uint256 measurementId => bool) internal isCodeRevoked;
    /// Of an epoch's live seats when its seed was posted, those that were not revoked since.
    mapping(uint256 epoch => mapping(uint256 seat => address signer)) private signerAtSeed;
    /// Where a signer's next quote is made.
    mapping(address signer => uint256) internal machineNow;
    /// Which of the admitted codes a signer is at its next taking.
    mapping(address signer => uint256) internal codeNow;
    /// As the events tell of slashings, and whether a seat was slashed again that nobody had taken since.
    Slashings internal slashings;
    mapping(uint256 seat => uint256) private takingsAtSlashing;
    /// The length of the list from within an epoch on.
    Length[] private lengths;
    mapping(string what => uint256) internal counts;

    /// @dev On every action: writes down what it did.
    modifier recorded() {
        vm.recordLogs();
        _;
        _read(vm.getRecordedLogs());
    }

    function parameters() internal pure override returns (Parameters memory p) {
        p = World.parameters();
        p.seatsPerPlatform = uint8(SEATS_PER_MACHINE);
    }

    function measurements() internal pure override returns (bytes32[] memory list) {
        list = new bytes32[](CODES);
        for (uint256 i; i < CODES; ++i) {
            list[i] = keccak256(abi.encode("code", i));
        }
    }

    function measurementOf(address signer) internal view override returns (bytes32) {
        return measurements()[codeNow[signer]];
    }

    function machineOf(address signer) internal view override returns (uint256) {
        return machineNow[signer];
    }

    function count(string memory what) external view returns (uint256) {
        return counts[what];
    }

    function _read(Vm.Log[] memory logs) internal {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(enigma)) continue;
            bytes32 kind = logs[i].topics[0];
            if (kind == IEnigmaTasks.TaskRequested.selector) _readRequest(logs[i]);
        }
        // A callback that asks for the next task does so before its own task's event.
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(enigma)) continue;
            bytes32 kind = logs[i].topics[0];
            if (kind == IEnigmaTasks.TaskSettled.selector) _readSettlement(logs[i]);
            if (kind == IEnigmaTasks.TaskCancelled.selector) _end(logs[i].topics[1]);
            bool isFreed = kind == IEnigmaTasks.TaskRedelivered.selector || kind == IEnigmaTasks.TaskAbandoned.selector;
            if (isFreed) _readFreeing(logs[i].topics[1]);
            if (kind == IEnigmaTasks.EpochStarted.selector) _readEpoch(uint256(logs[i].topics[1]));
            if (kind == IEnigmaSeats.SeatTaken.selector) _readTaking(uint256(logs[i].topics[1]));
            if (kind == IEnigmaSeats.SeatTaken.selector || kind == IEnigmaSeats.SeatRenewed.selector) {
                _readQuote(logs[i]);
            }
            if (kind == IEnigmaSeats.SeatEnded.selector) _readEnd(logs[i]);
            if (kind == IEnigmaSeats.SeatSlashed.selector) _readSlash(logs[i]);
            if (kind == IEnigmaSeats.SeatRotated.selector) _readMove(logs[i]);
            if (kind == IEnigmaSeats.SeatRelocated.selector) _readMove(logs[i]);
            if (kind == IEnigmaGovernance.MeasurementRevoked.selector) _readRevocation(uint256(logs[i].topics[1]));
            if (kind == IEnigmaSeats.SeatWithdrawn.selector) _readWithdrawal(logs[i]);
        }
        for (uint256 i; i < logs.length; ++i) {
            _readSecret(logs[i]);
        }
        _noteLength();
        _readAccounts(logs);
        uint256 seats = enigma.seatCount();
        for (uint256 id; id < seats; ++id) {
            SeatView memory held = enigma.seat(id);
            exitOf[id] = held.exitEpoch;
            _compareSeat(id, held);
        }
    }

    function _readAccounts(Vm.Log[] memory logs) internal virtual;

    function _compareSeat(uint256 id, SeatView memory held) internal virtual;

    function _readSecret(Vm.Log memory log) internal virtual;

    function _readRequest(Vm.Log memory log) private {
        Entry storage entry = entries.push();
        entry.id = log.topics[1];
        bytes memory inputs;
        (entry.task.ref, entry.task.target, entry.task.terms, entry.task.codeHash, inputs) =
            abi.decode(log.data, (TaskRef, TaskTarget, TaskTerms, bytes32, bytes));
        entry.task.inputsHash = keccak256(inputs);
        assertEq(entryOf[entry.id], 0, "S22, 07: no two tasks share an id");
        entryOf[entry.id] = entries.length;
        uint256 seq = requested[entry.task.ref.requester()][entry.task.ref.slot()]++;
        assertEq(entry.task.ref.seq(), seq, "S22, 07: each task of a slot bears the next seq");
    }

    function _readSettlement(Vm.Log memory log) private {
        Entry storage entry = _end(log.topics[1]);
        entry.ending.isSettled = true;
        entry.ending.seat = uint256(log.topics[2]);
        (uint8 rank, uint8 status, bool delivered, bytes memory output) =
            abi.decode(log.data, (uint8, uint8, bool, bytes));
        entry.ending.rank = rank;
        (entry.ending.isWaiting, entry.ending.output) = (!delivered && status == 0, output);
        entry.ending.isRevoked = _isOut(entry.ending.seat);
        (entry.ending.isExpectedSeatFound, entry.ending.expectedSeat,) =
            _drawn(entry.task.terms.epoch(), entry.task.target.dApp(), entry.task.terms.lane(), rank);
        ++counts[string.concat("settled by rank ", vm.toString(rank))];
        ++counts[string.concat("settled with status ", vm.toString(status))];
        ++counts[delivered ? "delivered" : "not delivered"];
    }

    function _readFreeing(bytes32 taskId) private {
        Ending storage ending = entries[entryOf[taskId] - 1].ending;
        assertTrue(ending.isWaiting, "S22, 02: freed what did not wait");
        ending.isWaiting = false;
    }

    function _end(bytes32 taskId) private returns (Entry storage entry) {
        entry = entries[entryOf[taskId] - 1];
        ++entry.ending.times;
        entry.ending.atBlock = vm.getBlockNumber();
    }

    function _readEpoch(uint256 epoch) private {
        assertEq(enigma.epoch(epoch).seatCount, _seatsBefore(epoch), "S7: the seats that there were at the boundary");
        for (uint256 id; id < _seatsBefore(epoch); ++id) {
            signerAtSeed[epoch][id] = _signerNow(epoch, id);
        }
        address[2] memory dApps = [address(dapp), address(hostile)];
        for (uint256 i; i < dApps.length * LANES_DRAWN * 3; ++i) {
            Draw memory draw;
            (draw.epoch, draw.dApp) = (epoch, dApps[i % 2]);
            draw.lanes = enigma.lanes(draw.dApp, epoch);
            (draw.lane, draw.rank) = ((i / 2) % LANES_DRAWN, i / (2 * LANES_DRAWN));
            (, draw.seat, draw.signer) = _drawn(epoch, draw.dApp, draw.lane, draw.rank);
            draws.push(draw);
        }
    }

    /// @dev The quote tells the machine, as the stub verifier reads it.
    function _readQuote(Vm.Log memory log) private {
        uint256 id = uint256(log.topics[1]);
        bool isTaken = log.topics[0] == IEnigmaSeats.SeatTaken.selector;
        bytes memory quote;
        if (isTaken) {
            (,,,,, quote) = abi.decode(log.data, (bytes32, uint256, uint256, uint8, uint256, bytes));
            isRevoked[id] = false;
        } else {
            (,,, quote) = abi.decode(log.data, (bytes32, uint256, uint256, bytes));
        }
        bytes32 platformId = abi.decode(quote, (Attestation)).platformId;
        uint256 machine = 1;
        while (keccak256(abi.encode(machine)) != platformId) ++machine;
        if (!isTaken && machine != machineOfSeat[id]) ++counts["seat moved"];
        machineOfSeat[id] = machine;
    }

    /// @dev Revoking is the one thing that changes a draw once its seed is known: it takes seats away, and the ranks behind move up.
    function _readEnd(Vm.Log memory log) private {
        uint256 id = uint256(log.topics[1]);
        (, bool revoked) = abi.decode(log.data, (uint256, bool));
        if (!revoked) return;
        isRevoked[id] = true;
        _strike(id);
        _redraw();
    }

    function _readRevocation(uint256 measurementId) private {
        isCodeRevoked[measurementId] = true;
        for (uint256 id; id < enigma.seatCount(); ++id) {
            if (enigma.seat(id).measurementId == measurementId) _strike(id);
        }
        _redraw();
        ++counts["code revoked"];
    }

    function _strike(uint256 id) private {
        uint256 current = enigma.currentEpoch();
        for (uint256 epoch = current < 3 ? 0 : current - 3; epoch <= current; ++epoch) {
            signerAtSeed[epoch][id] = address(0);
        }
    }

    function _redraw() private {
        for (uint256 i = draws.length; i > 0; --i) {
            Draw storage draw = draws[i - 1];
            if (draw.epoch + 3 < enigma.currentEpoch()) break;
            (, uint256 seat, address signer) = _drawn(draw.epoch, draw.dApp, draw.lane, draw.rank, true);
            if (signer != draw.signer && signer != address(0)) ++counts["rank moved up"];
            (draw.seat, draw.signer) = (seat, signer);
        }
    }

    function _readTaking(uint256 id) private {
        ++takings[id];
        isStripped[id] = false;
        isRevoked[id] = false;
        successors[id] = 0;
        if (id >= _length()) return lengths.push(Length(enigma.currentEpoch(), id + 1));
        releases.push(Release(id, exitOf[id], enigma.currentEpoch()));
        ++counts["seat retaken"];
    }

    /// @dev A rotated one was told of as taken in the same breath.
    function _readMove(Vm.Log memory log) private {
        (uint256 from, uint256 to) = (uint256(log.topics[1]), uint256(log.topics[2]));
        bool isRelocated = log.topics[0] == IEnigmaSeats.SeatRelocated.selector;
        if (isRelocated) {
            _readTaking(to);
            machineOfSeat[to] = machineOfSeat[from];
        }
        isStripped[from] = true;
        successors[from] = to + 1;
        takingsOfSuccessor[from] = isRelocated ? takings[to] : takings[to] + 1;
    }

    function _readSlash(Vm.Log memory log) private {
        uint256 id = uint256(log.topics[1]);
        (uint256 rewardGwei, uint256 burnedGwei) = abi.decode(log.data, (uint256, uint256));
        ++slashings.times;
        slashings.rewardsGwei += rewardGwei;
        slashings.burnedGwei += burnedGwei;
        if (takingsAtSlashing[id] == takings[id] + 1) slashings.isRepeated = true;
        takingsAtSlashing[id] = takings[id] + 1;
        isStripped[id] = true;
        isStripped[_liable(id)] = true;
        isRevoked[id] = true;
        _strike(id);
        _redraw();
    }

    /// @dev Who answers for a seat: the last that stands in for it, as long as that was not taken by another since.
    function _liable(uint256 id) internal view returns (uint256 liable) {
        liable = id;
        while (isReplaced(liable)) {
            if (takings[successors[liable] - 1] != takingsOfSuccessor[liable]) return id;
            liable = successors[liable] - 1;
        }
    }

    function isReplaced(uint256 id) internal view returns (bool) {
        return successors[id] != 0;
    }

    function _readWithdrawal(Vm.Log memory log) private {
        (, uint256 bondGwei) = abi.decode(log.data, (uint256, uint256));
        if (bondGwei == 0) return;
        uint256 id = uint256(log.topics[1]);
        releases.push(Release(id, exitOf[id], enigma.currentEpoch()));
        ++counts["bond returned"];
    }

    function _drawn(uint256 number, address dApp, uint256 lane, uint256 rank)
        internal
        view
        returns (bool isFound, uint256 id, address signer)
    {
        return _drawn(number, dApp, lane, rank, false);
    }

    /// @dev The lottery once more, written from the protocol's words and without the contract's packing.
    function _drawn(uint256 number, address dApp, uint256 lane, uint256 rank, bool isAtSeed)
        private
        view
        returns (bool isFound, uint256 id, address signer)
    {
        if (!_isStarted(number)) return (false, 0, address(0));
        EpochView memory epoch = enigma.epoch(number);
        uint256 seats = _seatsBefore(number);
        address[] memory before = new address[](rank);
        uint256 found;
        for (uint256 j; j < 64; ++j) {
            id = uint256(keccak256(abi.encode(epoch.seed, dApp, lane, j))) % seats;
            signer = isAtSeed ? signerAtSeed[number][id] : _signerNow(number, id);
            if (signer == address(0) || _isAmong(signer, before, found)) continue;
            if (found == rank) return (true, id, signer);
            before[found++] = signer;
        }
        return (false, 0, address(0));
    }

    /// @dev Whether each seat is live in this epoch or not, as it was when the seed was posted, revocations aside.
    function isRosterAsAtSeed(uint256 number) external view returns (bool) {
        for (uint256 id; id < _seatsBefore(number) && id < enigma.seatCount(); ++id) {
            if (_signerNow(number, id) != signerAtSeed[number][id]) return false;
        }
        return true;
    }

    /// @dev Zero if the seat is not live in this epoch.
    function _signerNow(uint256 number, uint256 id) private view returns (address) {
        SeatView memory seat = enigma.seat(id);
        bool isLive = seat.activeEpoch <= number && number < seat.exitEpoch && !_isOut(id);
        return isLive ? seat.signer : address(0);
    }

    /// @dev By the flags that the events set.
    function _isOut(uint256 id) internal view returns (bool) {
        return isRevoked[id] || isCodeRevoked[enigma.seat(id).measurementId];
    }

    /// @dev Seats that have not ended, those that wait to be active included. One that leaves for another on its machine is none.
    function _seatsOn(uint256 machine) internal view returns (uint256 seats) {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            bool isLeaving = isReplaced(id) && machineOfSeat[successors[id] - 1] == machine;
            if (!isLeaving && _isOn(id, machine)) ++seats;
        }
    }

    /// @dev With those that leave for another, which take a place where that other had one already.
    function _mostSeatsOn(uint256 machine) internal view returns (uint256 seats) {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            if (_isOn(id, machine)) ++seats;
        }
    }

    function _isOn(uint256 id, uint256 machine) private view returns (bool) {
        return machineOfSeat[id] == machine && enigma.seat(id).exitEpoch > enigma.currentEpoch();
    }

    function _isStarted(uint256 epoch) internal view returns (bool) {
        (bool ok,) = address(enigma).staticcall(abi.encodeCall(enigma.epoch, (epoch)));
        return ok;
    }

    function _seatsBefore(uint256 epoch) private view returns (uint256 seats) {
        for (uint256 i = lengths.length; i > 0; --i) {
            if (lengths[i - 1].epoch < epoch) return lengths[i - 1].seats;
        }
    }

    function _noteLength() private {
        if (_length() != enigma.seatCount()) lengths.push(Length(enigma.currentEpoch(), enigma.seatCount()));
    }

    function _length() private view returns (uint256) {
        return lengths.length == 0 ? 0 : lengths[lengths.length - 1].seats;
    }

    function _isAmong(address signer, address[] memory signers, uint256 length) private pure returns (bool) {
        for (uint256 i; i < length; ++i) {
            if (signers[i] == signer) return true;
        }
        return false;
    }
}
