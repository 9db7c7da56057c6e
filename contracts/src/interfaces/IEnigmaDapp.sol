// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Storage slots that Core reads whole before a private function runs.
struct PrefetchRange {
    /// Whose storage: the dApp's own, or any other contract's.
    address account;
    uint256 firstSlot;
    uint256 count;
}

/// @title What the Enigma contract and Core call on a dApp. Inherit `EnigmaDapp` instead of writing it yourself.
interface IEnigmaDapp {
    /// @notice The callback that receives the result of the private function `callable`; zero if it may not be called in private.
    /// @dev Core asks this on the proven state before it opens any input.
    /// @param callable Selector of the private function.
    /// @return callback Selector of the callback.
    function enigmaCallback(bytes4 callable) external view returns (bytes4 callback);

    /**
     * @notice Storage that is read whole, whatever the private inputs say.
     * @dev A worker's operator sees which slots a private function reads. Where the choice of a slot depends on what is
     * private, name the range here: Core asks this on the proven state before it opens any input, reads all of it, and the
     * operator learns nothing from which of it was used. Each slot counts as a read, 1,024 in a task.
     * @param callable Selector of the private function.
     * @return ranges The ranges, each read whole.
     */
    function enigmaPrefetch(bytes4 callable) external view returns (PrefetchRange[] memory ranges);

    /// @notice Hands over the result of a task. Only the Enigma contract may call it.
    /// @param taskId The task that was computed.
    /// @param callable The private function that was run.
    /// @param output ABI encoding of its return values: exactly the argument encoding of the callback.
    function onEnigmaResult(bytes32 taskId, bytes4 callable, bytes calldata output) external;

    /// @notice Tells that a task failed with certainty. Only the Enigma contract may call it; reverting has no effect on the task.
    /// @param taskId The task that failed.
    /// @param callable The private function that was run.
    /// @param status 1: the function failed; 2: the inputs did not open.
    function onEnigmaFailure(bytes32 taskId, bytes4 callable, uint8 status) external;
}
