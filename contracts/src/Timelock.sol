// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "./interfaces/IEnigma.sol";
import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {Call, ITimelock, OperationId, OperationState} from "./interfaces/ITimelock.sol";

/**
 * The governor of a network. What each function promises stands in ITimelock; here stands how.
 *
 * It has no payable function and sends no ether, calls only contracts of the one network that it was deployed for, and never by
 * delegatecall. Why it is our own: docs/decisions/0031-the-timelock.md.
 */
contract Timelock is ITimelock {
    /// Time enough to see a change coming, and to take one's money and data out of the network.
    uint256 private constant LEAST_DELAY = 7 days;
    /// A slip of the pen at deployment must not leave the network without a governor for ever.
    uint256 private constant MOST_DELAY = 90 days;
    uint256 private constant GRACE = 14 days;
    /// So many delays takes what the guardian cannot cancel.
    uint256 private constant REPLACEMENT_DELAYS = 4;

    enum End {
        None,
        Executed,
        Cancelled
    }

    struct Operation {
        uint64 readyAt;
        End end;
        bool replacesGuardian;
    }

    IEnigma public immutable enigma;
    uint256 public immutable delay;
    address public owner;
    mapping(OperationId id => Operation) private _operations;
    bool private transient _locked;

    /// @param enigma_ Where Enigma will be; nothing can be scheduled before it is there.
    /// @param owner_ The owner.
    /// @param delaySeconds Seconds from scheduling to the first moment of execution.
    constructor(IEnigma enigma_, address owner_, uint256 delaySeconds) {
        if (delaySeconds > MOST_DELAY) revert DelayTooLong(delaySeconds, MOST_DELAY);
        (enigma, delay) = (enigma_, delaySeconds);
        _setOwner(owner_);
    }

    /* AN OPERATION'S LIFE */

    function schedule(Call[] calldata calls, bytes32 salt) external returns (OperationId id) {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
        if (calls.length == 0) revert EmptyOperation();
        _requireGoverned(calls);
        id = operationId(calls, salt);
        (OperationState state,,) = operation(id);
        if (state != OperationState.Unknown) revert OperationExists(id, state);

        bool replacesGuardian = _replacesGuardian(calls);
        uint256 readyAt = block.timestamp + (replacesGuardian ? REPLACEMENT_DELAYS * delay : delay);
        _operations[id] = Operation(uint64(readyAt), End.None, replacesGuardian);
        emit OperationScheduled(id, calls, salt, readyAt, readyAt + GRACE);
    }

    function execute(Call[] calldata calls, bytes32 salt) external {
        // The calls of one operation follow one another with no other operation's in between.
        if (_locked) revert Reentered();
        OperationId id = operationId(calls, salt);
        (OperationState state, uint256 readyAt, uint256 staleAt) = operation(id);
        if (state != OperationState.Ready) revert NotExecutable(id, state, readyAt, staleAt);

        _locked = true;
        _operations[id].end = End.Executed;
        emit OperationExecuted(id, calls, salt);
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = calls[i].target.call(calls[i].data);
            if (!ok) revert CallFailed(i, calls[i].target, reason);
        }
        _locked = false;
    }

    function cancel(OperationId id) external {
        if (msg.sender != owner) {
            if (_operations[id].replacesGuardian) revert OnlyOwner(msg.sender);
            if (msg.sender != enigma.keyRegistry().guardian()) revert OnlyOwnerOrGuardian(msg.sender);
        }
        (OperationState state,,) = operation(id);
        if (state != OperationState.Waiting && state != OperationState.Ready) revert NotCancellable(id, state);
        _operations[id].end = End.Cancelled;
        emit OperationCancelled(id, msg.sender);
    }

    function transferOwnership(address newOwner) external {
        if (msg.sender != address(this)) revert OnlyTimelock(msg.sender);
        _setOwner(newOwner);
    }

    function _setOwner(address newOwner) private {
        if (newOwner == address(0)) revert ZeroOwner();
        emit OwnerChanged(owner, newOwner);
        owner = newOwner;
    }

    /// @dev A short delay is refused by what the network says of itself. And as no other network's contract can be called, one
    /// that was deployed for a simulated network is of no use as the governor of a real one.
    function _requireGoverned(Call[] calldata calls) private view {
        if (address(enigma).code.length == 0) revert NoNetwork(address(enigma));
        if (delay < LEAST_DELAY && !enigma.simulated()) revert DelayTooShort(delay, LEAST_DELAY);
        address registry = address(enigma.keyRegistry());
        for (uint256 i; i < calls.length; ++i) {
            address target = calls[i].target;
            bool isOwn = target == address(enigma) || target == registry || target == address(this);
            if (!isOwn) revert ForeignTarget(i, target);
        }
    }

    /// @dev Whoever holds the guardian's key must not keep it by cancelling his end. Nothing may come with that.
    function _replacesGuardian(Call[] calldata calls) private view returns (bool) {
        if (calls.length != 1 || calls[0].target != address(enigma.keyRegistry())) return false;
        return bytes4(calls[0].data) == IKeyRegistry.setGuardian.selector;
    }

    /* VIEWS */

    function operation(OperationId id) public view returns (OperationState state, uint256 readyAt, uint256 staleAt) {
        Operation memory found = _operations[id];
        if (found.readyAt == 0) return (OperationState.Unknown, 0, 0);
        (readyAt, staleAt) = (found.readyAt, found.readyAt + GRACE);
        state = found.end == End.None ? _byTime(readyAt, staleAt) : _ended(found.end);
    }

    function operationId(Call[] calldata calls, bytes32 salt) public pure returns (OperationId) {
        return OperationId.wrap(keccak256(abi.encode(calls, salt)));
    }

    function _byTime(uint256 readyAt, uint256 staleAt) private view returns (OperationState) {
        if (block.timestamp < readyAt) return OperationState.Waiting;
        return block.timestamp < staleAt ? OperationState.Ready : OperationState.Stale;
    }

    function _ended(End end) private pure returns (OperationState) {
        return end == End.Executed ? OperationState.Executed : OperationState.Cancelled;
    }
}
