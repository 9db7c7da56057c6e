// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats} from "../interfaces/IEnigmaSeats.sol";
import {Epoch, MAX_SEATS} from "./Epoch.sol";

/**
 * A seat in the lottery, as selection and settlement see it: one word, so that drawing a seat, checking that it is live,
 * and paying it are one load and one store.
 *
 * From low bits to high: signer 160 | active epoch 20 | exit epoch 20 | measurement id 8 | credit (gwei) 48.
 */
type Seat is uint256;

using {signer, activeEpoch, exitEpoch, measurementId, creditGwei, isLiveIn, absenceFrom, withExit, withCredit} for Seat global;
using {endedBy, revokedBy, activatedAt, equals} for Seat global;
using {seen, writeTo} for SeatHolder global;
using {heldGwei, burned, burnedGwei} for Escrow global;
using {countAtStartOf, passed, appended, shortened} for Roster global;

/// @dev What of a seat's price is still held for it.
enum Escrow {
    None,
    Bond,
    /// It waits for the network secret: it pays for that when it comes.
    BondAndJoinFee,
    /// Another seat stands in for this one.
    Rotated,
    /// Slashed: half of the bond, or of bond and join fee, was paid out; what was burned stands here until the seat is taken again.
    /// A word of its own for all that was burned would cost each slashing 5,000 gas.
    Burned,
    BurnedWithJoinFee
}

/// @dev What no task needs: one more word, beside. 32 bits of blocks are 136 years of one a second.
struct SeatHolder {
    address operator;
    Escrow escrow;
    /// The low bits of the platform's id, see PlatformSeats.sol.
    uint24 platformTag;
    uint32 quoteBlock;
    uint32 leafBlock;
}

/// @dev The seat that stands in for one that was rotated or relocated, as long as it is still this signer's.
struct Successor {
    uint32 seat;
    address signer;
}

/// @dev What a quote shown now is good for, and on which platform.
struct SeatTerm {
    uint8 measurementId;
    uint256 activeEpoch;
    uint256 exitEpoch;
    bytes32 platformId;
    bytes32 platformHash;
}

/// @dev What the taking of a seat looks at, in one word: the lowest 32 bits are proven to enclaves.
struct Roster {
    /// Bit i: measurement i is revoked.
    uint32 revokedMask;
    /// From then on seats wait for the network secret.
    bool hasSecret;
    /// How many seats there are, and how many there were before `epoch` began. A lottery counts the latter: whoever sees a seed
    /// coming cannot shift its draws by one seat more. `cursor` is the seat that the next append looks at.
    uint24 count;
    uint24 countBefore;
    uint24 epoch;
    uint24 cursor;
    /// Of epochs that start from now on.
    uint8 priceLevel;
    /// Seconds since 1970.
    uint40 pausedUntil;
    /// By seats that were taken again since.
    uint64 burnedGwei;
    /// GOVERNORS_PAUSE, OBSERVERS_CHANGE.
    uint8 marks;
}

// Epochs are 20 bits wide here; a network that lives longer than a million epochs is deployed anew. A seat that is active from
// the last one on is never live: it waits, or was revoked.
uint256 constant LAST_EPOCH = (1 << 20) - 1;
// The governor paused last.
uint8 constant GOVERNORS_PAUSE = 1;
// A change of observers is announced: what the next epoch leaves out is asked first.
uint8 constant OBSERVERS_CHANGE = 2;
// What tells a platform's record from its certificate, which is longer.
uint256 constant RECORD_BYTES = 192;
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
/// mask, and a recheck that finds a revocation, may take a seat away later.
function isLiveIn(Seat seat, Epoch epoch) pure returns (bool) {
    uint256 number = epoch.number();
    uint256 isRevoked = (epoch.revokedMask() >> seat.measurementId()) & 1;
    unchecked {
        // One branch instead of three: whatever fails sets the top bit.
        return ((number - seat.activeEpoch()) | (seat.exitEpoch() - 1 - number) | isRevoked << 255) >> 255 == 0;
    }
}

/// @dev Zero exactly where `isLiveIn`. Of two functions with one caller each the compiler makes no calls, of one with two it would.
function absenceFrom(Seat seat, Epoch epoch) pure returns (uint256) {
    uint256 number = epoch.number();
    uint256 isRevoked = Epoch.unwrap(epoch) >> 224 >> seat.measurementId() & 1;
    unchecked {
        return isRevoked | ((number - seat.activeEpoch()) | (seat.exitEpoch() - 1 - number)) >> 255;
    }
}

function withExit(Seat seat, uint256 exitEpoch_) pure returns (Seat) {
    return Seat.wrap((Seat.unwrap(seat) & ~(LAST_EPOCH << 180)) | exitEpoch_ << 180);
}

