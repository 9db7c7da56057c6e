// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../../src/interfaces/IEnigma.sol";
import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {vm} from "../support/Vm.sol";
import {WatchedDapp} from "./Setting.sol";
import {Draw, Entry, Release, Slashings} from "./Ledger.sol";
import {Trials} from "./Trials.sol";

/// What the fuzzer may call, and what the invariants may read.
contract Handler is Trials {
    /// @dev Five seats of four signers, live, in an epoch that has started.
    constructor() {
        _takeFiveSeats();
        _enterNextEpoch();
        _enterNextEpoch();
        _startFirstEpoch();
    }

    function _takeFiveSeats() private recorded {
        for (uint256 i; i < 5; ++i) {
            _take(_operator(i), vm.addr(signerKeys[i % 4]), 0, 1 + i % MACHINES);
        }
    }

    function _startFirstEpoch() private recorded {
        _postSeed(1);
    }

    /// @dev Ends every task and pays out all that anyone has a claim to. The contract must end up with nothing.
    function windDown() external recorded {
        _goTo(vm.getBlockNumber() + 3 * WINDOW);
        for (uint256 i; i < entries.length; ++i) {
            if (entries[i].ending.times == 0) _cancel(entries[i]);
        }
        for (uint256 i; i < entries.length; ++i) {
            if (!entries[i].ending.isWaiting) continue;
            vm.prank(entries[i].task.ref.requester());
            enigma.abandon(_undelivered(entries[i]), keccak256(entries[i].ending.output));
        }
        for (uint256 i; i < requesters.length * SLOTS; ++i) {
            _withdrawSlot(requesters[i / SLOTS], uint32(i % SLOTS));
        }
        uint256 coolEpoch;
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory held = enigma.seat(id);
            if (held.exitEpoch + 2 > coolEpoch) coolEpoch = held.exitEpoch + 2;
        }
        if (coolEpoch > enigma.currentEpoch()) _goTo(enigma.boundaryBlock(coolEpoch));
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory held = enigma.seat(id);
            if (held.creditGwei + held.bondGwei == 0) continue;
            vm.prank(held.operator);
            enigma.withdrawSeat(id, payable(held.operator));
        }
        for (uint256 i; i < operators.length; ++i) {
            _withdrawOwed(operators[i]);
        }
    }

    function actions() external view returns (bytes4[] memory all) {
        (bytes4[] memory tasks, bytes4[] memory secrets) = (this.taskActions(), this.secretActions());
        all = new bytes4[](tasks.length + secrets.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = i < tasks.length ? tasks[i] : secrets[i - tasks.length];
        }
    }

    /// @dev Tasks are what it is about: asked for and settled more often than the rest.
    function taskActions() external pure returns (bytes4[] memory weighted) {
        bytes4[36] memory once = [
            this.passBlocks.selector,
            this.passEpoch.selector,
            this.postSeed.selector,
            this.takeSeat.selector,
            this.takeHeldSeat.selector,
            this.takeSeatOnFullMachine.selector,
            this.renewSeat.selector,
            this.recheck.selector,
            this.leaveSeat.selector,
            this.withdrawSeat.selector,
            this.withdrawOwed.selector,
            this.slash.selector,
            this.rotateSeat.selector,
            this.relocateSeat.selector,
            this.trimSeats.selector,
            this.cancel.selector,
            this.fundSlot.selector,
            this.withdrawSlot.selector,
            this.setLanes.selector,
            this.requestOfNobody.selector,
            this.requestMany.selector,
            this.settleMany.selector,
            this.redeliver.selector,
            this.abandon.selector,
            this.pause.selector,
            this.unpause.selector,
            this.setPriceLevel.selector,
            this.missSeed.selector,
            this.refuseFallback.selector,
            this.admitMeasurement.selector,
            this.settleStarved.selector,
            this.settleByAnother.selector,
            this.settleWithAnotherReceipt.selector,
            this.settleAnotherTask.selector,
            this.settleBeyondLimits.selector,
            this.endAgain.selector
        ];
        weighted = new bytes4[](once.length + 24);
        for (uint256 i; i < weighted.length; ++i) {
            if (i < once.length) weighted[i] = once[i];
            else weighted[i] = _often(i % 6);
        }
    }

    function _often(uint256 i) private pure returns (bytes4) {
        if (i < 2) return this.request.selector;
        if (i < 4) return this.settle.selector;
        return i == 4 ? this.requestMany.selector : this.settleMany.selector;
    }

    /// @dev The network is brought further, and time passes, more often than it is shaken.
    function secretActions() external pure returns (bytes4[] memory weighted) {
        bytes4[13] memory once = [
            this.commit.selector,
            this.join.selector,
            this.grant.selector,
            this.hold.selector,
            this.rotate.selector,
            this.freeze.selector,
            this.revokeCode.selector,
            this.admit.selector,
            this.advanceSecret.selector,
            this.passEpoch.selector,
            this.takeSeat.selector,
            this.request.selector,
            this.settle.selector
        ];
        weighted = new bytes4[](once.length + 9);
        for (uint256 i; i < weighted.length; ++i) {
            weighted[i] = i < once.length ? once[i] : once[7 + i % 6];
        }
    }

    /* FOR THE INVARIANTS */

    function network() external view returns (IEnigma) {
        return enigma;
    }

    /// @dev What the dApp was called with beside the callbacks.
    function strangeCalls() external view returns (uint256) {
        return WatchedDapp(address(dapp)).strangeCalls();
    }

    /// @dev The least gas that the dApp found in a callback, of which it is to have `promised`.
    function callbackGas() external view returns (uint256 least, uint256 promised) {
        return (WatchedDapp(address(dapp)).leastGas(), _targetOf(0).callbackGas());
    }

    function slashed() external view returns (Slashings memory) {
        return slashings;
    }

    function accounts() external view returns (address[] memory requesters_, address[] memory operators_, address) {
        return (requesters, operators, user);
    }

    /// @dev What each requester and each operator had at the beginning.
    function endowmentWei() external pure returns (uint256) {
        return ENDOWMENT_WEI;
    }

    function requestsOf(address requester, uint32 slot) external view returns (uint256) {
        return requested[requester][slot];
    }

    function grantedMask() external view returns (uint32) {
        return maskGranted;
    }

    function commitmentAtFinal(uint32 generation) external view returns (bytes32) {
        return finalCommitments[generation];
    }

    /// @dev Whether the seat was taken once there was a secret, and was not given it since.
    function isWaiting(uint256 seat) external view returns (bool) {
        return waits[seat];
    }

    /// @dev Whether the bond that stood for the seat is elsewhere: with another seat, or lost.
    function isBondGone(uint256 seat) external view returns (bool) {
        return isStripped[seat];
    }

    function slotCount() external view returns (uint256) {
        return requesters.length * SLOTS;
    }

    function slotAt(uint256 i) external view returns (address requester, uint32 slot) {
        return (requesters[i / SLOTS], uint32(i % SLOTS));
    }

    function machineCount() external pure returns (uint256) {
        return MACHINES;
    }

    /// @dev From 1 on.
    function seatsOn(uint256 machine) external view returns (uint256) {
        return _seatsOn(machine);
    }

    function owedTotalGwei() external view returns (uint256) {
        return _owedTotal();
    }

    function taskCount() external view returns (uint256) {
        return entries.length;
    }

    function taskAt(uint256 i) external view returns (Entry memory) {
        return entries[i];
    }

    function allDraws() external view returns (Draw[] memory) {
        return draws;
    }

    function allReleases() external view returns (Release[] memory) {
        return releases;
    }
}
