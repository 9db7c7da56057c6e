// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "./IEnigma.sol";

/// @notice What an operation is known by: keccak256(abi.encode(calls, salt)).
type OperationId is bytes32;

/// @notice One call that the governor makes. It carries no ether.
struct Call {
    /// Enigma, its key registry, or the timelock itself.
    address target;
    /// Selector and arguments.
    bytes data;
}

/// @notice How an operation stands now. It becomes ready and stale by time alone.
enum OperationState {
    Unknown,
    /// Scheduled, and not before `readyAt`.
    Waiting,
    /// From `readyAt` on, before `staleAt`.
    Ready,
    /// Nobody executed it in time, and nobody can any more.
    Stale,
    Executed,
    Cancelled
}

/**
 * @title The governor of a network, who says what he will do before he can do it
 * @notice One owner schedules operations: calls of Enigma, of its key registry and of the timelock itself. From `delay` seconds
 * later on, for 14 days, anyone may execute one: all its calls in their order, or none. Until then the owner or the network's
 * guardian may cancel it. So whoever uses the network sees each change of it, in full, a week before it can happen, and may leave.
 *
 * An operation whose one call is KeyRegistry.setGuardian takes four delays, and the guardian cannot cancel it: else a stolen
 * guardian's key could never be exchanged.
 *
 * With a delay below 7 days a timelock governs a network on simulated hardware only.
 * @dev It is deployed before Enigma, whose constructor takes it as the governor; so it is told the address that Enigma will have.
 */
interface ITimelock {
    /* EVENTS */

    /// @notice The calls as they will be made, which nothing can change any more. Times in seconds since 1970.
    /// @param id The operation's id.
    /// @param calls The calls, in their order.
    /// @param salt Tells two operations with the same calls apart.
    /// @param readyAt From when it can be executed.
    /// @param staleAt From when it cannot be any more.
    event OperationScheduled(OperationId indexed id, Call[] calls, bytes32 salt, uint256 readyAt, uint256 staleAt);
    /// @notice All calls were made.
    /// @param id The operation's id.
    /// @param calls The calls, in their order.
    /// @param salt Tells two operations with the same calls apart.
    event OperationExecuted(OperationId indexed id, Call[] calls, bytes32 salt);
    /// @notice It will never be executed.
    /// @param id The operation's id.
    /// @param by Who cancelled it.
    event OperationCancelled(OperationId indexed id, address indexed by);
    /// @notice Another schedules from now on.
    /// @param previousOwner Who was the owner.
    /// @param owner Whose data.
    event OwnerChanged(address indexed previousOwner, address indexed owner);

    /* ERRORS */

    /// @notice Only the owner.
    /// @param caller Who called.
    error OnlyOwner(address caller);
    /// @notice Only the owner or the network's guardian.
    /// @param caller Who called.
    error OnlyOwnerOrGuardian(address caller);
    /// @notice The owner changes by an operation like everything else.
    /// @param caller Who called.
    error OnlyTimelock(address caller);
    /// @notice The owner must be given.
    error ZeroOwner();
    /// @notice In seconds. What is governed is not simulated.
    /// @param delay Seconds asked for.
    /// @param least The least seconds.
    error DelayTooShort(uint256 delay, uint256 least);
    /// @notice In seconds.
    /// @param delay Seconds asked for.
    /// @param most The most seconds.
    error DelayTooLong(uint256 delay, uint256 most);
    /// @notice Enigma is not deployed yet.
    /// @param enigma Where it will be.
    error NoNetwork(address enigma);
    /// @notice An operation has a call at least.
    error EmptyOperation();
    /// @notice Call `index` is neither Enigma's, nor its key registry's, nor the timelock's own.
    /// @param index The place in the list, from 0 on.
    /// @param target What is called.
    error ForeignTarget(uint256 index, address target);
    /// @notice An id is used once: the same calls are scheduled again with another salt.
    /// @param id The operation's id.
    /// @param state How the operation stands.
    error OperationExists(OperationId id, OperationState state);
    /// @notice Only what is ready can be executed.
    /// @param id The operation's id.
    /// @param state How the operation stands.
    /// @param readyAt From when it can be executed.
    /// @param staleAt From when it cannot be any more.
    error NotExecutable(OperationId id, OperationState state, uint256 readyAt, uint256 staleAt);
    /// @notice Only what waits or is ready can be cancelled.
    /// @param id The operation's id.
    /// @param state How the operation stands.
    error NotCancellable(OperationId id, OperationState state);
    /// @notice Call `index` reverted with `reason`; nothing was done.
    /// @param index The place in the list, from 0 on.
    /// @param target What is called.
    /// @param reason What it reverted with.
    error CallFailed(uint256 index, address target, bytes reason);
    /// @notice A call of an operation cannot execute another.
    error Reentered();

    /* AN OPERATION'S LIFE */

    /// @notice Only the owner. The operation can be executed from `delay` seconds later on; see above for the guardian's exchange.
    /// @param salt Any word; tells two operations with the same calls apart.
    /// @param calls The calls, in their order.
    /// @return id The operation's id.
    function schedule(Call[] calldata calls, bytes32 salt) external returns (OperationId id);

    /// @notice Anyone, from `readyAt` on and before `staleAt`. Makes the calls in their order; if one fails, none is made.
    /// @param calls The calls, in their order.
    /// @param salt Tells two operations with the same calls apart.
    function execute(Call[] calldata calls, bytes32 salt) external;

    /// @notice The owner or the network's guardian, before it is executed. For good. The guardian's own exchange: the owner alone.
    /// @param id The operation's id.
    function cancel(OperationId id) external;

    /// @notice Only by an operation. What the owner before has scheduled stays scheduled.
    /// @param newOwner Who will be.
    function transferOwnership(address newOwner) external;

    /* VIEWS */

    /// @notice The network that is governed.
    /// @return The network.
    function enigma() external view returns (IEnigma);
    /// @notice Who schedules.
    /// @return The owner.
    function owner() external view returns (address);
    /// @notice Seconds between scheduling and the first moment of execution. Fixed at deployment.
    /// @return In seconds.
    function delay() external view returns (uint256);
    /// @notice Times in seconds since 1970, zero for an unknown operation.
    /// @param id The operation's id.
    /// @return state How it stands.
    /// @return readyAt From when it can be executed.
    /// @return staleAt From when it cannot be any more.
    function operation(OperationId id) external view returns (OperationState state, uint256 readyAt, uint256 staleAt);
    /// @notice What an operation is known by.
    /// @param calls The calls, in their order.
    /// @param salt Tells two operations with the same calls apart.
    /// @return The id.
    function operationId(Call[] calldata calls, bytes32 salt) external pure returns (OperationId);
}
