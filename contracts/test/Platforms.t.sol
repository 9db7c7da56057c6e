// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {Attestation, IAttestationVerifier} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {tagOf} from "../src/types/Seat.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// SEATS: how many a machine may hold, its record, and moving to another.
contract PlatformsTest is World {
    uint256 private constant LIMIT = 2;

    /// By signer; zero for a machine of the signer's own.
    mapping(address signer => uint256) private _machines;

    function setUp() public override {
        super.setUp();
        enigma = _limitedTo(LIMIT);
    }

    function machineOf(address signer) internal view override returns (uint256) {
        return _machines[signer] == 0 ? uint160(signer) : _machines[signer];
    }

    /* THE LIMIT */

    function test_S7_takeSeat_revertsWhen_theMachineIsFull() public {
        _takeOn(1, "alice");
        _takeOn(1, "bob");
        _refusesOn(1, "carol");
        _takeOn(2, "carol");
    }

    function test_S7_takeSeat_holdsEveryLimit() public {
        for (uint256 limit = 1; limit <= 10; ++limit) {
            enigma = _limitedTo(limit);
            for (uint256 i; i < limit; ++i) {
                _takeOn(1, vm.toString(i));
            }
            vm.expectRevert(_full(1, limit));
            this.takeOn(1, "one more");
        }
    }

    function test_S7_takeSeat_countsASeatFromItsTakeUntilItsExit() public {
        _takeOn(1, "alice");
        _takeOn(1, "bob"); // both wait for epoch 2, exit 20
        _refusesOn(1, "carol");
        goToEpoch(19);
        _refusesOn(1, "carol");
        goToEpoch(20);
        _takeOn(1, "carol");
        _takeOn(1, "dave");
        _refusesOn(1, "erin");
    }

    function test_takeSeat_hasThePlaceOfASeatThatLeft() public {
        _takeOn(1, "alice");
        _takeOn(1, "bob");
        vm.prank(operator);
        enigma.leaveSeat(1); // exit 2
        goToEpoch(1);
        _refusesOn(1, "carol");
        goToEpoch(2);
        _takeOn(1, "carol");
        _refusesOn(1, "dave");
    }

    function test_takeSeat_hasThePlaceOfASeatThatAnotherMachineTookOver() public {
        _takeOn(1, "alice");
        _takeOn(1, "bob");
        goToEpoch(22);
        _machines[account("carol")] = 2;
        takeSeat("carol", 1, operator); // seat 0, which machine 1 still lists
        _machines[account("dave")] = 1;
        takeSeat("dave", 2, operator); // seat 1, listed already
        _takeOn(1, "erin");
        _refusesOn(1, "frank");
        _takeOn(2, "frank");
        _refusesOn(2, "grace");
    }

    /// forge-config: default.fuzz.runs = 64
    /// Seats of three machines are taken, left and taken again in any order: no machine ever has more live seats than it may.
    function testFuzz_S7_takeSeat_neverExceedsTheLimit(uint256 choices, uint8 limit) public {
        limit = uint8(bound(limit, 1, 10));
        enigma = _limitedTo(limit);
        for (uint256 i; i < 32; ++i) {
            uint256 choice = uint8(choices >> i * 8);
            goToEpoch(enigma.currentEpoch() + choice % 3);
            try this.takeAny(1 + choice / 3 % 3, string.concat("signer ", vm.toString(i))) {} catch {}
            if (choice / 9 % 4 == 0 && enigma.seatCount() > 0) {
                vm.prank(operator);
                try enigma.leaveSeat(choice % enigma.seatCount()) {} catch {}
            }
            for (uint256 machine = 1; machine <= 3; ++machine) {
                assertTrue(_liveOn(machine) <= limit, "more seats than the machine may hold");
            }
        }
    }

    /* RECORDS */

    function test_renewSeat_takesTheRecordOfItsMachineOnly() public {
        _takeOn(1, "alice");
        uint256 takenBlock = block.number;
        goToEpoch(1);
        _renewBy(1, recordOf(1));
        SeatView memory seat = enigma.seat(0);
        assertEq(seat.quoteBlock, block.number, "quoteBlock");
        assertEq(seat.leafBlock, takenBlock, "the certificate stands in the first event");
        assertEq(seat.exitEpoch, 21, "exit");

        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationRefused.selector, bytes32("PLATFORM_RECORD"))
        );
        this.renewBy(2, recordOf(2));
        _renewBy(1, LEAF);
        assertEq(enigma.seat(0).leafBlock, block.number, "the latest that carries a certificate");
    }

    function test_takeSeat_takesARecord_whenItIsOfTheSeatThatIsReused() public {
        _takeOn(1, "alice");
        uint256 takenBlock = block.number;
        bytes memory refusal =
            abi.encodeWithSelector(IAttestationVerifier.AttestationRefused.selector, bytes32("PLATFORM_RECORD"));
        goToEpoch(22);
        vm.expectRevert(refusal);
        this.takeBy(0, recordOf(1));
        vm.expectRevert(refusal);
        this.takeBy(1, recordOf(2));
        this.takeBy(1, recordOf(1));
        assertEq(enigma.seat(0).leafBlock, takenBlock, "leafBlock");
        assertEq(enigma.seat(0).quoteBlock, block.number, "quoteBlock");
    }

    /* MOVING */

    function test_S7_renewSeat_movesToAnotherMachine_whereThereIsRoom() public {
        _takeOn(1, "alice");
        _takeOn(1, "bob");
        _takeOn(2, "carol");
        _renewBy(2, LEAF);
        assertEq(enigma.seat(0).platformHash, keccak256(recordOf(2)), "platformHash");
        _refusesOn(2, "dave");
        _takeOn(1, "dave");
        _refusesOn(1, "erin");

        vm.expectRevert(_full(1, LIMIT));
        this.renewBy(1, LEAF);
        _renewBy(2, LEAF); // where it is, it may stay
    }

    function test_renewSeat_movesThereAndBack() public {
        _takeOn(1, "alice");
        _renewBy(2, LEAF);
        _renewBy(1, LEAF);
        _takeOn(1, "bob");
        _refusesOn(1, "carol");
        _takeOn(2, "carol");
        _takeOn(2, "dave");
    }

    function test_renewSeat_takesANewRecordOfTheSameMachine() public {
        _takeOn(1, "alice");
        _takeOn(1, "bob");
        Attestation memory found = _found(1, "alice");
        found.platformHash = keccak256("the quoting enclave was updated");
        vm.prank(operator);
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, abi.encode(found), LEAF);
        assertEq(enigma.seat(0).platformHash, found.platformHash, "platformHash");
        _refusesOn(1, "carol");
    }

    /* HELPERS, external where a revert is expected */

    function takeOn(uint256 machine, string calldata name) external {
        _takeOn(machine, name);
    }

    /// @dev Takes a cool seat where the contract asks for that.
    function takeAny(uint256 machine, string calldata name) external {
        for (uint256 reuse = enigma.seatCount(); reuse > 0; --reuse) {
            if (enigma.seat(reuse - 1).exitEpoch + 2 > enigma.currentEpoch()) continue;
            _machines[account(name)] = machine;
            takeSeat(name, reuse, operator);
            return;
        }
        _takeOn(machine, name);
    }

    function takeBy(uint256 reuse, bytes calldata evidence) external {
        bytes memory quote = abi.encode(_found(1, "bob"));
        vm.prank(operator);
        enigma.takeSeat{value: 1 ether}(reuse, account("bob"), INPUT_KEY, block.number - 1, quote, evidence);
    }

    function renewBy(uint256 machine, bytes calldata evidence) external {
        _renewBy(machine, evidence);
    }

    function _takeOn(uint256 machine, string memory name) private {
        _machines[account(name)] = machine;
        takeSeat(name);
    }

    function _renewBy(uint256 machine, bytes memory evidence) private {
        bytes memory quote = abi.encode(_found(machine, "alice"));
        vm.prank(operator);
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, quote, evidence);
    }

    function _refusesOn(uint256 machine, string memory name) private {
        vm.expectRevert(_full(machine, LIMIT));
        this.takeOn(machine, name);
    }

    function _found(uint256 machine, string memory name) private returns (Attestation memory) {
        _machines[account(name)] = machine;
        return attestation(operator, account(name), block.number - 1);
    }

    function _full(uint256 machine, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEnigmaSeats.PlatformFull.selector, tagOf(keccak256(abi.encode(machine))), limit);
    }

    function _liveOn(uint256 machine) private view returns (uint256 seats) {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            bool isThere = seat.platformHash == keccak256(recordOf(machine));
            if (isThere && seat.exitEpoch > enigma.currentEpoch()) ++seats;
        }
    }

    function _limitedTo(uint256 limit) private returns (IEnigma) {
        Parameters memory p = parameters();
        p.seatsPerPlatform = uint8(limit);
        return deploy(p);
    }
}
