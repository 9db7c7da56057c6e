// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp} from "../../src/dapp/EnigmaDapp.sol";
import {Private} from "../../src/dapp/Private.sol";
import {Mixer} from "../../../examples/mixer/Mixer.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {MixerWorld} from "./MixerWorld.sol";

/// A round's life: coins in, one draw, one list, coins out or back.
contract MixerTest is MixerWorld {
    /* A ROUND */

    function test_aRound_paysEachDestinationOneCoin() public {
        PrivateCalls.install();
        _fill(0);
        _draw(0);
        _settle(Mixer.mix.selector, _mixOutput(0));
        for (uint256 i; i < PLACES; ++i) {
            assertEq(_destination(i).balance, COIN, "coin");
        }
        assertEq(address(mixer).balance, 0, "left behind");
        assertTrue(mixer.roundOf(0).stage == Mixer.Stage.Mixed, "stage");
    }

    function test_aFullRound_isFollowedByAnother() public {
        _fill(0);
        assertEq(mixer.openRound(), 1, "next");
        _fill(1);
        assertEq(mixer.roundOf(1).depositors.length, PLACES, "deposits");
    }

    /// Three places, so that a shuffle which only looks like Fisher's and Yates's shows: it makes some orders twice as often.
    function test_mix_makesEachOrderEquallyOften() public {
        PrivateCalls.install();
        mixer = new Mixer(enigma, COIN, 3, 1 days, 1 hours);
        uint256[9] memory times;
        for (uint256 round; round < 360; ++round) {
            for (uint256 i; i < 3; ++i) {
                _deposit(round, i);
            }
            bytes memory seed = abi.encode(keccak256(abi.encode(round)));
            bytes memory sealedSeed = PrivateCalls.seal(address(mixer), seed, address(mixer), bytes32(round));
            _deliver(Mixer.draw.selector, abi.encode(round, sealedSeed));
            (, address[] memory payees) = mixer.mix(round);
            ++times[3 * _indexOf(payees[0]) + _indexOf(payees[1])];
        }
        for (uint256 order; order < 9; ++order) {
            bool isOrder = order / 3 != order % 3;
            assertTrue(!isOrder || (times[order] > 42 && times[order] < 78), "60 times, within 2.5 deviations of 7.1");
        }
    }

    /* ONE DRAW */

    function test_S13_mix_tellsTheSameList_howeverOftenItIsAsked() public {
        PrivateCalls.install();
        _fill(0);
        _draw(0);
        bytes memory first = _mixOutput(0);
        skipBlocks(3);
        vm.prank(user);
        (uint256 round, address[] memory payees) = mixer.mix(0);
        assertEq(abi.encode(round, payees), first, "list");
    }

    function test_draw_isTheFirstThatArrives() public {
        PrivateCalls.install();
        _fill(0);
        bytes memory first = _drawOutput(0);
        skipBlocks(1);
        bytes memory second = _drawOutput(0);
        assertTrue(keccak256(first) != keccak256(second), "each task draws anew");
        _deliver(Mixer.draw.selector, first);
        bytes32 stored = keccak256(mixer.sealedData(address(mixer), 0));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.StateChanged.selector, stored, keccak256("")));
        _deliver(Mixer.draw.selector, second);
        vm.expectRevert(abi.encodeWithSelector(Mixer.DrawnBefore.selector, 0));
        mixer.draw(0);
    }

    function test_mix_revertsWhen_theRoundIsNotFull_orNotDrawn_orOver() public {
        PrivateCalls.install();
        _deposit(0, 0);
        vm.expectRevert(abi.encodeWithSelector(Mixer.NotFull.selector, 0, 1));
        mixer.mix(0);
        vm.expectRevert(abi.encodeWithSelector(Mixer.NotFull.selector, 0, 1));
        mixer.draw(0);
        for (uint256 i = 1; i < PLACES; ++i) {
            _deposit(0, i);
        }
        vm.expectRevert(abi.encodeWithSelector(Mixer.NotDrawn.selector, 0));
        mixer.mix(0);
        _draw(0);
        bytes memory output = _mixOutput(0);
        _deliver(Mixer.mix.selector, output);
        vm.expectRevert(abi.encodeWithSelector(Mixer.RoundOver.selector, 0, Mixer.Stage.Mixed));
        mixer.mix(0);
        vm.expectRevert(abi.encodeWithSelector(Mixer.RoundOver.selector, 0, Mixer.Stage.Mixed));
        _deliver(Mixer.mix.selector, output);
    }

    /* WAYS OUT */

    function test_takeBack_givesTheCoinsOfARoundBackThatDidNotFill() public {
        _deposit(0, 0);
        _deposit(0, 1);
        uint256 endsAt = mixer.roundOf(0).endsAt;
        vm.warp(endsAt);
        vm.expectRevert(abi.encodeWithSelector(Mixer.StillRunning.selector, 0, endsAt));
        vm.prank(_depositor(0));
        mixer.takeBack(0, payable(_destination(0)));
        vm.warp(endsAt + 1);
        assertEq(mixer.openRound(), 1, "it takes no more");
        _takeBack(0, 0);
        _takeBack(0, 1);
        assertEq(_destination(0).balance + _destination(1).balance, 2 * COIN, "refunded");
        vm.expectRevert(abi.encodeWithSelector(Mixer.NoCoinIn.selector, 0, _depositor(0)));
        vm.prank(_depositor(0));
        mixer.takeBack(0, payable(_destination(0)));
    }

    function test_takeBack_endsARoundThatIsNotMixedInTime() public {
        PrivateCalls.install();
        _fill(0);
        _draw(0);
        bytes memory output = _mixOutput(0);
        vm.warp(mixer.roundOf(0).endsAt + 1);
        _takeBack(0, 2);
        vm.expectRevert(abi.encodeWithSelector(Mixer.RoundOver.selector, 0, Mixer.Stage.GivenUp));
        _deliver(Mixer.mix.selector, output);
        vm.expectRevert(abi.encodeWithSelector(Mixer.RoundOver.selector, 0, Mixer.Stage.GivenUp));
        mixer.mix(0);
        _takeBack(0, 0);
        _takeBack(0, 1);
        _takeBack(0, 3);
        assertEq(address(mixer).balance, 0, "all gave up");
    }

    function test_takeBack_revertsWhen_theRoundIsMixed() public {
        PrivateCalls.install();
        _fill(0);
        _draw(0);
        _deliver(Mixer.mix.selector, _mixOutput(0));
        vm.warp(block.timestamp + 2 days);
        vm.expectRevert(abi.encodeWithSelector(Mixer.RoundOver.selector, 0, Mixer.Stage.Mixed));
        vm.prank(_depositor(0));
        mixer.takeBack(0, payable(_depositor(0)));
    }

    /* DEPOSITS */

    function test_deposit_revertsWhen_notOneCoin_orTwice_orForAnotherRound_orOfAnotherLength() public {
        bytes memory destination = _sealedFor(0, abi.encode(_destination(0)));
        _refuses(COIN - 1, 0, destination, abi.encodeWithSelector(Mixer.NotOneCoin.selector, COIN - 1, COIN));
        _refuses(COIN, 1, destination, abi.encodeWithSelector(Mixer.NotTheOpenRound.selector, 1, 0));
        bytes memory long = _sealedFor(0, abi.encode(1, 2));
        _refuses(COIN, 0, long, abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, long.length));
        _deposit(0, 0, destination);
        _refuses(COIN, 0, destination, abi.encodeWithSelector(Mixer.DepositedBefore.selector, 0, _depositor(0)));
    }

    function test_constructor_revertsWhen_theRulesAreUnsound() public {
        vm.expectRevert(Mixer.InvalidRules.selector);
        new Mixer(enigma, 0, PLACES, 1 days, 1 hours);
        vm.expectRevert(Mixer.InvalidRules.selector);
        new Mixer(enigma, COIN, 1, 1 days, 1 hours);
        vm.expectRevert(Mixer.InvalidRules.selector);
        new Mixer(enigma, COIN, 33, 1 days, 1 hours);
    }

    function test_S3_callbacks_revertWhen_notFromEnigma() public {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        mixer.receiveMix(0, new address[](PLACES));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        mixer.receiveDraw(0, "");
    }

    function test_S26_onChain_nothingIsDrawnOrOpened() public {
        _fill(0);
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        mixer.draw(0);
        bytes memory seed = PrivateCalls.seal(address(mixer), abi.encode("seed"), address(mixer), 0);
        _deliver(Mixer.draw.selector, abi.encode(uint256(0), seed));
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        mixer.mix(0);
    }

    /* HELPERS */

    function _refuses(uint256 amountWei, uint256 round, bytes memory destination, bytes memory reason) internal {
        vm.deal(_depositor(0), COIN);
        vm.expectRevert(reason);
        vm.prank(_depositor(0));
        mixer.deposit{value: amountWei}(round, destination);
    }
}
