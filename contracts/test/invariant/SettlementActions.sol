// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks, Undelivered} from "../../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {Task} from "../../src/types/Task.sol";
import {Mischief} from "../support/Dapps.sol";
import {vm} from "../support/Vm.sol";
import {Entry} from "./Ledger.sol";
import {Request, TaskActions} from "./TaskActions.sol";

/// A settlement as it goes to the contract.
struct Settlement {
    Task task;
    uint8 rank;
    uint8 status;
    bytes output;
}

/// A receipt that settled a task.
struct Receipt {
    uint8 status;
    bytes output;
    bytes32 r;
    bytes32 vs;
}

/// Ranks settle in their windows, and callbacks do their worst.
abstract contract SettlementActions is TaskActions {
    bytes4 private constant REENTERED = IEnigmaTasks.Reentered.selector;

    Receipt[] internal receipts;

    function settle(uint256 choice, uint256 rankChoice, uint256 statusChoice, uint256 delay, uint256 mischiefChoice)
        external
        recorded
    {
        (bool isFound, Settlement memory wanted) = _settlement(choice, rankChoice, statusChoice);
        if (!isFound) return _request(choice, rankChoice, statusChoice, delay, mischiefChoice);
        if (!_awaitWindow(wanted, delay)) return enigma.cancel(wanted.task);
        bool isHostile = wanted.task.target.dApp() == address(hostile);
        Mischief mischief = isHostile ? _mischief(mischiefChoice) : Mischief.None;
        hostile.plan(mischief);
        bytes4 expected = mischief == Mischief.Reenter ? _planReentry(wanted, mischiefChoice / 10) : bytes4(0);
        _settle(wanted);
        if (mischief != Mischief.Reenter) return;
        assertTrue(
            hostile.callSucceeded() == (expected == 0), "S4, 15, 18: what a callback may do, and what it may not"
        );
        if (expected != 0) assertEq(bytes32(bytes4(hostile.callAnswer())), bytes32(expected), "S4: the lock");
        ++counts[expected == 0 ? "asked again from a callback" : "re-entry refused"];
    }

    /// @dev S4: with whatever gas a relayer sends, either nothing happens or the willing callback is done.
    function settleStarved(uint256 choice, uint256 gasSent) external recorded {
        (bool isFound, Settlement memory wanted) = _willing(choice);
        if (!isFound) return _request(choice, choice / 4, 0, gasSent, choice);
        if (!_awaitWindow(wanted, choice)) return;
        if (_settleWith(wanted, bound(gasSent, 200_000, 400_000))) return;
        _settleWith(wanted, bound(gasSent, 300_000, 700_000));
    }

    function _settleWith(Settlement memory wanted, uint256 gasSent) private returns (bool ok) {
        uint256 callsBefore = dapp.calls();
        bytes memory call = _settleCall(wanted);
        (ok,) = address(enigma).call{gas: gasSent}(call);
        assertEq(dapp.calls(), callsBefore + (ok ? 1 : 0), "S4, 15: settled, therefore called back");
        ++counts[ok ? "settled with little gas" : "starved"];
    }

    /// @dev One of the latest tasks whose dApp takes what it is given.
    function _willing(uint256 choice) private view returns (bool isFound, Settlement memory wanted) {
        for (uint256 i; i < 4; ++i) {
            (isFound, wanted) = _settlement(choice % 4 + i, 0, 0);
            if (isFound && wanted.task.target.dApp() == address(dapp)) return (true, wanted);
        }
        return (false, wanted);
    }

    function _settle(Settlement memory wanted) private {
        (, uint256 id,) = _drawnFor(wanted.task, wanted.rank);
        SeatView memory before = enigma.seat(id);
        uint256 owedBefore = enigma.owedGwei(before.operator);
        // A megabyte copied back would cost two million more than this leaves.
        uint256 callbackGas = wanted.task.target.callbackGas();
        (bool ok, bytes memory answer) =
            address(enigma).call{gas: callbackGas + callbackGas / 63 + 300_000}(_settleCall(wanted));
        if (!ok) revert(string.concat("a sound settlement was refused: ", string(answer)));
        _keepReceipt(wanted);

        uint256 paid = enigma.seat(id).creditGwei + enigma.owedGwei(before.operator);
        uint256 due = before.creditGwei + owedBefore + wanted.task.terms.feeGwei();
        assertEq(paid, due, "S22, 04: the fee is the selected seat's");
        if (enigma.slot(wanted.task.ref.requester(), wanted.task.ref.slot()).undelivered) {
            if (paid % 2 == 0) return; // waits for an action of its own
            _abandon(wanted);
        }
        if (wanted.task.ref.requester() == address(hostile)) return; // it may have used its slot again already
        SlotView memory held = enigma.slot(wanted.task.ref.requester(), wanted.task.ref.slot());
        assertEq(held.balanceGwei, wanted.task.terms.restGwei(), "S22, 03: the rest is back in the slot");
        assertEq(held.seq, wanted.task.ref.seq() + 1, "S22: the slot moved on");
    }

    function _keepReceipt(Settlement memory settled) private {
        (,, address signer) = _drawnFor(settled.task, settled.rank);
        (bytes32 r, bytes32 vs) =
            vm.signCompact(_keyOf(signer), receiptDigest(settled.task, settled.status, settled.output));
        receipts.push(Receipt(settled.status, settled.output, r, vs));
    }

    function _abandon(Settlement memory settled) private {
        Entry memory entry;
        (entry.id, entry.task) = (enigma.taskIdOf(settled.task), settled.task);
        vm.prank(settled.task.ref.requester());
        enigma.abandon(_undelivered(entry), keccak256(settled.output));
    }

    function _undelivered(Entry memory entry) internal pure returns (Undelivered memory) {
        return Undelivered({
            taskId: entry.id,
            ref: entry.task.ref,
            dApp: entry.task.target.dApp(),
            callable: entry.task.target.callable(),
            restGwei: entry.task.terms.restGwei(),
            createdBlock: entry.task.terms.createdBlock()
        });
    }

    /// @dev Re-entering is what it does half of the time: there is so much to re-enter.
    function _mischief(uint256 choice) private pure returns (Mischief) {
        uint256 kind = choice % 10;
        return kind < 5 ? Mischief(kind) : Mischief.Reenter;
    }

    /// @dev What the hostile dApp calls from its callback; answers the error that it must meet, or zero if none.
    function _planReentry(Settlement memory wanted, uint256 choice) private returns (bytes4) {
        (bool isFound, Request memory again) = _nextRequest(wanted.task, choice);
        if (isFound && choice % 2 == 0) {
            hostile.planCall(_call(again), again.sentGwei * 1 gwei);
            return 0;
        }
        uint256 kind = (choice / 2) % 7;
        (, Entry memory other) = _pick(choice, true);
        if (kind == 0) hostile.planCall(_settleCall(wanted), 0);
        if (kind == 1) hostile.planCall(abi.encodeCall(enigma.cancel, (other.task)), 0);
        if (kind == 2) hostile.planCall(abi.encodeCall(enigma.withdrawSlot, (0)), 0);
        if (kind == 3) hostile.planCall(abi.encodeCall(enigma.withdrawSeat, (0, payable(address(hostile)))), 0);
        if (kind == 4) hostile.planCall(abi.encodeCall(enigma.withdrawOwed, (payable(address(hostile)))), 0);
        if (kind == 5) hostile.planCall(_settleCall(Settlement(other.task, 0, 0, "")), 0);
        if (kind == 6) hostile.planCall(abi.encodeCall(enigma.redeliver, (_undelivered(other), "")), 0);
        return REENTERED;
    }

    /// @dev The hostile dApp's next task, in the very slot that the settlement frees if that is its own.
    function _nextRequest(Task memory settled, uint256 choice) private returns (bool, Request memory again) {
        again.by = address(hostile);
        SlotView memory held;
        if (settled.ref.requester() == address(hostile)) {
            (again.slot, held.seq) = (settled.ref.slot(), settled.ref.seq() + 1);
        } else {
            held = enigma.slot(address(hostile), 0);
            if (held.pending || held.undelivered) return (false, again);
        }
        // Time stands still here: the settlement that this is planned for is in its window now, perhaps in the last block.
        if (!_isStarted(enigma.currentEpoch()) && _isBoundary()) return (false, again);
        again.target = _targetOf(0);
        again.epoch = _openEpoch(choice);
        again.feeGwei = _fee(again.target, 1, again.epoch);
        again.sentGwei = again.feeGwei;
        again.lane = enigma.laneOf(again.by, again.slot, held.seq, again.target.dApp(), again.epoch);
        return (_refusalByLottery(again) == 0, again);
    }

    /// @dev Goes into the rank's window, having tried the block before it; false, and tried, if it has passed.
    function _awaitWindow(Settlement memory wanted, uint256 delay) internal returns (bool) {
        uint256 createdBlock = wanted.task.terms.createdBlock();
        uint256 opensAtBlock = createdBlock + (wanted.rank == 0 ? 1 : wanted.rank * WINDOW);
        uint256 closedAtBlock = createdBlock + 3 * WINDOW;
        if (vm.getBlockNumber() >= closedAtBlock) {
            _refused(user, _settleCall(wanted), IEnigmaTasks.TooLate.selector);
            return false;
        }
        if (vm.getBlockNumber() < opensAtBlock) {
            _goTo(opensAtBlock - 1);
            _refused(user, _settleCall(wanted), IEnigmaTasks.TooEarly.selector);
            _goTo(bound(delay, opensAtBlock, closedAtBlock - 1));
        }
        return true;
    }

    /// @dev A task that is open, and a rank that it has.
    function _settlement(uint256 choice, uint256 rankChoice, uint256 statusChoice)
        internal
        view
        returns (bool isFound, Settlement memory wanted)
    {
        Entry memory entry;
        (isFound, entry) = _pick(choice, true);
        if (!isFound) return (false, wanted);
        wanted.task = entry.task;
        wanted.rank = uint8(rankChoice % 3);
        (bool hasRank,,) = _drawnFor(entry.task, wanted.rank);
        if (!hasRank) wanted.rank = 0;
        // Revocation may have left none: such a task is cancelled in the end.
        (isFound,,) = _drawnFor(entry.task, wanted.rank);
        wanted.status = uint8(statusChoice % 3);
        wanted.output = new bytes(wanted.status == 0 ? statusChoice % (OUTPUT_CAP + 1) : 0);
    }

    function _drawnFor(Task memory task, uint256 rank) internal view returns (bool, uint256, address) {
        return _drawn(task.terms.epoch(), task.target.dApp(), task.terms.lane(), rank);
    }

    /// @dev Signed by the seat that the test's own lottery draws, not by the one that the contract names.
    function _settleCall(Settlement memory wanted) internal view returns (bytes memory) {
        (,, address signer) = _drawnFor(wanted.task, wanted.rank);
        return _settleCallBy(wanted, _keyOf(signer), receiptDigest(wanted.task, wanted.status, wanted.output));
    }

    function _settleCallBy(Settlement memory wanted, uint256 signerKey, bytes32 digest)
        internal
        view
        returns (bytes memory)
    {
        (bytes32 r, bytes32 vs) = vm.signCompact(signerKey, digest);
        return abi.encodeCall(enigma.settle, (wanted.task, wanted.rank, wanted.status, wanted.output, r, vs));
    }
}
