// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../../src/interfaces/IEnigma.sol";
import {IEnigmaSeats} from "../../src/interfaces/IEnigmaSeats.sol";
import {tagOf} from "../../src/types/Seat.sol";
import {Parameters} from "../../src/types/Parameters.sol";
import {Task} from "../../src/types/Task.sol";
import {SeatWorld} from "./SeatWorld.sol";
import {vm} from "./Vm.sol";

/// A network of three seats whose places change. COOL is 2 epochs here.
abstract contract SeatLifeWorld is SeatWorld {
    /// By signer; zero for a machine of the signer's own.
    mapping(address signer => uint256) internal _machines;

    function setUp() public virtual override {
        super.setUp();
        startNetwork();
    }

    function machineOf(address signer) internal view override returns (uint256) {
        return _machines[signer] == 0 ? uint160(signer) : _machines[signer];
    }

    function keyOf(address signer) internal pure override returns (uint256) {
        return signer == account("dave") ? key("dave") : super.keyOf(signer);
    }

    /* STEPS, external where a revert is expected */

    function doRotate(uint256 from, uint256 reuse, string calldata name) external {
        rotate(from, reuse, name);
    }

    function doRenew(uint256 id) external {
        renew(id);
    }

    function doLeave(uint256 id) external {
        leaveSeat(id);
    }

    function doSlash(uint256 id, string calldata name) external {
        slash(id, name);
    }

    function doTake(string calldata name) external {
        takeSeat(name);
    }

    function doReuse(string calldata name, uint256 reuse) external {
        takeSeat(name, reuse, operator);
    }

    /// @dev Four seats, of which the first is free, in epoch 7; Dave's is the last.
    function _hole() internal {
        takeSeat("dave");
        leaveSeat(0); // exit 4, cool in 6
        goToEpoch(7);
    }

    /// @dev The last seat moves to place 0.
    function _relocated() internal {
        uint256 last = takeSeat("erin");
        leaveSeat(0);
        goToEpoch(enigma.currentEpoch() + 4);
        enigma.relocateSeat(last, 0);
    }

    function _postSeedHere() internal {
        enigma.postSeed(enigma.currentEpoch(), "proof");
    }

    /// @dev A task whose rank 0 is this seat, ready to be settled: dApps are tried until one draws it.
    function _drawnOn(uint256 id) internal returns (Task memory task) {
        for (uint160 i = 1; i < 100; ++i) {
            address to = address(uint160(address(dapp)) + i);
            vm.etch(to, address(dapp).code);
            (uint256 drawn,) = enigma.selected(enigma.currentEpoch(), to, 0, 0);
            if (drawn != id) continue;
            task = request(user, 0, target(to), FEE, FEE);
            skipBlocks(1);
            return task;
        }
        revert("never drawn");
    }

    function _draws(uint256 epoch) internal view returns (address[30] memory signers) {
        for (uint256 i; i < 30; ++i) {
            (, signers[i]) = enigma.selected(epoch, address(dapp), i / 3, i % 3);
        }
    }

    function _full(string memory name) internal view returns (bytes memory) {
        uint24 tag = tagOf(keccak256(abi.encode(machineOf(account(name)))));
        return abi.encodeWithSelector(IEnigmaSeats.PlatformFull.selector, tag, enigma.parameters().seatsPerPlatform);
    }

    function _makeSecret() internal {
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
    }

    /// @dev The network again, in its own epoch 2.
    function _limitMachinesTo(uint256 limit) internal {
        enigma = _again(limit);
        startNetwork();
    }

    function _again(uint256 limit) internal returns (IEnigma) {
        Parameters memory p = parameters();
        p.seatsPerPlatform = uint8(limit);
        return deploy(p);
    }
}
