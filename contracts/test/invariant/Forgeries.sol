// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {TaskRef, TaskTarget, TaskTerms} from "../../src/types/Task.sol";
import {vm} from "../support/Vm.sol";
import {Entry} from "./Ledger.sol";
import {Settlement, SettlementActions} from "./SettlementActions.sol";

/// Settlements that must be refused although the window is open: other signers, other receipts, other tasks, replays.
abstract contract Forgeries is SettlementActions {
    bytes4 private constant NOT_SELECTED = IEnigmaTasks.NotSelectedSigner.selector;

    function settleByAnother(uint256 choice, uint256 signerChoice, uint256 rankChoice) external recorded {
        (bool isFound, Settlement memory wanted) = _settlement(choice, rankChoice, 0);
        if (!isFound || !_awaitWindow(wanted, choice)) return;
        (,, address selected) = _drawnFor(wanted.task, wanted.rank);
        uint256 signerKey = _signerKey(signerChoice);
        bytes32 digest = receiptDigest(wanted.task, wanted.status, wanted.output);
        // Whoever is not of this rank: a stranger, a seat that was not drawn, or one of another rank.
        if (vm.addr(signerKey) != selected) {
            _refused(user, _settleCallBy(wanted, signerKey, digest), NOT_SELECTED);
            ++counts["another signer refused"];
        }
        _refused(user, _settleCallBy(wanted, key("stranger"), digest), NOT_SELECTED);
    }

    function settleWithAnotherReceipt(uint256 choice, uint256 kind) external recorded {
        (bool isFound, Settlement memory wanted) = _settlement(choice, 0, 1);
        if (!isFound || !_awaitWindow(wanted, choice)) return;
        (,, address selected) = _drawnFor(wanted.task, wanted.rank);
        bytes32 digest = receiptDigest(wanted.task, wanted.status, wanted.output);
        if (kind % 5 == 0) digest = receiptDigest(wanted.task, wanted.status, "other output");
        if (kind % 5 == 1) digest = receiptDigest(wanted.task, 0, wanted.output);
        if (kind % 5 == 2) digest = _digestOfAnotherTask(wanted, choice);
        if (kind % 5 == 3) wanted.output = "other output";
        if (kind % 5 == 4) wanted.status = 2;
        _refused(user, _settleCallBy(wanted, _keyOf(selected), digest), NOT_SELECTED);
        ++counts["another receipt refused"];
    }

    /// @dev One that has ended already; before there is one, of no task at all.
    function _digestOfAnotherTask(Settlement memory wanted, uint256 choice) private view returns (bytes32) {
        (, Entry memory other) = _pick(choice, false);
        return receiptDigest(other.task, wanted.status, wanted.output);
    }

    /// @dev Any bit of any field, a fee of one's own choosing for instance.
    function settleAnotherTask(uint256 choice, uint256 field, uint256 bit) external recorded {
        (bool isFound, Settlement memory wanted) = _settlement(choice, 0, 0);
        if (!isFound || !_awaitWindow(wanted, choice)) return;
        (,, address selected) = _drawnFor(wanted.task, 0);
        uint256 flip = 1 << (bit % 256);
        if (field % 5 == 0) wanted.task.ref = TaskRef.wrap(TaskRef.unwrap(wanted.task.ref) ^ flip);
        if (field % 5 == 1) wanted.task.target = TaskTarget.wrap(TaskTarget.unwrap(wanted.task.target) ^ flip);
        if (field % 5 == 2) wanted.task.terms = TaskTerms.wrap(TaskTerms.unwrap(wanted.task.terms) ^ flip);
        if (field % 5 == 3) wanted.task.codeHash ^= bytes32(flip);
        if (field % 5 == 4) wanted.task.inputsHash ^= bytes32(flip);
        bytes32 digest = receiptDigest(wanted.task, wanted.status, wanted.output);
        _refused(user, _settleCallBy(wanted, _keyOf(selected), digest), IEnigmaTasks.TaskNotPending.selector);
        _refused(user, abi.encodeCall(enigma.cancel, (wanted.task)), IEnigmaTasks.TaskNotPending.selector);
        ++counts["another task refused"];
    }

    function settleBeyondLimits(uint256 choice) external recorded {
        (bool isFound, Settlement memory wanted) = _settlement(choice, 0, 0);
        if (!isFound || !_awaitWindow(wanted, choice)) return;
        (,, address selected) = _drawnFor(wanted.task, 0);
        bytes32 digest = receiptDigest(wanted.task, wanted.status, wanted.output);
        wanted.rank = 3;
        _refused(user, _settleCallBy(wanted, _keyOf(selected), digest), IEnigmaTasks.InvalidRank.selector);
        (wanted.rank, wanted.status) = (0, 3);
        _refused(user, _settleCall(wanted), IEnigmaTasks.InvalidStatus.selector);
        (wanted.status, wanted.output) = (0, new bytes(OUTPUT_CAP + 1));
        _refused(user, _settleCall(wanted), IEnigmaTasks.OutputTooLong.selector);
        ++counts["beyond the limits refused"];
    }

    /// @dev A task that ended stays ended, whoever comes with whichever receipt.
    function endAgain(uint256 choice, uint256 statusChoice) external recorded {
        (bool isFound, Entry memory entry) = _pick(choice, false);
        if (!isFound) return;
        Settlement memory wanted = Settlement(entry.task, 0, uint8(statusChoice % 3), "");
        bytes32 digest = receiptDigest(entry.task, wanted.status, "");
        bytes memory call = _settleCallBy(wanted, _signerKey(choice), digest);
        _refused(user, call, IEnigmaTasks.TaskNotPending.selector);
        _refused(user, abi.encodeCall(enigma.cancel, (entry.task)), IEnigmaTasks.TaskNotPending.selector);
        ++counts["second ending refused"];
    }
}
