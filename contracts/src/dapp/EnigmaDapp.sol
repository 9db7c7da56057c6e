// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../interfaces/IEnigma.sol";
import {IEnigmaDapp, PrefetchRange} from "../interfaces/IEnigmaDapp.sol";

/**
 * What a dApp inherits to compute in private.
 *
 * 1. Write the private function as an ordinary `view` or `pure` function. `msg.sender` is whoever asked.
 * 2. Write its callback `external onlyEnigma`, with the function's return values as arguments.
 * 3. Say which callback belongs to which function, in `enigmaCallback`. A function not named there stays closed.
 * 4. If what is read depends on what is private, name the storage that is always read whole, in `enigmaPrefetch`.
 *
 * Anyone may ask for a callable, with inputs of his own: what comes back is true of those inputs, and who may trigger what
 * is decided by the private function.
 *
 * In the callback `msg.sender` is the Enigma contract: return the requester from the private function where it matters. The
 * requester chooses the callback's gas and the cap of the output, so he can make a result that he dislikes fail to arrive:
 * let no outcome need more gas or bytes than another, and count a result that never arrives as his loss.
 */
abstract contract EnigmaDapp is IEnigmaDapp {
    IEnigma public immutable enigma;

    error NotAnEnigma(address enigma);
    error OnlyEnigma(address caller);
    error NotCallable(bytes4 callable);
    /// @dev What the caller relied on when he asked is no longer so. Nothing of his inputs stands in it.
    error StateChanged(bytes32 found, bytes32 expected);

    /// @dev For callbacks. The Enigma contract calls `onEnigmaResult` and `onEnigmaFailure`, never a selector of somebody's choice.
    modifier onlyEnigma() {
        if (msg.sender != address(enigma)) revert OnlyEnigma(msg.sender);
        _;
    }

    constructor(IEnigma enigma_) {
        if (address(enigma_).code.length == 0) revert NotAnEnigma(address(enigma_));
        enigma = enigma_;
    }

    /// @inheritdoc IEnigmaDapp
    /// @dev Override with a chain of `if (callable == this.f.selector) return this.g.selector;`. It should read no storage:
    /// it is asked at each settlement, and by Core on the proven state.
    function enigmaCallback(bytes4 callable) public view virtual returns (bytes4);

    /// @inheritdoc IEnigmaDapp
    /// @dev Nothing unless overridden.
    function enigmaPrefetch(bytes4 callable) public view virtual returns (PrefetchRange[] memory ranges) {}

    /// @inheritdoc IEnigmaDapp
    function onEnigmaResult(bytes32, bytes4 callable, bytes calldata output) external onlyEnigma {
        bytes4 callback = enigmaCallback(callable);
        if (callback == 0) revert NotCallable(callable);
        // Return values are encoded as the callback's arguments are: the bytes need no decoding here. By delegatecall the
        // callback still sees Enigma as its caller; by a plain call it would see this contract, and so would whatever a dApp's
        // other functions call.
        (bool ok, bytes memory reason) = address(this).delegatecall(bytes.concat(callback, output));
        if (!ok) _revertWith(reason);
    }

    /// @inheritdoc IEnigmaDapp
    function onEnigmaFailure(bytes32 taskId, bytes4 callable, uint8 status) external onlyEnigma {
        _onEnigmaFailure(taskId, callable, status);
    }

    /// @dev Override to hear of tasks that failed: status 1, the function reverted or ran out; 2, the inputs did not open.
    function _onEnigmaFailure(bytes32 taskId, bytes4 callable, uint8 status) internal virtual {}

    /// @dev For a private function whose answer depends on public state that may change between the click and the block of the
    /// request: the client passes what it saw among the sealed arguments, the function compares it with what it finds.
    function requireUnchanged(bytes32 found, bytes32 expected) internal pure {
        if (found != expected) revert StateChanged(found, expected);
    }

    function _revertWith(bytes memory reason) private pure {
        // Solidity has no way to revert with given bytes.
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
