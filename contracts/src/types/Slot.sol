// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Money} from "../libraries/Money.sol";
import {Undelivered} from "../interfaces/IEnigmaTasks.sol";
import {SlotView} from "../interfaces/IEnigmaViews.sol";
import {TaskRef} from "./Task.sol";

/**
 * A requester's slot: one word, written at each request and at each end of a task, never deleted, because new storage is
 * the dearest thing on a chain and rewriting old storage is not.
 *
 * From low bits to high, by the top two bits:
 *   00 free         seq 64 | balance (gwei) 64 | zero 126
 *   10 pending      the low 254 bits of the task's id
 *   11 undelivered  the low 254 bits of the hash of a result whose callback failed
 * The kinds are told apart by explicit bits and not by magnitude: else an id ground to be small would read as a balance.
 */
type Slot is uint256;

/// @dev A struct of one, so that a slot's place in storage is computed once, read and written.
struct SlotRecord {
    Slot word;
}

using {isFree, isPending, holds, equals, seq, balanceGwei, nextRef, addedGwei, unpacked} for Slot global;

uint256 constant PENDING = 1 << 255;
uint256 constant UNDELIVERED = 3 << 254;
uint256 constant HASH_BITS = (1 << 254) - 1;

function freeSlot(uint64 seq_, uint64 balanceGwei_) pure returns (Slot) {
    return Slot.wrap(seq_ | uint256(balanceGwei_) << 64);
}

function pendingSlot(bytes32 taskId) pure returns (Slot) {
    return Slot.wrap(PENDING | (uint256(taskId) & HASH_BITS));
}

/// @dev The requester, the slot and the seq are those of the task's ref.
function undeliveredSlot(Undelivered memory result, bytes32 outputHash) pure returns (Slot) {
    bytes32 hash = keccak256(
        abi.encode(
            result.taskId,
            result.dApp,
            result.callable,
            outputHash,
            result.ref.requester(),
            result.ref.slot(),
            result.ref.seq(),
            result.restGwei,
            result.createdBlock
        )
    );
    return Slot.wrap(UNDELIVERED | (uint256(hash) & HASH_BITS));
}

function isFree(Slot word) pure returns (bool) {
    return Slot.unwrap(word) >> 254 == 0;
}

function isPending(Slot word) pure returns (bool) {
    return Slot.unwrap(word) >> 254 == 2;
}

/// @dev Whether this very task is pending in the slot.
function holds(Slot word, bytes32 taskId) pure returns (bool) {
    return Slot.unwrap(word) == Slot.unwrap(pendingSlot(taskId));
}

function equals(Slot word, Slot other) pure returns (bool) {
    return Slot.unwrap(word) == Slot.unwrap(other);
}

/// @dev Of a free slot only.
function seq(Slot word) pure returns (uint64) {
    return uint64(Slot.unwrap(word));
}

/// @dev Of a free slot only.
function balanceGwei(Slot word) pure returns (uint64) {
    return uint64(Slot.unwrap(word) >> 64);
}

/// @dev Of the task that comes next into this slot, which is free: `packRef` with the slot's seq, whose 64 bits the shift leaves alone.
function nextRef(Slot word, address requester, uint32 slot_) pure returns (TaskRef) {
    return TaskRef.wrap(uint160(requester) | uint256(slot_) << 160 | Slot.unwrap(word) << 192);
}

/// @dev Of a free slot only. Reverts where 64 bits do not hold the sum.
function addedGwei(Slot word, uint256 gweiAmount) pure returns (Slot) {
    return freeSlot(word.seq(), Money.toUint64(word.balanceGwei() + gweiAmount));
}

function unpacked(Slot word) pure returns (SlotView memory) {
    if (word.isFree()) return SlotView(false, false, 0, word.seq(), word.balanceGwei());
    return SlotView(word.isPending(), !word.isPending(), Slot.unwrap(word) & HASH_BITS, 0, 0);
}
