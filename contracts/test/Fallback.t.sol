// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaTasks, TaskRequest} from "../src/interfaces/IEnigmaTasks.sol";
import {EpochView, SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {BlockHashes} from "../src/libraries/BlockHashes.sol";
import {Seeds} from "../src/libraries/Seeds.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {Task} from "../src/types/Task.sol";
import {PlainDapp} from "./support/Dapps.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {StubHistory} from "./support/Stubs.sol";
import {vm} from "./support/Vm.sol";

/// What an epoch starts with whose beacon was silent until the cut.
contract FallbackTest is SecretWorld {
    uint24 private constant EPOCH = 2;

    function setUp() public override {
        super.setUp();
        takeSeat("alice");
        takeSeat("bob");
    }

    /* WHEN */

    function test_S6_postSeed_isTakenUntilTheCut_andNotAfter() public {
        uint256 cut = _cutOf(EPOCH);
        uint256 state = vm.snapshotState();
        vm.roll(cut);
        enigma.postSeed(EPOCH, "proof");
        assertTrue(!enigma.epoch(EPOCH).isFallback, "the beacon's");
        vm.revertToState(state);
        vm.roll(cut + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedOverdue.selector, cut, cut + 1));
        enigma.postSeed(EPOCH, "proof");
    }

    function test_S6_postFallbackSeed_revertsUntilTheCutHasAHash() public {
        uint256 cut = _cutOf(EPOCH);
        for (uint256 height = cut - 1; height <= cut; ++height) {
            vm.roll(height);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedStillDue.selector, cut, height));
            enigma.postFallbackSeed(EPOCH);
        }
        vm.roll(cut + 1);
        enigma.postFallbackSeed(EPOCH);
    }

    /// In each block of an epoch exactly one of the two starts it: nobody may choose between two seeds that are both known.
    function testFuzz_S6_atMostOneKindOfSeedIsTakenInABlock(uint256 into) public {
        uint256 boundary = enigma.boundaryBlock(EPOCH);
        into = bound(into, 1, parameters().epochBlocks - 1);
        vm.roll(boundary + into);
        bool isEarly = into <= parameters().cutBlocks;
        vm.expectRevert(
            abi.encodeWithSelector(
                isEarly ? IEnigmaTasks.SeedStillDue.selector : IEnigmaTasks.SeedOverdue.selector,
                _cutOf(EPOCH),
                boundary + into
            )
        );
        isEarly ? enigma.postFallbackSeed(EPOCH) : enigma.postSeed(EPOCH, "proof");
        isEarly ? enigma.postSeed(EPOCH, "proof") : enigma.postFallbackSeed(EPOCH);
        assertTrue(enigma.epoch(EPOCH).isFallback == !isEarly, "isFallback");
    }

    function test_S6_postFallbackSeed_revertsWhen_theEpochHasASeed() public {
        startEpoch(EPOCH);
        uint256 seed = enigma.epoch(EPOCH).seed;
        vm.roll(_cutOf(EPOCH) + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochAlreadyStarted.selector, EPOCH));
        enigma.postFallbackSeed(EPOCH);
        assertEq(enigma.epoch(EPOCH).seed, seed, "seed");
        _startWithFallback(EPOCH + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochAlreadyStarted.selector, EPOCH + 1));
        enigma.postFallbackSeed(EPOCH + 1);
    }

    function test_S6_postFallbackSeed_revertsWhen_notTheCurrentEpoch() public {
        vm.roll(_cutOf(EPOCH) + 1);
        for (uint256 number = EPOCH - 1; number <= EPOCH + 1; number += 2) {
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotCurrentEpoch.selector, number, EPOCH));
            enigma.postFallbackSeed(number);
        }
        vm.roll(enigma.boundaryBlock(EPOCH + 1));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotCurrentEpoch.selector, EPOCH, EPOCH + 1));
        enigma.postFallbackSeed(EPOCH);
    }

    function test_postFallbackSeed_revertsWhen_noSeatExistedBefore() public {
        enigma = deploy(parameters());
        vm.roll(_cutOf(EPOCH) + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoSeats.selector, EPOCH));
        enigma.postFallbackSeed(EPOCH);
    }

    /* WHICH SEED */

    function test_S6_postFallbackSeed_takesTheHashOfTheCut_wheneverItIsPosted() public {
        uint256 cut = _cutOf(EPOCH);
        uint256 state = vm.snapshotState();
        for (uint256 height = cut + 1; height < enigma.boundaryBlock(EPOCH + 1); height += 9) {
            vm.revertToState(state);
            vm.roll(height);
            bytes32 anchor = blockhash(cut);
            uint256 seed = uint176(uint256(keccak256(abi.encode("enigma.fallback.v1", EPOCH, anchor))));
            vm.expectEmit(address(enigma));
            emit IEnigmaTasks.EpochStarted(EPOCH, seed, 2, anchor, true);
            vm.prank(user); // anyone may
            enigma.postFallbackSeed(EPOCH);
            assertEq(enigma.epoch(EPOCH).seed, seed, "seed");
        }
    }

    function test_S6_postFallbackSeed_takesTheCutFromTheHistoryContract_afterBlockhashForgets() public {
        Parameters memory p = parameters();
        (p.epochBlocks, p.cutBlocks) = (1000, 500);
        enigma = deploy(p);
        takeSeat("alice");
        uint256 cut = enigma.boundaryBlock(EPOCH) + 500;
        vm.roll(cut + 257);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AnchorUnavailable.selector, cut));
        enigma.postFallbackSeed(EPOCH);

        vm.etch(BlockHashes.HISTORY, address(new StubHistory()).code);
        enigma.postFallbackSeed(EPOCH);
        assertEq(enigma.epoch(EPOCH).seed, Seeds.fallbackSeed(EPOCH, keccak256(abi.encode(cut))), "seed");
    }

    function testFuzz_S6_fallbackSeed_differsByEpochAndBlock(
        uint256 epoch,
        uint256 other,
        bytes32 hash,
        bytes32 another
    ) public pure {
        uint256 seed = Seeds.fallbackSeed(epoch, hash);
        assertTrue(seed <= type(uint176).max, "176 bits");
        assertTrue(epoch == other || Seeds.fallbackSeed(other, hash) != seed, "epoch");
        assertTrue(hash == another || Seeds.fallbackSeed(epoch, another) != seed, "block");
    }

    /* THE EPOCH THAT STARTS WITH IT */

    function test_S6_anEpochWithAFallback_drawsFromTheSetOfItsBoundary_andIsFlagged() public {
        vm.roll(enigma.boundaryBlock(EPOCH));
        takeSeat("carol"); // in the boundary block, before the cut, and too late
        vm.prank(governor);
        enigma.setPriceLevel(34);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        _startWithFallback(EPOCH);
        EpochView memory epoch = enigma.epoch(EPOCH);
        assertTrue(epoch.isFallback, "isFallback");
        assertEq(epoch.seatCount, 2, "T");
        assertEq(epoch.revokedMask, 2, "revokedMask");
        assertEq(epoch.priceLevel, 34, "priceLevel");
        assertTrue(!epoch.isPaused, "isPaused");
    }

    function test_S24_anEpochWithAFallback_startsPausedDuringAPause() public {
        vm.prank(guardian);
        enigma.pause(block.timestamp + 1 days);
        _startWithFallback(EPOCH);
        assertTrue(enigma.epoch(EPOCH).isPaused, "isPaused");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochPaused.selector, EPOCH));
        _ask();
    }

    function test_S6_anEpochWithAFallback_servesTasks_andTheNextOneHasASeedAgain() public {
        _startWithFallback(EPOCH);
        Task memory task = request();
        skipBlocks(1);
        settle(task, 0, 0, abi.encode(1));
        startEpoch(EPOCH + 1);
        assertTrue(!enigma.epoch(EPOCH + 1).isFallback, "the beacon's");
        assertTrue(enigma.epoch(EPOCH).isFallback, "stays flagged");
    }

    /* DAPPS THAT REFUSE IT */

    function test_S6_refuseFallback_holdsAtOnce_forThisDappAlone_untilTakenBack() public {
        _startWithFallback(EPOCH);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.FallbackRefusalSet(address(dapp), true);
        _refuse(true);
        assertTrue(enigma.refusesFallback(address(dapp)), "refuses");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FallbackRefused.selector, address(dapp), EPOCH));
        _ask();

        PlainDapp other = new PlainDapp();
        assertTrue(!enigma.refusesFallback(address(other)), "nobody else's");
        request(user, 1, target(address(other)), FEE, FEE);

        _refuse(false);
        assertTrue(!enigma.refusesFallback(address(dapp)), "no more");
        _ask();
    }

    function test_S6_refuseFallback_refusesAWholeBatch() public {
        PlainDapp other = new PlainDapp();
        _refuse(true);
        _startWithFallback(EPOCH);
        TaskRequest[] memory requests = new TaskRequest[](2);
        address[2] memory dapps = [address(other), address(dapp)];
        for (uint32 i; i < 2; ++i) {
            requests[i] = TaskRequest({
                slot: i, target: target(dapps[i]), feeGwei: FEE, valueGwei: FEE, epoch: EPOCH, lane: 0, inputs: INPUTS
            });
        }
        vm.prank(user);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FallbackRefused.selector, address(dapp), EPOCH));
        enigma.requestTasks{value: 2 * uint256(FEE) * 1 gwei}(requests);
        SlotView memory first = enigma.slot(user, 0);
        assertTrue(!first.pending, "all or none");
    }

    function test_S6_refuseFallback_takesTasksOfEpochsWithTheBeaconsSeed() public {
        _refuse(true);
        startEpoch(EPOCH);
        request();
    }

    /// A task that was taken is served: refusing is no way to take back what was paid for.
    function test_refuseFallback_leavesAcceptedTasksAlone() public {
        _startWithFallback(EPOCH);
        Task memory task = request();
        _refuse(true);
        skipBlocks(1);
        settle(task, 0, 0, abi.encode(1));
    }

    function testFuzz_refuseFallback_andLanes_doNotTouchEachOther(uint16 lanes, bool first, bool last) public {
        lanes = uint16(bound(lanes, 1, type(uint16).max));
        _refuse(first);
        assertEq(enigma.lanes(address(dapp), 0), 1, "still one");
        vm.prank(address(dapp));
        enigma.setLanes(lanes);
        assertTrue(enigma.refusesFallback(address(dapp)) == first, "refuses");
        _refuse(last);
        assertTrue(enigma.refusesFallback(address(dapp)) == last, "refuses");
        assertEq(enigma.lanes(address(dapp), 1), 1, "before");
        assertEq(enigma.lanes(address(dapp), 2), lanes, "from then on");
    }

    /* HELPERS */

    function _cutOf(uint256 epoch) private view returns (uint256) {
        return enigma.boundaryBlock(epoch) + parameters().cutBlocks;
    }

    function _startWithFallback(uint256 epoch) private {
        vm.roll(_cutOf(epoch) + 1);
        enigma.postFallbackSeed(epoch);
    }

    function _refuse(bool refuses) private {
        vm.prank(address(dapp));
        enigma.refuseFallback(refuses);
    }

    function _ask() private {
        vm.prank(user);
        enigma.requestTask{value: uint256(FEE) * 1 gwei}(0, target(address(dapp)), FEE, EPOCH, 0, INPUTS);
    }
}
