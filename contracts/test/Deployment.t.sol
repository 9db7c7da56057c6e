// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {IAttestationVerifier} from "../src/interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../src/interfaces/IBeacon.sol";
import {IEnigmaNetwork} from "../src/interfaces/IEnigmaNetwork.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {Observation, Parameters} from "../src/types/Parameters.sol";
import {Governance} from "../src/interfaces/IKeyRegistry.sol";
import {Timelock} from "../src/Timelock.sol";
import {Deployer} from "./support/Deployer.sol";
import {StubBeacon, StubVerifier} from "./support/Stubs.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// What a deployment fixes for ever, and which parameters it refuses.
contract DeploymentTest is World {
    Deployer private _deployer = new Deployer();
    IBeacon private _beacon = new StubBeacon();
    IAttestationVerifier private _verifier = new StubVerifier(true);

    function test_constructor_keepsWhatItWasGiven() public {
        enigma =
            _deployer.deploy(parameters(), observation(), _beacon, _verifier, _measurements(32), true, governance());
        assertEq(keccak256(abi.encode(enigma.parameters())), keccak256(abi.encode(parameters())), "parameters");
        assertEq(address(enigma.beacon()), address(_beacon), "beacon");
        assertEq(address(enigma.attestationVerifier()), address(_verifier), "verifier");
        assertTrue(enigma.simulated(), "simulated");
        assertEq(enigma.genesisBlock(), block.number, "genesisBlock");
        assertEq(enigma.currentEpoch(), 0, "epoch");
        assertEq(enigma.measurement(0), bytes32(uint256(1)), "first measurement");
        assertEq(enigma.measurement(31), bytes32(uint256(32)), "last measurement");
        assertEq(enigma.measurement(32), bytes32(0), "no measurement");
    }

    function test_S25_constructor_bindsTheNetworkHash() public {
        bytes32 simulatedHash = enigma.networkHash();
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("enigma.network.v1"), block.chainid, address(enigma), observation().observers, 1, 0, true, 0
            )
        );
        assertEq(simulatedHash, expected, "networkHash");
        IEnigma other =
            _deployer.deploy(parameters(), observation(), _beacon, _verifier, _measurements(1), true, governance());
        assertTrue(other.networkHash() != simulatedHash, "another contract is another network");
    }

    function test_S25_constructor_bindsAndAnnouncesTheObservers() public {
        Observation memory o = Observation({observers: _observers(3), threshold: 2, depth: 1});
        vm.expectEmit(true, true, true, true);
        emit IEnigmaNetwork.ObserversSet(o.observers, 2, 1, 0);
        IEnigma bound = _deploy(o);
        bytes32 expected = keccak256(
            abi.encode(keccak256("enigma.network.v1"), block.chainid, address(bound), o.observers, 2, 1, true, 0)
        );
        assertEq(bound.networkHash(), expected, "networkHash");
    }

    function test_S25_constructor_revertsWhen_observersAreNone_tooMany_orDoNotAscend() public {
        _refuses(Observation(_observers(0), 1, 0), "no observer");
        _refuses(Observation(_observers(0), 0, 0), "no observer");
        _refuses(Observation(_observers(33), 1, 0), "more than 32 observers");
        _deploy(Observation(_observers(32), 32, 0));
        Observation memory o = Observation(_observers(3), 1, 0);
        (o.observers[1], o.observers[2]) = (o.observers[2], o.observers[1]);
        _refuses(o, "observers do not ascend");
        o.observers[2] = o.observers[1];
        _refuses(o, "observers do not ascend");
        o = Observation(_observers(2), 1, 0);
        o.observers[0] = address(0);
        _refuses(o, "observers do not ascend");
    }

    function test_S12_constructor_revertsWhen_theThresholdBelievesAnyoneOrNoOne() public {
        _refuses(Observation(_observers(2), 0, 0), "threshold is not 1 to the number of observers");
        _refuses(Observation(_observers(2), 3, 0), "threshold is not 1 to the number of observers");
        _deploy(Observation(_observers(2), 2, 0));
    }

    function test_constructor_revertsWhen_observersSignTooLateForRankZeroOrTheSeed() public {
        Parameters memory p = parameters();
        Observation memory o = Observation(_observers(1), 1, 4);
        (p.epochBlocks, p.cutBlocks, p.graceBlocks, p.windowBlocks, p.coolEpochs) = (7, 4, 0, 5, 3);
        _refuses(p, o, "cutBlocks is not above depth");
        p.cutBlocks = 5; // observed four blocks behind the boundary, posted one later
        _refuses(p, o, "windowBlocks is below depth + 2");
        p.windowBlocks = 6;
        _deployer.deploy(p, o, _beacon, _verifier, _measurements(1), true, governance());
    }

    function test_S15_constructor_bindsWhetherSimulated() public {
        IEnigma real = _deployer.deploy(
            parameters(), observation(), _beacon, new StubVerifier(false), _measurements(1), false, _nobody()
        );
        assertTrue(!real.simulated(), "not simulated");
        bytes32 asIfSimulated = keccak256(
            abi.encode(
                keccak256("enigma.network.v1"), block.chainid, address(real), observation().observers, 1, 0, true, 0
            )
        );
        assertTrue(real.networkHash() != asIfSimulated, "simulated is in the hash");
    }

    function test_S15_constructor_revertsWhen_theVerifierBelievesTheOtherHardware() public {
        bytes memory reason = abi.encodeWithSelector(
            IEnigmaNetwork.InvalidParameters.selector, "attestation verifier and network differ in simulated"
        );
        for (uint256 i; i < 2; ++i) {
            IAttestationVerifier other = new StubVerifier(i == 0);
            vm.expectRevert(reason);
            _deployer.deploy(parameters(), observation(), _beacon, other, _measurements(1), i != 0, _nobody());
        }
    }

    /// A simulated one may be governed by anyone: it protects nothing.
    function test_S24_constructor_revertsWhen_aRealNetworksGovernor_isNoTimelock() public {
        string memory none = "governor is no timelock of 7 days";
        _refusesGovernor(user, none);
        _refusesGovernor(address(_beacon), none);
        Deployer deployer = new Deployer();
        _deployer = deployer;
        _refusesGovernor(address(new Timelock(_placeOf(deployer), user, 7 days - 1)), none);
        _refusesGovernor(address(new Timelock(IEnigma(user), user, 7 days)), "governor is a timelock of another network");
        address timelock = address(new Timelock(_placeOf(deployer), user, 7 days));
        _deployReal(new StubVerifier(false), Governance({governor: timelock, guardian: user}));
    }

    function test_S7_constructor_revertsWhen_aPlatformMayHoldNoSeatOrTooMany() public {
        Parameters memory p = parameters();
        p.seatsPerPlatform = 0;
        _refuses(p, "seatsPerPlatform is not 1 to 10");
        p.seatsPerPlatform = 11;
        _refuses(p, "seatsPerPlatform is not 1 to 10");
        p.seatsPerPlatform = 10;
        _accepts(p);
    }

    function test_S2_constructor_bindsTheDomain() public view {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 expected =
            keccak256(abi.encode(domainType, keccak256("Enigma"), keccak256("1"), block.chainid, address(enigma)));
        assertEq(enigma.domainSeparator(), expected, "domain");
    }

    function test_constructor_revertsWhen_threeWindowsReachTheProofWindow() public {
        Parameters memory p = parameters();
        p.epochBlocks = 1000;
        p.windowBlocks = 43; // 129 blocks
        _refuses(p, "three windows reach 128 blocks");
        p.windowBlocks = 42; // 126 blocks
        _accepts(p);
    }

    function test_constructor_revertsWhen_aLengthIsZero() public {
        Parameters memory p = parameters();
        p.epochBlocks = 0;
        _refuses(p, "cutBlocks + 1 is not below an epoch");
        p = parameters();
        p.cutBlocks = 0;
        _refuses(p, "cutBlocks is not above depth");
        p = parameters();
        p.windowBlocks = 0;
        _refuses(p, "windowBlocks is below depth + 2");
        p.windowBlocks = 1;
        _refuses(p, "windowBlocks is below depth + 2");
        p = parameters();
        p.secondsPerEpoch = 0;
        _refuses(p, "secondsPerEpoch is zero");
        p = parameters();
        p.bondGwei = 0;
        _refuses(p, "bondGwei is zero");
    }

    function test_S6_constructor_revertsWhen_noFallbackFitsBetweenTheCutAndTheNextEpoch() public {
        Parameters memory p = parameters();
        p.cutBlocks = 59;
        _refuses(p, "cutBlocks + 1 is not below an epoch");
        p.cutBlocks = type(uint32).max;
        _refuses(p, "cutBlocks + 1 is not below an epoch");
        p.cutBlocks = 58;
        _accepts(p);
    }

    /// The history contract of EIP-2935 knows the last 8,191 blocks.
    function test_S6_constructor_revertsWhen_theChainForgetsAnAnchorWhileASeedIsTaken() public {
        Parameters memory p = parameters();
        (p.epochBlocks, p.cutBlocks) = (20_000, 8192);
        _refuses(p, "cutBlocks exceeds 8191");
        p.cutBlocks = 8191;
        _refuses(p, "an epoch ends more than 8191 blocks behind its cut");
        p.epochBlocks = 16_384;
        _refuses(p, "an epoch ends more than 8191 blocks behind its cut");
        p.epochBlocks = 16_383;
        _accepts(p);
    }

    function test_constructor_revertsWhen_graceExceedsAnEpoch() public {
        Parameters memory p = parameters();
        p.graceBlocks = 61;
        _refuses(p, "graceBlocks exceeds an epoch");
        p.graceBlocks = 60;
        _accepts(p);
    }

    function test_constructor_revertsWhen_noSeatCouldEverBeLive() public {
        Parameters memory p = parameters();
        p.lifeEpochs = 2;
        _refuses(p, "lifeEpochs ends before a seat is active");
        p.lifeEpochs = 3;
        _accepts(p);
    }

    function test_S7_constructor_revertsWhen_aSeatCouldLeaveBeforeItsLastTaskEnds() public {
        Parameters memory p = parameters();
        (p.epochBlocks, p.cutBlocks, p.graceBlocks, p.windowBlocks, p.coolEpochs) = (21, 12, 10, 4, 1);
        _refuses(p, "coolEpochs ends before the last task");
        p.epochBlocks = 22; // grace 10 and windows 12
        _accepts(p);
        p.coolEpochs = 0;
        _refuses(p, "coolEpochs ends before the last task");
    }

    function test_constructor_revertsWhen_aTaskCouldOutliveItsEpochsWord() public {
        Parameters memory p = parameters();
        (p.epochBlocks, p.cutBlocks, p.graceBlocks, p.windowBlocks) = (3, 1, 3, 31);
        (p.coolEpochs, p.lifeEpochs) = (100, 200);
        _refuses(p, "epochBlocks too short for grace and windows"); // 96 blocks
        p.windowBlocks = 30; // 93 blocks, as many as the epochs have that are kept beside the current one
        _accepts(p);
    }

    function test_constructor_revertsWhen_aPartIsNoContract() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, "beacon is not a contract"));
        _deployer.deploy(parameters(), observation(), IBeacon(user), _verifier, _measurements(1), true, governance());
        vm.expectRevert(
            abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, "attestation verifier is not a contract")
        );
        _deployer.deploy(
            parameters(), observation(), _beacon, IAttestationVerifier(user), _measurements(1), true, governance()
        );
    }

    function test_constructor_revertsWhen_measurementsAreNone_tooMany_zeroOrTwice() public {
        _refuses(_measurements(0), "no measurement");
        _refuses(_measurements(33), "more than 32 measurements");
        bytes32[] memory measurements = _measurements(3);
        measurements[1] = 0;
        _refuses(measurements, "a measurement is zero");
        measurements[1] = measurements[0];
        _refuses(measurements, "a measurement stands twice");
    }

    function test_S22_enigma_refusesEtherThatNobodyAccountsFor() public {
        vm.prank(user);
        (bool ok, bytes memory answer) = address(enigma).call{value: 1 ether}("");
        assertTrue(!ok, "plain ether");
        assertEq(answer, abi.encodeWithSelector(IEnigmaTasks.PlainPayment.selector, 1 ether), "said so");
    }

    function _nobody() private pure returns (Governance memory) {
        return Governance({governor: address(0), guardian: account("guardian")});
    }

    /// @dev Where it puts its first Enigma, after the other half.
    function _placeOf(Deployer deployer) private pure returns (IEnigma) {
        bytes32 place = keccak256(abi.encodePacked(hex"d694", address(deployer), hex"02"));
        return IEnigma(address(uint160(uint256(place))));
    }

    function _refusesGovernor(address governor, string memory reason) private {
        StubVerifier real = new StubVerifier(false);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        _deployReal(real, Governance({governor: governor, guardian: user}));
    }

    function _deployReal(StubVerifier real, Governance memory governed) private {
        _deployer.deploy(parameters(), observation(), _beacon, real, _measurements(1), false, governed);
    }

    function _measurements(uint256 count) private pure returns (bytes32[] memory list) {
        list = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = bytes32(i + 1);
        }
    }

    function _observers(uint256 count) private pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = address(uint160(i + 1));
        }
    }

    function _deploy(Observation memory o) private returns (IEnigma) {
        return _deployer.deploy(parameters(), o, _beacon, _verifier, _measurements(1), true, governance());
    }

    function _refuses(Observation memory o, string memory reason) private {
        _refuses(parameters(), o, reason);
    }

    function _refuses(Parameters memory p, Observation memory o, string memory reason) private {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        _deployer.deploy(p, o, _beacon, _verifier, _measurements(1), true, governance());
    }

    function _refuses(Parameters memory p, string memory reason) private {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        _deployer.deploy(p, observation(), _beacon, _verifier, _measurements(1), true, governance());
    }

    function _refuses(bytes32[] memory measurements, string memory reason) private {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        _deployer.deploy(parameters(), observation(), _beacon, _verifier, measurements, true, governance());
    }

    function _accepts(Parameters memory p) private {
        _deployer.deploy(p, observation(), _beacon, _verifier, _measurements(1), true, governance());
    }
}
