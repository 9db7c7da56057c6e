// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskRef} from "./Task.sol";

/**
 * Over how many lotteries a dApp's tasks are spread, now and after the last change: one word.
 *
 * From low bits to high: lanes before 16 | lanes after 16 | the epoch from which the latter holds 24 | whether epochs with a
 * fallback seed are refused 1.
 * The zero word of a dApp that never set any means one lane.
 */
type Lanes is uint256;

using {areSet, fromEpoch, inEpoch, laneOf, change, refusesFallback, withRefusal} for Lanes global;

uint256 constant REFUSES_FALLBACK = 1 << 56;

/// @dev Where nothing is, every task falls into lane 0, and every epoch is taken.
function areSet(Lanes word) pure returns (bool) {
    return Lanes.unwrap(word) != 0;
}

function fromEpoch(Lanes word) pure returns (uint256) {
    return uint24(Lanes.unwrap(word) >> 32);
}

function inEpoch(Lanes word, uint256 epoch) pure returns (uint256 lanes) {
    if (Lanes.unwrap(word) == 0) return 1;
    lanes = uint16(Lanes.unwrap(word) >> (epoch < word.fromEpoch() ? 0 : 16));
    return lanes == 0 ? 1 : lanes;
}

/// @dev Over which of them a task falls: fixed by who asks from which slot for the how-manieth time, not by his choice.
function laneOf(Lanes word, TaskRef ref, uint256 epoch) pure returns (uint256) {
    uint256 lanes = word.inEpoch(epoch);
    if (lanes == 1) return 0;
    return uint256(keccak256(abi.encode(ref.requester(), uint256(ref.slot()), uint256(ref.seq())))) % lanes;
}

/// @dev A change that is still to come is replaced if it comes in the same epoch; callers refuse all others.
function change(Lanes word, uint16 lanes, uint256 fromEpoch_) pure returns (Lanes) {
    uint256 before = word.fromEpoch() == fromEpoch_ ? uint16(Lanes.unwrap(word)) : uint16(Lanes.unwrap(word) >> 16);
    uint256 refusal = Lanes.unwrap(word) & REFUSES_FALLBACK;
    return Lanes.wrap(before | uint256(lanes) << 16 | fromEpoch_ << 32 | refusal);
}

function refusesFallback(Lanes word) pure returns (bool) {
    return Lanes.unwrap(word) & REFUSES_FALLBACK != 0;
}

function withRefusal(Lanes word, bool refuses) pure returns (Lanes) {
    uint256 others = Lanes.unwrap(word) & ~REFUSES_FALLBACK;
    return Lanes.wrap(refuses ? others | REFUSES_FALLBACK : others);
}
