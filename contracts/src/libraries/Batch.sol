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

    /**
     * @dev Overwrites `member` with the one that follows it; the first follows an empty one. In assembly, because each member is
     * read twice: the first four words stand in memory as they do in calldata.
     */
    function read(bytes calldata members, Member memory member) internal pure {
        uint256 start = member.end;
        unchecked {
            // Calldata is far shorter than 2^64.
            if (members.length < start + HEAD_BYTES) {
                revert IEnigmaTasks.MalformedBatch(members.length, start + HEAD_BYTES);
            }
            assembly ("memory-safe") {
                let head := add(members.offset, start)
                calldatacopy(member, head, 0x80)
                let rest := calldataload(add(head, 0x80))
                mstore(add(member, 0x80), byte(0, rest)) // rank
                mstore(add(member, 0xa0), byte(1, rest)) // status
                mstore(add(member, 0xc0), and(shr(224, rest), 0xffff)) // outputLength
            }
            member.end = start + HEAD_BYTES + member.outputLength;
        }
        if (members.length < member.end) revert IEnigmaTasks.MalformedBatch(members.length, member.end);
    }

    function output(bytes calldata members, Member memory member) internal pure returns (bytes calldata) {
        return members[member.end - member.outputLength:member.end];
    }

    /// @dev Equal for members whose workers are drawn by one lottery, of one rank. Never zero.
    function drawOf(Member memory member) internal pure returns (uint256) {
        uint256 lottery =
            uint160(member.target.dApp()) | uint256(member.terms.epoch()) << 160 | uint256(member.terms.lane()) << 184;
        return lottery | (uint256(member.rank) + 1) << 200;
    }
}
