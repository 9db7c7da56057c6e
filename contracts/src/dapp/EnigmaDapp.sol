// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../interfaces/IEnigma.sol";
import {IEnigmaDapp, PrefetchRange} from "../interfaces/IEnigmaDapp.sol";
import {Private} from "./Private.sol";

/**
 * What a dApp inherits to compute in private.
 *
 * 1. Write the private function as an ordinary `view` or `pure` function. `msg.sender` is whoever asked.
 * 2. Write its callback `external onlyEnigma`, with the function's return values as arguments.
 * 3. Say which callback belongs to which function, in `enigmaCallback`. A function not named there stays closed.
 * 4. If what is read depends on what is private, name the storage that is always read whole, in `enigmaPrefetch`. Where many
 *    sealed words are opened, name those too, by `_sealedWords`: they are then proven at once and not one after the other.
 * 5. Where each task leaves a word behind, keep the latest in a `WordRing`: it takes no new storage once it is full.
 *
 * Data may rest in storage, sealed, for private functions of later to compute on (`Private.sol` has what they may call):
 * - A user's: he seals it in his client and hands it to a function that calls `_storeSealed`; a private function opens
 *   `sealedData(owner, label)`.
 * - The dApp's own: a private function reads it by `_openState` and returns it anew, the callback puts it there by `_replaceState`.
 * Whoever may trigger a computation on somebody's data may learn of it by asking often. Let storage say who asks, when and how
 * often, and check it in the private function: it sees the proven sender and state.
 *
 * Anyone may ask for a callable, with inputs of his own: what comes back is true of those inputs, and who may trigger what
 * is decided by the private function.
 *
 * In the callback `msg.sender` is the Enigma contract: return the requester from the private function where it matters. The
 * requester chooses the callback's gas and the cap of the output, so he can make a result that he dislikes fail to arrive:
 * let no outcome need more gas or bytes than another, and count a result that never arrives as his loss.
 */
