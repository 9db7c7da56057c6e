// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Fees} from "../src/libraries/Fees.sol";
import {packTarget, Task, TaskTarget} from "../src/types/Task.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// What the governor's price level does to fees: of epochs that start later, by quarters of a doubling, and to nothing that was agreed.
contract PriceLevelTest is SecretWorld {
    uint64 private constant FLOOR = 10_000;
    uint64 private constant COMPUTE = 1000;

    function test_S24_setPriceLevel_isTheGovernorsAlone_andBounded() public {
        address[2] memory others = [guardian, operator];
        for (uint256 i; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGovernor.selector, others[i]));
            enigma.setPriceLevel(33);
        }
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.InvalidPriceLevel.selector, 64));
        enigma.setPriceLevel(64);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.InvalidPriceLevel.selector, 255));
        enigma.setPriceLevel(255);
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.PriceLevelSet(63);
        enigma.setPriceLevel(63);
        enigma.setPriceLevel(0);
        assertEq(enigma.priceLevel(), 0, "level");
    }

    function test_S24_priceLevel_countsInEpochs_thatStartLater() public {
        startNetwork();
        uint64 before = _quoted();
        _setLevel(36);
        assertEq(_quoted(), before, "as this epoch began");
        request(user, 0, target(address(dapp)), before, before);
        startEpoch(3);
        assertEq(enigma.epoch(2).priceLevel, 32, "epoch 2");
        assertEq(enigma.epoch(3).priceLevel, 36, "epoch 3");
        assertTrue(_quoted() > before, "dearer");
        _isTheLeast(_quoted(), 3);
    }

    /// Between a boundary and its seed requests name the epoch before, at its prices; after GRACE, none yet: the next one's.
    function test_priceLevel_quoteFee_isOfTheEpochThatARequestNames() public {
        assertEq(_quoted(), _expected(32), "before the first epoch");
        _setLevel(40);
        assertEq(_quoted(), _expected(40), "of the first one to start");
        startNetwork();
        _setLevel(20);
        goToEpoch(3);
        assertEq(_quoted(), _expected(40), "of the one before");
        _isTheLeast(_quoted(), 2);
        vm.roll(enigma.boundaryBlock(3) + 9);
        _isTheLeast(_quoted(), 2);
        vm.roll(enigma.boundaryBlock(3) + 10);
        assertEq(_quoted(), _expected(20), "of the next");
        enigma.postSeed(3, "proof");
        _isTheLeast(_quoted(), 3);
    }

    function test_S22_priceLevel_leavesWhatWasAgreed() public {
        startNetwork();
        Task memory task = request();
        _setLevel(63);
        vm.roll(block.number + 1);
        uint256 seat = selectedSeat(task, 0);
        settle(task, 0, 0, abi.encode(1));
        assertEq(enigma.seat(seat).creditGwei, FEE, "credit");
    }

    function test_priceLevel_32_isThePricesAtDeployment_toTheGwei() public pure {
        TaskTarget small = packTarget(address(1), 0, 0, 0, 0);
        // 2^16 gas at 1000 gwei a million: 65.536 gwei, rounded up; no base fee.
        assertEq(Fees.quote(small, 0, FLOOR, COMPUTE, 32), FLOOR + 66, "level 32");
        assertEq(Fees.quote(small, 0, FLOOR, COMPUTE, 36), 2 * (FLOOR + 66), "36 is twice");
        assertEq(Fees.quote(small, 0, FLOOR, COMPUTE, 28), (FLOOR + 66) / 2, "28 is half");
        assertEq(Fees.quote(small, 0, FLOOR, COMPUTE, 0), 40, "0 is 1/256, rounded up: 39.3");
        // 2^(31/4) = 215.27 by a factor of 16 bits: 2^7 times 0x1ae8a / 2^16, 10,066 times that rounded up.
        assertEq(Fees.quote(small, 0, FLOOR, COMPUTE, 63), 2_166_904, "63");
    }

    /// The exact number lies at most one gwei and a 65,536th below.
    function testFuzz_priceLevel_isAGeometricSeries_roundedUp(uint64 floorGwei, uint64 perMgas, uint256 level) public pure {
        TaskTarget any = packTarget(address(1), 0, 100_000, 100, 4);
        level = bound(level, 0, 59);
        uint256 lower = Fees.quote(any, 0, floorGwei, perMgas, uint8(level));
        uint256 upper = Fees.quote(any, 0, floorGwei, perMgas, uint8(level + 4));
        assertTrue(upper <= 2 * lower && 2 * lower <= upper + 2, "twice as high four levels above");
    }

    function testFuzz_priceLevel_isMonotone(uint64 floorGwei, uint64 perMgas, uint256 level, uint128 baseFee) public pure {
        TaskTarget any = packTarget(address(1), 0, 100_000, 100, 12);
        level = bound(level, 0, 62);
        uint256 lower = Fees.quote(any, baseFee, floorGwei, perMgas, uint8(level));
        uint256 upper = Fees.quote(any, baseFee, floorGwei, perMgas, uint8(level + 1));
        assertTrue(lower <= upper, "a higher level is no cheaper");
    }

    /// What settling costs is the chain's, and not the governor's.
    function testFuzz_priceLevel_leavesTheCostOfSettlement(uint128 baseFee, uint256 level) public pure {
        TaskTarget any = packTarget(address(1), 0, 100_000, 100, 4);
        uint8 level_ = uint8(bound(level, 0, 63));
        uint256 settlement = Fees.quote(any, baseFee, 0, 0, 32);
        uint256 prices = Fees.quote(any, 0, FLOOR, COMPUTE, level_);
        assertEq(Fees.quote(any, baseFee, FLOOR, COMPUTE, level_), prices + settlement, "sum");
    }

    function testFuzz_priceLevel_requestTask_takesWhatQuoteFeeSays(uint256 level, uint64 baseFee) public {
        _setLevel(uint8(bound(level, 0, 63)));
        startNetwork();
        vm.fee(bound(baseFee, 0, 1000 gwei));
        _isTheLeast(_quoted(), 2);
    }

    /* THE TEST'S WORDS */

    function _setLevel(uint8 level) private {
        vm.prank(governor);
        enigma.setPriceLevel(level);
    }

    function _quoted() private view returns (uint64) {
        return enigma.quoteFee(4, 200_000, 64, block.basefee);
    }

    function _expected(uint8 level) private view returns (uint256) {
        return Fees.quote(target(address(dapp)), block.basefee, FLOOR, COMPUTE, level);
    }

    function _isTheLeast(uint64 feeGwei, uint256 epoch) private {
        uint256 lane = enigma.laneOf(user, 7, 0, address(dapp), epoch);
        TaskTarget to = target(address(dapp));
        vm.startPrank(user);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FeeTooLow.selector, feeGwei - 1, feeGwei));
        enigma.requestTask{value: 10 ether}(7, to, feeGwei - 1, epoch, lane, INPUTS);
        uint32 slot = uint32(epoch * 1000 + block.number % 1000);
        lane = enigma.laneOf(user, slot, 0, address(dapp), epoch);
        enigma.requestTask{value: feeGwei * 1 gwei}(slot, to, feeGwei, epoch, lane, INPUTS);
        vm.stopPrank();
    }
}
