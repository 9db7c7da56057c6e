// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Task, TaskRef, TaskTarget, TaskTerms} from "../types/Task.sol";

/**
 * What an enclave signs: the id of a task and the receipt of its result, both EIP-712, and who signed.
 *
 * Any wallet library computes the same digests; `packages/protocol/vectors/{task-id,receipt}.json` hold them to that.
 */
library Receipts {
    bytes32 internal constant DOMAIN_TYPE_HASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 internal constant TASK_TYPE_HASH = keccak256(
        "Task(address requester,uint32 slot,uint64 seq,address dApp,bytes4 callable,uint32 callbackGas,uint16 outputCap,uint64 fee,uint64 rest,uint8 gasClass,uint40 createdBlock,uint24 epoch,uint16 lane,bytes32 codeHash,bytes32 inputsHash)"
    );
    bytes32 internal constant RECEIPT_TYPE_HASH = keccak256(
        "Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,bytes32 inputsHash,bytes32 outputHash,uint8 status)"
    );

    bytes32 internal constant BATCH_TYPE_HASH = keccak256("Batch(bytes32[] receipts)");

    function domainSeparator(string memory name, address verifyingContract) internal view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPE_HASH, keccak256(bytes(name)), keccak256("1"), block.chainid, verifyingContract)
        );
    }

    function taskId(bytes32 domain, Task calldata task) internal pure returns (bytes32) {
        return taskId(domain, task.ref, task.target, task.terms, task.codeHash, task.inputsHash);
    }

    /**
     * @dev The sixteen words that EIP-712 hashes, each cut out of the packed task. In assembly, because this stands at both
     * ends of every task: with a struct and sixteen accessors each of them costs 1,000 gas more.
     */
    function taskId(
        bytes32 domain,
        TaskRef ref,
        TaskTarget target,
        TaskTerms terms,
        bytes32 codeHash,
        bytes32 inputsHash
    ) internal pure returns (bytes32 id) {
        bytes32 typeHash = TASK_TYPE_HASH;
        assembly ("memory-safe") {
            let fields := mload(0x40) // used here only: the free memory pointer stays
            mstore(fields, typeHash)
            mstore(add(fields, 0x020), shr(96, shl(96, ref))) // requester
            mstore(add(fields, 0x040), and(shr(160, ref), 0xffffffff)) // slot
            mstore(add(fields, 0x060), shr(192, ref)) // seq
            mstore(add(fields, 0x080), shr(96, shl(96, target))) // dApp
            mstore(add(fields, 0x0a0), shl(224, shr(160, target))) // callable: bytes4 are left-aligned
            mstore(add(fields, 0x0c0), and(shr(192, target), 0xffffffff)) // callbackGas
            mstore(add(fields, 0x0e0), and(shr(224, target), 0xffff)) // outputCap
            mstore(add(fields, 0x100), and(terms, 0xffffffffffffffff)) // fee
            mstore(add(fields, 0x120), and(shr(64, terms), 0xffffffffffffffff)) // rest
            mstore(add(fields, 0x140), shr(240, target)) // gasClass, and the byte above it, which must be zero
            mstore(add(fields, 0x160), and(shr(128, terms), 0xffffffffff)) // createdBlock
            mstore(add(fields, 0x180), and(shr(168, terms), 0xffffff)) // epoch
            mstore(add(fields, 0x1a0), shr(192, terms)) // lane, and the bits above it, which must be zero
            mstore(add(fields, 0x1c0), codeHash)
            mstore(add(fields, 0x1e0), inputsHash)
            let structHash_ := keccak256(fields, 0x200)
            mstore(fields, hex"1901")
            mstore(add(fields, 0x02), domain)
            mstore(add(fields, 0x22), structHash_)
            id := keccak256(fields, 0x42)
        }
    }

    /**
     * @dev Code and inputs stand in it beside the task's id, so that a receipt can be read without the task. The anchor is the
     * hash of the task's block, and no other block can pass for it: the task's windows lie within BLOCKHASH's 256 blocks.
     */
    function digest(bytes32 domain, bytes32 taskId_, Task calldata task, bytes32 outputHash, uint8 status)
        internal
        view
        returns (bytes32)
    {
        bytes32 anchor = blockhash(task.terms.createdBlock());
        return typedDigest(domain, structHash(taskId_, anchor, task.codeHash, task.inputsHash, outputHash, status));
    }

    /// @dev EIP-712's hashStruct of a receipt: keccak256(abi.encode(type, fields...)), without allocating it.
    function structHash(
        bytes32 taskId_,
        bytes32 anchor,
        bytes32 codeHash,
        bytes32 inputsHash,
        bytes32 outputHash,
        uint8 status
    ) internal pure returns (bytes32 receipt) {
        bytes32 typeHash = RECEIPT_TYPE_HASH;
        assembly ("memory-safe") {
            let fields := mload(0x40)
            mstore(fields, typeHash)
            mstore(add(fields, 0x20), taskId_)
            mstore(add(fields, 0x40), anchor)
            mstore(add(fields, 0x60), codeHash)
            mstore(add(fields, 0x80), inputsHash)
            mstore(add(fields, 0xa0), outputHash)
            mstore(add(fields, 0xc0), and(status, 0xff)) // assembly may find dirt above it
            receipt := keccak256(fields, 0xe0)
        }
    }

    /// @dev What is signed for many receipts at once.
    function batchDigest(bytes32 domain, bytes32[] memory receipts) internal pure returns (bytes32) {
        bytes32 listHash = keccak256(abi.encodePacked(receipts));
        return typedDigest(domain, keccak256(abi.encode(BATCH_TYPE_HASH, listHash)));
    }

    /// @dev keccak256(data), without keeping the copy in memory.
    function hash(bytes calldata data) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let copy := mload(0x40)
            calldatacopy(copy, data.offset, data.length)
            result := keccak256(copy, data.length)
        }
    }

    /// @dev keccak256(abi.encodePacked(hex"1901", domain, structHash)) without allocating it.
    function typedDigest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let packed := mload(0x40)
            mstore(packed, hex"1901")
            mstore(add(packed, 0x02), domain)
            mstore(add(packed, 0x22), structHash)
            hash := keccak256(packed, 0x42)
        }
    }

    /// @dev EIP-2098: the top bit of `vs` is the parity. Zero if the signature is none; no seat's signer is zero.
    function recover(bytes32 digest_, bytes32 r, bytes32 vs) internal pure returns (address) {
        uint8 v = vs >> 255 == 0 ? 27 : 28;
        bytes32 s = vs & bytes32(uint256(type(int256).max));
        return ecrecover(digest_, v, r, s);
    }
}
