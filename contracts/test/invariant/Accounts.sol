// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats, SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {Vm, vm} from "../support/Vm.sol";
import {SecretLedger} from "./SecretLedger.sol";

/// An epoch as it was started.
struct Start {
    bool isStarted;
    uint256 seed;
    uint256 seatCount;
}

struct LaneChange {
    uint256 fromEpoch;
    uint256 lanes;
}

/// What must not shrink from one action to the next, but for the events that say so, and what is written once.
abstract contract Accounts is SecretLedger {
    uint256 internal constant CUT = 32;

    mapping(uint256 epoch => Start) private starts;
    mapping(address dApp => LaneChange[]) private laneChanges;
    /// As of the end of the action before.
    mapping(uint256 seat => uint256) private creditBefore;
    mapping(uint256 seat => uint256) private escrowBefore;
    mapping(address operator => uint256) private owedBefore;
    /// The latest action, by number, in which an event said that it falls.
    mapping(uint256 seat => uint256) private creditFell;
    mapping(uint256 seat => uint256) private escrowFell;
    mapping(address operator => uint256) private owedFell;
    mapping(uint256 seat => uint256) private endedIn;
    uint256 private slashedIn;
    uint256 private actionNumber;
    /// How often a credit, a bond or what is owed fell, and no event said so.
    uint256 public unexplainedFalls;

    function startOf(uint256 epoch) external view returns (Start memory) {
        return starts[epoch];
    }

    /// @dev As the dApp's events tell.
    function lanesIn(address dApp, uint256 epoch) external view returns (uint256) {
        LaneChange[] storage changes = laneChanges[dApp];
        for (uint256 i = changes.length; i > 0; --i) {
            if (changes[i - 1].fromEpoch <= epoch) return changes[i - 1].lanes;
        }
        return 1;
    }

    function _readAccounts(Vm.Log[] memory logs) internal override {
        ++actionNumber;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == address(enigma)) _readAccount(logs[i]);
        }
        for (uint256 i; i < operators.length; ++i) {
            uint256 owed = enigma.owedGwei(operators[i]);
            bool mayFall = owedFell[operators[i]] == actionNumber;
            if (!mayFall && owed < owedBefore[operators[i]]) ++unexplainedFalls;
            owedBefore[operators[i]] = owed;
        }
    }

    function _readAccount(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        if (kind == IEnigmaTasks.EpochStarted.selector) return _readStart(log);
        if (kind == IEnigmaTasks.LanesSet.selector) return _readLanes(log);
        if (kind == IEnigmaSeats.OwedWithdrawn.selector) {
            owedFell[address(uint160(uint256(log.topics[1])))] = actionNumber;
            return;
        }
        bool isPaidOut = kind == IEnigmaSeats.SeatWithdrawn.selector;
        bool isTaken = kind == IEnigmaSeats.SeatTaken.selector;
        bool isMoved = kind == IEnigmaSeats.SeatRotated.selector || kind == IEnigmaSeats.SeatRelocated.selector;
        bool isSlashed = kind == IEnigmaSeats.SeatSlashed.selector;
        if (isPaidOut || isTaken) creditFell[uint256(log.topics[1])] = actionNumber;
        if (kind == IEnigmaSeats.SeatRelocated.selector) creditFell[uint256(log.topics[2])] = actionNumber;
        if (isPaidOut || isTaken || isMoved || isSlashed || kind == IEnigmaSeats.SeatActivated.selector) {
            escrowFell[uint256(log.topics[1])] = actionNumber;
        }
        if (isMoved) escrowFell[uint256(log.topics[2])] = actionNumber;
        if (isSlashed) slashedIn = actionNumber;
        if (kind == IEnigmaSeats.SeatEnded.selector) endedIn[uint256(log.topics[1])] = actionNumber;
    }

    /// @dev S7, 11: once, by the beacon until the cut and by a block's hash after it.
    function _readStart(Vm.Log memory log) private {
        uint256 epoch = uint256(log.topics[1]);
        (uint256 seed, uint256 seatCount,, bool isFallback) = abi.decode(log.data, (uint256, uint256, bytes32, bool));
        assertTrue(!starts[epoch].isStarted, "S7, 11: a second seed");
        uint256 ageBlocks = vm.getBlockNumber() - enigma.boundaryBlock(epoch);
        assertTrue(ageBlocks > 0, "S7, 11: a seed in the boundary block");
        assertTrue(isFallback == (ageBlocks > CUT), "S7, 11: the beacon's until the cut, then the fallback");
        starts[epoch] = Start(true, seed, seatCount);
    }

    function _readLanes(Vm.Log memory log) private {
        (uint16 lanes, uint256 fromEpoch) = abi.decode(log.data, (uint16, uint256));
        laneChanges[address(uint160(uint256(log.topics[1])))].push(LaneChange(fromEpoch, lanes));
    }

    function _compareSeat(uint256 id, SeatView memory held) internal override {
        uint256 escrowGwei = held.bondGwei + held.joinFeeGwei;
        bool mayEscrowFall = escrowFell[id] == actionNumber || _isSuccessorSlashed(id);
        if (creditFell[id] != actionNumber && held.creditGwei < creditBefore[id]) ++unexplainedFalls;
        if (!mayEscrowFall && escrowGwei < escrowBefore[id]) ++unexplainedFalls;
        (creditBefore[id], escrowBefore[id]) = (held.creditGwei, escrowGwei);
    }

    /// @dev Slashing a seat ends the one that stands in for it, with an event of its own.
    function _isSuccessorSlashed(uint256 id) private view returns (bool) {
        return slashedIn == actionNumber && endedIn[id] == actionNumber;
    }
}
