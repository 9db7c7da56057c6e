// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotView} from "../interfaces/IEnigma.sol";

/**
 * A requester's slot: one word, written at each request and at each end of a task, never deleted, because new storage is
 * the dearest thing on a chain and rewriting old storage is not.
 *
 * From low bits to high, by the top two bits:
 *   00 free     seq 64 | balance (gwei) 64 | zero 126
 *   10 pending  the low 254 bits of the task's id
 * The kinds are told apart by explicit bits and not by magnitude: else an id ground to be small would read as a balance.
 */
type Slot is uint256;

/// @dev A struct of one, so that a slot's place in storage is computed once, read and written.
struct SlotRecord {
    Slot word;
}

using {isPending, holds, seq, balanceGwei, unpacked} for Slot global;

uint256 constant PENDING = 1 << 255;
uint256 constant TASK_ID_BITS = (1 << 254) - 1;

function freeSlot(uint64 seq_, uint64 balanceGwei_) pure returns (Slot) {
    return Slot.wrap(seq_ | uint256(balanceGwei_) << 64);
}

function pendingSlot(bytes32 taskId) pure returns (Slot) {
    return Slot.wrap(PENDING | (uint256(taskId) & TASK_ID_BITS));
}

function isPending(Slot word) pure returns (bool) {
    return Slot.unwrap(word) >> 254 == 2;
}

/// @dev Whether this very task is pending in the slot.
function holds(Slot word, bytes32 taskId) pure returns (bool) {
    return Slot.unwrap(word) == Slot.unwrap(pendingSlot(taskId));
}

/// @dev Of a free slot only.
function seq(Slot word) pure returns (uint64) {
    return uint64(Slot.unwrap(word));
}

/// @dev Of a free slot only.
function balanceGwei(Slot word) pure returns (uint64) {
    return uint64(Slot.unwrap(word) >> 64);
}

function unpacked(Slot word) pure returns (SlotView memory) {
    if (word.isPending()) return SlotView(true, Slot.unwrap(word) & TASK_ID_BITS, 0, 0);
    return SlotView(false, 0, word.seq(), word.balanceGwei());
}
