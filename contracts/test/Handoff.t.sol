// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Standing} from "../src/interfaces/IAttestationVerifier.sol";
import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {KeyMessages} from "../src/libraries/KeyMessages.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// HANDOFF: who may ask for the secrets, who may give them, and that each is done once.
contract HandoffTest is SecretWorld {
    function test_requestJoin_keepsTheKeyAndTellsIt() public {
        startNetwork();
        (bytes32 r, bytes32 vs) = signedJoin("bob", 1, joinKeyOf("bob"));
        vm.expectEmit(address(registry));
        emit IKeyRegistry.JoinRequested(1, joinKeyOf("bob"), r, vs);
        registry.requestJoin(1, joinKeyOf("bob"), r, vs);
        assertEq(registry.joinKeyOf(1), joinKeyOf("bob"), "waits");
    }

    function test_S14_requestJoin_revertsWhen_theKeyIsNotTheEnclaves() public {
        startNetwork();
        (bytes32 r, bytes32 vs) = signedJoin("mallory", 1, joinKeyOf("mallory"));
        vm.expectRevert(_wrongSigner("mallory", "bob"));
        registry.requestJoin(1, joinKeyOf("mallory"), r, vs);
        // Another key under a signature of the enclave's, or its key for another seat.
        (r, vs) = signedJoin("bob", 1, joinKeyOf("bob"));
        vm.expectRevert();
        registry.requestJoin(1, joinKeyOf("mallory"), r, vs);
        vm.expectRevert();
        registry.requestJoin(2, joinKeyOf("bob"), r, vs);
        vm.expectRevert(IKeyRegistry.ZeroJoinKey.selector);
        registry.requestJoin(1, 0, r, vs);
    }

    function test_S15_requestJoin_revertsWhen_signedForAnotherNetwork() public {
        startNetwork();
        bytes32 otherNetwork = keccak256("the same contract, as if not simulated");
        (bytes32 r, bytes32 vs) = sign("bob", KeyMessages.join(otherNetwork, 1, joinKeyOf("bob")));
        vm.expectRevert();
        registry.requestJoin(1, joinKeyOf("bob"), r, vs);
    }

    function test_S14_requestJoin_revertsWhen_theSeatHasEnded_orNeverWas() public {
        startNetwork();
        _refusesJoin("bob", 9, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 9));
        vm.prank(operator);
        enigma.leaveSeat(1);
        goToEpoch(3);
        join("bob", 1); // its last epoch
        goToEpoch(4);
        _refusesJoin("bob", 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 1));
    }

    function test_S14_requestJoin_revertsWhen_thePlatformOrMeasurementIsRevoked() public {
        startNetwork();
        bytes memory record = recordOf(machineOf(account("bob")));
        verifier.setStanding(record, Standing.Revoked);
        enigma.recheck(1, record);
        _refusesJoin("bob", 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 1));
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        _refusesJoin("carol", 2, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 2));
    }

    /// A Join has no end: whoever saw an old one may send it again, and must not push aside the one that waits.
    function test_S14_requestJoin_letsOnlyTheOperatorReplaceAKeyThatWaits() public {
        startNetwork();
        (bytes32 r, bytes32 vs) = signedJoin("bob", 1, "an old key");
        join("bob", 1);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.JoinWaits.selector, 1, joinKeyOf("bob")));
        registry.requestJoin(1, "an old key", r, vs);
        vm.prank(operator);
        registry.requestJoin(1, "an old key", r, vs);
        assertEq(registry.joinKeyOf(1), "an old key", "the operator's choice");
    }

    function test_grantKey_givesOnce_andSaysToWhom() public {
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.KeyGranted(1, 0, 1, joinKeyOf("bob"), CIPHERTEXT);
        grant("bob", 1, "alice", 0, 1);
        assertEq(registry.joinKeyOf(1), bytes32(0), "served");
        assertEq(registry.heldBy(account("bob")), 1, "held");
    }

    function test_S14_grantKey_revertsWhen_replayed() public {
        makeFirstSecret();
        join("carol", 2);
        grant("carol", 2, "alice", 0, 1);
        _refusesGrant(
            "carol", 2, "alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.NoJoin.selector, 2, joinKeyOf("carol"))
        );
    }

    /// All seats have ended, the sealed secrets have not: the first enclave to come back brings the network back.
    function test_grantKey_letsAHolderActivateItsOwnNextSeat() public {
        makeFirstSecret();
        goToEpoch(30);
        uint256 id = takeSeat("alice", 1, operator);
        join("alice", id);
        grant("alice", id, "alice", id, 1);
        assertEq(enigma.seat(id).activeEpoch, 32, "live again");
        assertEq(enigma.seat(id).creditGwei, 1e7, "its own donor");
    }

    function test_S14_grantKey_letsNobodyElseActivateHisOwn() public {
        makeFirstSecret();
        uint256 id = takeSeat("dave");
        join("dave", id);
        _refusesGrant("dave", id, "dave", id, 1, abi.encodeWithSelector(IKeyRegistry.NotAHolder.selector, id, 1));
        id = takeSeat("alice");
        join("carol", 2);
        // As a donor to others it must be live.
        _refusesGrant("carol", 2, "alice", id, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, id));
    }

    function test_S14_grantKey_revertsWhen_theKeyIsNotTheOneAskedUnder() public {
        makeFirstSecret();
        join("carol", 2);
        bytes32 foreign = joinKeyOf("mallory");
        (bytes32 r, bytes32 vs) = signedGrant("alice", 2, foreign, 1);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.NoJoin.selector, 2, foreign));
        registry.grantKey(2, 0, foreign, 1, CIPHERTEXT, r, vs);
        (r, vs) = signedGrant("alice", 2, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.NoJoin.selector, 1, bytes32(0)));
        registry.grantKey(1, 0, 0, 1, CIPHERTEXT, r, vs);
    }

    function test_S14_grantKey_revertsWhen_theDonorHoldsNothing() public {
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        _refusesGrant("bob", 1, "carol", 2, 1, abi.encodeWithSelector(IKeyRegistry.NotAHolder.selector, 2, 1));
        _refusesGrant("bob", 1, "bob", 1, 1, abi.encodeWithSelector(IKeyRegistry.NotAHolder.selector, 1, 1));
    }

    function test_S14_grantKey_revertsWhen_theDonorHoldsOnlyTheGenerationBefore() public {
        _openSecond();
        commit("alice", 0, 2);
        join("carol", 2);
        _refusesGrant("carol", 2, "bob", 1, 2, abi.encodeWithSelector(IKeyRegistry.NotAHolder.selector, 1, 2));
        grant("carol", 2, "bob", 1, 1);
    }

    function test_S14_grantKey_revertsWhen_theDonorIsNoLongerLive() public {
        makeFirstSecret();
        vm.prank(operator);
        enigma.leaveSeat(0);
        join("carol", 2);
        goToEpoch(4);
        _refusesGrant("carol", 2, "alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
        grant("carol", 2, "bob", 1, 1);
    }

    function test_S14_grantKey_revertsWhen_theDonorsOrJoinersMeasurementIsRevoked() public {
        makeFirstSecret();
        uint256 seat = takeSeat("mallory");
        join("mallory", seat);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        bytes memory refusal = abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, seat);
        _refusesGrant("mallory", seat, "alice", 0, 1, refusal);
        join("carol", 2);
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        _refusesGrant("carol", 2, "alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 2));
    }

    function test_S14_grantKey_revertsWhen_onlyTheDonorsMeasurementIsRevoked() public {
        takeSeat("mallory");
        startNetwork(); // seats 1, 2 and 3
        commit("mallory", 0, 1);
        join("alice", 1);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        _refusesGrant("alice", 1, "mallory", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
    }

    function test_S14_grantKey_revertsWhen_theJoinersSeatHasEnded() public {
        makeFirstSecret();
        join("carol", 2);
        vm.prank(operator);
        enigma.leaveSeat(2);
        goToEpoch(4);
        _refusesGrant("carol", 2, "alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 2));
    }

    function test_S14_grantKey_revertsWhen_anotherSigned_orAFieldWasChanged() public {
        makeFirstSecret();
        join("carol", 2);
        (bytes32 r, bytes32 vs) = signedGrant("bob", 2, joinKeyOf("carol"), 1);
        vm.expectRevert(_wrongSigner("bob", "alice"));
        registry.grantKey(2, 0, joinKeyOf("carol"), 1, CIPHERTEXT, r, vs);
        (r, vs) = signedGrant("alice", 2, joinKeyOf("carol"), 1);
        vm.expectRevert();
        registry.grantKey(2, 0, joinKeyOf("carol"), 1, "another ciphertext", r, vs);
        registry.grantKey(2, 0, joinKeyOf("carol"), 1, CIPHERTEXT, r, vs);
    }

    function test_S14_grantKey_revertsWhen_theGenerationIsNeitherInForceNorCommitted() public {
        startNetwork();
        join("bob", 1);
        _refusesGrant("bob", 1, "alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.NotCommitted.selector, 1));
        _refusesGrant("bob", 1, "alice", 0, 0, abi.encodeWithSelector(IKeyRegistry.InvalidGeneration.selector, 0));
        _refusesGrant("bob", 1, "alice", 0, 2, abi.encodeWithSelector(IKeyRegistry.InvalidGeneration.selector, 2));
        commit("alice", 0, 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
        vm.prank(governor);
        registry.openGeneration();
        commit("alice", 0, 2);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 2);
        hold("bob", 1, 2);
        join("carol", 2);
        _refusesGrant("carol", 2, "alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.InvalidGeneration.selector, 1));
    }

    function test_grantKey_keepsTheLaterGeneration_whicheverArrivesLast() public {
        _openSecond();
        commit("alice", 0, 2);
        join("alice", 0);
        grant("alice", 0, "bob", 1, 1);
        assertEq(registry.heldBy(account("alice")), 2, "the one it made");
    }

    function test_S14_freezeJoins_shutsOutWhoNeverHeldOne() public {
        _openSecond();
        join("carol", 2);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.JoinsFrozen(true);
        vm.prank(guardian);
        registry.freezeJoins(true);
        bytes memory refusal = abi.encodeWithSelector(IKeyRegistry.Frozen.selector, 2);
        _refusesGrant("carol", 2, "alice", 0, 1, refusal);
        _refusesJoin("carol", 2, refusal);
        (bytes32 r, bytes32 vs) = signedCommit("carol", 2, 2, commitmentOf(2));
        vm.expectRevert(refusal);
        registry.commitGeneration(2, 2, commitmentOf(2), networkSigner(), r, vs);

        // Those that held one rotate among themselves.
        commit("alice", 0, 2);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 2);
        hold("bob", 1, 2);
        vm.prank(governor);
        registry.freezeJoins(false);
        grant("carol", 2, "alice", 0, 2);
    }

    function test_S14_freezeJoins_letsTheFirstSecretBeMade_butNobodyJoinIt() public {
        startNetwork();
        vm.prank(guardian);
        registry.freezeJoins(true);
        commit("alice", 0, 1);
        _refusesJoin("bob", 1, abi.encodeWithSelector(IKeyRegistry.Frozen.selector, 1));
    }

    /* HELPERS */

    function _openSecond() private {
        makeFirstSecret();
        vm.prank(governor);
        registry.openGeneration();
    }

    function _refusesJoin(string memory name, uint256 seat, bytes memory refusal) private {
        (bytes32 r, bytes32 vs) = signedJoin(name, seat, joinKeyOf(name));
        vm.expectRevert(refusal);
        registry.requestJoin(seat, joinKeyOf(name), r, vs);
    }

    function _refusesGrant(
        string memory name,
        uint256 seat,
        string memory donor,
        uint256 donorSeat,
        uint32 generation,
        bytes memory refusal
    ) private {
        (bytes32 r, bytes32 vs) = signedGrant(donor, seat, joinKeyOf(name), generation);
        vm.expectRevert(refusal);
        registry.grantKey(seat, donorSeat, joinKeyOf(name), generation, CIPHERTEXT, r, vs);
    }

    function _wrongSigner(string memory found, string memory expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IKeyRegistry.WrongSigner.selector, account(found), account(expected));
    }
}
