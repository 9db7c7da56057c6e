// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Mixer} from "../../../examples/mixer/Mixer.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {MixerWorld} from "./MixerWorld.sol";

/// The mixer's money among hostile depositors, payees and requesters.
contract MixerMoneyTest is MixerWorld {
    /* HOSTILE DESTINATIONS */

    function testFuzz_aDestinationThatIsUnfit_countsAsTheDepositorsOwn(uint8[4] memory kinds, uint256 noise) public {
        PrivateCalls.install();
        for (uint256 i; i < PLACES; ++i) {
            _deposit(0, i, _unfit(i, kinds[i], noise));
        }
        _draw(0);
        _deliver(Mixer.mix.selector, _mixOutput(0));
        for (uint256 i; i < PLACES; ++i) {
            bool isFit = kinds[i] % 8 == 0;
            address payee = isFit ? _destination(i) : _depositor(i);
            assertEq(payee.balance, COIN, "paid once");
        }
        assertEq(address(mixer).balance, 0, "left behind");
    }

    function test_aDestinationNamedTwice_isPaidTwice() public {
        PrivateCalls.install();
        for (uint256 i; i < PLACES; ++i) {
            _deposit(0, i, _sealedFor(i, abi.encode(_destination(7))));
        }
        _draw(0);
        _deliver(Mixer.mix.selector, _mixOutput(0));
        assertEq(_destination(7).balance, PLACES * COIN, "coins");
    }

    /// Whoever asks chooses the gas: with too little there is no list, and never one with coins going back.
    function testFuzz_mix_withLittleGas_tellsNothingElse(uint256 gasLimit) public {
        PrivateCalls.install();
        _fill(0);
        _draw(0);
        uint256 before = gasleft();
        bytes memory full = _mixOutput(0);
        uint256 used = before - gasleft();
        gasLimit = bound(gasLimit, used / 10, used + used / 10);
        (bool ok, bytes memory output) = address(mixer).staticcall{gas: gasLimit}(abi.encodeCall(Mixer.mix, (0)));
        if (ok) assertEq(output, full, "list");
    }

    function test_S4_aPayeeThatWastesReturnsOrReenters_stopsNoOther() public {
        PrivateCalls.install();
        address[3] memory payees = [address(new Waster()), address(new Bomb()), address(new Reenterer(mixer))];
        for (uint256 i; i < PLACES; ++i) {
            _deposit(0, i, _sealedFor(i, abi.encode(i == 3 ? _destination(3) : payees[i])));
        }
        _draw(0);
        _settle(Mixer.mix.selector, _mixOutput(0));
        assertEq(_destination(3).balance, COIN, "the honest one");
        for (uint256 i; i < 3; ++i) {
            assertEq(mixer.creditWei(payees[i]), COIN, "credit");
        }
        vm.prank(payees[0]);
        mixer.withdraw(payable(_destination(0)));
        assertEq(_destination(0).balance, COIN, "withdrawn to where it is taken");
        vm.expectRevert(abi.encodeWithSelector(Mixer.NotTaken.selector, payees[1]));
        vm.prank(payees[1]);
        mixer.withdraw(payable(payees[1]));
    }

    function testFuzz_S4_receiveMix_withLittleGas_paysAllOrNone(uint256 gasLimit) public {
        PrivateCalls.install();
        address waster = address(new Waster());
        for (uint256 i; i < PLACES; ++i) {
            _deposit(0, i, _sealedFor(i, abi.encode(i == 2 ? waster : _destination(i))));
        }
        _draw(0);
        bytes memory message = abi.encodeCall(mixer.onEnigmaResult, (0, Mixer.mix.selector, _mixOutput(0)));
        gasLimit = bound(gasLimit, 30_000, mixer.mixGas());
        vm.prank(address(enigma));
        (bool ok,) = address(mixer).call{gas: gasLimit}(message);
        assertEq(mixer.creditWei(waster), ok ? COIN : 0, "the waster's credit, and no other");
        assertEq(address(mixer).balance, ok ? COIN : PLACES * COIN, "the rest is paid, or all is here");
    }

    /// Whatever happens in whatever order, the contract holds each coin that is in and each credit.
    function testFuzz_S22_theMixerHoldsWhatItOwes(uint256[24] memory steps) public {
        PrivateCalls.install();
        address waster = address(new Waster());
        uint256 paidIn;
        uint256 paidOut;
        for (uint256 i; i < steps.length; ++i) {
            uint256 who = (steps[i] >> 8) % 6;
            uint256 round = (steps[i] >> 16) % (mixer.openRound() + 1);
            uint256 held = address(mixer).balance;
            if (steps[i] % 8 < 4) {
                address to = who == 0 ? waster : _destination(who);
                _try(
                    _depositor(who),
                    COIN,
                    abi.encodeCall(mixer.deposit, (mixer.openRound(), _sealedFor(who, abi.encode(to))))
                );
            }
            if (steps[i] % 8 == 4) vm.warp(block.timestamp + 40 minutes);
            if (steps[i] % 8 == 5) {
                _try(_depositor(who), 0, abi.encodeCall(mixer.takeBack, (round, payable(_destination(who)))));
            }
            if (steps[i] % 8 == 6) {
                (bool ok, bytes memory output) = address(mixer).staticcall(abi.encodeCall(Mixer.draw, (round)));
                if (ok) _deliver(Mixer.draw.selector, output);
                (ok, output) = address(mixer).staticcall(abi.encodeCall(Mixer.mix, (round)));
                if (ok) _deliver(Mixer.mix.selector, output);
            }
            if (steps[i] % 8 == 7) _try(waster, 0, abi.encodeCall(mixer.withdraw, (payable(_destination(9)))));
            uint256 holds = address(mixer).balance;
            (paidIn, paidOut) = holds > held ? (paidIn + holds - held, paidOut) : (paidIn, paidOut + held - holds);
            assertEq(holds, _owed() + mixer.creditWei(waster), "holds what it owes");
            assertEq(paidIn - paidOut, holds, "money neither made nor lost");
        }
    }

    /* HELPERS */

    /// Kind 0 is fit. The others: another's bytes, changed bytes, for another round, zero, the mixer itself, no address, no word.
    function _unfit(uint256 i, uint8 kind, uint256 noise) internal view returns (bytes memory sealed_) {
        kind %= 8;
        bytes memory plaintext = abi.encode(_destination(i));
        if (kind == 4) plaintext = abi.encode(0);
        if (kind == 5) plaintext = abi.encode(mixer);
        if (kind == 6) plaintext = abi.encode(bound(noise, 1 << 160, type(uint256).max));
        if (kind == 7) plaintext = abi.encodePacked(uint248(uint152(bound(noise, 1, type(uint152).max))));
        address owner = kind == 1 ? _depositor(i + 1) : _depositor(i);
        bytes32 label = bytes32(uint256(kind == 3 ? 5 : 0));
        sealed_ = PrivateCalls.seal(address(mixer), plaintext, owner, label);
        if (kind == 2) sealed_[4 + noise % 40] ^= 0x01;
    }

    function _try(address from, uint256 amountWei, bytes memory message) internal {
        vm.deal(from, amountWei);
        vm.prank(from);
        (bool ok,) = address(mixer).call{value: amountWei}(message);
        ok;
    }

    /// One coin for each that is still in a round which was not mixed.
    function _owed() internal view returns (uint256 owedWei) {
        for (uint256 round; round <= mixer.openRound(); ++round) {
            if (mixer.roundOf(round).stage == Mixer.Stage.Mixed) continue;
            for (uint256 who; who < 6; ++who) {
                if (mixer.hasCoinIn(round, _depositor(who))) owedWei += COIN;
            }
        }
    }
}

/// Takes no coin, and all the gas.
contract Waster {
    receive() external payable {
        while (true) {}
    }
}

/// Refuses with as many bytes as its gas makes.
contract Bomb {
    receive() external payable {
        assembly {
            revert(0, 50000)
        }
    }
}

contract Reenterer {
    Mixer private immutable mixer;

    constructor(Mixer mixer_) {
        mixer = mixer_;
    }

    receive() external payable {
        mixer.withdraw(payable(address(this)));
        revert();
    }
}
