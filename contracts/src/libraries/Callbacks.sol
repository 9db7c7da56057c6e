// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../interfaces/IEnigmaTasks.sol";
import {IEnigmaDapp} from "../interfaces/IEnigmaDapp.sol";
import {TaskTarget} from "../types/Task.sol";

/**
 * The call into a dApp, which is somebody else's code: it may revert, burn its gas, return a megabyte or call back in.
 *
 * Only two selectors are ever called, neither chosen by the requester: a contract that holds money must not be talked into
 * `token.transfer`.
 */
library Callbacks {
    /// CALL to a cold account costs 2,600, and as much again if it delegates (EIP-7702); the rest pays what happens between the
    /// check and the call.
    uint256 internal constant CALL_GAS = 6100;

    bytes32 private constant EMPTY_CODE_HASH = keccak256("");

    /// @dev Of the code that a callback will meet; an account without code takes none.
    function codeHashOf(address dApp) internal view returns (bytes32 codeHash) {
        codeHash = dApp.codehash;
        bytes32 emptyCodeHash = EMPTY_CODE_HASH;
        bool isNone;
        // `||` would be two jumps more.
        assembly ("memory-safe") {
            isNone := or(iszero(codeHash), eq(codeHash, emptyCodeHash))
        }
        if (isNone) revert IEnigmaTasks.NotAContract(dApp);
    }

    /// @dev Hands over a result, or the news of a failure. Answers whether the dApp took it; never reverts because of the dApp.
    function deliver(TaskTarget target, bytes32 taskId, uint8 status, bytes calldata output) internal returns (bool) {
        bytes memory message = status == 0
            ? abi.encodeCall(IEnigmaDapp.onEnigmaResult, (taskId, target.callable(), output))
            : abi.encodeCall(IEnigmaDapp.onEnigmaFailure, (taskId, target.callable(), status));
        return _call(target.dApp(), target.callbackGas(), message);
    }

    /// @dev Hands over a result with all the gas there is, but for what finishing takes.
    function deliverWithAll(TaskTarget target, bytes32 taskId, bytes calldata output) internal returns (bool ok) {
        bytes memory message = abi.encodeCall(IEnigmaDapp.onEnigmaResult, (taskId, target.callable(), output));
        address dApp = target.dApp();
        assembly ("memory-safe") {
            ok := call(gas(), dApp, 0, add(message, 0x20), mload(message), 0, 0)
        }
    }

    /// @dev Solidity's `call` copies what is returned, at our expense: a megabyte would leave no gas to finish.
    function _call(address dApp, uint256 callbackGas, bytes memory message) private returns (bool ok) {
        // EIP-150 hands on at most 63/64 of what is left. Without this check a relayer could send so little gas that the
        // callback fails and the settlement still succeeds.
        uint256 needed = callbackGas + callbackGas / 63 + CALL_GAS;
        if (gasleft() < needed) revert IEnigmaTasks.NotEnoughGas(gasleft(), needed);
        assembly ("memory-safe") {
            ok := call(callbackGas, dApp, 0, add(message, 0x20), mload(message), 0, 0)
        }
    }
}
