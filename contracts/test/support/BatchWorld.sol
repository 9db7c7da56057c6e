// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {packTarget, Task} from "../../src/types/Task.sol";
import {HostileDapp} from "./Dapps.sol";
import {Vm, vm} from "./Vm.sol";
import {World} from "./World.sol";

/// One task's settlement, as a test plans it.
struct Part {
    Task task;
    uint8 rank;
    uint8 status;
    bytes output;
}

/// Batches in the words of the tests. Bytes and digest are written out as the interface says, not taken from the contract's code.
abstract contract BatchWorld is World {
    bytes internal constant OUTPUT = abi.encode(uint256(42));

    HostileDapp internal hostile;

    function setUp() public virtual override {
        super.setUp();
        startNetwork();
        hostile = new HostileDapp(enigma);
        vm.deal(address(hostile), 10 ether);
    }

    function part(Task memory task) internal pure returns (Part memory) {
        return Part(task, 0, 0, OUTPUT);
    }

    /// @dev Tasks of the user's first slots in this block, all of one lottery, which may settle from the next block on.
    function requested(uint256 count) internal returns (Part[] memory parts) {
        return requested(count, address(dapp), 200_000);
    }

    function requested(uint256 count, address to, uint32 callbackGas) internal returns (Part[] memory parts) {
        parts = new Part[](count);
        for (uint32 i; i < count; ++i) {
            parts[i] = part(request(user, i, packTarget(to, 0x01020304, callbackGas, 64, 4), 1e9, 1e9 + i));
        }
        skipBlocks(1);
    }

    function seatOf(Part[] memory parts) internal view returns (uint256) {
        return selectedSeat(parts[0].task, parts[0].rank);
    }

    function settleBatch(Part[] memory parts) internal {
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        enigma.settleBatch(seatOf(parts), parts.length, packed(parts), r, vs);
    }

    function signedBatch(Part[] memory parts) internal view returns (bytes32 r, bytes32 vs) {
        return vm.signCompact(keyOf(enigma.seat(seatOf(parts)).signer), batchDigest(parts));
    }

    function packed(Part[] memory parts) internal pure returns (bytes memory members) {
        for (uint256 i; i < parts.length; ++i) {
            members = bytes.concat(members, packedMember(parts[i]));
        }
    }

    function packedMember(Part memory p) internal pure returns (bytes memory) {
        return abi.encodePacked(
            p.task.ref,
            p.task.target,
            p.task.terms,
            p.task.inputsHash,
            p.rank,
            p.status,
            uint16(p.output.length),
            p.output
        );
    }

    function batchDigest(Part[] memory parts) internal view returns (bytes32) {
        bytes memory receipts;
        for (uint256 i; i < parts.length; ++i) {
            receipts = bytes.concat(receipts, receiptHash(parts[i]));
        }
        bytes32 batch = keccak256(abi.encode(keccak256("Batch(bytes32[] receipts)"), keccak256(receipts)));
        return keccak256(abi.encodePacked(hex"1901", enigma.domainSeparator(), batch));
    }

    function receiptHash(Part memory p) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,bytes32 inputsHash,bytes32 outputHash,uint8 status)"
                ),
                enigma.taskIdOf(p.task),
                blockhash(p.task.terms.createdBlock()),
                p.task.codeHash,
                p.task.inputsHash,
                keccak256(p.output),
                p.status
            )
        );
    }

    /// @dev The two parts of a list change places.
    function swap(Part[] memory parts, uint256 i, uint256 j) internal pure {
        (parts[i], parts[j]) = (parts[j], parts[i]);
    }

    /// @dev Words that were zero and no longer are, of Enigma and its registry only: the dApps are the tests' own, and keep what they like.
    function created(Vm.AccountAccess[] memory accesses) internal view returns (uint256 words) {
        for (uint256 i; i < accesses.length; ++i) {
            Vm.StorageAccess[] memory storages = accesses[i].storageAccesses;
            for (uint256 j; j < storages.length; ++j) {
                Vm.StorageAccess memory one = storages[j];
                bool isOurs = one.account == address(enigma) || one.account == address(enigma.keyRegistry());
                if (isOurs && one.isWrite && !one.reverted && one.previousValue == 0 && one.newValue != 0) ++words;
            }
        }
    }
}
