// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters} from "../src/types/Parameters.sol";
import {SeatLifeWorld} from "./support/SeatLifeWorld.sol";
import {vm} from "./support/Vm.sol";

/// What slashing burned stands in the seat's own word, and moves to the sum of all when the seat is somebody else's: no gwei is lost.
contract BurnedBondsTest is SeatLifeWorld {
    uint256 private constant HALF = BOND_GWEI / 2;

    function test_S22_burned_isCountedAtTheSeat_andOnceItIsTakenAgain() public {
        slash(0, "alice");
        assertEq(enigma.burnedGwei(), HALF, "at the seat");
        goToEpoch(10);
        takeSeat("dave", 1, operator);
        assertEq(enigma.burnedGwei(), HALF, "taken again");
        slash(0, "dave");
        assertEq(enigma.burnedGwei(), 2 * HALF, "both");
        slash(1, "bob");
        assertEq(enigma.burnedGwei(), 3 * HALF, "all three");
        requireSolvent();
    }

    function test_S22_burned_isCountedOnceTheSeatIsTrimmed() public {
        slash(2, "carol");
        goToEpoch(10);
        enigma.trimSeats(1);
        assertEq(enigma.seatCount(), 2, "trimmed");
        assertEq(enigma.burnedGwei(), HALF, "burned");
        takeSeat("dave");
        assertEq(enigma.burnedGwei(), HALF, "once");
        requireSolvent();
    }

    function test_S22_burned_isCountedOnceAnotherSeatMovedIn() public {
        takeSeat("dave"); // 3
        slash(0, "alice");
        startEpoch(10);
        enigma.relocateSeat(3, 0);
        assertEq(enigma.burnedGwei(), HALF, "burned");
        requireSolvent();
    }

    function test_S22_burned_countsHalfOfTheJoinFee() public {
        _makeSecret();
        uint256 id = takeSeat("dave");
        slash(id, "dave");
        uint256 burned = (BOND_GWEI + JOIN_FEE_GWEI + 1) / 2;
        assertEq(enigma.burnedGwei(), burned, "at the seat");
        goToEpoch(10);
        takeSeat("erin", id + 1, operator);
        assertEq(enigma.burnedGwei(), burned, "taken again");
        requireSolvent();
    }

    function test_S22_burned_countsASingleGwei() public {
        Parameters memory p = parameters();
        p.bondGwei = 2;
        enigma = deploy(p);
        vm.roll(enigma.genesisBlock() + 1);
        takeSeat("alice");
        slash(0, "alice");
        goToEpoch(10);
        takeSeat("dave", 1, operator);
        assertEq(enigma.burnedGwei(), 1, "taken again");
        requireSolvent();
    }

    function test_S22_burned_standsWhereTheBondStood() public {
        goToEpoch(4);
        uint256 to = rotate(0, 0, "dave");
        slash(0, "alice");
        assertEq(enigma.burnedGwei(), HALF, "of one bond");
        goToEpoch(12);
        takeSeat("erin", 1, operator);
        assertEq(enigma.burnedGwei(), HALF, "the old place held none");
        takeSeat("frank", to + 1, operator);
        assertEq(enigma.burnedGwei(), HALF, "the new one did");
        requireSolvent();
    }
}
