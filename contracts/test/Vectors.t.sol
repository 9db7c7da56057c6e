// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlsBeacon} from "../src/beacon/BlsBeacon.sol";
import {IEnigmaTasks, Undelivered} from "../src/interfaces/IEnigmaTasks.sol";
import {Observation} from "../src/types/Parameters.sol";
import {Batch, Member} from "../src/libraries/Batch.sol";
import {Deployment} from "../src/libraries/Deployment.sol";
import {Identity} from "../src/libraries/Identity.sol";
import {Receipts} from "../src/libraries/Receipts.sol";
import {Seeds} from "../src/libraries/Seeds.sol";
import {Epoch, newEpoch} from "../src/types/Epoch.sol";
import {Lanes} from "../src/types/Lanes.sol";
import {newSeat, Seat} from "../src/types/Seat.sol";
import {freeSlot, HASH_BITS, pendingSlot, Slot, undeliveredSlot} from "../src/types/Slot.sol";
import {packRef, packTarget, packTerms, Task, TaskRef, TaskTarget, TaskTerms} from "../src/types/Task.sol";
import {VectorReader} from "./support/Vectors.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// What Solidity computes is what TypeScript computes: each vector file that both read.
contract VectorsTest is World, VectorReader {
    function test_S2_taskId_equalsEveryVector() public {
        open("task-id");
        for (uint256 i; goTo("cases", i); ++i) {
            Task memory task = Task({
                ref: packRef(addressOf("requester"), uint32(number("slot")), uint64(number("seq"))),
                target: _target(),
                terms: _terms(),
                codeHash: word("codeHash"),
                inputsHash: word("inputsHash")
            });
            assertEq(TaskRef.unwrap(task.ref), uint256(word("ref")), "ref");
            assertEq(TaskTarget.unwrap(task.target), uint256(word("target")), "target");
            assertEq(TaskTerms.unwrap(task.terms), uint256(word("terms")), "terms");
            vm.chainId(number("chainId"));
            bytes32 domain = Receipts.domainSeparator("Enigma", addressOf("enigma"));
            assertEq(domain, word("domainSeparator"), "domain");
            assertEq(this.taskId(domain, task), word("taskId"), "taskId");
        }
    }

    function test_S2_receipt_equalsEveryVector() public {
        open("receipt");
        for (uint256 i; goTo("cases", i); ++i) {
            vm.chainId(number("chainId"));
            bytes32 domain = Receipts.domainSeparator("Enigma", addressOf("enigma"));
            bytes32 receipt = keccak256(
                abi.encode(
                    Receipts.RECEIPT_TYPE_HASH,
                    word("taskId"),
                    word("anchor"),
                    word("codeHash"),
                    word("inputsHash"),
                    word("outputHash"),
                    number("status")
                )
            );
            bytes32 digest = Receipts.typedDigest(domain, receipt);
            assertEq(digest, word("digest"), "digest");
            assertEq(Receipts.recover(digest, word("r"), word("vs")), addressOf("signer"), "signer");
        }
        for (uint256 i; goTo("failures", i); ++i) {
            address recovered = Receipts.recover(word("digest"), word("r"), word("vs"));
            bool isNobody = keccak256(bytes(text("error"))) == keccak256("INVALID_SIGNATURE");
            assertTrue(isNobody ? recovered == address(0) : recovered != addressOf("signer"), text("name"));
        }
    }

    function test_S2_batch_equalsEveryVector() public {
        open("batch");
        for (uint256 i; goTo("cases", i); ++i) {
            vm.chainId(number("chainId"));
            bytes32 domain = Receipts.domainSeparator("Enigma", addressOf("enigma"));
            bytes32 digest = Receipts.batchDigest(domain, words("receipts"));
            assertEq(digest, word("digest"), "digest");
            assertEq(Receipts.recover(digest, word("r"), word("vs")), addressOf("signer"), "signer");
        }
        for (uint256 i; goTo("receipts", i); ++i) {
            bytes32 receipt = Receipts.structHash(
                word("taskId"),
                word("anchor"),
                word("codeHash"),
                word("inputsHash"),
                word("outputHash"),
                uint8(number("status"))
            );
            assertEq(receipt, word("receiptHash"), "receiptHash");
        }
        for (uint256 i; goTo("failures", i); ++i) {
            address recovered = Receipts.recover(word("digest"), word("r"), word("vs"));
            assertTrue(recovered != addressOf("signer"), text("name"));
        }
    }

    /// Each alone, and behind the one before.
    function test_batchMembers_equalEveryVector() public {
        open("batch");
        bytes memory before;
        for (uint256 i; goTo("members", i); ++i) {
            bytes memory one = data("member");
            _assertMember(one, 0);
            _assertMember(bytes.concat(before, one), before.length);
            before = one;
        }
    }

    function test_S1_selection_equalsEveryVector() public {
        open("worker-selection");
        for (uint256 i; goTo("cases", i); ++i) {
            (uint256 epoch, address to, uint256 lane) = _storeLottery();
            uint256[] memory seats = numbers("expectedSeats");
            address[] memory signers = addresses("expectedSigners");
            for (uint256 rank; rank < 3; ++rank) {
                if (rank < seats.length) {
                    (uint256 id, address signer) = enigma.selected(epoch, to, lane, rank);
                    assertEq(id, seats[rank], text("name"));
                    assertEq(signer, signers[rank], text("name"));
                } else {
                    vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, epoch, to, lane, rank));
                    enigma.selected(epoch, to, lane, rank);
                }
            }
        }
        for (uint256 i; goTo("failures", i); ++i) {
            (uint256 epoch, address to, uint256 lane) = _storeLottery();
            vm.expectRevert(
                number("seatCount") == 0
                    ? abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, epoch)
                    : abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, epoch, to, lane, 0)
            );
            enigma.selected(epoch, to, lane, 0);
        }
    }

    function test_S5_lane_equalsEveryVector() public {
        open("lane");
        for (uint256 i; goTo("cases", i); ++i) {
            TaskRef ref = packRef(addressOf("requester"), uint32(number("slot")), uint64(number("seq")));
            Lanes lanes = Lanes.wrap(0).change(uint16(number("lanes")), 2);
            assertEq(lanes.laneOf(ref, 2), number("lane"), "lane");
        }
    }

    function test_S6_seed_equalsEveryVector() public {
        open("seed");
        for (uint256 i; goTo("cases", i); ++i) {
            vm.chainId(number("chainId"));
            BlsBeacon beacon = new BlsBeacon(addressOf("enigma"), data("publicKey"));
            assertEq(beacon.publicKey(), data("publicKey"), "publicKey");
            assertEq(beacon.message(number("epoch"), word("anchor")), word("message"), "message");
            assertEq(beacon.seed(number("epoch"), word("anchor"), data("signature")), number("seed"), "seed");
        }
        for (uint256 i; goTo("failures", i); ++i) {
            vm.chainId(number("chainId"));
            BlsBeacon beacon = new BlsBeacon(addressOf("enigma"), data("publicKey"));
            (uint256 epoch, bytes32 anchor, bytes memory proof) = (number("epoch"), word("anchor"), data("signature"));
            vm.expectRevert(
                proof.length == 128
                    ? abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, epoch, anchor)
                    : abi.encodeWithSelector(BlsBeacon.WrongProofLength.selector, proof.length, 128)
            );
            // A precompile that refuses its input burns the gas it was given (EIP-2537).
            beacon.seed{gas: 5_000_000}(epoch, anchor, proof);
        }
    }

    function test_S6_fallbackSeed_equalsEveryVector() public {
        open("fallback-seed");
        for (uint256 i; goTo("cases", i); ++i) {
            assertEq(Seeds.fallbackSeed(number("epoch"), word("blockHash")), number("seed"), text("name"));
        }
    }

    function test_S25_reportData_equalsEveryVector() public {
        open("report-data");
        for (uint256 i; goTo("cases", i); ++i) {
            bytes32 identity = Identity.hash(
                word("networkHash"),
                addressOf("operator"),
                addressOf("signer"),
                word("inputKey"),
                number("identityBlock")
            );
            assertEq(bytes.concat(identity, word("identityBlockHash")), data("reportData"), "report_data");
        }
    }

    function test_S25_networkHash_equalsEveryVector() public {
        NetworkHasher hasher = new NetworkHasher();
        open("network-hash");
        for (uint256 i; goTo("cases", i); ++i) {
            // The contract never leaves its first serial yet, and takes its observers sorted.
            if (number("serial") != 0) continue;
            vm.chainId(number("chainId"));
            vm.etch(addressOf("enigma"), address(hasher).code);
            bytes32 found = NetworkHasher(addressOf("enigma")).networkHash(_observation(), flag("simulated"));
            assertEq(found, word("networkHash"), text("name"));
        }
        uint256 refused;
        for (uint256 i; goTo("failures", i); ++i) {
            Observation memory o = _observation();
            vm.expectRevert();
            hasher.networkHash(o, flag("simulated"));
            ++refused;
        }
        assertTrue(refused != 0, "a failure");
    }

    function test_slotWord_equalsEveryVector() public {
        open("slot-word");
        for (uint256 i; goTo("cases", i); ++i) {
            Slot packed = flag("pending")
                ? pendingSlot(word("taskId"))
                : freeSlot(uint64(number("seq")), uint64(number("balanceGwei")));
            assertEq(bytes32(Slot.unwrap(packed)), word("word"), text("name"));
            assertTrue(packed.isPending() == flag("pending"), text("name"));
            if (flag("pending")) assertEq(Slot.unwrap(packed) & HASH_BITS, uint256(word("taskIdBits")), "bits");
            else assertEq(packed.seq(), number("seq"), "seq");
        }
    }

    function test_S22_undeliveredWord_equalsEveryVector() public {
        open("slot-word");
        uint256 count;
        for (; goTo("undelivered", count); ++count) {
            Undelivered memory result = Undelivered({
                taskId: word("taskId"),
                ref: packRef(addressOf("requester"), uint32(number("slot")), uint64(number("seq"))),
                dApp: addressOf("dApp"),
                callable: bytes4(data("callable")),
                restGwei: uint64(number("restGwei")),
                createdBlock: uint40(number("createdBlock"))
            });
            Slot packed = undeliveredSlot(result, word("outputHash"));
            assertEq(bytes32(Slot.unwrap(packed)), word("word"), text("name"));
            assertTrue(!packed.isFree() && !packed.isPending(), text("name"));
            assertEq(packed.unpacked().hashBits, uint256(word("hash")) & HASH_BITS, "bits");
        }
        assertTrue(count != 0, "a case");
    }

    function test_seatWord_equalsEveryVector() public {
        open("seat-word");
        for (uint256 i; goTo("cases", i); ++i) {
            Seat seat = newSeat(
                    addressOf("signer"), number("activeEpoch"), number("exitEpoch"), uint8(number("measurementId"))
                ).withCredit(number("creditGwei"));
            assertEq(bytes32(Seat.unwrap(seat)), word("word"), text("name"));
        }
    }

    function test_epochWord_equalsEveryVector() public {
        open("epoch-word");
        for (uint256 i; goTo("cases", i); ++i) {
            Epoch epoch = Epoch.wrap(uint256(word("word")));
            assertEq(epoch.seed(), number("seed"), "seed");
            assertTrue(epoch.isFallback() == flag("isFallback"), "isFallback");
            assertEq(epoch.seatCount(), number("seatCount"), "seatCount");
            assertEq(epoch.number(), number("number"), "number");
            assertEq(epoch.revokedMask(), number("revokedMask"), "revokedMask");
            assertTrue(epoch.isPaused() == flag("isPaused"), "isPaused");
            assertEq(epoch.priceLevel(), number("priceLevel"), "priceLevel");
            Epoch packed = newEpoch(
                epoch.seed(), epoch.seatCount(), epoch.number(), epoch.priceLevel(), epoch.revokedMask()
            ).withPaused(epoch.isPaused());
            if (epoch.isFallback()) packed = packed.withFallback();
            assertEq(bytes32(Epoch.unwrap(packed)), word("word"), text("name"));
        }
    }

    /// @dev External, so that the task is in calldata, where the library reads it.
    function _assertMember(bytes memory members, uint256 start) private view {
        (Member memory member, bytes memory output) = this.readMember(members, start);
        assertEq(TaskRef.unwrap(member.ref), uint256(word("ref")), "ref");
        assertEq(TaskTarget.unwrap(member.target), uint256(word("target")), "target");
        assertEq(TaskTerms.unwrap(member.terms), uint256(word("terms")), "terms");
        assertEq(member.inputsHash, word("inputsHash"), "inputsHash");
        assertEq(member.rank, number("rank"), "rank");
        assertEq(member.status, number("status"), "status");
        assertEq(output, data("output"), "output");
        assertEq(member.end, members.length, "end");
    }

    function readMember(bytes calldata members, uint256 start)
        external
        pure
        returns (Member memory member, bytes memory)
    {
        member.end = start;
        Batch.read(members, member);
        return (member, Batch.output(members, member));
    }

    function taskId(bytes32 domain, Task calldata task) external pure returns (bytes32) {
        return Receipts.taskId(domain, task);
    }

    function _target() private view returns (TaskTarget) {
        return packTarget(
            addressOf("dApp"),
            bytes4(data("callable")),
            uint32(number("callbackGas")),
            uint16(number("outputCap")),
            uint8(number("gasClass"))
        );
    }

    function _terms() private view returns (TaskTerms) {
        return packTerms(
            uint64(number("feeGwei")),
            uint64(number("restGwei")),
            number("createdBlock"),
            number("epoch"),
            number("lane")
        );
    }

    function _observation() private view returns (Observation memory) {
        address[] memory sorted = addresses("observers");
        for (uint256 i = 1; i < sorted.length; ++i) {
            for (uint256 j = i; j > 0 && sorted[j - 1] > sorted[j]; --j) {
                (sorted[j - 1], sorted[j]) = (sorted[j], sorted[j - 1]);
            }
        }
        return Observation(sorted, uint16(number("threshold")), uint16(number("depth")));
    }

    /// @dev Puts the seats and the epoch of the current case where the contract keeps them.
    function _storeLottery() private returns (uint256 epoch, address to, uint256 lane) {
        (epoch, to, lane) = (number("epoch"), addressOf("dApp"), number("lane"));
        bytes32[] memory seats = words("seats");
        for (uint256 id; id < seats.length; ++id) {
            vm.store(address(enigma), keccak256(abi.encode(id, uint256(1))), seats[id]);
        }
        vm.store(address(enigma), bytes32(5 + epoch % 32), word("epochWord"));
    }
}

contract NetworkHasher {
    function networkHash(Observation memory o, bool simulated) external returns (bytes32) {
        return Deployment.bind(o, simulated);
    }
}
