// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Epoch} from "./Epoch.sol";

/**
 * A seat in the lottery, as selection and settlement see it: one word, so that drawing a seat, checking that it is live,
 * and paying it are one load and one store.
 *
 * From low bits to high: signer 160 | active epoch 20 | exit epoch 20 | measurement id 8 | credit (gwei) 48.
 */
type Seat is uint256;

using {signer, activeEpoch, exitEpoch, measurementId, creditGwei, isLiveIn, withExit, withCredit} for Seat global;
using {countAtStartOf, passed, appended} for SeatCounter global;

/// @dev What only the seat's operator needs: one more word, beside.
struct SeatHolder {
    address operator;
    uint56 bondGwei;
    uint40 quoteBlock;
}

/// @dev What a quote shown now is good for.
struct SeatTerm {
    uint8 measurementId;
    uint256 activeEpoch;
    uint256 exitEpoch;
}

/// @dev How many seats there are, and how many there were before `epoch` began. A lottery counts the latter: whoever sees a
/// seed coming cannot shift its draws by one seat more. `cursor` is the seat that the next append looks at.
struct SeatCounter {
    uint24 count;
    uint24 countBefore;
    uint24 epoch;
    uint24 cursor;
}

// Epochs are 20 bits wide here; a network that lives longer than a million epochs is deployed anew.
uint256 constant LAST_EPOCH = (1 << 20) - 1;
uint256 constant MAX_CREDIT_GWEI = (1 << 48) - 1;

/// @dev Callers keep `exitEpoch_` within LAST_EPOCH and `activeEpoch_` below it.
function newSeat(address signer_, uint256 activeEpoch_, uint256 exitEpoch_, uint8 measurementId_) pure returns (Seat) {
    return Seat.wrap(uint160(signer_) | activeEpoch_ << 160 | exitEpoch_ << 180 | uint256(measurementId_) << 200);
}

function signer(Seat seat) pure returns (address) {
    return address(uint160(Seat.unwrap(seat)));
}

function activeEpoch(Seat seat) pure returns (uint256) {
    return (Seat.unwrap(seat) >> 160) & LAST_EPOCH;
}

function exitEpoch(Seat seat) pure returns (uint256) {
    return (Seat.unwrap(seat) >> 180) & LAST_EPOCH;
}

function measurementId(Seat seat) pure returns (uint8) {
    return uint8(Seat.unwrap(seat) >> 200);
}

function creditGwei(Seat seat) pure returns (uint256) {
    return Seat.unwrap(seat) >> 208;
}

/// @dev active ≤ epoch < exit, and the measurement not revoked. The ends are fixed before the epoch's seed exists; only the
/// mask may take a seat away later.
function isLiveIn(Seat seat, Epoch epoch) pure returns (bool) {
    uint256 number = epoch.number();
    uint256 isRevoked = (epoch.revokedMask() >> seat.measurementId()) & 1;
    unchecked {
        // One branch instead of three: whatever fails sets the top bit.
        return ((number - seat.activeEpoch()) | (seat.exitEpoch() - 1 - number) | isRevoked << 255) >> 255 == 0;
    }
}

function withExit(Seat seat, uint256 exitEpoch_) pure returns (Seat) {
    return Seat.wrap((Seat.unwrap(seat) & ~(LAST_EPOCH << 180)) | exitEpoch_ << 180);
}

/// @dev Callers keep `creditGwei_` within MAX_CREDIT_GWEI.
function withCredit(Seat seat, uint256 creditGwei_) pure returns (Seat) {
    return Seat.wrap((Seat.unwrap(seat) & ((1 << 208) - 1)) | creditGwei_ << 208);
}

/* COUNTER */

/// @dev For the current epoch.
function countAtStartOf(SeatCounter memory counter, uint256 epoch) pure returns (uint24) {
    return counter.epoch == epoch ? counter.countBefore : counter.count;
}

/// @dev The seat under the cursor was looked at.
function passed(SeatCounter memory counter) pure returns (SeatCounter memory) {
    counter.cursor = (counter.cursor + 1) % counter.count;
    return counter;
}

/// @dev One seat more, in the current epoch. Solidity's checked addition ends the list at 2^24 seats.
function appended(SeatCounter memory counter, uint256 epoch) pure returns (SeatCounter memory) {
    uint24 countBefore = counter.countAtStartOf(epoch);
    return SeatCounter(counter.count + 1, countBefore, uint24(epoch), counter.cursor);
}
