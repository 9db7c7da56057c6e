// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WordRing, WordRings} from "../src/dapp/WordRing.sol";
import {Base} from "./support/Base.sol";
import {newStorageOf} from "./support/NewStorage.sol";
import {vm} from "./support/Vm.sol";

/// The latest words by number, in storage that is used over and over.
contract WordRingTest is Base {
    uint256 private constant CAPACITY = 8;
    /// A cold word that was not zero, and is written (EIP-2929): 2,100 + 2,900. The rest is the ring's own.
    uint256 private constant RECYCLED_GAS = 5000 + 800;
    uint256 private constant NEW_GAS = 22_100;

    Keeper private full = new Keeper(CAPACITY);
    Keeper private empty = new Keeper(CAPACITY);

    function setUp() public {
        // A transaction of its own: in a test's own, all of them are cold again.
        for (uint256 number; number < CAPACITY; ++number) {
            full.put(number, uint192(number));
        }
    }

    function test_put_makesNewStorageOnlyUntilTheRingIsFull() public {
        vm.startStateDiffRecording();
        for (uint256 number; number < 2 * CAPACITY; ++number) {
            empty.put(number, 0);
        }
        assertEq(newStorageOf(address(empty), vm.stopAndReturnStateDiff()), CAPACITY, "the first, one for each");
        vm.startStateDiffRecording();
        for (uint256 number = CAPACITY; number < 4 * CAPACITY; ++number) {
            // What is kept may be zero: its word is not.
            full.put(number, uint192(number % 2));
        }
        assertEq(newStorageOf(address(full), vm.stopAndReturnStateDiff()), 0, "then none");
    }

    function test_put_costsAQuarterOfANewWord_inAWordThatWasUsed() public {
        assertTrue(full.put(CAPACITY, 1) < RECYCLED_GAS, "recycled");
        assertTrue(empty.put(CAPACITY, 1) > NEW_GAS, "new");
    }

    function testFuzz_get_returnsTheLatest_andNoOther(uint64 first, uint8 puts, uint256 asked) public {
        first = uint64(bound(first, 0, type(uint64).max - 512));
        uint256 end = uint256(first) + bound(puts, 1, 255);
        for (uint256 number = first; number < end; ++number) {
            empty.put(number, uint192(uint256(keccak256(abi.encode(number)))));
        }
        asked = bound(asked, first < 300 ? 0 : first - 300, end + 300);
        (bool isKept, uint192 value) = empty.get(asked);
        assertTrue(isKept == (asked >= first && asked < end && asked + CAPACITY >= end), "kept");
        assertEq(value, isKept ? uint192(uint256(keccak256(abi.encode(asked)))) : 0, "value");
    }

    function test_get_isNoValue_whereNothingWasPut() public view {
        for (uint256 number; number < 2 * CAPACITY; ++number) {
            (bool isKept,) = empty.get(number);
            assertTrue(!isKept, "nothing");
        }
        // Its tag would be that of no word at all.
        (bool isLast,) = empty.get(type(uint256).max);
        assertTrue(!isLast, "no number");
    }

    function test_put_mayComeLate_untilItsPlaceIsTaken() public {
        full.put(CAPACITY + 2, 1);
        full.put(CAPACITY + 1, 7);
        full.put(CAPACITY + 1, 9);
        (, uint192 value) = full.get(CAPACITY + 1);
        assertEq(value, 9, "replaced");
        vm.expectRevert(abi.encodeWithSelector(WordRings.NotKept.selector, 2, CAPACITY + 2));
        full.put(2, 5);
        (bool isKept,) = full.get(2);
        assertTrue(!isKept, "gone");
    }

    function test_put_revertsWhen_theNumberIsTooLarge() public {
        uint256 most = type(uint64).max - 1;
        empty.put(most, type(uint192).max);
        (bool isKept, uint192 value) = empty.get(most);
        assertTrue(isKept && value == type(uint192).max, "the last");
        vm.expectRevert(abi.encodeWithSelector(WordRings.NotKept.selector, most + 1, 0));
        empty.put(most + 1, 1);
        vm.expectRevert(abi.encodeWithSelector(WordRings.NotKept.selector, type(uint256).max, 0));
        empty.put(type(uint256).max, 1);
    }
}

contract Keeper {
    using WordRings for WordRing;

    uint256 private immutable CAPACITY;
    WordRing private _ring;

    constructor(uint256 capacity) {
        CAPACITY = capacity;
    }

    /// @return gas What the ring took of it.
    function put(uint256 number, uint192 value) external returns (uint256 gas) {
        gas = gasleft();
        _ring.put(CAPACITY, number, value);
        gas -= gasleft();
    }

    function get(uint256 number) external view returns (bool isKept, uint192 value) {
        return _ring.get(CAPACITY, number);
    }
}
