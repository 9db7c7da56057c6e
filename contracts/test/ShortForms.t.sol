// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Receipts} from "../src/libraries/Receipts.sol";
import {Epoch, newEpoch} from "../src/types/Epoch.sol";
import {Escrow, newSeat, Seat, SeatHolder} from "../src/types/Seat.sol";
import {freeSlot} from "../src/types/Slot.sol";
import {packRef, TaskRef} from "../src/types/Task.sol";
import {Base} from "./support/Base.sol";

/// What is written shorter because it stands in each task says the same as its longer form.
contract ShortFormsTest is Base {
    mapping(uint256 id => SeatHolder) private _whole;
    mapping(uint256 id => SeatHolder) private _byField;

    function testFuzz_S5_absenceFrom_isZeroExactlyWhereTheSeatIsLive(
        uint8 number,
        uint8 active,
        uint8 exit,
        uint8 measurementId,
        uint32 mask
    ) public pure {
        Seat seat = newSeat(address(0xa11ce), active, exit, measurementId);
        Epoch epoch = newEpoch(1, 9, number, 32, mask);
        bool isRevoked = measurementId < 32 && (mask >> measurementId) & 1 == 1;
        bool isLive = active <= number && number < exit && !isRevoked;
        assertTrue(seat.isLiveIn(epoch) == isLive, "isLiveIn");
        assertTrue((seat.absenceFrom(epoch) == 0) == isLive, "absenceFrom");
    }

    function testFuzz_S5_absenceFrom_knowsEachRevokedMeasurement(uint8 measurementId, uint32 mask) public pure {
        Seat seat = newSeat(address(0xa11ce), 3, 5, measurementId % 32);
        Epoch epoch = newEpoch(1, 9, 4, 32, mask);
        assertTrue((seat.absenceFrom(epoch) == 0) == seat.isLiveIn(epoch), "revoked");
    }

    function testFuzz_isPlain_isStartedWithoutAFlag(uint24 number, uint24 asked, uint24 seats, bool fallback_, bool paused)
        public
        pure
    {
        (uint256 own, uint256 count) = (number % 4, seats % 3);
        Epoch word = newEpoch(type(uint256).max, count, own, 63, type(uint32).max);
        if (fallback_) word = word.withFallback();
        if (paused) word = word.withPaused(true);
        bool isPlain = word.isStarted(asked % 4) && !fallback_ && !paused;
        assertTrue(word.isPlain(asked % 4) == isPlain, "isPlain");
        // Numbers that are the same in the word's twenty bits are not the same.
        assertTrue(!word.isPlain(own + (1 << 20)), "above");
        assertTrue(!word.isPlain(own + (1 << 58)), "far above");
    }

    function testFuzz_nextRef_isThatOfTheSlotsSeq(address requester, uint32 slot, uint64 seq, uint64 balanceGwei) public pure {
        TaskRef next = freeSlot(seq, balanceGwei).nextRef(requester, slot);
        assertEq(TaskRef.unwrap(next), TaskRef.unwrap(packRef(requester, slot, seq)), "ref");
    }

    function testFuzz_writeTo_writesEachField(address operator, uint8 escrow, uint24 tag, uint32 quoteBlock, uint256 id) public {
        SeatHolder memory holder = SeatHolder(operator, Escrow(escrow % 6), tag, quoteBlock, ~quoteBlock);
        holder.writeTo(_whole, id);
        _byField[id] = holder;
        SeatHolder memory found = _whole[id];
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(_byField[id])), "holder");
    }

    function testFuzz_structHash_isThatOfTheEncoding(bytes32[5] memory fields, uint8 status) public pure {
        bytes32 encoded = keccak256(
            abi.encode(
                Receipts.RECEIPT_TYPE_HASH, fields[0], fields[1], fields[2], fields[3], fields[4], status
            )
        );
        bytes32 found = Receipts.structHash(fields[0], fields[1], fields[2], fields[3], fields[4], status);
        assertEq(found, encoded, "struct hash");
    }
}
