// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {Entry} from "./Ledger.sol";
import {MoneyInvariants} from "./MoneyInvariants.t.sol";

/// Between the contract, dApps and relayers: which calls go through, and what they may do.
abstract contract CallInvariants is MoneyInvariants {
    /// What the dApp's own dispatch takes before it looks at its gas.
    uint256 private constant ENTRY_GAS = 2000;

    function invariant_S2_08_noReceiptSettlesWhatItWasNotMadeFor() public {
        assertEq(handler.misusedReceipts(handler.taskCount()), 0, "settled with another's receipt");
    }

    /// @dev However little gas relayers sent: a settlement that went through gave its callback what was promised. What a callback does
    /// with it changes nothing: 01 to 04 hold.
    function invariant_S4_15_aCallbackHasTheGasThatItWasPromised() public view {
        (uint256 least, uint256 promised) = handler.callbackGas();
        assertTrue(least >= promised - ENTRY_GAS, "a callback came with too little gas");
    }

    /// @dev A result or a failure, and nothing else that a dApp may have.
    function invariant_S4_16_aDAppIsCalledByItsCallbacksAlone() public view {
        assertEq(handler.strangeCalls(), 0, "called otherwise");
    }

    /// @dev Code that is there, and stayed.
    function invariant_S22_17_noTaskIsOfAnAccountWithoutCode() public view {
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            assertTrue(entry.task.target.dApp().code.length != 0, "a task of nobody");
            assertEq(entry.task.codeHash, entry.task.target.dApp().codehash, "the code that was there");
        }
    }

    /// @dev The dApp that asks for its next task from within a callback: as many of its tasks have begun as its slots say.
    function invariant_S4_18_aTaskAskedForInACallbackIsLikeAnyOther() public view {
        (address[] memory requesters,,) = handler.accounts();
        address asking = requesters[requesters.length - 1];
        uint256 open;
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            if (entry.task.ref.requester() != asking) continue;
            SlotView memory held = enigma.slot(asking, entry.task.ref.slot());
            if (entry.ending.times == 0) ++open;
            else if (!held.pending && !held.undelivered) assertTrue(
                entry.task.ref.seq() < held.seq, "its slot moved on"
            );
        }
        for (uint32 slot; slot < handler.slotCount() / requesters.length; ++slot) {
            if (enigma.slot(asking, slot).pending) --open;
        }
        assertEq(open, 0, "each open task is the one in its slot");
    }

    function invariant_S24_21_aPauseShutsNoWayOut() public {
        assertEq(handler.shutByAPause(handler.taskCount()), 0, "shut by a pause");
    }
}
