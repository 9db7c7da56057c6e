// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier, Standing} from "../../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {LAST_EPOCH} from "../../src/types/Seat.sol";
import {vm} from "../support/Vm.sol";
import {Setting} from "./Setting.sol";

/// Seats come and go, epochs pass, seeds are posted.
abstract contract SeatActions is Setting {
    uint256 private constant NOTICE = 2;
    uint256 private constant COOL = 2;
    uint256 private constant BOND_GWEI = 1e9;
    uint256 internal constant JOIN_FEE_GWEI = 1e7;

    function passBlocks(uint256 blocks) external recorded {
        _goTo(vm.getBlockNumber() + bound(blocks, 1, WINDOW));
    }

    /// @dev One epoch in four waits for its seed; in some, somebody joins between the boundary and the seed.
    function passEpoch(uint256 proof) external recorded {
        _enterNextEpoch();
        bool isJoined = proof % 8 == 5 && enigma.seatCount() < MAX_SEATS;
        if (isJoined) _append(_operator(proof), vm.addr(_signerKey(proof)));
        if (proof % 4 != 0) _postSeed(proof);
    }

    function postSeed(uint256 proof) external recorded {
        uint256 epoch = enigma.currentEpoch();
        _postSeed(proof);
        _refused(
            address(this), abi.encodeCall(enigma.postSeed, (epoch, "other")), IEnigmaTasks.EpochAlreadyStarted.selector
        );
        _refused(address(this), abi.encodeCall(enigma.postSeed, (epoch + 1, "")), IEnigmaTasks.NotCurrentEpoch.selector);
        _refused(address(this), abi.encodeCall(enigma.postSeed, (epoch - 1, "")), IEnigmaTasks.NotCurrentEpoch.selector);
    }

    function takeSeat(uint256 operatorChoice, uint256 signerChoice, uint256 seatChoice) external recorded {
        address by = _operator(operatorChoice);
        address signer = vm.addr(_signerKey(signerChoice));
        (bool isCool, uint256 id) = _findCool(seatChoice);
        // Some cool seats are left to be paid out to those who held them.
        if (isCool && seatChoice % 3 != 0) _retake(by, signer, id);
        else if (enigma.seatCount() < MAX_SEATS) _append(by, signer);
    }

    /// @dev S7: a machine that holds as many seats as it may gets no other, whichever is asked for.
    function takeSeatOnFullMachine(uint256 seatChoice, uint256 operatorChoice) external recorded {
        uint256 machine = 1;
        while (machine <= MACHINES && _seatsOn(machine) < SEATS_PER_MACHINE) ++machine;
        if (machine > MACHINES) return;
        (bool isCool, uint256 id) = _findCool(seatChoice);
        (address by, address signer) = (_operator(operatorChoice), vm.addr(signerKeys[0]));
        bytes memory call = _takeCall(by, signer, isCool ? id + 1 : 0, machine);
        uint256 priceWei = _priceWei();
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call{value: priceWei}(call);
        assertTrue(!ok, "more seats than the machine may hold");
        assertEq(bytes32(bytes4(answer)), bytes32(IEnigmaSeats.PlatformFull.selector), "refused with another error");
        ++counts["machine full"];
    }

    /// @dev S7: a seat that is still held, or cooling down, is nobody else's.
    function takeHeldSeat(uint256 seatChoice, uint256 operatorChoice) external recorded {
        uint256 id = seatChoice % enigma.seatCount();
        if (_isCool(id)) return;
        address by = _operator(operatorChoice);
        bytes memory call = _takeCall(by, vm.addr(signerKeys[0]), id + 1, 1);
        uint256 priceWei = _priceWei();
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call{value: priceWei}(call);
        assertTrue(!ok, "a seat was taken from its operator");
        assertEq(bytes32(bytes4(answer)), bytes32(IEnigmaSeats.SeatStillHeld.selector), "refused with another error");
        ++counts["retaking refused"];
    }

    /// @dev Where it is, with its record or certificate, or on another machine.
    function renewSeat(uint256 seatChoice, uint256 machineChoice) external recorded {
        (uint256 id, SeatView memory held) = _anySeat(seatChoice);
        bool isMoved = machineChoice % 2 == 0;
        uint256 machine = isMoved ? 1 + machineChoice / 2 % MACHINES : machineOfSeat[id];
        bytes memory evidence = machine == machineOfSeat[id] && machineChoice % 8 != 1 ? recordOf(machine) : LEAF;
        bytes memory call = _renewCall(id, held, machine, evidence);
        if (isCodeRevoked[held.measurementId]) {
            return _refused(held.operator, call, IEnigmaSeats.RevokedMeasurement.selector);
        }
        if (held.exitEpoch < enigma.currentEpoch() + NOTICE) {
            return _refused(held.operator, call, IEnigmaSeats.SeatNotLive.selector);
        }
        if (isReplaced(id)) return _refused(held.operator, call, IEnigmaSeats.NoBond.selector);
        bool isRoom = machine == machineOfSeat[id] || _mostSeatsOn(machine) < SEATS_PER_MACHINE;
        if (!isRoom && _seatsOn(machine) < SEATS_PER_MACHINE) return;
        if (!isRoom) return _refused(held.operator, call, IEnigmaSeats.PlatformFull.selector);
        if (machine != machineOfSeat[id]) {
            bytes memory withRecord = _renewCall(id, held, machine, recordOf(machine));
            _refused(held.operator, withRecord, IAttestationVerifier.AttestationRefused.selector);
        }
        vm.prank(held.operator);
        (bool ok,) = address(enigma).call(call);
        assertTrue(ok, "a sound renewal was refused");
        assertTrue(enigma.seat(id).exitEpoch >= held.exitEpoch, "renewing never shortens");
        ++counts[evidence.length == 192 ? "renewed with the record" : "renewed with the certificate"];
    }

    /// @dev S16: a revoked platform is out at once, one below the policy with notice, one that stands as it must not at all.
    function recheck(uint256 seatChoice, uint256 standingChoice) external recorded {
        (uint256 id, SeatView memory held) = _anySeat(seatChoice);
        bytes memory record = recordOf(machineOfSeat[id]);
        bytes memory other = recordOf(machineOfSeat[id] + 1);
        bytes memory call = abi.encodeCall(enigma.recheck, (id, record));
        uint256 current = enigma.currentEpoch();
        _refused(user, call, IEnigmaSeats.PlatformGood.selector);
        _refused(user, abi.encodeCall(enigma.recheck, (id, other)), IEnigmaSeats.WrongRecord.selector);

        bool isRevocation = standingChoice % 2 == 0;
        verifier.setStanding(record, isRevocation ? Standing.Revoked : Standing.Refused);
        // A seat that waited until its end never was live: there is nothing to take from it.
        bool isNeverLive = held.activeEpoch == LAST_EPOCH && held.exitEpoch <= current;
        bool isOver = isRevocation ? isRevoked[id] || isNeverLive || _isCool(id) : held.exitEpoch <= current + NOTICE;
        if (isOver) {
            _refused(user, call, IEnigmaSeats.SeatNotLive.selector);
        } else {
            enigma.recheck(id, record);
            uint256 exit = isRevocation ? current : current + NOTICE;
            if (held.exitEpoch < exit) exit = held.exitEpoch;
            assertEq(enigma.seat(id).exitEpoch, exit, "S16: the end");
            assertEq(enigma.seat(id).bondGwei, held.bondGwei, "S22: the bond stays");
            ++counts[isRevocation ? "seat revoked" : "seat refused"];
        }
        verifier.setStanding(record, Standing.Good);
    }

    function leaveSeat(uint256 seatChoice) external recorded {
        (uint256 id, SeatView memory held) = _anySeat(seatChoice);
        bytes memory call = abi.encodeCall(enigma.leaveSeat, (id));
        _refused(user, call, IEnigmaSeats.NotOperator.selector);
        if (held.exitEpoch <= enigma.currentEpoch() + NOTICE) {
            return _refused(held.operator, call, IEnigmaSeats.SeatNotLive.selector);
        }
        vm.prank(held.operator);
        enigma.leaveSeat(id);
        assertEq(enigma.seat(id).exitEpoch, enigma.currentEpoch() + NOTICE, "S7: gone after two epochs");
        ++counts["seat left"];
    }

    function withdrawSeat(uint256 seatChoice) external recorded {
        (bool isCool, uint256 id) = _findCool(seatChoice);
        if (!isCool || seatChoice % 2 == 0) id = seatChoice % enigma.seatCount();
        SeatView memory held = enigma.seat(id);
        bytes memory call = abi.encodeCall(enigma.withdrawSeat, (id, payable(held.operator)));
        _refused(user, call, IEnigmaSeats.NotOperator.selector);
        uint256 dueGwei = held.creditGwei + (_isCool(id) ? held.bondGwei + held.joinFeeGwei : 0);
        if (dueGwei == 0) return _refused(held.operator, call, IEnigmaTasks.NothingToWithdraw.selector);
        uint256 before = held.operator.balance;
        vm.prank(held.operator);
        enigma.withdrawSeat(id, payable(held.operator));
        assertEq(held.operator.balance, before + dueGwei * 1 gwei, "S22: credit, and the bond once cooled down");
        ++counts["seat withdrawn"];
    }

    function withdrawOwed(uint256 operatorChoice) external recorded {
        _withdrawOwed(_operator(operatorChoice));
    }

    function _withdrawOwed(address by) internal {
        uint256 dueGwei = enigma.owedGwei(by);
        bytes memory call = abi.encodeCall(enigma.withdrawOwed, (payable(by)));
        if (dueGwei == 0) return _refused(by, call, IEnigmaTasks.NothingToWithdraw.selector);
        uint256 before = by.balance;
        vm.prank(by);
        enigma.withdrawOwed(payable(by));
        assertEq(by.balance, before + dueGwei * 1 gwei, "S22: all that was owed");
        ++counts["owed withdrawn"];
    }

    /// @dev A seat more or, where the contract points to a cool one, that.
    function _append(address by, address signer) private {
        bytes memory call = _takeCall(by, signer, 0, _machineWithRoom(uint160(by)));
        uint256 priceWei = _priceWei();
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call{value: priceWei}(call);
        if (ok) return _requireFresh(abi.decode(answer, (uint256)), by, signer);
        assertEq(bytes32(bytes4(answer)), bytes32(IEnigmaSeats.ReuseSeat.selector), "refused with another error");
        uint256 id;
        assembly ("memory-safe") {
            id := mload(add(answer, 0x24))
        }
        assertTrue(_isCool(id), "S7: only a cool seat is to be retaken");
        _retake(by, signer, id);
    }

    function _retake(address by, address signer, uint256 id) private {
        uint256 owedBefore = _owedTotal();
        SeatView memory old = enigma.seat(id);
        uint256 leftGwei = old.creditGwei + old.bondGwei + old.joinFeeGwei;
        _take(by, signer, id + 1, _machineWithRoom(leftGwei + id));
        assertEq(_owedTotal(), owedBefore + leftGwei, "S22: what a retaken seat held is owed to its operator");
    }

    function _take(address by, address signer, uint256 reuse, uint256 machine) internal {
        bytes memory call = _takeCall(by, signer, reuse, machine);
        uint256 priceWei = _priceWei();
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call{value: priceWei}(call);
        assertTrue(ok, "a sound taking was refused");
        uint256 id = abi.decode(answer, (uint256));
        assertEq(id, reuse == 0 ? enigma.seatCount() - 1 : reuse - 1, "the seat asked for");
        _requireFresh(id, by, signer);
    }

    function _takeCall(address by, address signer, uint256 reuse, uint256 machine) private returns (bytes memory) {
        uint256 identityBlock = vm.getBlockNumber() - 1;
        machineNow[signer] = machine;
        bytes memory quote = abi.encode(attestation(by, signer, identityBlock));
        return abi.encodeCall(enigma.takeSeat, (reuse, signer, INPUT_KEY, identityBlock, quote, LEAF));
    }

    function _renewCall(uint256 id, SeatView memory held, uint256 machine, bytes memory evidence)
        private
        returns (bytes memory)
    {
        uint256 identityBlock = vm.getBlockNumber() - 1;
        machineNow[held.signer] = machine;
        Attestation memory found = attestation(held.operator, held.signer, identityBlock);
        found.measurement = measurements()[held.measurementId];
        bytes memory quote = abi.encode(found);
        return abi.encodeCall(enigma.renewSeat, (id, INPUT_KEY, identityBlock, quote, evidence));
    }

    /// @dev Half of the time the first, so that it fills up.
    function _machineWithRoom(uint256 choice) internal view returns (uint256 machine) {
        machine = choice % 2 == 0 ? 1 : 1 + choice / 2 % MACHINES;
        while (_mostSeatsOn(machine) >= SEATS_PER_MACHINE) machine = machine % MACHINES + 1;
    }

    function _requireFresh(uint256 id, address by, address signer) private {
        SeatView memory seat = enigma.seat(id);
        assertEq(seat.signer, signer, "signer");
        assertEq(seat.operator, by, "operator");
        assertEq(seat.creditGwei, 0, "a fresh seat has no credit");
        bool isWaiting = enigma.hasSecret();
        assertEq(
            seat.activeEpoch, isWaiting ? LAST_EPOCH : enigma.currentEpoch() + NOTICE, "S7: active after two epochs"
        );
        assertEq(seat.joinFeeGwei, isWaiting ? JOIN_FEE_GWEI : 0, "S22: the join fee");
        ++counts["seat taken"];
    }

    /// @dev By the views, as an operator would reckon it.
    function _isCool(uint256 id) internal view returns (bool) {
        return enigma.seat(id).exitEpoch + COOL <= enigma.currentEpoch();
    }

    function _findCool(uint256 choice) internal view returns (bool isFound, uint256 id) {
        uint256 seats = enigma.seatCount();
        for (uint256 i; i < seats; ++i) {
            id = (choice % seats + i) % seats;
            if (_isCool(id)) return (true, id);
        }
    }

    function _anySeat(uint256 choice) internal view returns (uint256 id, SeatView memory held) {
        id = choice % enigma.seatCount();
        held = enigma.seat(id);
    }

    function _priceWei() private view returns (uint256) {
        return (enigma.hasSecret() ? BOND_GWEI + JOIN_FEE_GWEI : BOND_GWEI) * 1 gwei;
    }

    function _owedTotal() internal view returns (uint256 totalGwei) {
        for (uint256 i; i < operators.length; ++i) {
            totalGwei += enigma.owedGwei(operators[i]);
        }
    }
}
