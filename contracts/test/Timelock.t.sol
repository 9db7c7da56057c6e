// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {IEnigmaGovernance} from "../src/interfaces/IEnigmaGovernance.sol";
import {Governance, IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {Call, ITimelock, OperationId, OperationState} from "../src/interfaces/ITimelock.sol";
import {Timelock} from "../src/Timelock.sol";
import {Deployer} from "./support/Deployer.sol";
import {StubBeacon, StubVerifier} from "./support/Stubs.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// Enigma and its registry in one, whose `step` does what a test wants: note its number, fail, or call the timelock back.
contract StubNetwork {
    bool public simulated = true;
    address public guardian;
    uint256[] public steps;
    bytes public callBack;

    error Refused(uint256 number);

    function keyRegistry() external view returns (address) {
        return address(this);
    }

    function setReal() external {
        simulated = false;
    }

    function setCallBack(bytes calldata data) external {
        callBack = data;
    }

    function step(uint256 number) external {
        if (number == 13) revert Refused(number);
        steps.push(number);
        if (callBack.length == 0) return;
        (bool ok, bytes memory answer) = msg.sender.call(callBack);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    function stepCount() external view returns (uint256) {
        return steps.length;
    }
}

/// What the governor of a network can do, only after everybody could see it, and what can be done against it until then.
contract TimelockTest is World {
    uint256 private constant DELAY = 7 days;
    uint256 private constant GRACE = 14 days;
    bytes32 private constant SALT = keccak256("salt");

    address private _owner = account("timelock's owner");
    address private _guardian = account("guardian");
    address private _stranger = account("stranger");
    Timelock private _timelock;
    IKeyRegistry private _registry;

    function setUp() public override {
        super.setUp();
        _timelock = _deploy(DELAY, false);
    }

    /* THE CLAIM */

    function test_S24_timelock_changesNothing_beforeItsDelayIsOver() public {
        uint256 scheduledAt = block.timestamp;
        _schedule(_freeze(true));
        vm.warp(scheduledAt + DELAY - 1);
        _refusesExecution(_freeze(true), OperationState.Waiting, scheduledAt + DELAY);
        assertTrue(!_registry.state().isFrozen, "frozen too early");

        vm.warp(scheduledAt + DELAY);
        _timelock.execute(_freeze(true), SALT);
        assertTrue(_registry.state().isFrozen, "not frozen");
    }

    function testFuzz_S24_timelock_executesOnlyInItsTime(uint256 laterSeconds) public {
        uint256 scheduledAt = block.timestamp;
        _schedule(_freeze(true));
        laterSeconds = bound(laterSeconds, 0, 60 days);
        vm.warp(scheduledAt + laterSeconds);
        bool isInTime = laterSeconds >= DELAY && laterSeconds < DELAY + GRACE;
        OperationState state =
            isInTime ? OperationState.Ready : laterSeconds < DELAY ? OperationState.Waiting : OperationState.Stale;
        _is(_freeze(true), state);
        if (!isInTime) _refusesExecution(_freeze(true), state, scheduledAt + DELAY);
        else _timelock.execute(_freeze(true), SALT);
        assertTrue(_registry.state().isFrozen == isInTime, "executed in its time, and in it only");
    }

    function test_S24_timelock_operationIsStale_14DaysAfterItWasReady() public {
        uint256 readyAt = block.timestamp + DELAY;
        _schedule(_freeze(true));
        vm.warp(readyAt + GRACE - 1);
        _is(_freeze(true), OperationState.Ready);
        vm.warp(readyAt + GRACE);
        _refusesExecution(_freeze(true), OperationState.Stale, readyAt);
    }

    function test_S24_timelock_isTheOnlyOneWhoGoverns_itsOwnerDoesNot() public {
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.OnlyGuardian.selector, _owner));
        _registry.freezeJoins(true);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaGovernance.OnlyGuardian.selector, _owner));
        enigma.revokeMeasurement(0);
    }

    function test_S24_timelock_schedulesForItsOwnerAlone() public {
        address[3] memory others = [_stranger, _guardian, address(_timelock)];
        for (uint256 i; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyOwner.selector, others[i]));
            _timelock.schedule(_freeze(true), SALT);
        }
    }

    /// Whoever stole the owner's key cannot win by waiting, as long as the guardian looks.
    function test_S24_timelock_theGuardianCancels_whatAStolenOwnerScheduled() public {
        OperationId id = _schedule(_transfer(_stranger));
        vm.warp(block.timestamp + DELAY);
        vm.expectEmit(address(_timelock));
        emit ITimelock.OperationCancelled(id, _guardian);
        vm.prank(_guardian);
        _timelock.cancel(id);
        _refusesExecution(_transfer(_stranger), OperationState.Cancelled, block.timestamp);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OperationExists.selector, id, OperationState.Cancelled));
        _timelock.schedule(_transfer(_stranger), SALT);
    }

    function test_S24_timelock_cancelsForOwnerAndGuardianAlone() public {
        OperationId id = _schedule(_freeze(true));
        vm.prank(_stranger);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyOwnerOrGuardian.selector, _stranger));
        _timelock.cancel(id);
        vm.prank(_owner);
        _timelock.cancel(id);
        _is(_freeze(true), OperationState.Cancelled);
    }

    /// A network that was deployed with a short one by mistake has no governor, rather than one without delay.
    function test_S24_timelock_ofARealNetwork_refusesAShortDelay() public {
        StubNetwork network = new StubNetwork();
        network.setReal();
        _timelock = new Timelock(IEnigma(address(network)), _owner, DELAY - 1);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.DelayTooShort.selector, DELAY - 1, DELAY));
        _timelock.schedule(_steps(network, 1, 2, 3), SALT);
    }

    function test_S24_timelock_ofASimulatedNetwork_mayHaveAShortDelay() public {
        _timelock = _deploy(0, true);
        _schedule(_freeze(true));
        _timelock.execute(_freeze(true), SALT);
        assertTrue(_registry.state().isFrozen, "not frozen");
    }

    /// Else the short delay of a simulated network's timelock would be a real one's, which names it as its governor.
    function test_S24_timelock_callsItsOwnNetworkAlone() public {
        address realRegistry = address(_registry);
        _timelock = _deploy(0, true);
        Call[] memory calls = new Call[](2);
        calls[0] = _freeze(true)[0];
        calls[1] = Call(realRegistry, calls[0].data);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.ForeignTarget.selector, 1, realRegistry));
        _timelock.schedule(calls, SALT);
    }

    function test_S24_timelock_callsNothing_beforeItsNetworkIsThere() public {
        _timelock = new Timelock(IEnigma(_stranger), _owner, DELAY);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NoNetwork.selector, _stranger));
        _timelock.schedule(_freeze(true), SALT);
    }

    function test_S24_timelock_governsEnigma_itsRegistry_andItself() public {
        Call[] memory calls = new Call[](3);
        calls[0] = Call(address(enigma), abi.encodeCall(IEnigmaGovernance.revokeMeasurement, (1)));
        calls[1] = _freeze(true)[0];
        calls[2] = _transfer(_stranger)[0];
        _schedule(calls);
        vm.warp(block.timestamp + DELAY);
        _timelock.execute(calls, SALT);
        assertEq(enigma.revokedMeasurements(), 2, "mask");
        assertTrue(_registry.state().isFrozen, "not frozen");
        assertEq(_timelock.owner(), _stranger, "owner");
    }

    /* THE GUARDIAN'S EXCHANGE */

    /// Whoever holds his key cancels everything else, and not this.
    function test_S24_timelock_exchangesAStolenGuardian_whoCancelsEverything() public {
        uint256 readyAt = block.timestamp + 4 * DELAY;
        OperationId id = _schedule(_setGuardian(_stranger));
        (, uint256 foundReadyAt,) = _timelock.operation(id);
        assertEq(foundReadyAt, readyAt, "four delays");
        vm.prank(_guardian);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyOwner.selector, _guardian));
        _timelock.cancel(id);
        vm.warp(readyAt - 1);
        _refusesExecution(_setGuardian(_stranger), OperationState.Waiting, readyAt);
        vm.warp(readyAt);
        _timelock.execute(_setGuardian(_stranger), SALT);
        assertEq(_registry.guardian(), _stranger, "exchanged");
        OperationId next = _schedule(_freeze(false));
        vm.prank(_guardian);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyOwnerOrGuardian.selector, _guardian));
        _timelock.cancel(next);
    }

    function test_S24_timelock_theOwnerCancels_theGuardiansExchange() public {
        OperationId id = _schedule(_setGuardian(_stranger));
        vm.prank(_stranger);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyOwner.selector, _stranger));
        _timelock.cancel(id);
        vm.prank(_owner);
        _timelock.cancel(id);
        _is(_setGuardian(_stranger), OperationState.Cancelled);
    }

    /// Nothing rides along on what the guardian cannot cancel; nor does a function of the same name elsewhere.
    function test_S24_timelock_theGuardianCancels_anExchangeWithMoreInIt() public {
        Call[] memory calls = new Call[](2);
        (calls[0], calls[1]) = (_setGuardian(_stranger)[0], _transfer(_stranger)[0]);
        Call[] memory elsewhere = _setGuardian(_stranger);
        elsewhere[0].target = address(enigma);
        Call[] memory bare = _setGuardian(_stranger);
        bare[0].data = hex"8a0d";
        Call[][3] memory cancellable = [calls, elsewhere, bare];
        for (uint256 i; i < 3; ++i) {
            OperationId id = _schedule(cancellable[i]);
            (, uint256 readyAt,) = _timelock.operation(id);
            assertEq(readyAt, block.timestamp + DELAY, "one delay");
            vm.prank(_guardian);
            _timelock.cancel(id);
        }
    }

    /* ITS OWNER */

    function test_S24_timelock_changesItsOwner_byAnOperationOnly() public {
        address[2] memory both = [_owner, _guardian];
        for (uint256 i; i < 2; ++i) {
            vm.prank(both[i]);
            vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyTimelock.selector, both[i]));
            _timelock.transferOwnership(_stranger);
        }
        _schedule(_transfer(_stranger));
        vm.warp(block.timestamp + DELAY);
        vm.expectEmit(address(_timelock));
        emit ITimelock.OwnerChanged(_owner, _stranger);
        _timelock.execute(_transfer(_stranger), SALT);
        assertEq(_timelock.owner(), _stranger, "owner");
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OnlyOwner.selector, _owner));
        _timelock.schedule(_freeze(true), SALT);
    }

    function test_transferOwnership_revertsWhen_zero() public {
        _schedule(_transfer(address(0)));
        vm.warp(block.timestamp + DELAY);
        bytes memory reason = abi.encodeWithSelector(ITimelock.ZeroOwner.selector);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.CallFailed.selector, 0, address(_timelock), reason));
        _timelock.execute(_transfer(address(0)), SALT);
    }

    function test_constructor_refusesNoOwner_andADelayOverAQuarter() public {
        vm.expectRevert(ITimelock.ZeroOwner.selector);
        new Timelock(enigma, address(0), DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.DelayTooLong.selector, 90 days + 1, 90 days));
        new Timelock(enigma, _owner, 90 days + 1);
        vm.expectEmit(false, false, false, true);
        emit ITimelock.OwnerChanged(address(0), _owner);
        Timelock made = new Timelock(enigma, _owner, 90 days);
        assertEq(made.delay(), 90 days, "delay");
        assertEq(address(made.enigma()), address(enigma), "enigma");
    }

    /* AN OPERATION */

    function test_schedule_andExecute_sayTheCallsInFull() public {
        Call[] memory calls = _freeze(true);
        OperationId id = OperationId.wrap(keccak256(abi.encode(calls, SALT)));
        uint256 readyAt = block.timestamp + DELAY;
        vm.expectEmit(address(_timelock));
        emit ITimelock.OperationScheduled(id, calls, SALT, readyAt, readyAt + GRACE);
        OperationId scheduled = _schedule(calls);
        assertEq(OperationId.unwrap(scheduled), OperationId.unwrap(id), "id");
        vm.warp(readyAt);
        vm.expectEmit(address(_timelock));
        emit ITimelock.OperationExecuted(id, calls, SALT);
        vm.prank(_stranger);
        _timelock.execute(calls, SALT);
    }

    function test_schedule_revertsWhen_nothingIsCalled() public {
        vm.prank(_owner);
        vm.expectRevert(ITimelock.EmptyOperation.selector);
        _timelock.schedule(new Call[](0), SALT);
    }

    function test_operation_isScheduledOnce_andAgainWithAnotherSalt() public {
        OperationId id = _schedule(_freeze(true));
        vm.startPrank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.OperationExists.selector, id, OperationState.Waiting));
        _timelock.schedule(_freeze(true), SALT);
        OperationId other = _timelock.schedule(_freeze(true), "another");
        vm.stopPrank();
        assertTrue(OperationId.unwrap(other) != OperationId.unwrap(id), "the same id");
    }

    function test_operation_isExecutedOnce() public {
        OperationId id = _schedule(_freeze(true));
        vm.warp(block.timestamp + DELAY);
        _timelock.execute(_freeze(true), SALT);
        _refusesExecution(_freeze(true), OperationState.Executed, block.timestamp);
        vm.prank(_guardian);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotCancellable.selector, id, OperationState.Executed));
        _timelock.cancel(id);
    }

    function test_execute_revertsWhen_theCallsAreOthers() public {
        _schedule(_freeze(true));
        vm.warp(block.timestamp + DELAY);
        OperationId other = _timelock.operationId(_freeze(false), SALT);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotExecutable.selector, other, OperationState.Unknown, 0, 0));
        _timelock.execute(_freeze(false), SALT);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotCancellable.selector, other, OperationState.Unknown));
        _timelock.cancel(other);
    }

    function test_cancel_revertsWhen_stale() public {
        OperationId id = _schedule(_freeze(true));
        vm.warp(block.timestamp + DELAY + GRACE);
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotCancellable.selector, id, OperationState.Stale));
        _timelock.cancel(id);
    }

    function test_execute_makesAllCallsInTheirOrder() public {
        StubNetwork network = _stubNetwork();
        Call[] memory calls = _steps(network, 3, 1, 2);
        _schedule(calls);
        _timelock.execute(calls, SALT);
        assertEq(network.stepCount(), 3, "steps");
        assertEq(network.steps(0) * 100 + network.steps(1) * 10 + network.steps(2), 312, "order");
    }

    /// Its first calls are undone, and it may be executed later, if the last one goes through then.
    function test_S24_execute_doesNothing_whereOneCallFails() public {
        StubNetwork network = _stubNetwork();
        Call[] memory calls = _steps(network, 1, 2, 13);
        _schedule(calls);
        bytes memory reason = abi.encodeWithSelector(StubNetwork.Refused.selector, 13);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.CallFailed.selector, 2, address(network), reason));
        _timelock.execute(calls, SALT);
        assertEq(network.stepCount(), 0, "half of it was done");
        _is(calls, OperationState.Ready);
    }

    function test_S24_execute_isNotEnteredAgain_byItself_norByAnother() public {
        StubNetwork network = _stubNetwork();
        Call[] memory calls = _steps(network, 1, 2, 3);
        Call[] memory others = _steps(network, 4, 5, 6);
        _schedule(calls);
        _schedule(others);
        bytes memory reason = abi.encodeWithSelector(ITimelock.Reentered.selector);
        bytes memory refusal = abi.encodeWithSelector(ITimelock.CallFailed.selector, 0, address(network), reason);

        network.setCallBack(abi.encodeCall(ITimelock.execute, (calls, SALT)));
        vm.expectRevert(refusal);
        _timelock.execute(calls, SALT);
        network.setCallBack(abi.encodeCall(ITimelock.execute, (others, SALT)));
        vm.expectRevert(refusal);
        _timelock.execute(calls, SALT);

        // One after the other in one transaction is no re-entry.
        network.setCallBack("");
        _timelock.execute(calls, SALT);
        _timelock.execute(others, SALT);
        assertEq(network.stepCount(), 6, "steps");
    }

    function test_S22_timelock_takesNoEther() public {
        vm.deal(address(this), 1 ether);
        (bool ok,) = address(_timelock).call{value: 1}("");
        assertTrue(!ok, "took a wei");
        (ok,) = address(_timelock).call{value: 1}(abi.encodeCall(ITimelock.execute, (_freeze(true), SALT)));
        assertTrue(!ok, "took a wei with a call");
    }

    /* THE TEST'S WORDS */

    /// @dev As in production: first the timelock, for the address that Enigma will have as its deployer's second contract.
    function _deploy(uint256 delaySeconds, bool simulated) private returns (Timelock timelock) {
        Deployer deployer = new Deployer();
        bytes32 place = keccak256(abi.encodePacked(hex"d694", address(deployer), hex"02"));
        timelock = new Timelock(IEnigma(address(uint160(uint256(place)))), _owner, delaySeconds);
        Governance memory governors = Governance({governor: address(timelock), guardian: _guardian});
        enigma = deployer.deploy(
            parameters(),
            observation(),
            new StubBeacon(),
            new StubVerifier(simulated),
            measurements(),
            simulated,
            governors
        );
        assertEq(address(enigma), address(timelock.enigma()), "Enigma's address");
        _registry = enigma.keyRegistry();
    }

    function _stubNetwork() private returns (StubNetwork network) {
        network = new StubNetwork();
        _timelock = new Timelock(IEnigma(address(network)), _owner, 0);
    }

    function _schedule(Call[] memory calls) private returns (OperationId) {
        vm.prank(_owner);
        return _timelock.schedule(calls, SALT);
    }

    function _freeze(bool frozen) private view returns (Call[] memory) {
        return _one(address(_registry), abi.encodeCall(IKeyRegistry.freezeJoins, (frozen)));
    }

    function _transfer(address to) private view returns (Call[] memory) {
        return _one(address(_timelock), abi.encodeCall(ITimelock.transferOwnership, (to)));
    }

    function _setGuardian(address to) private view returns (Call[] memory) {
        return _one(address(_registry), abi.encodeCall(IKeyRegistry.setGuardian, (to)));
    }

    function _one(address target_, bytes memory data) private pure returns (Call[] memory calls) {
        calls = new Call[](1);
        calls[0] = Call(target_, data);
    }

    function _steps(StubNetwork network, uint256 first, uint256 second, uint256 third)
        private
        pure
        returns (Call[] memory calls)
    {
        calls = new Call[](3);
        calls[0] = Call(address(network), abi.encodeCall(StubNetwork.step, (first)));
        calls[1] = Call(address(network), abi.encodeCall(StubNetwork.step, (second)));
        calls[2] = Call(address(network), abi.encodeCall(StubNetwork.step, (third)));
    }

    function _is(Call[] memory calls, OperationState expected) private view {
        (OperationState state,,) = _timelock.operation(_timelock.operationId(calls, SALT));
        assertEq(uint256(state), uint256(expected), "state");
    }

    function _refusesExecution(Call[] memory calls, OperationState state, uint256 readyAt) private {
        OperationId id = _timelock.operationId(calls, SALT);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotExecutable.selector, id, state, readyAt, readyAt + GRACE));
        _timelock.execute(calls, SALT);
    }
}
