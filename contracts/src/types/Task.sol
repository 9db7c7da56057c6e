// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * A task, as it travels in the event and comes back as calldata: five words.
 * The contract stores only the hash of these fields, in one recycled word (see Slot.sol).
 */
struct Task {
    TaskRef ref;
    TaskTarget target;
    TaskTerms terms;
    bytes32 codeHash; // EXTCODEHASH of the dApp in the block of the request
    bytes32 inputsHash; // keccak256 of the input envelope
}

/// @dev Who asked, from low bits to high: requester 160 | slot 32 | seq 64.
type TaskRef is uint256;

/// @dev What to run, from low bits to high: dApp 160 | callable 32 | callbackGas 32 | outputCap 16 | gasClass 8 | zero 8.
type TaskTarget is uint256;

/// @dev On which terms, from low bits to high: fee (gwei) 64 | rest (gwei) 64 | createdBlock 40 | epoch 24 | lane 16 | zero 48.
type TaskTerms is uint256;

using {requester, slot, seq} for TaskRef global;
using {dApp, callable, callbackGas, outputCap, gasClass, isWithinLimits} for TaskTarget global;
using {feeGwei, restGwei, createdBlock, epoch, lane} for TaskTerms global;

uint256 constant MAX_CALLBACK_GAS = 8_000_000;
uint256 constant MAX_OUTPUT_BYTES = 8192;
uint256 constant MAX_INPUT_BYTES = 16_384;
// The gas limit of a private computation is 2^(16 + class): at most 268 million.
uint256 constant MAX_GAS_CLASS = 12;
// The limits where a target's fields stand above callable, and the bit above each field.
uint256 constant TARGET_LIMITS = MAX_CALLBACK_GAS | MAX_OUTPUT_BYTES << 32 | MAX_GAS_CLASS << 48;
uint256 constant TARGET_BORROWS = 1 << 32 | 1 << 48 | 1 << 64;

/* REF */

function packRef(address requester_, uint32 slot_, uint64 seq_) pure returns (TaskRef) {
    return TaskRef.wrap(uint160(requester_) | uint256(slot_) << 160 | uint256(seq_) << 192);
}

function requester(TaskRef ref) pure returns (address) {
    return address(uint160(TaskRef.unwrap(ref)));
}

function slot(TaskRef ref) pure returns (uint32) {
    return uint32(TaskRef.unwrap(ref) >> 160);
}

function seq(TaskRef ref) pure returns (uint64) {
    return uint64(TaskRef.unwrap(ref) >> 192);
}

/* TARGET */

function packTarget(address dApp_, bytes4 callable_, uint32 callbackGas_, uint16 outputCap_, uint8 gasClass_)
    pure
    returns (TaskTarget)
{
    return TaskTarget.wrap(
        uint160(dApp_) | uint256(uint32(callable_)) << 160 | uint256(callbackGas_) << 192 | uint256(outputCap_) << 224
            | uint256(gasClass_) << 240
    );
}

function dApp(TaskTarget target) pure returns (address) {
    return address(uint160(TaskTarget.unwrap(target)));
}

function callable(TaskTarget target) pure returns (bytes4) {
    return bytes4(uint32(TaskTarget.unwrap(target) >> 160));
}

function callbackGas(TaskTarget target) pure returns (uint32) {
    return uint32(TaskTarget.unwrap(target) >> 192);
}

function outputCap(TaskTarget target) pure returns (uint16) {
    return uint16(TaskTarget.unwrap(target) >> 224);
}

function gasClass(TaskTarget target) pure returns (uint8) {
    return uint8(TaskTarget.unwrap(target) >> 240);
}

/// @dev The unused high byte must be zero: two targets that mean the same would be two tasks to a reader.
function isWithinLimits(TaskTarget target) pure returns (bool) {
    unchecked {
        // All three in one subtraction: a field that exceeds its limit borrows from the one above it.
        uint256 limits = TARGET_LIMITS;
        uint256 fields = TaskTarget.unwrap(target) >> 192;
        uint256 borrows = limits ^ fields ^ (limits - fields);
        return borrows & TARGET_BORROWS == 0;
    }
}

/* TERMS */

/// @dev Callers keep fee and rest within 64 bits, the others within theirs.
function packTerms(uint256 feeGwei_, uint256 restGwei_, uint256 createdBlock_, uint256 epoch_, uint256 lane_)
    pure
    returns (TaskTerms)
{
    return TaskTerms.wrap(feeGwei_ | restGwei_ << 64 | createdBlock_ << 128 | epoch_ << 168 | lane_ << 192);
}

function feeGwei(TaskTerms terms) pure returns (uint64) {
    return uint64(TaskTerms.unwrap(terms));
}

function restGwei(TaskTerms terms) pure returns (uint64) {
    return uint64(TaskTerms.unwrap(terms) >> 64);
}

function createdBlock(TaskTerms terms) pure returns (uint40) {
    return uint40(TaskTerms.unwrap(terms) >> 128);
}

function epoch(TaskTerms terms) pure returns (uint24) {
    return uint24(TaskTerms.unwrap(terms) >> 168);
}

function lane(TaskTerms terms) pure returns (uint16) {
    return uint16(TaskTerms.unwrap(terms) >> 192);
}
