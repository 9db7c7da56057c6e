// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {packTarget, Task} from "../../src/types/Task.sol";
import {Mixer} from "../../../examples/mixer/Mixer.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// A mixer of four places, and the steps of its rounds. The private functions run as the enclave runs them, with stand-ins.
abstract contract MixerWorld is World {
    uint256 internal constant COIN = 1 ether;
    uint256 internal constant PLACES = 4;

    Mixer internal mixer;

    function setUp() public override {
        super.setUp();
        startNetwork();
        mixer = new Mixer(enigma, COIN, PLACES, 1 days, 1 hours);
    }

    function _depositor(uint256 i) internal pure returns (address) {
        return vm.addr(1000 + i);
    }

    function _destination(uint256 i) internal pure returns (address) {
        return vm.addr(2000 + i);
    }

    function _indexOf(address destination) internal pure returns (uint256 i) {
        while (_destination(i) != destination) ++i;
    }

    function _fill(uint256 round) internal {
        for (uint256 i; i < PLACES; ++i) {
            _deposit(
                round, i, PrivateCalls.seal(address(mixer), abi.encode(_destination(i)), _depositor(i), bytes32(round))
            );
        }
    }

    function _deposit(uint256 round, uint256 i) internal {
        _deposit(round, i, _sealedFor(i, abi.encode(_destination(i))));
    }

    function _deposit(uint256 round, uint256 i, bytes memory destination) internal {
        vm.deal(_depositor(i), COIN);
        vm.prank(_depositor(i));
        mixer.deposit{value: COIN}(round, destination);
    }

    function _sealedFor(uint256 i, bytes memory plaintext) internal view returns (bytes memory) {
        return PrivateCalls.seal(address(mixer), plaintext, _depositor(i), bytes32(mixer.openRound()));
    }

    function _draw(uint256 round) internal {
        _deliver(Mixer.draw.selector, _drawOutput(round));
    }

    function _drawOutput(uint256 round) internal view returns (bytes memory) {
        (uint256 drawn, bytes memory seed) = mixer.draw(round);
        return abi.encode(drawn, seed);
    }

    function _mixOutput(uint256 round) internal view returns (bytes memory) {
        (uint256 mixed, address[] memory payees) = mixer.mix(round);
        return abi.encode(mixed, payees);
    }

    function _deliver(bytes4 callable, bytes memory output) internal {
        vm.prank(address(enigma));
        mixer.onEnigmaResult(0, callable, output);
    }

    /// By a real task, with the gas that the contract asks for.
    function _settle(bytes4 callable, bytes memory output) internal {
        uint64 fee = 100_000_000;
        Task memory task = request(user, 0, packTarget(address(mixer), callable, mixer.mixGas(), 1024, 6), fee, fee);
        skipBlocks(1);
        settle(task, 0, 0, output);
    }

    function _takeBack(uint256 round, uint256 i) internal {
        vm.prank(_depositor(i));
        mixer.takeBack(round, payable(_destination(i)));
    }
}
