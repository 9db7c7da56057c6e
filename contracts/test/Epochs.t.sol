// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {EpochView} from "../src/interfaces/IEnigmaViews.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {BlockHashes} from "../src/libraries/BlockHashes.sol";
import {StubBeacon, StubHistory} from "./support/Stubs.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// EPOCHS: the seed of each, the set of its lottery, and lanes.
contract EpochsTest is World {
    /* SEEDS */

    function test_postSeed_startsTheEpochWithTheBeaconsSeed() public {
        takeSeat("alice");
        goToEpoch(2);
        bytes32 anchor = blockhash(enigma.boundaryBlock(2));
        uint256 seed = uint176(uint256(keccak256(abi.encode(uint256(2), anchor, bytes("proof")))));
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.EpochStarted(2, seed, 1, anchor, false);
        vm.prank(user); // anyone may
        enigma.postSeed(2, "proof");

        EpochView memory epoch = enigma.epoch(2);
        assertEq(epoch.seed, seed, "seed");
        assertTrue(!epoch.isFallback, "isFallback");
        assertEq(epoch.seatCount, 1, "seatCount");
        assertEq(epoch.revokedMask, 0, "revokedMask");
    }

    function test_S6_postSeed_revertsWhen_theEpochHasOne() public {
        takeSeat("alice");
        startEpoch(2);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochAlreadyStarted.selector, 2));
        enigma.postSeed(2, "another proof");
    }

    function test_S6_postSeed_revertsWhen_notTheCurrentEpoch() public {
        takeSeat("alice");
        goToEpoch(3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotCurrentEpoch.selector, 2, 3));
        enigma.postSeed(2, "proof");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotCurrentEpoch.selector, 4, 3));
        enigma.postSeed(4, "proof");
    }

    function test_S6_postSeed_revertsWhen_theBoundaryBlockHasNoHashYet() public {
        takeSeat("alice");
        uint256 boundary = enigma.boundaryBlock(2);
        vm.roll(boundary);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.BoundaryNotMined.selector, boundary));
        enigma.postSeed(2, "proof");
    }

    function test_S6_postSeed_revertsWhen_theBeaconDoesNotVouch() public {
        takeSeat("alice");
        goToEpoch(2);
        bytes32 anchor = blockhash(enigma.boundaryBlock(2));
        vm.expectRevert(abi.encodeWithSelector(StubBeacon.WrongProof.selector, 2, anchor));
        enigma.postSeed(2, "wrong");
    }

    function test_postSeed_revertsWhen_noSeatExistedBefore() public {
        goToEpoch(2);
        takeSeat("alice");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoSeats.selector, 2));
        enigma.postSeed(2, "proof");
    }

    function test_postSeed_anchorsInTheHistoryContract_afterBlockhashForgets() public {
        enigma = _longEpochs();
        takeSeat("alice");
        uint256 boundary = enigma.boundaryBlock(2);
        vm.roll(boundary + 257);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.AnchorUnavailable.selector, boundary));
        enigma.postSeed(2, "proof");

        vm.etch(BlockHashes.HISTORY, address(new StubHistory()).code);
        vm.expectEmit(address(enigma));
        bytes32 anchor = keccak256(abi.encode(boundary));
        uint256 seed = uint176(uint256(keccak256(abi.encode(uint256(2), anchor, bytes("proof")))));
        emit IEnigmaTasks.EpochStarted(2, seed, 1, anchor, false);
        enigma.postSeed(2, "proof");
    }

    function test_epoch_revertsWhen_notStarted_orOverwritten() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 0));
        enigma.epoch(0);
        takeSeat("alice");
        startEpoch(2);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 34));
        enigma.epoch(34); // the same place in the ring
        startEpoch(34);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 2));
        enigma.epoch(2);
    }

    /* THE SET */

    /// Whoever sees a seed coming could otherwise append a seat and shift every draw.
    function test_S7_lottery_countsTheSeatsBeforeItsBoundary() public {
        takeSeat("alice");
        vm.roll(enigma.boundaryBlock(2) - 1);
        takeSeat("bob");
        vm.roll(enigma.boundaryBlock(2));
        takeSeat("carol");
        skipBlocks(1);
        takeSeat("dave");
        enigma.postSeed(2, "proof");
        assertEq(enigma.epoch(2).seatCount, 2, "T");
        assertEq(enigma.seatCount(), 4, "seats");

        goToEpoch(4); // nobody joined in epoch 3
        enigma.postSeed(4, "proof");
        assertEq(enigma.epoch(4).seatCount, 4, "T");
    }

    function test_S7_lottery_drawsNoSeatBeforeItIsActiveOrAfterItLeft() public {
        takeSeat("alice");
        goToEpoch(1);
        takeSeat("bob"); // active in 3
        startEpoch(2);
        _drawsOnly(2, account("alice"));
        vm.prank(operator);
        enigma.leaveSeat(0); // out from 4
        startEpoch(3);
        _drawsBoth(3);
        startEpoch(4);
        _drawsOnly(4, account("bob"));
    }

    function test_S5_lottery_makesNoSignerItsOwnBackup() public {
        for (uint256 i; i < 5; ++i) {
            takeSeat("alice");
        }
        takeSeat("bob");
        startEpoch(2);
        _drawsBoth(2);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, 2, address(dapp), 0, 2));
        enigma.selected(2, address(dapp), 0, 2);
    }

    function test_selected_revertsWhen_theRankIsNone_orTheSeedIsMissing() public {
        takeSeat("alice");
        startEpoch(2);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidRank.selector, 3));
        enigma.selected(2, address(dapp), 0, 3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 3));
        enigma.selected(3, address(dapp), 0, 0);
    }

    /* LANES */

    function test_S7_setLanes_appliesFromTheEpochAfterNext() public {
        goToEpoch(5);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.LanesSet(address(dapp), 4, 7);
        _setLanes(4);
        assertEq(enigma.lanes(address(dapp), 4), 1, "before");
        assertEq(enigma.lanes(address(dapp), 6), 1, "not yet");
        assertEq(enigma.lanes(address(dapp), 7), 4, "from then on");
        assertEq(enigma.lanes(user, 7), 1, "nobody else's");
    }

    function test_setLanes_replacesAChangeOfTheSameEpoch() public {
        goToEpoch(5);
        _setLanes(4);
        _setLanes(8);
        assertEq(enigma.lanes(address(dapp), 6), 1, "not yet");
        assertEq(enigma.lanes(address(dapp), 7), 8, "the later one");
    }

    /// Tasks may name the epoch before: a change must not rewrite its lanes either.
    function test_S7_setLanes_revertsWhen_theLastChangeIsTooFresh() public {
        goToEpoch(5);
        _setLanes(4); // from 7 on
        for (uint256 epoch = 6; epoch <= 7; ++epoch) {
            goToEpoch(epoch);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.LanesChanging.selector, 7, epoch));
            _setLanes(2);
        }
        goToEpoch(8);
        _setLanes(2);
        assertEq(enigma.lanes(address(dapp), 7), 4, "the epoch before");
        assertEq(enigma.lanes(address(dapp), 9), 4, "not yet");
        assertEq(enigma.lanes(address(dapp), 10), 2, "from then on");
    }

    function test_setLanes_revertsWhen_zero() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidLanes.selector, 0));
        _setLanes(0);
    }

    function testFuzz_S5_laneOf_isBelowTheLanes(address requester, uint32 slot, uint64 seq, uint16 count) public {
        count = uint16(bound(count, 1, type(uint16).max));
        _setLanes(count);
        uint256 lane = enigma.laneOf(requester, slot, seq, address(dapp), 2);
        uint256 expected = uint256(keccak256(abi.encode(requester, uint256(slot), uint256(seq)))) % count;
        assertEq(lane, expected, "lane");
    }

    /* HELPERS */

    function _setLanes(uint16 count) private {
        vm.prank(address(dapp));
        enigma.setLanes(count);
    }

    function _drawsOnly(uint256 epoch, address signer) private {
        for (uint256 lane; lane < 8; ++lane) {
            (, address drawn) = enigma.selected(epoch, address(dapp), lane, 0);
            assertEq(drawn, signer, "rank 0");
        }
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, epoch, address(dapp), 0, 1));
        enigma.selected(epoch, address(dapp), 0, 1);
    }

    function _drawsBoth(uint256 epoch) private view {
        (, address first) = enigma.selected(epoch, address(dapp), 0, 0);
        (, address second) = enigma.selected(epoch, address(dapp), 0, 1);
        assertTrue(first != second, "two signers");
    }

    function _longEpochs() private returns (IEnigma) {
        Parameters memory p = parameters();
        (p.epochBlocks, p.cutBlocks) = (1000, 500);
        return deploy(p);
    }
}
