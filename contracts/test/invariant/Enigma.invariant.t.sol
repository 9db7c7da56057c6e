// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {EpochView, SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {RegistryState} from "../../src/interfaces/IKeyRegistry.sol";
import {LAST_EPOCH} from "../../src/types/Seat.sol";
import {Start} from "./Accounts.sol";
import {CallInvariants} from "./CallInvariants.t.sol";
import {Draw, Ending, Entry, Release} from "./Ledger.sol";

/// @dev As Foundry reads it.
struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/**
 * What stays true whatever seats, requesters, workers, relayers and dApps do, in any order.
 *
 * `Handler` offers the actions, each with attempts that the contract must refuse; `Ledger` writes down what the events say;
 * here it is judged, against the contract's own storage. The numbers are those of the protocol's 24 invariants.
 *
 * forge-config: default.invariant.runs = 4
 * forge-config: default.invariant.depth = 90
 * forge-config: fuzz.invariant.runs = 64
 * forge-config: fuzz.invariant.depth = 256
 */
contract EnigmaInvariants is CallInvariants {
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), handler.actions());
    }

    /// @dev Pending until it is settled or cancelled, once; then its slot bears the next seq, until the next task.
    function invariant_S22_02_24_eachTaskEndsExactlyOnce() public view {
        uint256 pending;
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            assertTrue(entry.ending.times <= 1, "a task ended twice");
            assertEq(_isPending(entry) ? 1 : 0, 1 - entry.ending.times, "pending until it ends");
            assertTrue(_isUndelivered(entry) == entry.ending.isWaiting, "undelivered until it is freed");
            pending += 1 - entry.ending.times;
        }
        for (uint256 i; i < handler.slotCount(); ++i) {
            (address requester, uint32 number) = handler.slotAt(i);
            if (enigma.slot(requester, number).pending) --pending;
        }
        assertEq(pending, 0, "every pending task has a slot of its own");
    }

    /// @dev Against the test's own lottery, at the time of settling.
    function invariant_S1_05_06_onlyTheSelectedRankSettledInItsWindow() public view {
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            Ending memory ending = entry.ending;
            if (ending.times == 0) continue;
            uint256 cancelBlock = uint256(entry.task.terms.createdBlock()) + 3 * p.windowBlocks;
            assertTrue((ending.atBlock < cancelBlock) == ending.isSettled, "settled before, cancelled from then on");
            if (!ending.isSettled) continue;
            uint256 waitBlocks = ending.rank == 0 ? 1 : ending.rank * p.windowBlocks;
            assertTrue(ending.atBlock >= entry.task.terms.createdBlock() + waitBlocks, "settled before its turn");
            assertTrue(ending.isExpectedSeatFound, "settled by a rank that nobody has");
            assertEq(ending.seat, ending.expectedSeat, "settled by a seat that was not selected");
        }
    }

    /// @dev By the flags that the events set: the contract's own words are not asked.
    function invariant_S16_22_aRevokedSeatSettledNothing() public view {
        for (uint256 i; i < handler.taskCount(); ++i) {
            assertTrue(!handler.taskAt(i).ending.isRevoked, "settled by a revoked seat");
        }
    }

    function invariant_S7_noMachineHoldsMoreSeatsThanItMay() public view {
        for (uint256 machine = 1; machine <= handler.machineCount(); ++machine) {
            assertTrue(handler.seatsOn(machine) <= p.seatsPerPlatform, "a machine holds too many seats");
        }
    }

    /// @dev Revoking takes a seat away and changes nothing else: `Ledger` draws anew without it. From the seed until the last task of the epoch can no longer be settled.
    function invariant_S7_09_selectionStandsFromTheSeedOn() public view {
        Draw[] memory draws = handler.allDraws();
        for (uint256 i = draws.length; i > 0; --i) {
            Draw memory draw = draws[i - 1];
            uint256 lastBlock = enigma.boundaryBlock(draw.epoch + 1) + p.graceBlocks + 3 * p.windowBlocks;
            if (block.number >= lastBlock) break;
            assertEq(enigma.lanes(draw.dApp, draw.epoch), draw.lanes, "the lanes of a started epoch changed");
            try enigma.selected(draw.epoch, draw.dApp, draw.lane, draw.rank) returns (uint256 seat, address signer) {
                assertEq(signer, draw.signer, "the selected signer changed");
                assertEq(seat, draw.seat, "the selected seat changed");
            } catch {
                assertEq(draw.signer, address(0), "the selected seat is gone");
            }
        }
    }

    function invariant_S7_12_noBondLeavesAndNoSeatIsRetakenBeforeItCooledDown() public view {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            if (seat.bondGwei == p.bondGwei || handler.isBondGone(id)) continue;
            assertEq(seat.bondGwei, 0, "a bond is whole or gone");
            assertTrue(seat.exitEpoch + p.coolEpochs <= enigma.currentEpoch(), "a bond left too early");
        }
        Release[] memory releases = handler.allReleases();
        for (uint256 i; i < releases.length; ++i) {
            assertTrue(releases[i].exitEpoch + p.coolEpochs <= releases[i].atEpoch, "released too early");
        }
    }

    /// @dev A free slot tells how many tasks it has had.
    function invariant_S22_07_aSlotsSeqIsTheNumberOfItsTasks() public view {
        for (uint256 i; i < handler.slotCount(); ++i) {
            (address requester, uint32 number) = handler.slotAt(i);
            SlotView memory held = enigma.slot(requester, number);
            if (held.pending || held.undelivered) continue;
            assertEq(held.seq, handler.requestsOf(requester, number), "the next task's seq");
        }
    }

    /// @dev Of each epoch that a task may still be settled in: who draws it is fixed, revocations aside.
    function invariant_S7_10_11_20_aStartedEpochStaysWhatItWas() public view {
        uint256 current = enigma.currentEpoch();
        for (uint256 number = current < 2 ? 0 : current - 1; number <= current; ++number) {
            Start memory start = handler.startOf(number);
            if (!start.isStarted) continue;
            EpochView memory epoch = enigma.epoch(number);
            assertEq(epoch.seed, start.seed, "the seed changed");
            assertEq(epoch.seatCount, start.seatCount, "the number of seats changed");
            assertTrue(handler.isRosterAsAtSeed(number), "a seat became live, or ceased to be, after the boundary");
        }
        for (uint256 i = handler.taskCount(); i > 0; --i) {
            Entry memory entry = handler.taskAt(i - 1);
            if (entry.task.terms.createdBlock() + 3 * p.windowBlocks <= block.number) break;
            uint256 number = entry.task.terms.epoch();
            assertEq(enigma.epoch(number).seed, handler.startOf(number).seed, "a live task's epoch is gone");
        }
    }

    function invariant_S7_23_noTaskIsInALaneThatItsDAppHasNotSet() public view {
        for (uint256 i; i < handler.taskCount(); ++i) {
            Entry memory entry = handler.taskAt(i);
            uint256 lanes = handler.lanesIn(entry.task.target.dApp(), entry.task.terms.epoch());
            assertTrue(entry.task.terms.lane() < lanes, "a lane that nobody set");
        }
    }

    /// @dev One generation at a time, nothing handed on that is not final, and what is final stays what it was.
    function invariant_S14_generationsFollowEachOther_andFinalOnesNeverChange() public view {
        RegistryState memory s = registry.state();
        assertTrue(s.openGeneration == s.generation || s.openGeneration == s.generation + 1, "more than one is open");
        assertTrue(s.minGeneration <= s.generation, "the least is not final");
        assertTrue((s.minGeneration == 0) == (s.generation == 0), "the least begins with the first");
        for (uint32 g = 1; g <= s.generation; ++g) {
            assertEq(registry.generation(g).commitment, handler.commitmentAtFinal(g), "a final commitment changed");
        }
        assertTrue(enigma.hasSecret() == (s.generation != 0), "Enigma knows of the secret");
    }

    /// @dev By the events: the mask that tells which revocations ask for a rotation leaves out nobody who was given a secret.
    function invariant_S14_heldMaskNamesEveryMeasurementThatWasGivenASecret() public view {
        assertEq(handler.grantedMask() & ~registry.state().heldMask, 0, "a holder is not in the mask");
    }

    function invariant_S7_noSeatIsLiveThatWaitsForTheSecret() public view {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory seat = enigma.seat(id);
            if (handler.isWaiting(id)) assertEq(seat.activeEpoch, LAST_EPOCH, "live without a grant");
            else assertEq(seat.joinFeeGwei, 0, "a fee is held for a grant that came");
        }
    }

    /// @dev Runs at the end of each sequence: whatever happened, nothing is stuck.
    function afterInvariant() public {
        handler.windDown();
        uint256 burnedWei = enigma.burnedGwei() * 1 gwei;
        assertEq(address(enigma).balance, burnedWei, "S22: everything else can be taken out");
        invariant_S22_02_24_eachTaskEndsExactlyOnce();
        invariant_S7_12_noBondLeavesAndNoSeatIsRetakenBeforeItCooledDown();
    }

    /// @dev The invariants would hold of a contract on which nothing happens. On this one, everything does.
    function test_S1_S2_S4_S7_S16_S22_aLongStoryMeetsAllThatTheInvariantsSpeakOf() public {
        _live(handler.taskActions(), 1320);
        string[58] memory events = [
            "seat taken",
            "seat left",
            "seat withdrawn",
            "slot funded",
            "lanes still changing",
            "paused",
            "code admitted",
            "fallbacks allowed or not",
            "beyond the limits refused",
            "batch refused",
            "abandoned by anyone",
            "requested",
            "settled by rank 0",
            "settled by rank 1",
            "settled by rank 2",
            "settled with status 0",
            "settled with status 1",
            "settled with status 2",
            "settled with little gas",
            "starved",
            "delivered",
            "not delivered",
            "asked again from a callback",
            "re-entry refused",
            "another signer refused",
            "another receipt refused",
            "another task refused",
            "second ending refused",
            "cancelled",
            "slot withdrawn",
            "seat retaken",
            "retaking refused",
            "bond returned",
            "machine full",
            "renewed with the record",
            "renewed with the certificate",
            "seat moved",
            "seat refused",
            "seat revoked",
            "rank moved up",
            "owed withdrawn",
            "lanes set",
            "seed posted",
            "slashed",
            "slashed through its successor",
            "seat rotated",
            "seat relocated",
            "seat trimmed",
            "fallback seed posted",
            "fallback refused",
            "refused by the pause",
            "unpaused",
            "prices changed",
            "nobody's task refused",
            "batch requested",
            "batch settled",
            "redelivered",
            "abandoned"
        ];
        string memory missed;
        for (uint256 i; i < events.length; ++i) {
            missed = string.concat(missed, _missed(events[i]));
        }
        assertEq(bytes(missed), "", string.concat("never met: ", missed));
        afterInvariant();
    }

    function test_S7_S14_S22_S24_aLongStoryOfSecretsMeetsAllThatTheInvariantsSpeakOf() public {
        _live(handler.secretActions(), 900);
        string[17] memory events = [
            "committed",
            "commitment replaced",
            "joined",
            "granted",
            "granted the open one",
            "seat activated",
            "own donor",
            "held",
            "opened by the governor",
            "opened by anyone",
            "least raised",
            "frozen",
            "shut out by the freeze",
            "code revoked",
            "secret refused",
            "seat retaken",
            "rank moved up"
        ];
        string memory missed;
        for (uint256 i; i < events.length; ++i) {
            missed = string.concat(missed, _missed(events[i]));
        }
        assertEq(bytes(missed), "", string.concat("never met: ", missed));
        afterInvariant();
    }

    /// @dev Prints how often, which `-vv` shows; empty if at all.
    function _missed(string memory what) private view returns (string memory) {
        uint256 found = handler.count(what);
        // The console that Foundry listens to.
        (bool ok,) = address(0x000000000000000000636F6e736F6c652e6c6f67)
            .staticcall(abi.encodeWithSignature("log(string,uint256)", what, found));
        return ok && found != 0 ? "" : string.concat(what, "; ");
    }

    function _live(bytes4[] memory actions, uint256 steps) private {
        for (uint256 i; i < steps; ++i) {
            _act(actions[uint256(keccak256(abi.encode("action", i))) % actions.length], i);
            if (i % 250 != 249) continue;
            // As calls, whose memory is gone when they return: one frame's would outgrow the gas.
            this.invariant_S22_01_balanceIsTheSumOfAllClaims();
            this.invariant_S22_03_whatIsNoFeeStaysTheRequesters();
            this.invariant_S22_04_whatIsBookedIsTheTasksFees();
            this.invariant_S2_08_noReceiptSettlesWhatItWasNotMadeFor();
            this.invariant_S22_13_noCreditAndNoBondFallsUnexplained();
            this.invariant_S23_14_aSeatIsSlashedByTwoReceipts_andOnce();
            this.invariant_S4_15_aCallbackHasTheGasThatItWasPromised();
            this.invariant_S22_17_noTaskIsOfAnAccountWithoutCode();
            this.invariant_S4_18_aTaskAskedForInACallbackIsLikeAnyOther();
            this.invariant_S22_19_aBatchIsAsManySingles();
            this.invariant_S24_21_aPauseShutsNoWayOut();
            this.invariant_S22_02_24_eachTaskEndsExactlyOnce();
            this.invariant_S1_05_06_onlyTheSelectedRankSettledInItsWindow();
            this.invariant_S7_09_selectionStandsFromTheSeedOn();
            this.invariant_S22_07_aSlotsSeqIsTheNumberOfItsTasks();
            this.invariant_S7_10_11_20_aStartedEpochStaysWhatItWas();
            this.invariant_S4_16_aDAppIsCalledByItsCallbacksAlone();
            this.invariant_S7_23_noTaskIsInALaneThatItsDAppHasNotSet();
            this.invariant_S16_22_aRevokedSeatSettledNothing();
            this.invariant_S7_noMachineHoldsMoreSeatsThanItMay();
            this.invariant_S7_12_noBondLeavesAndNoSeatIsRetakenBeforeItCooledDown();
            this.invariant_S14_generationsFollowEachOther_andFinalOnesNeverChange();
            this.invariant_S14_heldMaskNamesEveryMeasurementThatWasGivenASecret();
            this.invariant_S7_noSeatIsLiveThatWaitsForTheSecret();
        }
    }

    /// @dev One action with arguments as a fuzzer would choose them; surplus arguments are ignored.
    function _act(bytes4 action, uint256 i) private {
        bytes32 salt = keccak256(abi.encode("arguments", i));
        (bool ok, bytes memory reason) = address(handler)
            .call(
                abi.encodeWithSelector(
                    action,
                    keccak256(abi.encode(salt, 0)),
                    keccak256(abi.encode(salt, 1)),
                    keccak256(abi.encode(salt, 2)),
                    keccak256(abi.encode(salt, 3)),
                    keccak256(abi.encode(salt, 4))
                )
            );
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
