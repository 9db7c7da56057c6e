// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * What a private function may ask of the enclave it runs in.
 *
 * `open` and `seal` hold data at rest: bytes that stand on chain and that no one but an enclave can read, computing for this
 * dApp, in its present code, on any later day. `sealTo` answers one person. `random` draws what nobody can foretell.
 *
 * Only private functions may call them, and only while every frame on the call stack runs as the dApp itself: code that the dApp
 * calls elsewhere is refused (`ForeignFrame`). On chain, in `enigmaCallback` and in `enigmaPrefetch` they revert with
 * `OnlyInsideEnclave`.
 *
 * `open`, `seal` and `sealTo` cost 20,000 gas and 12 for each word handed over, `random` 1,000. An envelope has
 * at most 8,192 bytes, what it holds 7,932. An envelope tells the length of what it holds, up to padding: seal values of one length.
 */
library Private {
    // The last 20 bytes of keccak256("enigma.private.N"). No contract stands there on any chain.
    address private constant OPEN = 0x2a73967deea15EE5b41eCdeD5C83D47BF5A248d1;
    address private constant SEAL = 0xEBc1073f46a070086ef6ed939E0EA2CF60d212FE;
    address private constant SEAL_TO = 0x3744F4c0194a682086381c45Ed4eaB118e18896B;
    address private constant RANDOM = 0x336e63bFbB7F511aEbE531Ec1cbFbD23De2d5fC7;

    /// @dev The function was called on chain, or simulated without an enclave.
    error OnlyInsideEnclave();
    /// @dev Another contract asks, or was called on the way here.
    error ForeignFrame();
    /// @dev Not data that `owner` sealed under `label` for this dApp and this code; or of a generation of keys that was withdrawn.
    error DoesNotOpen();
    /// @dev The network has no keys for data at rest yet.
    error NoGeneration();
    /// @dev Not a public key of X25519 with which a secret can be shared.
    /// @param publicKey The key given.
    error InvalidPublicKey(bytes32 publicKey);
    /// @dev An envelope of more than 8,192 bytes, or a plaintext of more than 7,932.
    error BadCall();

    /**
     * Opens data at rest.
     *
     * That it opens proves what its sealer claimed, and no more: open what the dApp's storage holds, put there by `owner` himself
     * (`_storeSealed`) or by a callback, and never bytes that come as arguments.
     * @param owner Whom the data was sealed for as its owner.
     * @param label What the data was sealed as.
     */
    function open(bytes memory data, address owner, bytes32 label) internal view returns (bytes memory) {
        return abi.decode(_ask(OPEN, abi.encode(data, owner, label)), (bytes));
    }

    /// As `open`, for data of many owners, of whom one must not stop the others. What he sealed may still be of any length.
    function tryOpen(bytes memory data, address owner, bytes32 label) internal view returns (bool, bytes memory) {
        (bool ok, bytes memory answer) = OPEN.staticcall(abi.encode(data, owner, label));
        // Every other failure is not the owner's: it depends on the caller's gas.
        if (!ok && bytes4(answer) == DoesNotOpen.selector) return (false, "");
        return (true, abi.decode(_answered(ok, answer), (bytes)));
    }

    /// Seals data for this dApp, to be handed to the callback and stored there.
    /// Where the data changes, put a version into the label, or replace it by `_replaceState`: then no old envelope passes for new.
    function seal(bytes memory plaintext, address owner, bytes32 label) internal view returns (bytes memory) {
        return abi.decode(_ask(SEAL, abi.encode(plaintext, owner, label)), (bytes));
    }

    /// Seals an answer for whoever holds the secret of `publicKey`: the caller's `replyKey`, or a key that somebody stored before.
    function sealTo(bytes32 publicKey, bytes memory plaintext) internal view returns (bytes memory) {
        return abi.decode(_ask(SEAL_TO, abi.encode(publicKey, plaintext)), (bytes));
    }

    /// As `sealTo`, for a key that somebody stored: false if it is none, so that he does not stop the others.
    function trySealTo(bytes32 publicKey, bytes memory plaintext) internal view returns (bool, bytes memory) {
        (bool ok, bytes memory answer) = SEAL_TO.staticcall(abi.encode(publicKey, plaintext));
        if (!ok && bytes4(answer) == InvalidPublicKey.selector) return (false, "");
        return (true, abi.decode(_answered(ok, answer), (bytes)));
    }

    /// 32 random bytes, others with each call. All workers of a task draw the same, another task draws anew: where a draw must not
    /// be repeated until it pleases, let storage admit one task.
    function random() internal view returns (bytes32) {
        return abi.decode(_ask(RANDOM, ""), (bytes32));
    }

    function _ask(address enclave, bytes memory question) private view returns (bytes memory) {
        (bool ok, bytes memory answer) = enclave.staticcall(question);
        return _answered(ok, answer);
    }

    function _answered(bool ok, bytes memory answer) private pure returns (bytes memory) {
        if (!ok) _revertWith(answer);
        if (answer.length == 0) revert OnlyInsideEnclave();
        return answer;
    }

    /// @dev Each error by its name, so that it stands in the ABI of every dApp that can meet it.
    function _revertWith(bytes memory reason) private pure {
        bytes4 selector = bytes4(reason);
        if (selector == ForeignFrame.selector) revert ForeignFrame();
        if (selector == DoesNotOpen.selector) revert DoesNotOpen();
        if (selector == NoGeneration.selector) revert NoGeneration();
        if (selector == BadCall.selector) revert BadCall();
        if (selector == InvalidPublicKey.selector) revert InvalidPublicKey(_firstWord(reason));
        // Without a reason: out of gas.
        revert();
    }

    function _firstWord(bytes memory reason) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(reason, 0x24))
        }
    }
}
