// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma, SeatView} from "../../src/interfaces/IEnigma.sol";
import {vm} from "../support/Vm.sol";
import {Setting} from "./Setting.sol";

/// Seats come and go, epochs pass, seeds are posted.
abstract contract SeatActions is Setting {
    uint256 private constant NOTICE = 2;
    uint256 private constant COOL = 2;

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
        _refused(address(this), abi.encodeCall(enigma.postSeed, (epoch, "other")), IEnigma.EpochAlreadyStarted.selector);
        _refused(address(this), abi.encodeCall(enigma.postSeed, (epoch + 1, "")), IEnigma.NotCurrentEpoch.selector);
        _refused(address(this), abi.encodeCall(enigma.postSeed, (epoch - 1, "")), IEnigma.NotCurrentEpoch.selector);
    }

    function takeSeat(uint256 operatorChoice, uint256 signerChoice, uint256 seatChoice) external recorded {
        address by = _operator(operatorChoice);
        address signer = vm.addr(_signerKey(signerChoice));
        (bool isCool, uint256 id) = _findCool(seatChoice);
        // Some cool seats are left to be paid out to those who held them.
        if (isCool && seatChoice % 3 != 0) _retake(by, signer, id);
        else if (enigma.seatCount() < MAX_SEATS) _append(by, signer);
    }

    /// @dev S7: a seat that is still held, or cooling down, is nobody else's.
    function takeHeldSeat(uint256 seatChoice, uint256 operatorChoice) external recorded {
        uint256 id = seatChoice % enigma.seatCount();
        if (_isCool(id)) return;
        address by = _operator(operatorChoice);
        bytes memory evidence = abi.encode(attestation(by, vm.addr(signerKeys[0]), vm.getBlockNumber() - 1));
        vm.prank(by);
        try enigma.takeSeat{value: 1 ether}(
            id + 1, vm.addr(signerKeys[0]), INPUT_KEY, vm.getBlockNumber() - 1, QUOTE, evidence
        ) {
            revert("a seat was taken from its operator");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(IEnigma.SeatStillHeld.selector), "refused with another error");
            ++counts["retaking refused"];
        }
    }

    function renewSeat(uint256 seatChoice) external recorded {
        (uint256 id, SeatView memory held) = _anySeat(seatChoice);
        uint256 identityBlock = vm.getBlockNumber() - 1;
        bytes memory evidence = abi.encode(attestation(held.operator, held.signer, identityBlock));
        bytes memory call = abi.encodeCall(enigma.renewSeat, (id, INPUT_KEY, identityBlock, QUOTE, evidence));
        if (held.exitEpoch < enigma.currentEpoch() + NOTICE) {
            return _refused(held.operator, call, IEnigma.SeatNotLive.selector);
        }
        vm.prank(held.operator);
        enigma.renewSeat(id, INPUT_KEY, identityBlock, QUOTE, evidence);
        assertTrue(enigma.seat(id).exitEpoch >= held.exitEpoch, "renewing never shortens");
        ++counts["seat renewed"];
    }

    function leaveSeat(uint256 seatChoice) external recorded {
        (uint256 id, SeatView memory held) = _anySeat(seatChoice);
        bytes memory call = abi.encodeCall(enigma.leaveSeat, (id));
        _refused(user, call, IEnigma.NotOperator.selector);
        if (held.exitEpoch <= enigma.currentEpoch() + NOTICE) {
            return _refused(held.operator, call, IEnigma.SeatNotLive.selector);
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
        _refused(user, call, IEnigma.NotOperator.selector);
        uint256 dueGwei = held.creditGwei + (_isCool(id) ? held.bondGwei : 0);
        if (dueGwei == 0) return _refused(held.operator, call, IEnigma.NothingToWithdraw.selector);
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
        if (dueGwei == 0) return _refused(by, call, IEnigma.NothingToWithdraw.selector);
        uint256 before = by.balance;
        vm.prank(by);
        enigma.withdrawOwed(payable(by));
        assertEq(by.balance, before + dueGwei * 1 gwei, "S22: all that was owed");
        ++counts["owed withdrawn"];
    }

    /// @dev A seat more or, where the contract points to a cool one, that.
    function _append(address by, address signer) private {
        uint256 identityBlock = vm.getBlockNumber() - 1;
        bytes memory evidence = abi.encode(attestation(by, signer, identityBlock));
        bytes memory call = abi.encodeCall(enigma.takeSeat, (0, signer, INPUT_KEY, identityBlock, QUOTE, evidence));
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call{value: 1 ether}(call);
        if (ok) return _requireFresh(abi.decode(answer, (uint256)), by, signer);
        assertEq(bytes32(bytes4(answer)), bytes32(IEnigma.ReuseSeat.selector), "refused with another error");
        uint256 id;
        assembly ("memory-safe") {
            id := mload(add(answer, 0x24))
        }
        assertTrue(_isCool(id), "S7: only a cool seat is to be retaken");
        _retake(by, signer, id);
    }

    function _retake(address by, address signer, uint256 id) private {
        uint256 owedBefore = _owedTotal();
        uint256 leftGwei = enigma.seat(id).creditGwei + enigma.seat(id).bondGwei;
        _take(by, signer, id + 1);
        assertEq(_owedTotal(), owedBefore + leftGwei, "S22: what a retaken seat held is owed to its operator");
    }

    function _take(address by, address signer, uint256 reuse) internal {
        uint256 identityBlock = vm.getBlockNumber() - 1;
        bytes memory evidence = abi.encode(attestation(by, signer, identityBlock));
        vm.prank(by);
        uint256 id = enigma.takeSeat{value: 1 ether}(reuse, signer, INPUT_KEY, identityBlock, QUOTE, evidence);
        assertEq(id, reuse == 0 ? enigma.seatCount() - 1 : reuse - 1, "the seat asked for");
        _requireFresh(id, by, signer);
    }

    function _requireFresh(uint256 id, address by, address signer) private {
        SeatView memory seat = enigma.seat(id);
        assertEq(seat.signer, signer, "signer");
        assertEq(seat.operator, by, "operator");
        assertEq(seat.creditGwei, 0, "a fresh seat has no credit");
        assertEq(seat.activeEpoch, enigma.currentEpoch() + NOTICE, "S7: active after two epochs");
        ++counts["seat taken"];
    }

    /// @dev By the views, as an operator would reckon it.
    function _isCool(uint256 id) internal view returns (bool) {
        return enigma.seat(id).exitEpoch + COOL <= enigma.currentEpoch();
    }

    function _findCool(uint256 choice) private view returns (bool isFound, uint256 id) {
        uint256 seats = enigma.seatCount();
        for (uint256 i; i < seats; ++i) {
            id = (choice % seats + i) % seats;
            if (_isCool(id)) return (true, id);
        }
    }

    function _anySeat(uint256 choice) private view returns (uint256 id, SeatView memory held) {
        id = choice % enigma.seatCount();
        held = enigma.seat(id);
    }

    function _owedTotal() internal view returns (uint256 totalGwei) {
        for (uint256 i; i < operators.length; ++i) {
            totalGwei += enigma.owedGwei(operators[i]);
        }
    }
}
