// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Generation, IKeyRegistry, RegistryState} from "../src/interfaces/IKeyRegistry.sol";
import {KeyMessages} from "../src/libraries/KeyMessages.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// GENERATIONS: how a network secret begins, becomes final and gives way to the next.
contract GenerationsTest is SecretWorld {
    function test_constructor_opensTheFirstGeneration() public view {
        assertEq(keccak256(abi.encode(registry.state())), keccak256(abi.encode(_state(0, 0, 1, 0))), "state");
        assertEq(address(registry.enigma()), address(enigma), "enigma");
        assertEq(registry.governor(), governor, "governor");
        assertEq(registry.guardian(), guardian, "guardian");
        assertEq(registry.policyHash(), keccak256("policy"), "policy");
        assertTrue(!enigma.hasSecret(), "no secret yet");
    }

    function test_commitGeneration_keepsTheCommitmentAndItsMaker() public {
        startNetwork();
        vm.expectEmit(address(registry));
        emit IKeyRegistry.GenerationCommitted(1, 0, commitmentOf(1), networkSigner());
        commit("alice", 0, 1);
        Generation memory kept = registry.generation(1);
        assertEq(kept.commitment, commitmentOf(1), "commitment");
        assertEq(kept.networkSigner, networkSigner(), "network signer");
        assertEq(kept.seat, 0, "seat");
        assertEq(kept.epoch, 2, "epoch");
        assertEq(registry.heldBy(account("alice")), 1, "who made it holds it");
        assertEq(registry.state().heldMask, 1, "and so does its measurement");
    }

    function test_S14_commitGeneration_revertsWhen_anotherSigned() public {
        startNetwork();
        (bytes32 r, bytes32 vs) = signedCommit("bob", 0, 1, commitmentOf(1));
        vm.expectRevert(_wrongSigner("bob", "alice"));
        registry.commitGeneration(0, 1, commitmentOf(1), networkSigner(), r, vs);
    }

    function test_S14_commitGeneration_revertsWhen_aFieldWasChanged() public {
        startNetwork();
        (bytes32 r, bytes32 vs) = signedCommit("alice", 0, 1, commitmentOf(1));
        vm.expectRevert();
        registry.commitGeneration(0, 1, commitmentOf(2), networkSigner(), r, vs);
        vm.expectRevert();
        registry.commitGeneration(0, 1, commitmentOf(1), user, r, vs);
        registry.commitGeneration(0, 1, commitmentOf(1), networkSigner(), r, vs);
    }

    function test_S14_commitGeneration_revertsWhen_theSeatIsNotLive() public {
        takeSeat("alice");
        _refusesCommit("alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
        _refusesCommit("alice", 9, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 9));
        startEpoch(2);
        vm.prank(operator);
        enigma.leaveSeat(0);
        goToEpoch(4);
        _refusesCommit("alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
    }

    function test_S14_commitGeneration_revertsWhen_itsMeasurementIsRevoked() public {
        startNetwork();
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        _refusesCommit("alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
    }

    function test_S14_commitGeneration_revertsWhen_theGenerationIsNotOpen() public {
        startNetwork();
        _refusesCommit("alice", 0, 2, abi.encodeWithSelector(IKeyRegistry.GenerationNotOpen.selector, 2, 1));
        _refusesCommit("alice", 0, 0, abi.encodeWithSelector(IKeyRegistry.GenerationNotOpen.selector, 0, 1));
        _makeFinal();
        _refusesCommit("alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.GenerationNotOpen.selector, 1, 1));
    }

    function test_S14_commitGeneration_revertsWhen_nothingIsCommittedTo() public {
        startNetwork();
        vm.expectRevert(IKeyRegistry.ZeroCommitment.selector);
        registry.commitGeneration(0, 1, 0, networkSigner(), 0, 0);
        // Nobody's signature would pass for a network signer's that is zero.
        vm.expectRevert(IKeyRegistry.ZeroCommitment.selector);
        registry.commitGeneration(0, 1, commitmentOf(1), address(0), 0, 0);
    }

    function test_S14_commitGeneration_replacesOnlyWhatFoundNoHolderForAWholeEpoch() public {
        startNetwork();
        commit("alice", 0, 1);
        bytes memory stands = abi.encodeWithSelector(IKeyRegistry.CommitmentStands.selector, 1, 4);
        _refusesCommit("bob", 1, 1, stands);
        vm.roll(enigma.boundaryBlock(4) - 1);
        _refusesCommit("bob", 1, 1, stands);
        vm.roll(enigma.boundaryBlock(4));
        commit("bob", 1, 1);
        assertEq(registry.generation(1).seat, 1, "Bob's now");
        assertEq(registry.generation(1).epoch, 4, "since now");
        _refusesCommit("alice", 0, 1, abi.encodeWithSelector(IKeyRegistry.CommitmentStands.selector, 1, 6));
    }

    function test_confirmHolder_makesTheGenerationFinal() public {
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.MinGenerationRaised(1);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.GenerationFinal(1, 1);
        hold("bob", 1, 1);
        assertEq(keccak256(abi.encode(registry.state())), keccak256(abi.encode(_state(1, 1, 1, 1))), "state");
        assertTrue(enigma.hasSecret(), "Enigma knows");
    }

    function test_S14_confirmHolder_revertsWhen_theMakerConfirmsItself() public {
        startNetwork();
        commit("alice", 0, 1);
        _refusesHold("alice", 0, abi.encodeWithSelector(IKeyRegistry.SameHolder.selector, 0));
    }

    function test_S14_confirmHolder_revertsWhen_itIsTheMakersSignerOnAnotherSeat() public {
        machine = 1;
        takeSeat("alice");
        machine = 0;
        startNetwork(); // Alice's seats are 0 and 1, on two machines
        commit("alice", 0, 1);
        _refusesHold("alice", 1, abi.encodeWithSelector(IKeyRegistry.SameHolder.selector, 1));
    }

    function test_S14_confirmHolder_revertsWhen_itIsTheMakersMachine() public {
        machine = 1;
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        _refusesHold("bob", 1, abi.encodeWithSelector(IKeyRegistry.SameHolder.selector, 1));
    }

    function test_S14_confirmHolder_revertsWhen_theSecondWasGivenNothing() public {
        startNetwork();
        commit("alice", 0, 1);
        _refusesHold("bob", 1, abi.encodeWithSelector(IKeyRegistry.NotAHolder.selector, 1, 1));
    }

    function test_S14_confirmHolder_revertsWhen_aHolderIsNoLongerLive() public {
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        vm.prank(operator);
        enigma.leaveSeat(0);
        goToEpoch(4);
        _refusesHold("bob", 1, abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
    }

    function test_S14_confirmHolder_revertsWhen_anotherSigned() public {
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        (bytes32 r, bytes32 vs) = signedHold("carol", 1);
        vm.expectRevert(_wrongSigner("carol", "bob"));
        registry.confirmHolder(1, 1, r, vs);
        // Of the commitment before.
        bytes32 other = KeyMessages.holds(enigma.networkHash(), 1, commitmentOf(2));
        (r, vs) = sign("bob", other);
        vm.expectRevert();
        registry.confirmHolder(1, 1, r, vs);
    }

    function test_S14_confirmHolder_revertsWhen_nothingIsOpenOrCommitted() public {
        startNetwork();
        _refusesHold("bob", 1, abi.encodeWithSelector(IKeyRegistry.NotCommitted.selector, 1));
        _makeFinal();
        _refusesHold("carol", 2, abi.encodeWithSelector(IKeyRegistry.GenerationNotOpen.selector, 1, 1));
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.GenerationNotOpen.selector, 2, 1));
        registry.confirmHolder(1, 2, 0, 0);
    }

    function test_openGeneration_leadsToTheNextSecret_underTheSameRules() public {
        makeFirstSecret();
        vm.expectEmit(address(registry));
        emit IKeyRegistry.GenerationOpened(2);
        vm.prank(governor);
        registry.openGeneration();
        assertEq(keccak256(abi.encode(registry.state())), keccak256(abi.encode(_state(1, 1, 2, 1))), "open");
        commit("carol", 2, 2);
        join("alice", 0);
        grant("alice", 0, "carol", 2, 2);
        hold("alice", 0, 2);
        assertEq(keccak256(abi.encode(registry.state())), keccak256(abi.encode(_state(2, 1, 2, 1))), "final");
        assertEq(registry.generation(1).commitment, commitmentOf(1), "the first stays as it is");
    }

    function test_openGeneration_revertsWhen_oneIsOpen() public {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.GenerationStillOpen.selector, 1));
        registry.openGeneration();
        makeFirstSecret();
        vm.prank(governor);
        registry.openGeneration();
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.GenerationStillOpen.selector, 2));
        registry.openGeneration();
    }

    function test_S14_openGeneration_isAnyonesOnce_afterAHoldersMeasurementWasRevoked() public {
        takeSeat("mallory");
        startNetwork(); // seats 1, 2 and 3
        commit("mallory", 0, 1);
        join("alice", 1);
        grant("alice", 1, "mallory", 0, 1);
        hold("alice", 1, 1);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);

        registry.openGeneration();
        RegistryState memory s = registry.state();
        assertEq(s.openGeneration, 2, "open");
        assertEq(s.rotatedMask, 2, "because of the other measurement");
        commit("alice", 1, 2);
        join("bob", 2);
        grant("bob", 2, "alice", 1, 2);
        hold("bob", 2, 2);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, address(this)));
        registry.openGeneration();
    }

    function test_S24_openGeneration_isTheGovernors_whereNoHolderWasRevoked() public {
        makeFirstSecret();
        vm.prank(guardian);
        enigma.revokeMeasurement(1); // held nothing
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, guardian));
        registry.openGeneration();
    }

    function test_raiseMinGeneration_onlyRises_atMostToTheLastFinal() public {
        makeFirstSecret();
        vm.prank(governor);
        registry.openGeneration();
        commit("alice", 0, 2);
        _refusesMin(2); // not final
        join("bob", 1);
        grant("bob", 1, "alice", 0, 2);
        hold("bob", 1, 2);
        _refusesMin(1);
        _refusesMin(3);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.MinGenerationRaised(2);
        vm.prank(governor);
        registry.raiseMinGeneration(2);
        assertEq(registry.state().minGeneration, 2, "raised");
        _refusesMin(2);
        _refusesMin(1);
    }

    function test_S24_raiseMinGeneration_isTheGovernors() public {
        makeFirstSecret();
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, guardian));
        registry.raiseMinGeneration(1);
    }

    /* HELPERS */

    /// The one that all run on; 0: each on its own.
    uint256 private machine;

    function machineOf(address signer) internal view override returns (uint256) {
        return machine != 0 ? machine : super.machineOf(signer);
    }

    function _makeFinal() private {
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
    }

    function _state(uint32 generation, uint32 least, uint32 open, uint32 heldMask)
        private
        pure
        returns (RegistryState memory)
    {
        return RegistryState(generation, least, open, false, heldMask, 0, 0);
    }

    function _refusesCommit(string memory name, uint256 seat, uint32 generation, bytes memory refusal) private {
        (bytes32 r, bytes32 vs) = signedCommit(name, seat, generation, commitmentOf(generation));
        vm.expectRevert(refusal);
        registry.commitGeneration(seat, generation, commitmentOf(generation), account("network signer"), r, vs);
    }

    function _refusesHold(string memory name, uint256 seat, bytes memory refusal) private {
        (bytes32 r, bytes32 vs) = signedHold(name, 1);
        vm.expectRevert(refusal);
        registry.confirmHolder(seat, 1, r, vs);
    }

    function _refusesMin(uint32 least) private {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidGeneration.selector, least));
        registry.raiseMinGeneration(least);
    }

    function _wrongSigner(string memory found, string memory expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IKeyRegistry.WrongSigner.selector, account(found), account(expected));
    }
}
