// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../interfaces/IEnigmaTasks.sol";
import {TaskRef, TaskTarget, TaskTerms} from "../types/Task.sol";

/// @dev One task's settlement, as read from a batch. `end` is where the next one begins.
struct Member {
    TaskRef ref;
    TaskTarget target;
    TaskTerms terms;
    bytes32 inputsHash;
    uint8 rank;
    uint8 status;
    uint256 outputLength;
    uint256 end;
}

/**
 * A batch as it travels in calldata, which is the dearest part of settling many: no offsets, no padding.
 *
 * Each member: ref 32 | target 32 | terms 32 | inputsHash 32 | rank 1 | status 1 | output's length 2 | output.
 */
library Batch {
    uint256 private constant HEAD_BYTES = 132;

    /// @dev Overwrites `member` with the one that follows it; the first follows an empty one.
    function read(bytes calldata members, Member memory member) internal pure {
        uint256 start = member.end;
        if (members.length < start + HEAD_BYTES) revert IEnigmaTasks.MalformedBatch(members.length, start + HEAD_BYTES);
        bytes calldata head = members[start:start + HEAD_BYTES];
        member.ref = TaskRef.wrap(uint256(bytes32(head)));
        member.target = TaskTarget.wrap(uint256(bytes32(head[32:])));
        member.terms = TaskTerms.wrap(uint256(bytes32(head[64:])));
        member.inputsHash = bytes32(head[96:]);
        member.rank = uint8(head[128]);
        member.status = uint8(head[129]);
        member.outputLength = uint16(bytes2(head[130:]));
        member.end = start + HEAD_BYTES + member.outputLength;
        if (members.length < member.end) revert IEnigmaTasks.MalformedBatch(members.length, member.end);
    }

    function output(bytes calldata members, Member memory member) internal pure returns (bytes calldata) {
        return members[member.end - member.outputLength:member.end];
    }

    /// @dev Equal for members whose workers are drawn by one lottery, of one rank. Never zero.
    function drawOf(Member memory member) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(member.target.dApp(), member.terms.epoch(), member.terms.lane(), member.rank)
        );
    }
}