/// @dev Callers keep `creditGwei_` within MAX_CREDIT_GWEI.
function withCredit(Seat seat, uint256 creditGwei_) pure returns (Seat) {
    return Seat.wrap((Seat.unwrap(seat) & ((1 << 208) - 1)) | creditGwei_ << 208);
}

/// @dev Out from `exitEpoch_` on, if it does not end before.
function endedBy(Seat seat, uint256 exitEpoch_) pure returns (Seat) {
    return exitEpoch_ < seat.exitEpoch() ? seat.withExit(exitEpoch_) : seat;
}

/// @dev Live in no epoch, those that have begun included: it would be active from one that no seat reaches. Its cool-down
/// counts from `exitEpoch_` at the latest.
function revokedBy(Seat seat, uint256 exitEpoch_) pure returns (Seat) {
    return Seat.wrap(Seat.unwrap(seat.endedBy(exitEpoch_)) | LAST_EPOCH << 160);
}

/// @dev The wait is over.
function activatedAt(Seat seat, uint256 epoch) pure returns (Seat) {
    uint256 activeEpoch_ = epoch < LAST_EPOCH ? epoch : LAST_EPOCH;
    return Seat.wrap((Seat.unwrap(seat) & ~(LAST_EPOCH << 160)) | activeEpoch_ << 160);
}

function equals(Seat seat, Seat other) pure returns (bool) {
    return Seat.unwrap(seat) == Seat.unwrap(other);
}

/* ESCROW */

/// @dev What is held for the seat's operator.
function heldGwei(Escrow escrow, uint256 bondGwei, uint256 joinFeeGwei) pure returns (uint256) {
    if (escrow == Escrow.Bond) return bondGwei;
    return escrow == Escrow.BondAndJoinFee ? bondGwei + joinFeeGwei : 0;
}

/// @dev Once half of what is held was paid out.
function burned(Escrow escrow) pure returns (Escrow) {
    return escrow == Escrow.BondAndJoinFee ? Escrow.BurnedWithJoinFee : Escrow.Burned;
}

/// @dev The other half, which is the larger one where they differ.
function burnedGwei(Escrow escrow, uint256 bondGwei, uint256 joinFeeGwei) pure returns (uint256) {
    if (escrow != Escrow.Burned && escrow != Escrow.BurnedWithJoinFee) return 0;
    uint256 lostGwei = escrow == Escrow.Burned ? bondGwei : bondGwei + joinFeeGwei;
    return lostGwei - lostGwei / 2;
}

/* HOLDER */

/// @dev Seen on its platform in this block. A record stands for the certificate that an earlier event of the seat carries.
function seen(SeatHolder memory holder, bytes32 platformId, bytes calldata evidence) view returns (SeatHolder memory) {
    uint32 blockNumber = uint32(block.number);
    uint32 leafBlock = evidence.length == RECORD_BYTES ? holder.leafBlock : blockNumber;
    return SeatHolder(holder.operator, holder.escrow, tagOf(platformId), blockNumber, leafBlock);
}

/// @dev In one store: assigned as a struct, the word would be loaded and stored once for each field.
function writeTo(SeatHolder memory holder, mapping(uint256 id => SeatHolder) storage holders, uint256 id) {
    SeatHolder storage place = holders[id];
    uint256 word = uint160(holder.operator) | uint256(holder.escrow) << 160 | uint256(holder.platformTag) << 168
        | uint256(holder.quoteBlock) << 192 | uint256(holder.leafBlock) << 224;
    assembly ("memory-safe") {
        sstore(place.slot, word)
    }
}

/// @dev By which a seat tells whether it is on a platform.
function tagOf(bytes32 platformId) pure returns (uint24) {
    return uint24(uint256(platformId));
}

/* ROSTER */

/// @dev For the current epoch.
function countAtStartOf(Roster memory roster, uint256 epoch) pure returns (uint24) {
    return roster.epoch == epoch ? roster.countBefore : roster.count;
}

/// @dev The seat under the cursor was looked at.
function passed(Roster memory roster) pure returns (Roster memory) {
    roster.cursor = (roster.cursor + 1) % roster.count;
    return roster;
}

/// @dev One seat more, in the current epoch.
function appended(Roster memory roster, uint256 epoch) pure returns (Roster memory) {
    if (roster.count == MAX_SEATS) revert IEnigmaSeats.TooManySeats(MAX_SEATS);
    roster.countBefore = roster.countAtStartOf(epoch);
    roster.epoch = uint24(epoch);
    ++roster.count;
    return roster;
}

/// @dev One seat less, in the current epoch.
function shortened(Roster memory roster, uint256 epoch) pure returns (Roster memory) {
    roster.countBefore = roster.countAtStartOf(epoch);
    roster.epoch = uint24(epoch);
    --roster.count;
    if (roster.cursor >= roster.count) roster.cursor = 0;
    return roster;
}
