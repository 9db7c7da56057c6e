// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Selection} from "../src/libraries/Selection.sol";
import {Epoch, newEpoch} from "../src/types/Epoch.sol";
import {newSeat, Seat} from "../src/types/Seat.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// How often a lottery is drawn: the enclaves and clients stop at the same draw, else they serve what the contract refuses.
contract SelectionTest is Base {
    uint256 private constant EPOCH = 5;
    uint256 private constant SEED = 0x5eed;
    uint24 private constant SEATS = 64;
    uint256 private constant LAST_DRAW = 63;
    address private constant DAPP = address(0xda99);

    mapping(uint256 id => Seat) private _seats;
    Epoch private immutable LOTTERY = newEpoch(SEED, SEATS, EPOCH, 32, 0);

    /// @dev Only one of the seats is live.
    function setUp() public {
        _seats[0] = newSeat(account("alice"), EPOCH, EPOCH + 1, 0);
    }

    function test_S5_find_takesTheLastDraw_andNoneBehindIt() public {
        (uint256 id,) = this.find(_laneMetAt(LAST_DRAW));
        assertEq(id, 0, "id");
        uint256 unlucky = _laneMetAt(LAST_DRAW + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, EPOCH, DAPP, unlucky, 0));
        this.find(unlucky);
    }

    function test_S5_requireAny_takesTheLastDraw_andNoneBehindIt() public {
        this.requireAny(_laneMetAt(LAST_DRAW));
        uint256 unlucky = _laneMetAt(LAST_DRAW + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, EPOCH, DAPP, unlucky, 0));
        this.requireAny(unlucky);
    }

    function find(uint256 lane) external view returns (uint256 id, Seat seat) {
        return Selection.find(_seats, LOTTERY, DAPP, lane, 0);
    }

    function requireAny(uint256 lane) external view {
        Selection.requireAny(_seats, LOTTERY, DAPP, lane);
    }

    /// @dev The first lane whose draws meet the live seat at this draw and not before.
    function _laneMetAt(uint256 draw) private pure returns (uint256 lane) {
        while (_firstDraw(lane, draw) != draw) ++lane;
    }

    function _firstDraw(uint256 lane, uint256 most) private pure returns (uint256 j) {
        while (j <= most && uint256(keccak256(abi.encode(SEED, DAPP, lane, j))) % SEATS != 0) ++j;
    }
}
