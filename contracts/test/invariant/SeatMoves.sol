// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats, SeatView, SignedReceipt} from "../../src/interfaces/IEnigmaSeats.sol";
import {Receipts} from "../../src/libraries/Receipts.sol";
import {LAST_EPOCH} from "../../src/types/Seat.sol";
import {vm} from "../support/Vm.sol";
import {SeatActions} from "./SeatActions.sol";

/// Seats are slashed, rotated and moved, and the list is trimmed. Which attempts must be refused is reckoned here.
abstract contract SeatMoves is SeatActions {
    uint256 private constant NOTICE = 2;
    uint256 private constant COOL = 2;

    /// @dev S23: one time in two, so that the network lives on; half of these a seat that another stands in for, if there is one.
    function slash(uint256 seatChoice, uint256 choice) external recorded {
        if (choice % 2 == 0) return;
        uint256 id = choice % 4 == 1 ? _replacedOr(seatChoice % enigma.seatCount()) : seatChoice % enigma.seatCount();
        SeatView memory held = enigma.seat(id);
        bytes memory same = _slashCall(id, held.signer, 1, 1);
        bytes memory call = _slashCall(id, held.signer, 1, 2);
        if (_isCool(id)) return _refused(user, call, IEnigmaSeats.SeatNotLive.selector);
        _refused(user, same, IEnigmaSeats.SameReceipt.selector);
        _refused(user, _slashCall(id, vm.addr(key("stranger")), 1, 2), IEnigmaSeats.NotSeatSigner.selector);

        uint256 liable = _liable(id);
        uint256 standsGwei = enigma.seat(liable).bondGwei + enigma.seat(liable).joinFeeGwei;
        bool isOut = held.activeEpoch == LAST_EPOCH && held.joinFeeGwei == 0;
        if (standsGwei == 0 && isOut) return _refused(user, call, IEnigmaSeats.NoBond.selector);
        uint256 burnedBefore = enigma.burnedGwei();
        uint256 before = user.balance;
        vm.prank(user);
        (bool ok,) = address(enigma).call(call);
        assertTrue(ok, "a sound proof was refused");
        assertEq(user.balance - before, standsGwei / 2 * 1 gwei, "S22: half is the reporter's");
        assertEq(enigma.burnedGwei() - burnedBefore, standsGwei - standsGwei / 2, "S22: half is burned");
        assertEq(enigma.seat(id).creditGwei, held.creditGwei, "S22: what it has earned stays");
        assertEq(enigma.seat(id).activeEpoch, LAST_EPOCH, "S23: out at once");
        assertEq(enigma.seat(liable).bondGwei, 0, "S23: nothing stands for it");
        _refused(user, call, IEnigmaSeats.NoBond.selector);
        ++counts["slashed"];
        if (liable != id) ++counts["slashed through its successor"];
    }

    function rotateSeat(uint256 seatChoice, uint256 signerChoice, uint256 choice) external recorded {
        (uint256 id, SeatView memory held) = _anySeat(seatChoice);
        (bool isCool, uint256 free) = _findCool(choice);
        if (!isCool && enigma.seatCount() >= MAX_SEATS) return;
        address signer = vm.addr(_signerKey(signerChoice));
        uint256 machine = choice % 2 == 0 ? machineOfSeat[id] : _machineWithRoom(choice);
        bytes memory call = _rotateCall(id, held, signer, isCool ? free + 1 : 0, machine);
        if (held.exitEpoch <= enigma.currentEpoch() + NOTICE) {
            return _refused(held.operator, call, IEnigmaSeats.SeatNotLive.selector);
        }
        if (enigma.currentEpoch() < held.activeEpoch + COOL) {
            return _refused(held.operator, call, IEnigmaSeats.SeatTooYoung.selector);
        }
        uint256 priceWei = enigma.hasSecret() ? JOIN_FEE_GWEI * 1 gwei : 0;
        vm.prank(held.operator);
        (bool ok, bytes memory answer) = address(enigma).call{value: priceWei}(call);
        assertTrue(ok, "a sound rotation was refused");
        uint256 to = abi.decode(answer, (uint256));
        assertEq(enigma.seat(id).bondGwei + enigma.seat(to).bondGwei, held.bondGwei, "S22: one bond");
        assertEq(enigma.seat(id).exitEpoch, enigma.currentEpoch() + NOTICE, "S7: the old one leaves after two epochs");
        ++counts["seat rotated"];
    }

    function relocateSeat(uint256 seatChoice, uint256 holeChoice) external recorded {
        uint256 half = enigma.seatCount() / 2;
        uint256 from = half + seatChoice % (enigma.seatCount() - half);
        SeatView memory held = enigma.seat(from);
        bytes memory outside = abi.encodeCall(enigma.relocateSeat, (from, half));
        _refused(user, outside, IEnigmaSeats.NotAHole.selector);
        if (half == 0) return;
        uint256 into = holeChoice % half;
        bytes memory call = abi.encodeCall(enigma.relocateSeat, (from, into));
        bool isStaying = held.exitEpoch <= enigma.currentEpoch() + NOTICE || held.activeEpoch == LAST_EPOCH;
        if (isStaying) return _refused(user, call, IEnigmaSeats.SeatNotLive.selector);
        if (!_isCool(into)) return _refused(user, call, IEnigmaSeats.SeatStillHeld.selector);
        SeatView memory hole = enigma.seat(into);
        uint256 owedBefore = _owedTotal();
        enigma.relocateSeat(from, into);
        uint256 leftGwei = hole.creditGwei + hole.bondGwei + hole.joinFeeGwei;
        assertEq(_owedTotal(), owedBefore + leftGwei, "S22: what the place still held is owed");
        assertEq(enigma.seat(into).bondGwei, held.bondGwei, "S22: the bond moves");
        assertEq(enigma.seat(from).bondGwei, 0, "S22: once");
        assertEq(enigma.seat(from).creditGwei, held.creditGwei, "S22: what it has earned stays");
        ++counts["seat relocated"];
    }

    function trimSeats(uint256 most) external recorded {
        uint256 before = enigma.seatCount();
        enigma.trimSeats(most % 3);
        for (uint256 id = enigma.seatCount(); id < before; ++id) {
            ++counts["seat trimmed"];
        }
    }

    function _replacedOr(uint256 other) private view returns (uint256) {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            if (isReplaced(id) && !_isCool(id)) return id;
        }
        return other;
    }

    function _slashCall(uint256 id, address signer, uint256 one, uint256 other) private view returns (bytes memory) {
        bytes32 taskId = keccak256("a task");
        return abi.encodeCall(
            enigma.slash,
            (id, taskId, bytes32(id), _receipt(signer, taskId, id, one), _receipt(signer, taskId, id, other))
        );
    }

    function _receipt(address signer, bytes32 taskId, uint256 anchor, uint256 output)
        private
        view
        returns (SignedReceipt memory receipt)
    {
        receipt.outputHash = bytes32(output);
        bytes32 hash = Receipts.structHash(taskId, bytes32(anchor), 0, 0, receipt.outputHash, 0);
        (receipt.r, receipt.vs) = vm.signCompact(_keyOf(signer), Receipts.typedDigest(enigma.domainSeparator(), hash));
    }

    function _rotateCall(uint256 id, SeatView memory held, address signer, uint256 reuse, uint256 machine)
        private
        returns (bytes memory)
    {
        uint256 identityBlock = vm.getBlockNumber() - 1;
        machineNow[signer] = machine;
        bytes memory quote = abi.encode(attestation(held.operator, signer, identityBlock));
        return abi.encodeCall(enigma.rotateSeat, (id, reuse, signer, INPUT_KEY, identityBlock, quote, LEAF));
    }
}
