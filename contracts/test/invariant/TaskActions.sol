// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {EpochView, SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {packTarget, TaskTarget} from "../../src/types/Task.sol";
import {vm} from "../support/Vm.sol";
import {Entry} from "./Ledger.sol";
import {SecretActions} from "./SecretActions.sol";

/// A request as it goes to the contract.
struct Request {
    address by;
    uint32 slot;
    TaskTarget target;
    uint64 feeGwei;
    uint256 epoch;
    uint256 lane;
    uint256 sentGwei;
}

/// Tasks are asked for and cancelled, slots are funded and emptied, dApps change their lanes.
abstract contract TaskActions is SecretActions {
    bytes4 private constant CALLABLE = 0x01020304;
    uint8 private constant GAS_CLASS = 4;
    uint16 internal constant OUTPUT_CAP = 64;

    mapping(address dApp => bool) internal refusesFallback;

    function request(uint256 requesterChoice, uint256 slotChoice, uint256 dAppChoice, uint256 feeChoice, uint256 sent)
        external
        recorded
    {
        _request(requesterChoice, slotChoice, dAppChoice, feeChoice, sent);
    }

    function cancel(uint256 choice, uint256 delay) external recorded {
        (bool isFound, Entry memory entry) = _pick(choice, true);
        if (!isFound) return;
        uint256 opensAtBlock = entry.task.terms.createdBlock() + 3 * WINDOW;
        if (vm.getBlockNumber() < opensAtBlock) {
            _refused(user, abi.encodeCall(enigma.cancel, (entry.task)), IEnigmaTasks.TooEarly.selector);
            if (delay % 4 == 0) return;
            _goTo(opensAtBlock - 1);
            _refused(user, abi.encodeCall(enigma.cancel, (entry.task)), IEnigmaTasks.TooEarly.selector);
            _goTo(opensAtBlock);
        }
        _cancel(entry);
    }

    function fundSlot(uint256 requesterChoice, uint256 slotChoice, uint256 amount) external recorded {
        (address by, uint32 slot) = (_requester(requesterChoice), uint32(slotChoice % SLOTS));
        SlotView memory held = enigma.slot(by, slot);
        if (held.pending || held.undelivered) {
            return _refused(by, abi.encodeCall(enigma.fundSlot, (slot)), IEnigmaTasks.SlotInUse.selector);
        }
        uint256 sentGwei = bound(amount, 0, 1e8);
        vm.prank(by);
        enigma.fundSlot{value: sentGwei * 1 gwei}(slot);
        assertEq(enigma.slot(by, slot).balanceGwei, held.balanceGwei + sentGwei, "S22: the slot has what was sent");
        ++counts["slot funded"];
    }

    function withdrawSlot(uint256 requesterChoice, uint256 slotChoice) external recorded {
        _withdrawSlot(_requester(requesterChoice), uint32(slotChoice % SLOTS));
    }

    /// @dev 17: an account without code can be nobody's dApp.
    function requestOfNobody(uint256 slotChoice, uint256 choice) external recorded {
        Request memory wanted;
        (wanted.by, wanted.slot) = (_requester(choice), uint32(slotChoice % SLOTS));
        wanted.target = packTarget(user, CALLABLE, 300_000, OUTPUT_CAP, GAS_CLASS);
        wanted.epoch = _openEpoch(choice);
        wanted.feeGwei = _fee(wanted.target, 0, wanted.epoch);
        bytes4 refusal = _refusalOf(wanted);
        if (refusal == 0) refusal = IEnigmaTasks.NotAContract.selector;
        vm.prank(wanted.by);
        (bool ok, bytes memory answer) = address(enigma).call{value: uint256(wanted.feeGwei) * 1 gwei}(_call(wanted));
        assertTrue(!ok, "S22, 17: a task of an account without code");
        assertEq(bytes32(bytes4(answer)), bytes32(refusal), "refused with another error");
        if (refusal == IEnigmaTasks.NotAContract.selector) ++counts["nobody's task refused"];
    }

    function setLanes(uint256 dAppChoice, uint256 lanes) external recorded {
        vm.prank(_dApp(dAppChoice));
        try enigma.setLanes(uint16(bound(lanes, 1, 3))) {
            ++counts["lanes set"];
        } catch (bytes memory reason) {
            assertEq(
                bytes32(bytes4(reason)), bytes32(IEnigmaTasks.LanesChanging.selector), "refused with another error"
            );
            ++counts["lanes still changing"];
        }
    }

    function _request(uint256 requesterChoice, uint256 slotChoice, uint256 dAppChoice, uint256 feeChoice, uint256 sent)
        internal
    {
        Request memory wanted;
        (wanted.by, wanted.slot) = (_requester(requesterChoice), uint32(slotChoice % SLOTS));
        wanted.target = _targetOf(dAppChoice);
        wanted.epoch = _openEpoch(feeChoice);
        wanted.feeGwei = _fee(wanted.target, feeChoice, wanted.epoch);
        SlotView memory held = enigma.slot(wanted.by, wanted.slot);

        wanted.lane = enigma.laneOf(wanted.by, wanted.slot, held.seq, wanted.target.dApp(), wanted.epoch);
        bytes4 refusal = _refusalOf(wanted);
        if (refusal != 0) {
            if (refusal == IEnigmaTasks.EpochPaused.selector) ++counts["refused by the pause"];
            if (refusal == IEnigmaTasks.FallbackRefused.selector) ++counts["fallback refused"];
            return _refused(wanted.by, _call(wanted), refusal);
        }
        _tryTooCheap(wanted);
        if (held.balanceGwei < wanted.feeGwei) {
            _refused(wanted.by, _call(wanted), IEnigmaTasks.FeeNotCovered.selector);
            wanted.sentGwei = wanted.feeGwei - held.balanceGwei;
        }
        if (sent % 2 == 0) wanted.sentGwei += sent % 1e8;
        wanted.lane += 1;
        _refused(wanted.by, _call(wanted), IEnigmaTasks.WrongLane.selector);
        wanted.lane -= 1;
        _send(wanted);
    }

    /// @dev The error that a request meets that is sound by itself; zero if none.
    function _refusalOf(Request memory wanted) internal view returns (bytes4) {
        SlotView memory held = enigma.slot(wanted.by, wanted.slot);
        if (held.pending || held.undelivered) return IEnigmaTasks.SlotInUse.selector;
        return _refusalByLottery(wanted);
    }

    function _refusalByLottery(Request memory wanted) internal view returns (bytes4) {
        EpochView memory epoch = enigma.epoch(wanted.epoch);
        if (epoch.isPaused) return IEnigmaTasks.EpochPaused.selector;
        bool isRefused = epoch.isFallback && refusesFallback[wanted.target.dApp()];
        if (isRefused) return IEnigmaTasks.FallbackRefused.selector;
        (bool isServed,,) = _drawn(wanted.epoch, wanted.target.dApp(), wanted.lane, 0);
        return isServed ? bytes4(0) : IEnigmaTasks.NoLiveSeat.selector;
    }

    function _tryTooCheap(Request memory wanted) private {
        if (wanted.epoch != enigma.currentEpoch()) return;
        uint64 feeGwei = wanted.feeGwei;
        wanted.feeGwei = _quote(wanted.target) - 1;
        _refused(wanted.by, _call(wanted), IEnigmaTasks.FeeTooLow.selector);
        wanted.feeGwei = feeGwei;
    }

    function _send(Request memory wanted) private {
        vm.prank(wanted.by);
        (bool ok, bytes memory answer) = address(enigma).call{value: wanted.sentGwei * 1 gwei}(_call(wanted));
        assertTrue(ok, "a sound request was refused");
        SlotView memory held = enigma.slot(wanted.by, wanted.slot);
        assertTrue(held.pending, "the slot holds the task");
        assertEq(held.hashBits, uint256(bytes32(answer)) & ((1 << 254) - 1), "the slot holds this task");
        ++counts["requested"];
    }

    function _call(Request memory wanted) internal view returns (bytes memory) {
        return abi.encodeCall(
            enigma.requestTask, (wanted.slot, wanted.target, wanted.feeGwei, wanted.epoch, wanted.lane, INPUTS)
        );
    }

    function _cancel(Entry memory entry) internal {
        enigma.cancel(entry.task);
        SlotView memory held = enigma.slot(entry.task.ref.requester(), entry.task.ref.slot());
        uint256 backGwei = uint256(entry.task.terms.feeGwei()) + entry.task.terms.restGwei();
        assertEq(held.balanceGwei, backGwei, "S22, 03: fee and rest are back in the slot");
        assertEq(held.seq, entry.task.ref.seq() + 1, "S22: the slot moved on");
        ++counts["cancelled"];
    }

    function _withdrawSlot(address by, uint32 slot) internal {
        SlotView memory held = enigma.slot(by, slot);
        bytes memory call = abi.encodeCall(enigma.withdrawSlot, (slot));
        if (held.pending || held.undelivered) return _refused(by, call, IEnigmaTasks.SlotInUse.selector);
        if (held.balanceGwei == 0) return _refused(by, call, IEnigmaTasks.NothingToWithdraw.selector);
        uint256 before = by.balance;
        vm.prank(by);
        enigma.withdrawSlot(slot);
        assertEq(by.balance, before + uint256(held.balanceGwei) * 1 gwei, "S22: the whole balance");
        assertEq(enigma.slot(by, slot).seq, held.seq, "S22: withdrawing keeps the seq");
        ++counts["slot withdrawn"];
    }

    /// @dev The current epoch, started if need be; now and then the one before, while it may still be named.
    function _openEpoch(uint256 choice) internal returns (uint256 epoch) {
        epoch = enigma.currentEpoch();
        bool isGrace = vm.getBlockNumber() < enigma.boundaryBlock(epoch) + 10;
        if (isGrace && _isStarted(epoch - 1) && choice % 2 == 0) return epoch - 1;
        _postSeed(choice);
    }

    /// @dev One fee in eight is so large that two of them overflow a seat's 48 bits. The quote is of the current epoch.
    function _fee(TaskTarget target, uint256 choice, uint256 epoch) internal view returns (uint64) {
        if (choice % 8 == 0 || epoch != enigma.currentEpoch()) return uint64(1 << 47);
        return _quote(target) + uint64(choice % 1e6);
    }

    function _quote(TaskTarget target) private view returns (uint64) {
        return enigma.quoteFee(GAS_CLASS, target.callbackGas(), OUTPUT_CAP, block.basefee);
    }

    function _dApp(uint256 choice) internal view returns (address) {
        return choice % 2 == 0 ? address(dapp) : address(hostile);
    }

    /// @dev Three million gas is enough to return a megabyte.
    function _targetOf(uint256 dAppChoice) internal view returns (TaskTarget) {
        address to = _dApp(dAppChoice);
        return packTarget(to, CALLABLE, to == address(hostile) ? 3_000_000 : 300_000, OUTPUT_CAP, GAS_CLASS);
    }
}
