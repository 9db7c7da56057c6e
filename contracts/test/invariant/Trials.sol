// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {Receipts} from "../../src/libraries/Receipts.sol";
import {vm} from "../support/Vm.sol";
import {GovernanceActions} from "./GovernanceActions.sol";
import {Entry} from "./Ledger.sol";
import {Receipt, Settlement} from "./SettlementActions.sol";

/// What an invariant tries on the state that it meets. Each trial is undone.
abstract contract Trials is GovernanceActions {
    uint256 private constant MOST_RECEIPTS = 3;
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,bytes32 inputsHash,bytes32 outputHash,uint8 status)"
    );

    /// @dev How many receipts settle an open task for which they were not made: those that settled others, and such as its own
    /// worker signed for another contract, chain or name.
    function misusedReceipts(uint256 choice) external returns (uint256 accepted) {
        (bool isFound, Settlement memory wanted) = _settlement(choice, 0, 1);
        if (!isFound) return 0;
        uint256 before = vm.snapshotState();
        uint256 createdBlock = wanted.task.terms.createdBlock();
        if (vm.getBlockNumber() == createdBlock) _goTo(createdBlock + 1);
        for (uint256 i = receipts.length; i > 0 && i + MOST_RECEIPTS > receipts.length; --i) {
            Receipt memory receipt = receipts[i - 1];
            accepted += _accepts(wanted, receipt);
        }
        bytes32 hash = _structHash(wanted);
        accepted += _acceptsOf(wanted, Receipts.domainSeparator("Enigma", address(this)), hash);
        accepted += _acceptsOf(wanted, Receipts.domainSeparator("Enigma 2", address(enigma)), hash);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        bytes32 elsewhere = Receipts.domainSeparator("Enigma", address(enigma));
        vm.chainId(chain);
        accepted += _acceptsOf(wanted, elsewhere, hash);
        bool isOpen = vm.getBlockNumber() < createdBlock + 3 * WINDOW;
        bool isItsOwn = _acceptsOf(wanted, enigma.domainSeparator(), hash) == 1;
        vm.revertToState(before);
        assertTrue(isItsOwn == isOpen, "S2, 08: and its own one does");
    }

    /// @dev How many ways out are shut while requests are paused: settling, cancelling, withdrawing.
    function shutByAPause(uint256 choice) external returns (uint256 shut) {
        uint256 before = vm.snapshotState();
        vm.prank(account("governor"));
        enigma.pause(block.timestamp + 90);
        (bool isFound, Settlement memory wanted) = _settlement(choice, 0, 1);
        if (isFound && vm.getBlockNumber() < wanted.task.terms.createdBlock() + 3 * WINDOW) {
            if (vm.getBlockNumber() == wanted.task.terms.createdBlock()) _goTo(vm.getBlockNumber() + 1);
            (bool isSettled,) = address(enigma).call(_settleCall(wanted));
            if (!isSettled) ++shut;
        }
        (bool isOpen, Entry memory entry) = _pick(choice + 1, true);
        bool isLeft = isOpen && (!isFound || entry.id != enigma.taskIdOf(wanted.task));
        if (isLeft) {
            uint256 cancelBlock = entry.task.terms.createdBlock() + 3 * WINDOW;
            if (vm.getBlockNumber() < cancelBlock) _goTo(cancelBlock);
            (bool isCancelled,) = address(enigma).call(abi.encodeCall(enigma.cancel, (entry.task)));
            if (!isCancelled) ++shut;
        }
        shut += _shutWithdrawals();
        assertTrue(enigma.pausedUntil() > block.timestamp, "the pause outlasts the trial");
        vm.revertToState(before);
    }

    function _shutWithdrawals() private returns (uint256 shut) {
        for (uint256 i; i < requesters.length * SLOTS; ++i) {
            (address by, uint32 slot) = (requesters[i / SLOTS], uint32(i % SLOTS));
            SlotView memory held = enigma.slot(by, slot);
            if (held.balanceGwei == 0) continue;
            shut += _fails(by, abi.encodeCall(enigma.withdrawSlot, (slot)));
        }
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory held = enigma.seat(id);
            if (held.creditGwei == 0) continue;
            shut += _fails(held.operator, abi.encodeCall(enigma.withdrawSeat, (id, payable(held.operator))));
        }
        for (uint256 i; i < operators.length; ++i) {
            if (enigma.owedGwei(operators[i]) == 0) continue;
            shut += _fails(operators[i], abi.encodeCall(enigma.withdrawOwed, (payable(operators[i]))));
        }
    }

    function _fails(address by, bytes memory call) private returns (uint256) {
        vm.prank(by);
        (bool ok,) = address(enigma).call(call);
        return ok ? 0 : 1;
    }

    function _structHash(Settlement memory wanted) private view returns (bytes32) {
        bytes32 anchor = blockhash(wanted.task.terms.createdBlock());
        bytes32 taskId = enigma.taskIdOf(wanted.task);
        bytes32 outputHash = keccak256(wanted.output);
        return keccak256(
            abi.encode(
                RECEIPT_TYPE, taskId, anchor, wanted.task.codeHash, wanted.task.inputsHash, outputHash, wanted.status
            )
        );
    }

    /// @dev 1 if the task's own worker, having signed `hash` in `domain`, settles it.
    function _acceptsOf(Settlement memory wanted, bytes32 domain, bytes32 hash) private returns (uint256) {
        (,, address signer) = _drawnFor(wanted.task, wanted.rank);
        (bytes32 r, bytes32 vs) = vm.signCompact(_keyOf(signer), Receipts.typedDigest(domain, hash));
        return _accepts(wanted, Receipt(wanted.status, wanted.output, r, vs));
    }

    function _accepts(Settlement memory wanted, Receipt memory receipt) private returns (uint256) {
        bytes memory call = abi.encodeCall(
            enigma.settle, (wanted.task, wanted.rank, receipt.status, receipt.output, receipt.r, receipt.vs)
        );
        (bool ok,) = address(enigma).call(call);
        return ok ? 1 : 0;
    }
}
