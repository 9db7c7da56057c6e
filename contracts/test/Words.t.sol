// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Epoch, MAX_PRICE_LEVEL, MAX_SEATS, newEpoch, SEED_BITS} from "../src/types/Epoch.sol";
import {Lanes} from "../src/types/Lanes.sol";
import {LAST_EPOCH, MAX_CREDIT_GWEI, newSeat, Seat} from "../src/types/Seat.sol";
import {freeSlot, pendingSlot, Slot} from "../src/types/Slot.sol";
import {packRef, packTarget, packTerms, TaskRef, TaskTarget, TaskTerms} from "../src/types/Task.sol";
import {Base} from "./support/Base.sol";

/**
 * The packed words, field by field.
 *
 * Each word is written with all combinations of each field's bounds (0, 1, half, most), and read back: nothing is lost, and no
 * field shows in its neighbour. The same with drawn values. Where a field is replaced, all the others must stand.
 */
contract WordsTest is Base {
    /// @dev Field by field: the widths in bits. Combination `choice` in base 4.
    function _values(uint256 choice, uint256[8] memory widths) private pure returns (uint256[8] memory values) {
        for (uint256 i; i < 8; ++i) {
            uint256 most = (1 << widths[i]) - 1;
            uint256 kind = (choice >> 2 * i) & 3;
            if (kind == 1) values[i] = most == 0 ? 0 : 1;
            if (kind == 2) values[i] = 1 << widths[i] >> 1;
            if (kind == 3) values[i] = most;
        }
    }

    function _drawn(uint256 salt, uint256[8] memory widths) private pure returns (uint256[8] memory values) {
        for (uint256 i; i < 8; ++i) {
            values[i] = uint256(keccak256(abi.encode(salt, i))) & ((1 << widths[i]) - 1);
        }
    }

    /* TASKS */

    uint256[8] private _ref = [160, 32, 64, 0, 0, 0, 0, 0];
    uint256[8] private _target = [160, 32, 32, 16, 8, 0, 0, 0];
    uint256[8] private _terms = [64, 64, 40, 24, 16, 0, 0, 0];

    function test_ref_atItsBounds() public view {
        for (uint256 i; i < 4 ** 3; ++i) {
            _requireRef(_values(i, _ref));
        }
    }

    function testFuzz_ref(uint256 salt) public view {
        _requireRef(_drawn(salt, _ref));
    }

    function _requireRef(uint256[8] memory v) private pure {
        TaskRef ref = packRef(address(uint160(v[0])), uint32(v[1]), uint64(v[2]));
        assertEq(ref.requester(), address(uint160(v[0])), "requester");
        assertEq(ref.slot(), v[1], "slot");
        assertEq(ref.seq(), v[2], "seq");
        assertEq(TaskRef.unwrap(ref), v[0] + v[1] * 2 ** 160 + v[2] * 2 ** 192, "the word");
    }

    function test_target_atItsBounds() public view {
        for (uint256 i; i < 4 ** 5; ++i) {
            _requireTarget(_values(i, _target));
        }
    }

    function testFuzz_target(uint256 salt) public view {
        _requireTarget(_drawn(salt, _target));
    }

    function _requireTarget(uint256[8] memory v) private pure {
        TaskTarget target =
            packTarget(address(uint160(v[0])), bytes4(uint32(v[1])), uint32(v[2]), uint16(v[3]), uint8(v[4]));
        assertEq(target.dApp(), address(uint160(v[0])), "dApp");
        assertEq(uint32(target.callable()), v[1], "callable");
        assertEq(target.callbackGas(), v[2], "callbackGas");
        assertEq(target.outputCap(), v[3], "outputCap");
        assertEq(target.gasClass(), v[4], "gasClass");
        uint256 word = v[0] + v[1] * 2 ** 160 + v[2] * 2 ** 192 + v[3] * 2 ** 224 + v[4] * 2 ** 240;
        assertEq(TaskTarget.unwrap(target), word, "the word");
        _requireLimits(target);
    }

    /// @dev One subtraction answers for three limits: here they are asked one by one.
    function _requireLimits(TaskTarget target) private pure {
        bool isPlain = target.callbackGas() <= 8_000_000 && target.outputCap() <= 8192 && target.gasClass() <= 12
            && TaskTarget.unwrap(target) >> 248 == 0;
        assertTrue(target.isWithinLimits() == isPlain, "limits");
    }

    /// @dev Each limit, below it, at it and above it, with each of the others, and with a bit in the byte that must be zero.
    function test_targetLimits_eachForItself() public pure {
        uint32[5] memory gas = [0, 7_999_999, 8_000_000, 8_000_001, type(uint32).max];
        uint16[5] memory caps = [0, 8191, 8192, 8193, type(uint16).max];
        uint8[5] memory classes = [0, 11, 12, 13, type(uint8).max];
        for (uint256 i; i < 5 ** 3; ++i) {
            TaskTarget target = packTarget(address(1), 0xffffffff, gas[i % 5], caps[i / 5 % 5], classes[i / 25]);
            _requireLimits(target);
            for (uint256 bit = 248; bit < 256; ++bit) {
                _requireLimits(TaskTarget.wrap(TaskTarget.unwrap(target) | 1 << bit));
            }
        }
    }

    function testFuzz_targetLimits_ofAnyWord(uint256 word) public pure {
        _requireLimits(TaskTarget.wrap(word));
    }

    function test_terms_atTheirBounds() public view {
        for (uint256 i; i < 4 ** 5; ++i) {
            _requireTerms(_values(i, _terms));
        }
    }

    function testFuzz_terms(uint256 salt) public view {
        _requireTerms(_drawn(salt, _terms));
    }

    function _requireTerms(uint256[8] memory v) private pure {
        TaskTerms terms = packTerms(uint64(v[0]), uint64(v[1]), v[2], v[3], v[4]);
        assertEq(terms.feeGwei(), v[0], "feeGwei");
        assertEq(terms.restGwei(), v[1], "restGwei");
        assertEq(terms.createdBlock(), v[2], "createdBlock");
        assertEq(terms.epoch(), v[3], "epoch");
        assertEq(terms.lane(), v[4], "lane");
        uint256 word = v[0] + v[1] * 2 ** 64 + v[2] * 2 ** 128 + v[3] * 2 ** 168 + v[4] * 2 ** 192;
        assertEq(TaskTerms.unwrap(terms), word, "the word");
    }

    /* SLOTS */

    uint256[8] private _slot = [64, 64, 0, 0, 0, 0, 0, 0];

    function test_freeSlot_atItsBounds() public view {
        for (uint256 i; i < 4 ** 2; ++i) {
            _requireSlot(_values(i, _slot));
        }
    }

    function testFuzz_freeSlot(uint256 salt) public view {
        _requireSlot(_drawn(salt, _slot));
    }

    function _requireSlot(uint256[8] memory v) private pure {
        Slot word = freeSlot(uint64(v[0]), uint64(v[1]));
        assertTrue(word.isFree() && !word.isPending(), "free");
        assertEq(word.seq(), v[0], "seq");
        assertEq(word.balanceGwei(), v[1], "balanceGwei");
        assertEq(Slot.unwrap(word), v[0] + v[1] * 2 ** 64, "the word");
    }

    /// @dev Whatever an id was ground to: pending is neither free nor undelivered, and told from any other id but in the top two bits.
    function testFuzz_S22_aPendingSlot_isNothingElse(bytes32 id, uint8 bit) public pure {
        Slot word = pendingSlot(id);
        assertTrue(word.isPending() && !word.isFree(), "pending");
        assertTrue(word.holds(id), "its task");
        bytes32 other = id ^ bytes32(1 << bit);
        assertTrue(word.holds(other) == (bit >= 254), "another task");
    }

    /* SEATS */

    uint256[8] private _seat = [160, 20, 20, 8, 48, 0, 0, 0];

    function test_seat_atItsBounds() public view {
        for (uint256 i; i < 4 ** 5; ++i) {
            _requireSeat(_values(i, _seat), i);
        }
    }

    function testFuzz_seat(uint256 salt) public view {
        _requireSeat(_drawn(salt, _seat), salt);
    }

    function _requireSeat(uint256[8] memory v, uint256 choice) private pure {
        Seat seat = newSeat(address(uint160(v[0])), v[1], v[2], uint8(v[3]));
        _requireFields(seat, [v[0], v[1], v[2], v[3], 0]);
        seat = seat.withCredit(v[4]);
        _requireFields(seat, [v[0], v[1], v[2], v[3], v[4]]);
        uint256 word = v[0] + v[1] * 2 ** 160 + v[2] * 2 ** 180 + v[3] * 2 ** 200 + v[4] * 2 ** 208;
        assertEq(Seat.unwrap(seat), word, "the word");

        uint256 epoch = choice % (LAST_EPOCH + 1);
        _requireFields(seat.withExit(epoch), [v[0], v[1], epoch, v[3], v[4]]);
        _requireFields(seat.withCredit(MAX_CREDIT_GWEI - v[4]), [v[0], v[1], v[2], v[3], MAX_CREDIT_GWEI - v[4]]);
        uint256 sooner = epoch < v[2] ? epoch : v[2];
        _requireFields(seat.endedBy(epoch), [v[0], v[1], sooner, v[3], v[4]]);
        _requireFields(seat.revokedBy(epoch), [v[0], LAST_EPOCH, sooner, v[3], v[4]]);
        _requireFields(seat.activatedAt(epoch), [v[0], epoch, v[2], v[3], v[4]]);
        _requireFields(seat.activatedAt(epoch + LAST_EPOCH), [v[0], LAST_EPOCH, v[2], v[3], v[4]]);
    }

    function _requireFields(Seat seat, uint256[5] memory v) private pure {
        assertEq(seat.signer(), address(uint160(v[0])), "signer");
        assertEq(seat.activeEpoch(), v[1], "activeEpoch");
        assertEq(seat.exitEpoch(), v[2], "exitEpoch");
        assertEq(seat.measurementId(), v[3], "measurementId");
        assertEq(seat.creditGwei(), v[4], "creditGwei");
    }

    /// @dev One branch answers for three conditions: here they are asked one by one, around both ends and for each measurement.
    function test_S7_liveness_aroundBothEnds() public pure {
        uint256[6] memory ends = [0, 1, 2, 1000, LAST_EPOCH - 1, LAST_EPOCH];
        for (uint256 i; i < 6 ** 2; ++i) {
            (uint256 active, uint256 exit) = (ends[i % 6], ends[i / 6]);
            for (uint8 id; id < 32; ++id) {
                Seat seat = newSeat(address(1), active, exit, id);
                for (uint256 j; j < 12; ++j) {
                    uint256 number = j < 6 ? ends[j] : ends[j - 6] + 1;
                    if (number > LAST_EPOCH) continue;
                    _requireLiveness(seat, newEpoch(1, 1, number, 32, 0));
                    _requireLiveness(seat, newEpoch(1, 1, number, 32, uint32(1 << id)));
                    _requireLiveness(seat, newEpoch(1, 1, number, 32, ~uint32(1 << id)));
                }
            }
        }
    }

    function testFuzz_S7_liveness(uint256 salt, uint32 mask) public view {
        uint256[8] memory v = _drawn(salt, _seat);
        Seat seat = newSeat(address(uint160(v[0])), v[1], v[2], uint8(v[3] % 32));
        uint256 number = salt % 2 == 0 ? v[1] : v[4] % (LAST_EPOCH + 1);
        _requireLiveness(seat, newEpoch(v[0], v[1] + 1, number, 0, mask));
    }

    function _requireLiveness(Seat seat, Epoch epoch) private pure {
        bool isWithin = seat.activeEpoch() <= epoch.number() && epoch.number() < seat.exitEpoch();
        bool isRevoked = epoch.revokedMask() & (1 << seat.measurementId()) != 0;
        assertTrue(seat.isLiveIn(epoch) == (isWithin && !isRevoked), "live");
    }

    /* EPOCHS */

    uint256[8] private _epoch = [176, 20, 20, 6, 32, 0, 0, 0];

    function test_epoch_atItsBounds() public view {
        for (uint256 i; i < 4 ** 5; ++i) {
            _requireEpoch(_values(i, _epoch));
        }
    }

    function testFuzz_epoch(uint256 salt) public view {
        _requireEpoch(_drawn(salt, _epoch));
    }

    function _requireEpoch(uint256[8] memory v) private pure {
        Epoch word = newEpoch(v[0], v[1], v[2], uint8(v[3]), uint32(v[4]));
        _requireFields(word, v, false, false);
        _requireFields(newEpoch(v[0] | ~SEED_BITS, v[1], v[2], uint8(v[3]), uint32(v[4])), v, false, false);
        _requireFields(word.withFallback(), v, true, false);
        _requireFields(word.withPaused(true), v, false, true);
        _requireFields(word.withFallback().withPaused(true).withPaused(false), v, true, false);
        uint256 mask = v[4];
        v[4] = mask | uint32(v[0]);
        _requireFields(word.withRevoked(uint32(v[0])), v, false, false);
        assertTrue(word.isStarted(v[2]) == (v[1] != 0), "started");
        assertTrue(!word.isStarted(v[2] ^ 1) && !word.isStarted(v[2] + EPOCHS), "another epoch's");
    }

    /// What the number's 20 bits leave out.
    uint256 private constant EPOCHS = 1 << 20;

    function _requireFields(Epoch word, uint256[8] memory v, bool isFallback, bool isPaused) private pure {
        assertEq(word.seed(), v[0], "seed");
        assertEq(word.seatCount(), v[1], "seatCount");
        assertEq(word.number(), v[2], "number");
        assertEq(word.priceLevel(), v[3], "priceLevel");
        assertEq(word.revokedMask(), v[4], "revokedMask");
        assertTrue(word.isFallback() == isFallback && word.isPaused() == isPaused, "flags");
        assertTrue(v[1] <= MAX_SEATS && v[3] <= MAX_PRICE_LEVEL, "within what callers keep");
    }

    /* LANES */

    uint256[8] private _lanes = [16, 16, 24, 1, 0, 0, 0, 0];

    function test_lanes_atTheirBounds() public view {
        for (uint256 i; i < 4 ** 4; ++i) {
            _requireLanes(_values(i, _lanes));
        }
    }

    function testFuzz_lanes(uint256 salt) public view {
        _requireLanes(_drawn(salt, _lanes));
    }

    function _requireLanes(uint256[8] memory v) private pure {
        (uint256 before, uint256 afterwards, uint256 from) = (v[0], v[1], v[2]);
        Lanes word = Lanes.wrap(0).withRefusal(v[3] == 1).change(uint16(before), 1).change(uint16(afterwards), from);
        if (from == 1) before = 0; // the first was replaced before it came
        assertTrue(word.refusesFallback() == (v[3] == 1), "refusesFallback");
        assertEq(word.fromEpoch(), from, "fromEpoch");
        if (from != 0) assertEq(word.inEpoch(from - 1), before == 0 ? 1 : before, "before");
        assertEq(word.inEpoch(from), afterwards == 0 ? 1 : afterwards, "from then on");
        Lanes turned = word.withRefusal(v[3] == 0);
        assertTrue(turned.refusesFallback() == (v[3] == 0), "turned");
        assertEq(Lanes.unwrap(turned) ^ Lanes.unwrap(word), 1 << 56, "and nothing else");
    }
}
