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

    /// @dev One epoch in four waits for its seed.
    function passEpoch(uint256 proof) external recorded {
        _enterNextEpoch();
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
        (bool isCool, uint256 id) = _findCool(seatChoice);
        if (!isCool && enigma.seatCount() == MAX_SEATS) return;
        uint256 owedBefore = _owedTotal();
        uint256 left = isCool ? enigma.seat(id).creditGwei + enigma.seat(id).bondGwei : 0;
        uint256 taken = _take(_operator(operatorChoice), vm.addr(_signerKey(signerChoice)), isCool ? id + 1 : 0);
        assertEq(_owedTotal(), owedBefore + left, "S22: what a retaken seat held is owed to its operator");
        assertEq(taken, isCool ? id : enigma.seatCount() - 1, "the seat asked for");
    }

    /// @dev S7: a seat that is still held, or cooling down, is nobody else's.
    function takeHeldSeat(uint256 seatChoice, uint256 operatorChoice) external recorded {
        if (enigma.seatCount() == 0) return;
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
        (bool isFound, uint256 id, SeatView memory held) = _anySeat(seatChoice);
        if (!isFound) return;
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
        (bool isFound, uint256 id, SeatView memory held) = _anySeat(seatChoice);
        if (!isFound) return;
        bytes memory call = abi.encodeCall(enigma.leaveSeat, (id));
        _refused(user, call, IEnigma.NotOperator.selector);
        if (held.exitEpoch <= enigma.currentEpoch() + NOTICE) {
            return _refused(held.operator, call, IEnigma.SeatNotLive.selector);
        }
        vm.prank(held.operator);
        enigma.leaveSeat(id);
        ++counts["seat left"];
    }

    function withdrawSeat(uint256 seatChoice) external recorded {
        (bool isFound, uint256 id, SeatView memory held) = _anySeat(seatChoice);
        if (!isFound) return;
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

    function _take(address by, address signer, uint256 reuse) internal returns (uint256 id) {
        uint256 identityBlock = vm.getBlockNumber() - 1;
        bytes memory evidence = abi.encode(attestation(by, signer, identityBlock));
        vm.prank(by);
        id = enigma.takeSeat{value: 1 ether}(reuse, signer, INPUT_KEY, identityBlock, QUOTE, evidence);
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

    function _anySeat(uint256 choice) private view returns (bool isFound, uint256 id, SeatView memory held) {
        uint256 seats = enigma.seatCount();
        if (seats == 0) return (false, 0, held);
        id = choice % seats;
        return (true, id, enigma.seat(id));
    }

    function _owedTotal() internal view returns (uint256 totalGwei) {
        for (uint256 i; i < operators.length; ++i) {
            totalGwei += enigma.owedGwei(operators[i]);
        }
    }
}
