// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier, Standing} from "../src/interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../src/interfaces/IBeacon.sol";
import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaNetwork} from "../src/interfaces/IEnigmaNetwork.sol";
import {IEnigmaSeats, SignedReceipt} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks, Undelivered} from "../src/interfaces/IEnigmaTasks.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {Task} from "../src/types/Task.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {StubBeacon, StubVerifier} from "./support/Stubs.sol";
import {vm} from "./support/Vm.sol";

/// Another source of seeds.
contract FixedBeacon is IBeacon {
    function seed(uint256, bytes32, bytes calldata) external pure returns (uint256) {
        return 77;
    }
}

/// Another policy, that nothing meets.
contract StrictVerifier is IAttestationVerifier {
    bool public constant simulated = true;
    bytes32 public constant policyHash = keccak256("strict policy");

    function verify(bytes calldata, bytes calldata, bytes32) external pure returns (Attestation memory) {
        revert AttestationRefused("STRICT");
    }

    function recheck(bytes calldata) external pure returns (Standing) {
        return Standing.Good;
    }
}

/// What governor and guardian may do, that nobody else may, and that none of it moves money.
contract GovernanceTest is SecretWorld {
    function test_S24_revokeMeasurement_shutsItsCodeOut_atOnce() public {
        _takeMallorysSeat();
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.MeasurementRevoked(1, OTHER_MEASUREMENT);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        assertEq(enigma.revokedMeasurements(), 2, "mask");
        assertEq(enigma.epoch(2).revokedMask, 2, "in the epoch of now too");
        for (uint256 lane; lane < 50; ++lane) {
            (uint256 id,) = enigma.selected(2, address(dapp), lane, 0);
            assertTrue(id != 0, "Mallory's seat is drawn");
        }
        startEpoch(3);
        assertEq(enigma.epoch(3).revokedMask, 2, "and in those that follow");
    }

    function test_S24_revokeMeasurement_reachesEveryEpochWhoseTasksMayBePending() public {
        Parameters memory p = parameters();
        (p.epochBlocks, p.cutBlocks, p.graceBlocks, p.windowBlocks, p.coolEpochs) = (4, 2, 4, 4, 5);
        enigma = deploy(p);
        registry = enigma.keyRegistry();
        _takeMallorysSeat();
        for (uint256 epoch = 3; epoch < 9; ++epoch) {
            startEpoch(epoch);
        }
        vm.prank(governor);
        enigma.revokeMeasurement(1);
        // A task of epoch e is requested until 4 blocks after it, and settled within 12 more: 4 epochs of 4.
        for (uint256 epoch = 2; epoch < 9; ++epoch) {
            assertEq(enigma.epoch(epoch).revokedMask, epoch < 4 ? 0 : 2, "mask");
        }
    }

    /// In the ring of epochs, one that has no seed yet has an old one in its place.
    function test_revokeMeasurement_leavesEpochsAlone_thatAreOver() public {
        _takeMallorysSeat();
        goToEpoch(34);
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        assertEq(enigma.epoch(2).revokedMask, 0, "as it was drawn");
    }

    function test_S24_aRevokedSeat_settlesNothingMore_andTheRankBehindMovesUp() public {
        _takeMallorysSeat();
        Task memory task;
        for (uint32 slot;; ++slot) {
            task = request(user, slot, target(address(dapp)), FEE, FEE);
            vm.roll(block.number + 1);
            if (selectedSeat(task, 0) == 0) break;
            assertTrue(slot < 40, "Mallory is never drawn");
            startEpoch(enigma.currentEpoch() + 1);
        }
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, abi.encode(1));
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        vm.expectRevert();
        enigma.settle(task, 0, 0, abi.encode(1), r, vs);
        assertTrue(selectedSeat(task, 0) != 0, "the one behind");
        settle(task, 0, 0, abi.encode(1));
    }

    function test_S24_revokeMeasurement_refusesItsSeatsAndRenewals() public {
        _takeMallorysSeat();
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        bytes memory quote = abi.encode(attestation(operator, account("mallory"), block.number - 1));
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 1));
        enigma.takeSeat{value: 1 ether}(0, account("mallory"), INPUT_KEY, block.number - 1, quote, LEAF);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 1));
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function test_S24_revokeMeasurement_revertsWhen_unknown_twice_orByAnother() public {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.UnknownMeasurementId.selector, 2));
        enigma.revokeMeasurement(2);
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 0));
        enigma.revokeMeasurement(0);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGuardian.selector, operator));
        enigma.revokeMeasurement(1);
    }

    /// A revocation takes no bond: it leaves after the cool-down, as ever.
    function test_S22_S24_aRevokedSeat_getsItsBondBack() public {
        _takeMallorysSeat();
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        vm.startPrank(operator);
        enigma.leaveSeat(0);
        goToEpoch(6);
        uint256 before = operator.balance;
        enigma.withdrawSeat(0, payable(operator));
        assertEq(operator.balance, before + 1 ether, "bond");
    }

    /* WHAT THE GOVERNOR MAY CHANGE */

    function test_S24_governorsFunctions_areHisAlone() public {
        address[2] memory others = [guardian, operator];
        for (uint256 i; i < 2; ++i) {
            address by = others[i];
            bytes4 refusal = IEnigmaGovernance.OnlyGovernor.selector;
            _refused(by, abi.encodeCall(enigma.admitMeasurement, (bytes32("new"))), refusal);
            _refused(by, abi.encodeCall(enigma.setPriceLevel, (33)), refusal);
            _refused(by, abi.encodeCall(enigma.setBeacon, (new StubBeacon())), refusal);
            _refused(by, abi.encodeCall(enigma.setAttestationVerifier, (new StubVerifier(true))), refusal);
            vm.startPrank(by);
            vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, by));
            registry.setGuardian(by);
            vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, by));
            registry.raiseMinGeneration(1);
            vm.stopPrank();
        }
    }

    function test_S24_setPolicyHash_isEnigmasAlone_notTheGovernors() public {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyEnigma.selector, governor));
        registry.setPolicyHash(bytes32("mine"));
    }

    function test_S24_setGuardian_endsThePowersOfTheOneBefore() public {
        vm.startPrank(governor);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.GuardianSet(user);
        registry.setGuardian(user);
        vm.stopPrank();
        _refused(guardian, abi.encodeCall(enigma.revokeMeasurement, (0)), IEnigmaGovernance.OnlyGuardian.selector);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGuardian.selector, guardian));
        registry.freezeJoins(true);
        vm.prank(user);
        enigma.revokeMeasurement(0);
    }

    function test_S24_admitMeasurement_letsItsCodeTakeSeats() public {
        bytes32 admitted = keccak256("new version");
        bytes memory quote = _quoteOf(admitted);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.UnknownMeasurement.selector, admitted));
        enigma.takeSeat{value: 1 ether}(0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.MeasurementAdmitted(2, admitted);
        vm.prank(governor);
        assertEq(enigma.admitMeasurement(admitted), 2, "id");
        assertEq(enigma.measurement(2), admitted, "measurement");
        vm.prank(operator);
        uint256 id = enigma.takeSeat{value: 1 ether}(0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
        assertEq(enigma.seat(id).measurementId, 2, "its seat");
    }

    function test_S24_admitMeasurement_refusesZero_aSecondTime_andWhatWasRevoked() public {
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        bytes32[3] memory refused = [bytes32(0), MEASUREMENT, OTHER_MEASUREMENT];
        for (uint256 i; i < 3; ++i) {
            string memory reason = i == 0 ? "a measurement is zero" : "a measurement stands twice";
            vm.prank(governor);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
            enigma.admitMeasurement(refused[i]);
        }
    }

    function test_admitMeasurement_32AtMost_andTheLastIsRevocable() public {
        vm.startPrank(governor);
        for (uint256 id = 2; id < 32; ++id) {
            enigma.admitMeasurement(bytes32(id));
        }
        vm.expectRevert(
            abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, "more than 32 measurements")
        );
        enigma.admitMeasurement(bytes32(uint256(32)));
        enigma.revokeMeasurement(31);
        assertEq(enigma.revokedMeasurements(), 1 << 31, "mask");
    }

    function test_S24_setBeacon_givesTheSeedsOfEpochs_thatStartLater() public {
        startNetwork();
        uint256 seed = enigma.epoch(2).seed;
        FixedBeacon other = new FixedBeacon();
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.BeaconSet(other);
        vm.prank(governor);
        enigma.setBeacon(other);
        assertEq(enigma.epoch(2).seed, seed, "as it was drawn");
        startEpoch(3);
        assertEq(enigma.epoch(3).seed, 77, "the other's");
    }

    function test_setBeacon_revertsWhen_itIsNoContract() public {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, "beacon is not a contract"));
        enigma.setBeacon(IBeacon(user));
    }

    /// Donors' Cores read its policy's hash in the registry, proven, and hand on by no other policy.
    function test_S24_setAttestationVerifier_judgesLaterQuotes_andThePolicyFollows() public {
        takeSeat("alice");
        StrictVerifier strict = new StrictVerifier();
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.AttestationVerifierSet(strict, keccak256("strict policy"));
        vm.prank(governor);
        enigma.setAttestationVerifier(strict);
        assertEq(registry.policyHash(), keccak256("strict policy"), "policy");
        assertEq(address(enigma.attestationVerifier()), address(strict), "verifier");
        assertEq(enigma.seat(0).exitEpoch, 20, "a seat that stands, stands");
        bytes memory quote = abi.encode(attestation(operator, account("bob"), block.number - 1));
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAttestationVerifier.AttestationRefused.selector, bytes32("STRICT")));
        enigma.takeSeat{value: 1 ether}(0, account("bob"), INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function test_S15_S24_setAttestationVerifier_refusesOtherHardware_andWhatIsNoContract() public {
        string memory reason = "attestation verifier and network differ in simulated";
        IAttestationVerifier real = new StubVerifier(false);
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        enigma.setAttestationVerifier(real);
        reason = "attestation verifier is not a contract";
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        enigma.setAttestationVerifier(IAttestationVerifier(user));
    }

    /* WHAT THE GUARDIAN MAY DO */

    function test_S24_freezeJoins_isTheGuardiansToBegin_andTheGovernorsToEnd() public {
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGuardian.selector, operator));
        registry.freezeJoins(true);
        vm.startPrank(guardian);
        registry.freezeJoins(true);
        assertTrue(registry.state().isFrozen, "frozen");
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, guardian));
        registry.freezeJoins(false);
        vm.stopPrank();
        vm.startPrank(governor);
        registry.freezeJoins(false);
        assertTrue(!registry.state().isFrozen, "ended");
        registry.freezeJoins(true);
    }

    /// Every function of either contract that changes something: called by the two, it moves no wei of anybody's.
    function test_S24_neitherTouchesMoney() public {
        makeFirstSecret();
        uint256 seat = takeSeat("dave");
        Task memory task = request();
        address[2] memory both = [governor, guardian];
        Undelivered memory none;
        SignedReceipt memory unsigned;
        uint256 balance = address(enigma).balance;
        for (uint256 i; i < 2; ++i) {
            address by = both[i];
            _refused(by, abi.encodeCall(enigma.withdrawSeat, (seat, payable(by))), IEnigmaSeats.NotOperator.selector);
            _refused(by, abi.encodeCall(enigma.leaveSeat, (seat)), IEnigmaSeats.NotOperator.selector);
            _refused(by, _rotation(seat), IEnigmaSeats.NotOperator.selector);
            _refused(by, _renewal(seat), IEnigmaSeats.NotOperator.selector);
            _refused(by, abi.encodeCall(enigma.relocateSeat, (seat, 0)), IEnigmaSeats.SeatNotLive.selector);
            _refused(
                by, abi.encodeCall(enigma.slash, (0, 0, 0, unsigned, unsigned)), IEnigmaSeats.NotSeatSigner.selector
            );
            _refused(by, _settlement(task), IEnigmaTasks.TooEarly.selector);
            _refused(by, abi.encodeCall(enigma.settleBatch, (0, 0, "", 0, 0)), IEnigmaTasks.NothingToSettle.selector);
            _refused(by, abi.encodeCall(enigma.redeliver, (none, "")), IEnigmaTasks.NotUndelivered.selector);
            _refused(by, abi.encodeCall(enigma.abandon, (none, 0)), IEnigmaTasks.NotUndelivered.selector);
            _refused(by, abi.encodeCall(enigma.withdrawOwed, (payable(by))), IEnigmaTasks.NothingToWithdraw.selector);
            _refused(by, abi.encodeCall(enigma.withdrawSlot, (0)), IEnigmaTasks.NothingToWithdraw.selector);
            _refused(by, abi.encodeCall(enigma.cancel, (task)), IEnigmaTasks.TooEarly.selector);
            _refused(by, abi.encodeCall(enigma.markSeatGranted, (seat, 0)), IEnigmaTasks.OnlyKeyRegistry.selector);
            _refused(by, abi.encodeCall(enigma.markSecretFinal, ()), IEnigmaTasks.OnlyKeyRegistry.selector);
        }
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        vm.startPrank(guardian);
        registry.freezeJoins(true);
        enigma.pause(block.timestamp + 14 days);
        enigma.unpause();
        vm.stopPrank();
        vm.startPrank(governor);
        registry.freezeJoins(false);
        registry.openGeneration();
        registry.setGuardian(governor);
        enigma.pause(block.timestamp + 14 days);
        enigma.setPriceLevel(63);
        enigma.admitMeasurement(bytes32("mine"));
        enigma.setBeacon(new FixedBeacon());
        enigma.setAttestationVerifier(new StrictVerifier());
        enigma.trimSeats(10);
        vm.stopPrank();
        assertEq(address(enigma).balance, balance, "not a wei");
        assertEq(governor.balance + guardian.balance, 0, "to neither");
        // With every seat revoked the task is served by nobody, and refunded.
        skipBlocks(12);
        enigma.cancel(task);
        assertEq(enigma.slot(user, 0).balanceGwei, FEE, "refunded");
    }

    function _takeMallorysSeat() private {
        takeSeat("mallory");
        takeSeat("alice");
        takeSeat("bob");
        startEpoch(2);
    }

    function _quoteOf(bytes32 measurement) private view returns (bytes memory) {
        Attestation memory made = attestation(operator, account("dave"), block.number - 1);
        made.measurement = measurement;
        return abi.encode(made);
    }

    function _rotation(uint256 seat) private view returns (bytes memory) {
        bytes memory quote = _quoteOf(MEASUREMENT);
        return abi.encodeCall(
            enigma.rotateSeat, (seat, 0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF)
        );
    }

    function _renewal(uint256 seat) private view returns (bytes memory) {
        return abi.encodeCall(enigma.renewSeat, (seat, INPUT_KEY, block.number - 1, _quoteOf(MEASUREMENT), LEAF));
    }

    /// @dev A result that nobody signed, before its time.
    function _settlement(Task memory task) private view returns (bytes memory) {
        return abi.encodeCall(enigma.settle, (task, 0, 0, abi.encode(1), bytes32(uint256(1)), bytes32(uint256(1))));
    }

    function _refused(address by, bytes memory call, bytes4 refusal) private {
        vm.prank(by);
        (bool ok, bytes memory answer) = address(enigma).call(call);
        assertTrue(!ok, "went through");
        assertEq(bytes32(bytes4(answer)), bytes32(refusal), "refused with another error");
    }
}
