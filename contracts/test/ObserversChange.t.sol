// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaNetwork} from "../src/interfaces/IEnigmaNetwork.sol";
import {IEnigmaObservers} from "../src/interfaces/IEnigmaObservers.sol";
import {IEnigmaSeats} from "../src/interfaces/IEnigmaSeats.sol";
import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {Identity} from "../src/libraries/Identity.sol";
import {KeyMessages} from "../src/libraries/KeyMessages.sol";
import {Observation} from "../src/types/Parameters.sol";
import {Task} from "../src/types/Task.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// Other observers: seats 0 to 2 are the first network's; Dave's, Erin's and Frank's are taken for the next.
contract ObserversChangeTest is SecretWorld {
    /// Ids 0 and 1 are the first network's.
    uint8 private constant NEXT_ID = 2;
    uint256 private constant SWITCH = 8;

    function keyOf(address signer) internal pure override returns (uint256) {
        string[3] memory names = ["dave", "erin", "frank"];
        for (uint256 i; i < names.length; ++i) {
            if (account(names[i]) == signer) return key(names[i]);
        }
        return super.keyOf(signer);
    }

    /* ANNOUNCEMENT */

    function test_announceObservers_saysWhoTheyAre_andAdmitsEveryMeasurementAgain() public {
        startNetwork();
        bytes32 hash = _nextHash();
        Observation memory next = _next();
        vm.expectEmit(address(enigma));
        emit IEnigmaObservers.ObserversAnnounced(hash, SWITCH, 1, next.observers, 2, 1);
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.MeasurementAdmitted(2, MEASUREMENT);
        vm.expectEmit(address(enigma));
        emit IEnigmaGovernance.MeasurementAdmitted(3, OTHER_MEASUREMENT);
        _announce();

        (bytes32 announced, uint256 switchEpoch, uint32 ids) = enigma.announcedObservers();
        assertEq(announced, hash, "hash");
        assertEq(switchEpoch, SWITCH, "epoch");
        assertEq(ids, 12, "ids");
        assertEq(enigma.measurement(2), MEASUREMENT, "measurement");
        assertEq(registry.networkHashOf(0), enigma.networkHash(), "of the first network");
        assertEq(registry.networkHashOf(2), hash, "of the next");
        assertTrue(enigma.networkHash() != hash, "not yet in force");
        assertEq(enigma.serial(), 0, "serial");
    }

    /// Written out, so that it does not agree with the contract by being the same code.
    function test_announceObservers_raisesTheSerial() public {
        startNetwork();
        _announce();
        (bytes32 announced,,) = enigma.announcedObservers();
        Observation memory o = _next();
        bytes32 type_ = keccak256("enigma.network.v1");
        bytes memory fields = abi.encode(type_, block.chainid, address(enigma), o.observers, 2, 1, true, 1);
        assertEq(announced, keccak256(fields), "hash");
    }

    function test_announceObservers_leavesRevokedCodeBehind() public {
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        _announce();
        (,, uint32 ids) = enigma.announcedObservers();
        assertEq(ids, 4, "ids");
        assertEq(enigma.measurement(2), OTHER_MEASUREMENT, "the one that stands");
    }

    function test_S24_announceObservers_revertsWhen_notTheGovernor() public {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGovernor.selector, guardian));
        enigma.announceObservers(_next(), SWITCH);
        _announce();
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGovernor.selector, guardian));
        enigma.callOffObservers();
    }

    function test_announceObservers_revertsWhen_oneIsAnnounced() public {
        _announce();
        vm.expectRevert(abi.encodeWithSelector(IEnigmaObservers.ChangeAnnounced.selector, _nextHash(), SWITCH));
        _announce();
    }

    /// Two epochs to leave, two until the bond is paid, two until the seat that it pays is live.
    function test_announceObservers_revertsWhen_tooSoon_orNever() public {
        goToEpoch(3);
        bytes4 outOfBounds = IEnigmaObservers.SwitchOutOfBounds.selector;
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(outOfBounds, 8, 9, 1_048_574));
        enigma.announceObservers(_next(), 8);
        vm.expectRevert(abi.encodeWithSelector(outOfBounds, 1_048_575, 9, 1_048_574));
        enigma.announceObservers(_next(), 1_048_575);
        enigma.announceObservers(_next(), 9);
    }

    function test_announceObservers_revertsWhen_noNetworkCouldHaveThem() public {
        Observation memory next = _next();
        next.threshold = 3;
        _expectInvalid(next, "threshold is not 1 to the number of observers");
        next = _next();
        next.observers[1] = next.observers[0];
        _expectInvalid(next, "observers do not ascend");
        next = _next();
        next.depth = 3;
        _expectInvalid(next, "windowBlocks is below depth + 2");
    }

    function test_announceObservers_revertsWhen_idsRunOut() public {
        vm.startPrank(governor);
        for (uint256 i = 2; i < 32; ++i) {
            enigma.admitMeasurement(keccak256(abi.encode(i)));
        }
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, "more than 32 measurements"));
        enigma.announceObservers(_next(), SWITCH);
    }

    /* SEATS OF THE NEXT NETWORK */

    function test_takeSeat_forTheNextNetwork_bearsItsOwnMeasurementId() public {
        startNetwork();
        _announce();
        assertEq(enigma.seat(_takeNext("dave", operator)).measurementId, NEXT_ID, "next");
        assertEq(enigma.seat(takeSeat("erin")).measurementId, 0, "first");
    }

    function test_S25_takeSeat_revertsWhen_theObserversAreAnybodys() public {
        bytes32 foreign = keccak256("a host's own observers");
        _expectWrongIdentity("dave", foreign);
        _announce();
        _expectWrongIdentity("dave", foreign);
        vm.prank(governor);
        enigma.callOffObservers();
        _expectWrongIdentity("dave", _nextHash());
    }

    function test_S25_takeSeat_revertsWhen_theFormerObserversAreGone() public {
        startNetwork();
        bytes32 former = enigma.networkHash();
        _switch();
        _expectWrongIdentity("erin", former);
        _takeNext("erin", operator);
    }

    /// The first network's hash stands in Enigma's code.
    function test_S25_renewSeat_revertsWhen_theFormerObserversAreGone() public {
        startNetwork();
        bytes32 former = enigma.networkHash();
        _switch();
        _skipBlock();
        (bytes memory quote, bytes32 found) = _quote("dave", operator, former);
        bytes32 expected = _identity("dave", operator, _nextHash());
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongIdentity.selector, found, expected));
        enigma.renewSeat(3, INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function test_renewSeat_isOfTheNetworkThatTheSeatIsOf() public {
        startNetwork();
        bytes32 first = enigma.networkHash();
        _announce();
        _takeNext("dave", operator);
        goToEpoch(4);
        _renew("dave", 3, _nextHash());
        _renew("alice", 0, first);
        (bytes memory quote,) = _quote("alice", operator, _nextHash());
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongMeasurement.selector, NEXT_ID, 0));
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, quote, LEAF);
        startEpoch(SWITCH);
        _renew("dave", 3, _nextHash());
        assertEq(enigma.seat(3).exitEpoch, SWITCH + 20, "as long as any");
    }

    /* THE SWITCH */

    function test_switch_noEpochMixesTheNetworks() public {
        startNetwork();
        _announce();
        _takeNext("dave", operator);
        for (uint256 epoch = 3; epoch < SWITCH + 3; ++epoch) {
            startEpoch(epoch);
            assertEq(enigma.epoch(epoch).revokedMask, epoch < SWITCH ? 12 : 3, "left out");
            for (uint256 lane; lane < 20; ++lane) {
                (uint256 id,) = enigma.selected(epoch, address(dapp), lane, 0);
                assertTrue((id == 3) == (epoch >= SWITCH), "who is drawn");
            }
        }
    }

    function test_switch_firstSeedFromItsEpochOn_putsTheObserversInForce() public {
        startNetwork();
        _announce();
        _takeNext("dave", operator);
        startEpoch(SWITCH - 1);
        assertEq(enigma.serial(), 0, "not before");
        goToEpoch(SWITCH + 2);
        vm.expectEmit(address(enigma));
        emit IEnigmaObservers.ObserversSwitched(_nextHash(), 1);
        enigma.postSeed(SWITCH + 2, "proof");
        assertEq(enigma.networkHash(), _nextHash(), "in force");
        assertEq(enigma.serial(), 1, "serial");
        (bytes32 announced,, uint32 ids) = enigma.announcedObservers();
        assertEq(announced, 0, "nothing is announced any more");
        assertEq(ids, 0, "ids");
    }

    function test_switchObservers_byAnyone_onceItIsDue() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaObservers.NoChangeAnnounced.selector));
        enigma.switchObservers();
        startNetwork();
        _announce();
        goToEpoch(SWITCH - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaObservers.SwitchNotDue.selector, SWITCH, SWITCH - 1));
        enigma.switchObservers();
        goToEpoch(SWITCH);
        enigma.switchObservers();
        enigma.postSeed(SWITCH, "proof");
        assertEq(enigma.epoch(SWITCH).revokedMask, 3, "the former are left out");
    }

    /// Drawn before, served after.
    function test_switch_taskOfTheEpochBefore_isSettledByTheSeatOfThen() public {
        startNetwork();
        _announce();
        _takeNext("dave", operator);
        startEpoch(SWITCH - 1);
        vm.roll(enigma.boundaryBlock(SWITCH) - 1);
        Task memory task = request();
        startEpoch(SWITCH);
        // A guardian's revocation of another code takes nothing from it either.
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        assertTrue(selectedSeat(task, 0) < 3, "of the former network");
        settle(task, 0, 0, abi.encode(1));
    }

    function test_switch_tasksGoOn() public {
        startNetwork();
        _switch();
        Task memory task = request();
        _skipBlock();
        assertEq(selectedSeat(task, 0), 3, "of the next network");
        settle(task, 0, 0, abi.encode(1));
    }

    function test_switch_formerSeats_leaveWithBondAndCredit() public {
        startNetwork();
        _switch();
        vm.prank(operator);
        enigma.leaveSeat(0);
        goToEpoch(SWITCH + 4);
        uint256 before = operator.balance;
        vm.prank(operator);
        enigma.withdrawSeat(0, payable(operator));
        assertEq(operator.balance - before, 1 ether, "the bond");
    }

    function test_rotateSeat_takesTheBondAcross() public {
        startNetwork();
        _announce();
        startEpoch(SWITCH - 2);
        bytes32 hash = _nextHash();
        (bytes memory quote,) = _quote("dave", operator, hash);
        vm.prank(operator);
        uint256 to = enigma.rotateSeat(0, 0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
        startEpoch(SWITCH);
        (uint256 id,) = enigma.selected(SWITCH, address(dapp), 0, 0);
        assertEq(id, to, "live when the former one has ended");
    }

    function test_switch_again_withTheMeasurementsThatStand() public {
        startNetwork();
        _switch();
        vm.prank(guardian);
        enigma.revokeMeasurement(3);
        vm.prank(governor);
        enigma.announceObservers(observation(), SWITCH + 6);
        (,, uint32 ids) = enigma.announcedObservers();
        assertEq(ids, 16, "ids");
        assertEq(enigma.measurement(4), MEASUREMENT, "the one that stands");
        startEpoch(SWITCH + 6);
        assertEq(enigma.serial(), 2, "serial");
        assertEq(enigma.revokedMeasurements(), 15, "the second network's too");
        assertTrue(enigma.networkHash() != registry.networkHashOf(0), "the first's observers, another network");
    }

    /* CALLED OFF */

    function test_callOffObservers_theirSeatsAreNeverDrawn() public {
        startNetwork();
        _announce();
        _takeNext("dave", operator);
        vm.expectEmit(address(enigma));
        emit IEnigmaObservers.ObserversCalledOff(_nextHash());
        vm.prank(governor);
        enigma.callOffObservers();
        startEpoch(SWITCH);
        assertEq(enigma.epoch(SWITCH).revokedMask, 12, "left out");
        assertEq(enigma.serial(), 0, "serial");
        (uint256 id,) = enigma.selected(SWITCH, address(dapp), 0, 0);
        assertTrue(id != 3, "of the first network");
        vm.prank(governor);
        enigma.announceObservers(_next(), SWITCH + 6);
    }

    function test_callOffObservers_revertsWhen_nothingIsAnnounced_orItIsDue() public {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaObservers.NoChangeAnnounced.selector));
        enigma.callOffObservers();
        _announce();
        goToEpoch(SWITCH);
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaObservers.SwitchDue.selector, SWITCH, SWITCH));
        enigma.callOffObservers();
    }

    /// By which a worker, or the Principal, tells a contract that it was not made for.
    function test_S25_knowsNetwork_thatIs_was_orIsAnnounced_andNoOther() public {
        startNetwork();
        bytes32 first = enigma.networkHash();
        assertTrue(enigma.knowsNetwork(first), "in force");
        assertTrue(!enigma.knowsNetwork(_nextHash()), "not announced");
        assertTrue(!enigma.knowsNetwork(0), "none");
        _announce();
        assertTrue(enigma.knowsNetwork(_nextHash()), "announced");
        goToEpoch(SWITCH);
        enigma.switchObservers();
        assertTrue(enigma.knowsNetwork(first), "left behind");
        assertTrue(enigma.knowsNetwork(_nextHash()), "in force");
    }

    /* MEASUREMENTS */

    function test_S24_revokeMeasurement_shutsTheCodeOutOfBothNetworks() public {
        startNetwork();
        _announce();
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        assertEq(enigma.revokedMeasurements(), 5, "both ids");
        _skipBlock();
        (bytes memory quote,) = _quote("dave", operator, _nextHash());
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 0));
        enigma.takeSeat{value: 1 ether}(0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
        goToEpoch(SWITCH);
        enigma.switchObservers();
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 0));
        enigma.takeSeat{value: 1 ether}(0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function test_S24_revokedBefore_isNotAdmittedByTheChange() public {
        startNetwork();
        vm.prank(guardian);
        enigma.revokeMeasurement(0);
        _announce();
        goToEpoch(SWITCH);
        enigma.switchObservers();
        (bytes memory quote,) = _quote("dave", operator, _nextHash());
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.RevokedMeasurement.selector, 0));
        enigma.takeSeat{value: 1 ether}(0, account("dave"), INPUT_KEY, block.number - 1, quote, LEAF);
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, "a measurement stands twice"));
        enigma.admitMeasurement(MEASUREMENT);
    }

    function test_admitMeasurement_whileAnnounced_admitsToBothNetworks() public {
        startNetwork();
        _announce();
        bytes32 admitted = keccak256("another version");
        vm.prank(governor);
        assertEq(enigma.admitMeasurement(admitted), 4, "id");
        assertEq(enigma.measurement(5), admitted, "of the next network");
        assertEq(registry.networkHashOf(5), _nextHash(), "of the next network");
        (,, uint32 ids) = enigma.announcedObservers();
        assertEq(ids, 44, "ids");
    }

    /* THE NETWORK SECRET */

    function test_S14_secretCrosses_beforeTheFormerSeatsEnd() public {
        makeFirstSecret();
        _announce();
        _takeNext("dave", operator);
        _joinAs("dave", 3, _nextHash());
        // By an old donor, under its own network's hash.
        grant("dave", 3, "alice", 0, 1);
        assertEq(registry.heldBy(account("dave")), 1, "held");
        // It is live for the registry now: so the secret spreads there.
        goToEpoch(enigma.currentEpoch() + 2);
        _takeNext("erin", operator);
        _joinAs("erin", 4, _nextHash());
        _grantAs("dave", 3, "erin", 4, _nextHash());
        startEpoch(SWITCH);
        Task memory task = request();
        _skipBlock();
        settle(task, 0, 0, abi.encode(1));
        assertTrue(selectedSeat(task, 0) >= 3, "of the next network");
    }

    function test_S25_requestJoin_revertsWhen_signedForAnotherNetworkThanTheSeats() public {
        makeFirstSecret();
        bytes32 first = enigma.networkHash();
        _announce();
        _takeNext("dave", operator);
        takeSeat("erin");
        _expectWrongSigner();
        this.joinAs("dave", 3, first);
        _expectWrongSigner();
        this.joinAs("erin", 4, _nextHash());
    }

    function test_S25_grantKey_revertsWhen_signedForAnotherNetworkThanTheDonors() public {
        makeFirstSecret();
        _announce();
        _takeNext("dave", operator);
        _joinAs("dave", 3, _nextHash());
        _expectWrongSigner();
        this.grantAs("alice", 0, "dave", 3, _nextHash());
    }

    function test_S25_formerSeats_neitherJoinNorGrant_afterTheSwitch() public {
        makeFirstSecret();
        bytes32 first = enigma.networkHash();
        _announce();
        takeSeat("erin");
        _takeNext("dave", operator);
        _joinAs("dave", 4, _nextHash());
        _joinAs("erin", 3, first);
        goToEpoch(SWITCH);
        enigma.switchObservers();
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 0));
        this.grantAs("alice", 0, "dave", 4, first);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.SeatCannotHold.selector, 3));
        this.joinAs("erin", 3, first);
    }

    /// Who has the former network's sealed keys and observers must not read what is written after.
    function test_switch_opensTheWayToAnotherGeneration_once() public {
        makeFirstSecret();
        _announce();
        _takeNext("dave", operator);
        _takeNext("erin", operator);
        _joinAs("dave", 3, _nextHash());
        grant("dave", 3, "alice", 0, 1);
        _joinAs("erin", 4, _nextHash());
        grant("erin", 4, "alice", 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, address(this)));
        registry.openGeneration();
        startEpoch(SWITCH);
        registry.openGeneration();

        bytes32 hash = _nextHash();
        (bytes32 r, bytes32 vs) = sign("dave", KeyMessages.commit(hash, 3, 2, commitmentOf(2), networkSigner()));
        registry.commitGeneration(3, 2, commitmentOf(2), networkSigner(), r, vs);
        _joinAs("erin", 4, hash);
        (r, vs) = sign("dave", KeyMessages.grant(hash, 4, joinKeyOf("erin"), 2, keccak256(CIPHERTEXT)));
        registry.grantKey(4, 3, joinKeyOf("erin"), 2, CIPHERTEXT, r, vs);
        (r, vs) = sign("erin", KeyMessages.holds(hash, 2, commitmentOf(2)));
        registry.confirmHolder(4, 2, r, vs);
        assertEq(registry.state().generation, 2, "final");
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGovernor.selector, address(this)));
        registry.openGeneration();
    }

    function test_callOffObservers_opensTheWayToAnotherGeneration_onceTheyHeldOne() public {
        makeFirstSecret();
        _announce();
        _takeNext("dave", operator);
        _joinAs("dave", 3, _nextHash());
        grant("dave", 3, "alice", 0, 1);
        vm.prank(governor);
        enigma.callOffObservers();
        registry.openGeneration();
    }

    function test_setNetworkHash_revertsWhen_notEnigma() public {
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyEnigma.selector, address(this)));
        registry.setNetworkHash(0, keccak256("another network"));
    }

    /* STEPS */

    function _next() private pure returns (Observation memory) {
        address[] memory observers = new address[](2);
        (observers[0], observers[1]) = (account("next observer"), account("another next observer"));
        if (observers[0] > observers[1]) (observers[0], observers[1]) = (observers[1], observers[0]);
        return Observation({observers: observers, threshold: 2, depth: 1});
    }

    function _nextHash() private view returns (bytes32) {
        Observation memory o = _next();
        bytes32 type_ = keccak256("enigma.network.v1");
        return keccak256(abi.encode(type_, block.chainid, address(enigma), o.observers, 2, 1, true, 1));
    }

    function _announce() private {
        vm.prank(governor);
        enigma.announceObservers(_next(), SWITCH);
    }

    /// @dev Seat 3 is Dave's.
    function _switch() private {
        _announce();
        _takeNext("dave", operator);
        startEpoch(SWITCH);
    }

    function _takeNext(string memory name, address by) private returns (uint256) {
        _skipBlock();
        uint256 price = enigma.seatPriceGwei() * 1 gwei;
        (bytes memory quote,) = _quote(name, by, _nextHash());
        vm.prank(by);
        return enigma.takeSeat{value: price}(0, account(name), INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function _renew(string memory name, uint256 seat, bytes32 network) private {
        _skipBlock();
        (bytes memory quote,) = _quote(name, operator, network);
        vm.prank(operator);
        enigma.renewSeat(seat, INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function _quote(string memory name, address by, bytes32 network)
        private
        view
        returns (bytes memory quote, bytes32 identity)
    {
        Attestation memory found = attestation(by, account(name), block.number - 1);
        identity = _identity(name, by, network);
        found.identity = identity;
        quote = abi.encode(found);
    }

    function _identity(string memory name, address by, bytes32 network) private view returns (bytes32) {
        return Identity.hash(network, by, account(name), INPUT_KEY, block.number - 1);
    }

    function _expectWrongIdentity(string memory name, bytes32 network) private {
        _skipBlock();
        uint256 price = enigma.seatPriceGwei() * 1 gwei;
        (bytes memory quote, bytes32 found) = _quote(name, operator, network);
        bytes32 expected = _identity(name, operator, enigma.networkHash());
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.WrongIdentity.selector, found, expected));
        enigma.takeSeat{value: price}(0, account(name), INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function _expectInvalid(Observation memory next, string memory reason) private {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaNetwork.InvalidParameters.selector, reason));
        enigma.announceObservers(next, SWITCH);
    }

    function _expectWrongSigner() private {
        vm.expectPartialRevert(IKeyRegistry.WrongSigner.selector);
    }

    function _skipBlock() private {
        vm.roll(block.number + 1);
    }

    function _joinAs(string memory name, uint256 seat, bytes32 network) private {
        this.joinAs(name, seat, network);
    }

    function _grantAs(string memory donor, uint256 donorSeat, string memory name, uint256 seat, bytes32 network)
        private
    {
        this.grantAs(donor, donorSeat, name, seat, network);
    }

    function joinAs(string memory name, uint256 seat, bytes32 network) external {
        (bytes32 r, bytes32 vs) = sign(name, KeyMessages.join(network, seat, joinKeyOf(name)));
        registry.requestJoin(seat, joinKeyOf(name), r, vs);
    }

    function grantAs(string memory donor, uint256 donorSeat, string memory name, uint256 seat, bytes32 network)
        external
    {
        bytes32 joinKey = joinKeyOf(name);
        (bytes32 r, bytes32 vs) = sign(donor, KeyMessages.grant(network, seat, joinKey, 1, keccak256(CIPHERTEXT)));
        registry.grantKey(seat, donorSeat, joinKey, 1, CIPHERTEXT, r, vs);
    }
}
