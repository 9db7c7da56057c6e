// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the Enigma contract and Core call on a dApp. Inherit `EnigmaDapp` instead of writing it yourself.
interface IEnigmaDapp {
    /// @notice The callback that receives the result of the private function `callable`; zero if it may not be called in private.
    /// @dev Core asks this on the proven state before it opens any input.
    function enigmaCallback(bytes4 callable) external view returns (bytes4 callback);

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
