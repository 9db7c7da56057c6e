// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Undelivered} from "./IEnigmaTasks.sol";

/// @notice What a dApp sets for its tasks, what a slot is given or gives back, and what becomes of a result whose callback failed:
/// rarer than what IEnigmaTasks has, whose errors and events these are.
interface IEnigmaDapps {
    /* LOTTERIES */

    /// @notice Whether the calling dApp refuses tasks of epochs with a fallback seed. At once.
    /// @param refuses Whether it refuses them from now on.
    function refuseFallback(bool refuses) external;

    /// @notice Spreads the calling dApp's tasks over `lanes` lotteries from the current epoch + 2 on. More lanes: more
    /// throughput, and more draws for whoever wants a particular worker.
    /// @param lanes How many lotteries.
    function setLanes(uint16 lanes) external;

    /* SLOTS */

    /// @notice Adds the value sent to the caller's slot, so that requests need carry none.
    /// @param slot The slot's number, of this requester.
    function fundSlot(uint32 slot) external payable;
    /// @notice Pays the balance of a free slot to the caller, who must be able to receive it.
    /// @param slot The slot's number, of this requester.
    function withdrawSlot(uint32 slot) external;

    /* UNDELIVERED RESULTS */

    /// @notice Hands a result to its dApp whose callback failed before, with the gas of this call. Anyone may; frees the slot.
    /// @param result The result, as the task's events told it.
    /// @param output The output that was signed.
    function redeliver(Undelivered calldata result, bytes calldata output) external;

    /// @notice Frees the slot of a result that was not delivered, for good. The requester at any time; anyone once COOL epochs have
    /// passed since the epoch of its block.
    /// @param result The result, as the task's events told it.
    /// @param outputHash keccak256 of the output.
    function abandon(Undelivered calldata result, bytes32 outputHash) external;
}
