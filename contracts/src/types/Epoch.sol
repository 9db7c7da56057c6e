// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * What the lottery of an epoch is drawn from: one word, kept in a ring of the latest epochs.
 *
 * From low bits to high: seed 176 | fallback 1 | paused 1 | seat count (T) 20 | epoch number 20 | price level 6 | revoked mask 32.
 * Whether tasks are taken, and at which prices, stand here because a request reads this word anyway: a word of their own
 * would cost each task 2,100 gas.
 * An epoch that has not started has T = 0, and one that has started has not: a lottery without seats never starts.
 */
type Epoch is uint256;

using {seed, isFallback, isPaused, seatCount, number, priceLevel, revokedMask, isStarted, isPlain} for Epoch global;
using {withFallback, withPaused, withRevoked} for Epoch global;

// Epochs kept. The constructor of Enigma sees to it that no task outlives its epoch's word.
uint256 constant EPOCHS_KEPT = 32;
uint256 constant SEED_BITS = (1 << 176) - 1;

uint256 constant FLAGS = 3 << 176;

uint256 constant MAX_SEATS = (1 << 20) - 1;
uint8 constant MAX_PRICE_LEVEL = 63;

/// @dev Callers keep `seatCount_` within MAX_SEATS, `number_` within 20 bits and `priceLevel_` within MAX_PRICE_LEVEL.
function newEpoch(uint256 seed_, uint256 seatCount_, uint256 number_, uint8 priceLevel_, uint32 revokedMask_)
    pure
    returns (Epoch)
{
    return Epoch.wrap(
        (seed_ & SEED_BITS) | seatCount_ << 178 | number_ << 198 | uint256(priceLevel_) << 218
            | uint256(revokedMask_) << 224
    );
}

function seed(Epoch word) pure returns (uint256) {
    return Epoch.unwrap(word) & SEED_BITS;
}

function isFallback(Epoch word) pure returns (bool) {
    return (Epoch.unwrap(word) >> 176) & 1 == 1;
}

function isPaused(Epoch word) pure returns (bool) {
    return (Epoch.unwrap(word) >> 177) & 1 == 1;
}

function seatCount(Epoch word) pure returns (uint256) {
    return (Epoch.unwrap(word) >> 178) & MAX_SEATS;
}

function number(Epoch word) pure returns (uint256) {
    return (Epoch.unwrap(word) >> 198) & 0xfffff;
}

function priceLevel(Epoch word) pure returns (uint8) {
    return uint8(Epoch.unwrap(word) >> 218) & MAX_PRICE_LEVEL;
}

function revokedMask(Epoch word) pure returns (uint32) {
    return uint32(Epoch.unwrap(word) >> 224);
}

function withFallback(Epoch word) pure returns (Epoch) {
    return Epoch.wrap(Epoch.unwrap(word) | 1 << 176);
}

function withPaused(Epoch word, bool isPaused_) pure returns (Epoch) {
    uint256 open = Epoch.unwrap(word) & ~(uint256(1) << 177);
    return Epoch.wrap(isPaused_ ? open | 1 << 177 : open);
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

/// @dev Whether epoch `number_` has started, neither paused nor with a fallback seed: one test for three that nearly always hold.
/// A flag that is set exceeds any number of seats.
function isPlain(Epoch word, uint256 number_) pure returns (bool plain) {
    uint256 found = word.number();
    uint256 seats = word.seatCount();
    assembly ("memory-safe") {
        plain := and(eq(found, number_), gt(seats, and(word, FLAGS)))
    }
}

/// @dev The word in the ring's place for epoch `number_`, which may be another epoch's. An index below the ring's length needs
/// no check against it.
function wordOf(Epoch[EPOCHS_KEPT] storage ring, uint256 number_) view returns (Epoch word) {
    assembly ("memory-safe") {
        word := sload(add(ring.slot, mod(number_, EPOCHS_KEPT)))
    }
}