abstract contract EnigmaDapp is IEnigmaDapp {
    /// Version, suite, kind (data at rest) and number of recipients: how such an envelope begins.
    bytes4 private constant SEALED_HEAD = 0x01010201;
    /// Head, key id, encapsulated key and tag, around the smallest padded message.
    uint256 private constant LEAST_SEALED_BYTES = 4 + 8 + 32 + 32 + 16;
    uint256 private constant MOST_SEALED_BYTES = 8192;
    uint256 private constant SEALED_WORD_BYTES = 96;
    /// Slots of its bytes. Their length stands in a slot of its own.
    uint256 private constant SEALED_WORD_SLOTS = 3;

    IEnigma public immutable enigma;
    bytes32 private transient _task;
    mapping(address owner => mapping(bytes32 label => bytes)) private _sealed;

    error NotAnEnigma(address enigma);
    error OnlyEnigma(address caller);
    error NotCallable(bytes4 callable);
    /// @dev What the caller relied on when he asked is no longer so. Nothing of his inputs stands in it.
    error StateChanged(bytes32 found, bytes32 expected);
    /// @dev Not an envelope of data at rest: `enigma.seal` makes one. Inputs for a task do not do.
    error NotSealed(uint256 length);

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
    function onEnigmaResult(bytes32 taskId, bytes4 callable, bytes calldata output) external onlyEnigma {
        bytes4 callback = enigmaCallback(callable);
        if (callback == 0) revert NotCallable(callable);
        _task = taskId;
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

    /// @notice What `owner` stored under `label`, sealed; empty if nothing. The dApp's own state has the dApp as its owner.
    function sealedData(address owner, bytes32 label) public view returns (bytes memory) {
        return _sealed[owner][label];
    }

    /**
     * @dev Stores what the caller sealed, as his. Only its form is seen here: bytes that were sealed by or for somebody else, for
     * another dApp, for other code or under another label do not open, and `Private.open` fails. Where one owner's bytes must
     * not stop the others, `Private.tryOpen` them, and check the length before decoding.
     *
     * What stood there before is gone.
     */
    function _storeSealed(bytes32 label, bytes calldata data) internal {
        bool isSealed =
            data.length >= LEAST_SEALED_BYTES && data.length <= MOST_SEALED_BYTES && bytes4(data[:4]) == SEALED_HEAD;
        if (!isSealed) revert NotSealed(data.length);
        _sealed[msg.sender][label] = data;
    }

    /// @dev The same for a sealed `uint256`, `address` or `bytes32`: 96 bytes, four slots, about 115,000 gas with the transaction.
    /// Where one task opens what many stored, use this: long data of a few would use up the slots that a task may read.
    function _storeSealedWord(bytes32 label, bytes calldata data) internal {
        if (data.length != SEALED_WORD_BYTES) revert NotSealed(data.length);
        _storeSealed(label, data);
    }

    /// @dev For `enigmaPrefetch`: where the sealed words of these owners stand, all under one label. Four reads for each.
    function _sealedWords(address[] memory owners, bytes32 label)
        internal
        view
        returns (PrefetchRange[] memory ranges)
    {
        ranges = new PrefetchRange[](2 * owners.length);
        for (uint256 i; i < owners.length; ++i) {
            _nameSealedWord(_sealed[owners[i]][label], ranges[2 * i], ranges[2 * i + 1]);
        }
    }

    /// @dev Likewise, of one owner under these labels.
    function _sealedWords(address owner, bytes32[] memory labels)
        internal
        view
        returns (PrefetchRange[] memory ranges)
    {
        ranges = new PrefetchRange[](2 * labels.length);
        for (uint256 i; i < labels.length; ++i) {
            _nameSealedWord(_sealed[owner][labels[i]], ranges[2 * i], ranges[2 * i + 1]);
        }
    }

    /**
     * @dev For a private function that changes what the dApp keeps sealed. Return `before` and the new state to the callback:
     *
     *     (bytes memory state, bytes32 before) = _openState("players");
     *     ...
     *     return (before, Private.seal(changed, address(this), "players"));
     * @return state Empty if there is none yet.
     */
    function _openState(bytes32 label) internal view returns (bytes memory state, bytes32 before) {
        bytes memory stored = _sealed[address(this)][label];
        before = keccak256(stored);
        if (stored.length != 0) state = Private.open(stored, address(this), label);
    }

    /// @dev For its callback. Where another task was faster it reverts with `StateChanged`, nothing changes, and the caller asks
    /// again: on the state of now.
    function _replaceState(bytes32 label, bytes32 before, bytes calldata sealedState) internal {
        requireUnchanged(keccak256(_sealed[address(this)][label]), before);
        _sealed[address(this)][label] = sealedState;
    }

    /// @dev For a callback: the task whose result it is handed. An answer that is sealed to somebody else than the requester
    /// opens with it (`openPrivateResult` of the client), so announce it with the answer.
    function _taskId() internal view returns (bytes32) {
        return _task;
    }

    /// @dev For a private function whose answer depends on public state that may change between the click and the block of the
    /// request: the client passes what it saw among the sealed arguments, the function compares it with what it finds.
    function requireUnchanged(bytes32 found, bytes32 expected) internal pure {
        if (found != expected) revert StateChanged(found, expected);
    }

    /// @dev The slot of the length, and those of the bytes, as Solidity lays out `bytes` in storage.
    function _nameSealedWord(bytes storage word, PrefetchRange memory length, PrefetchRange memory data) private view {
        uint256 slot;
        uint256 firstOfBytes;
        assembly ("memory-safe") {
            slot := word.slot
            mstore(0x00, slot)
            firstOfBytes := keccak256(0x00, 0x20)
        }
        (length.account, length.firstSlot, length.count) = (address(this), slot, 1);
        (data.account, data.firstSlot, data.count) = (address(this), firstOfBytes, SEALED_WORD_SLOTS);
    }

    function _revertWith(bytes memory reason) private pure {
        // Solidity has no way to revert with given bytes.
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
