// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../../src/interfaces/IEnigma.sol";
import {IKeyRegistry} from "../../src/interfaces/IKeyRegistry.sol";
import {SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {Parameters} from "../../src/types/Parameters.sol";
import {Base} from "../support/Base.sol";
import {Handler} from "./Handler.sol";
import {Entry} from "./Ledger.sol";

/// The contract that is judged, who acts on it, and how a task's state is read from its word in storage.
abstract contract Judge is Base {
    uint256 private constant HASH_BITS = (1 << 254) - 1;

    Handler internal handler;
    IEnigma internal enigma;
    IKeyRegistry internal registry;
    Parameters internal p;

    function setUp() public {
        handler = new Handler();
        enigma = handler.network();
        registry = enigma.keyRegistry();
        p = enigma.parameters();
    }

    /// @dev By the word that is due in storage, hashed anew from the events.
    function _isUndelivered(Entry memory entry) internal view returns (bool) {
        if (!entry.ending.isSettled) return false;
        SlotView memory held = enigma.slot(entry.task.ref.requester(), entry.task.ref.slot());
        if (!held.undelivered) return false;
        bytes32 hash = keccak256(
            abi.encode(
                entry.id,
                entry.task.target.dApp(),
                entry.task.target.callable(),
                keccak256(entry.ending.output),
                entry.task.ref.requester(),
                entry.task.ref.slot(),
                entry.task.ref.seq(),
                entry.task.terms.restGwei(),
                entry.task.terms.createdBlock()
            )
        );
        return held.hashBits == uint256(hash) & HASH_BITS;
    }

    function _isPending(Entry memory entry) internal view returns (bool) {
        assertEq(enigma.taskIdOf(entry.task), entry.id, "the fields that the event tells make the id");
        SlotView memory held = enigma.slot(entry.task.ref.requester(), entry.task.ref.slot());
        return held.pending && held.hashBits == uint256(entry.id) & HASH_BITS;
    }
}
