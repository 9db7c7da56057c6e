// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {Judge} from "./Judge.sol";
import {Entry, Slashings} from "./Ledger.sol";

/// Where the money is: read from storage and from balances.
abstract contract MoneyInvariants is Judge {
    uint256 private constant REPORTER_ENDOWMENT_WEI = 1000 ether;

    /// @dev Each wei is in exactly one of: a slot's balance, a pending task's fee and rest, an undelivered result's rest, a seat's credit, a seat's bond, its join fee, owed, burned.
    function invariant_S22_01_balanceIsTheSumOfAllClaims() public view {
        uint256 gweiClaimed = handler.owedTotalGwei() + enigma.burnedGwei();
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            gweiClaimed += seat.creditGwei + seat.bondGwei + seat.joinFeeGwei;
        }
        for (uint256 i; i < handler.slotCount(); ++i) {
            (address requester, uint32 slot) = handler.slotAt(i);
            gweiClaimed += enigma.slot(requester, slot).balanceGwei;
        }
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            // The word in storage commits to fee and rest: only the fields that it was made of count.
            if (_isPending(entry)) gweiClaimed += uint256(entry.task.terms.feeGwei()) + entry.task.terms.restGwei();
            if (_isUndelivered(entry)) gweiClaimed += entry.task.terms.restGwei();
        }
        assertEq(address(enigma).balance, gweiClaimed * 1 gwei, "balance and claims");
    }

    /// @dev What a requester has not any more is the fee of a task that was settled, or stands for him in a slot: fee and rest are what was escrowed.
    function invariant_S22_03_whatIsNoFeeStaysTheRequesters() public view {
        (address[] memory requesters,,) = handler.accounts();
        uint256[] memory gweiOf = new uint256[](requesters.length);
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            uint256 whose;
            while (requesters[whose] != entry.task.ref.requester()) ++whose;
            bool isOpen = _isPending(entry);
            if (isOpen || entry.ending.isSettled) gweiOf[whose] += entry.task.terms.feeGwei();
            if (isOpen || _isUndelivered(entry)) gweiOf[whose] += entry.task.terms.restGwei();
        }
        uint256 slotsEach = handler.slotCount() / requesters.length;
        for (uint256 i; i < handler.slotCount(); ++i) {
            (address requester, uint32 slot) = handler.slotAt(i);
            gweiOf[i / slotsEach] += enigma.slot(requester, slot).balanceGwei;
        }
        for (uint256 i; i < requesters.length; ++i) {
            assertEq(requesters[i].balance + gweiOf[i] * 1 gwei, handler.endowmentWei(), "a requester's money");
        }
    }

    /// @dev What operators, reporters and the fire have gained is the fees of the tasks that were settled, to the gwei.
    function invariant_S22_04_whatIsBookedIsTheTasksFees() public view {
        (, address[] memory operators, address reporter) = handler.accounts();
        uint256 endowmentWei = operators.length * handler.endowmentWei() + REPORTER_ENDOWMENT_WEI;
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            if (entry.ending.isSettled) endowmentWei += uint256(entry.task.terms.feeGwei()) * 1 gwei;
        }
        uint256 gweiHeld = enigma.burnedGwei() + handler.owedTotalGwei();
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            gweiHeld += seat.creditGwei + seat.bondGwei + seat.joinFeeGwei;
        }
        uint256 foundWei = reporter.balance + gweiHeld * 1 gwei;
        for (uint256 i; i < operators.length; ++i) {
            foundWei += operators[i].balance;
        }
        assertEq(foundWei, endowmentWei, "what was earned, and the fees");
    }

    /// @dev A withdrawal, a slashing, a move to another seat or a grant: each is told by an event of that seat.
    function invariant_S22_13_noCreditAndNoBondFallsUnexplained() public view {
        assertEq(handler.unexplainedFalls(), 0, "a credit, a bond or what is owed fell");
    }

    /// @dev All slashings are those of the handler, who brings two valid and different receipts.
    function invariant_S23_14_aSeatIsSlashedByTwoReceipts_andOnce() public view {
        Slashings memory slashed = handler.slashed();
        (,, address reporter) = handler.accounts();
        assertEq(slashed.times, handler.count("slashed"), "slashed without a proof");
        assertTrue(!slashed.isRepeated, "slashed twice");
        assertEq(enigma.burnedGwei(), slashed.burnedGwei, "what is burned");
        assertEq(reporter.balance, REPORTER_ENDOWMENT_WEI + slashed.rewardsGwei * 1 gwei, "the reporter's half");
    }

    /// @dev Each batch was settled twice on the same state: at once, and one by one.
    function invariant_S22_19_aBatchIsAsManySingles() public view {
        assertEq(handler.batchDifferences(), 0, "a batch left something else behind");
    }
}
