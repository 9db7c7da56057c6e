// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {packTarget, Task} from "../../src/types/Task.sol";
import {Addition} from "../../../examples/addition/Addition.sol";
import {World} from "../support/World.sol";

contract AdditionTest is World {
    function test_added_storesTheSum() public {
        startNetwork();
        Addition addition = new Addition(enigma);
        Task memory task =
            request(user, 0, packTarget(address(addition), Addition.add.selector, 100_000, 32, 0), FEE, FEE);
        skipBlocks(1);
        settle(task, 0, 0, abi.encode(addition.add(30, 12)));
        assertEq(addition.sum(), 42, "sum");
    }
}
