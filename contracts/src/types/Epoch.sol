// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * What the lottery of an epoch is drawn from: one word, kept in a ring of the latest epochs.
 *
 * From low bits to high: seed 176 | fallback 1 | seat count (T) 24 | epoch number 23 | revoked mask 32.
 * An epoch that has not started has T = 0, and one that has started has not: a lottery without seats never starts.
 */
type Epoch is uint256;

using {seed, isFallback, seatCount, number, revokedMask, isStarted, withRevoked} for Epoch global;

// Epochs kept. The constructor of Enigma sees to it that no task outlives its epoch's word.
uint256 constant EPOCHS_KEPT = 32;
uint256 constant SEED_BITS = (1 << 176) - 1;

function newEpoch(uint256 seed_, uint24 seatCount_, uint256 number_, uint32 revokedMask_) pure returns (Epoch) {
    return Epoch.wrap(
        (seed_ & SEED_BITS) | uint256(seatCount_) << 177 | (number_ & 0x7fffff) << 201 | uint256(revokedMask_) << 224
    );
}

function seed(Epoch word) pure returns (uint256) {
    return Epoch.unwrap(word) & SEED_BITS;
}

function isFallback(Epoch word) pure returns (bool) {
    return (Epoch.unwrap(word) >> 176) & 1 == 1;
}

function seatCount(Epoch word) pure returns (uint256) {
    return uint24(Epoch.unwrap(word) >> 177);
}

function number(Epoch word) pure returns (uint256) {
    return (Epoch.unwrap(word) >> 201) & 0x7fffff;
}

function revokedMask(Epoch word) pure returns (uint32) {
    return uint32(Epoch.unwrap(word) >> 224);
}

/// @dev Without the seats of the measurements in `mask`, from now on.
function withRevoked(Epoch word, uint32 mask) pure returns (Epoch) {
    return Epoch.wrap(Epoch.unwrap(word) | uint256(mask) << 224);
}

/// @dev Whether the word is that of epoch `number_`: the ring may still hold an older one in its place.
function isStarted(Epoch word, uint256 number_) pure returns (bool started) {
    uint256 found = word.number();
    uint256 seats = word.seatCount();
    // `&&` would be a jump more.
    assembly ("memory-safe") {
        started := and(eq(found, number_), iszero(iszero(seats)))
    }
}

/// @dev The word in the ring's place for epoch `number_`, which may be another epoch's. An index below the ring's length needs
/// no check against it.
function wordOf(Epoch[EPOCHS_KEPT] storage ring, uint256 number_) view returns (Epoch word) {
    assembly ("memory-safe") {
        word := sload(add(ring.slot, mod(number_, EPOCHS_KEPT)))
    }
}
