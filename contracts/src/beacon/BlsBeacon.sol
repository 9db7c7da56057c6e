// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {BlsKey} from "./BlsKey.sol";

/**
 * The seed of an epoch from a BLS12-381 signature over the epoch and its anchor.
 *
 * There is exactly one valid signature over a message, so that whoever holds the key cannot choose the seed; and the message
 * holds the hash of the epoch's boundary block, so that he cannot know it before. One enclave's key and a t-of-n key are the
 * same to this contract.
 */
contract BlsBeacon is IBeacon, BlsKey {
    /// @notice The network whose seeds are signed.
    address public immutable enigma;

    /// @notice A proof is one signature.
    /// @param length Bytes of the proof.
    /// @param expected Bytes that it must have.
    error WrongProofLength(uint256 length, uint256 expected);
    /// @dev Another key, epoch, anchor, chain or contract; or no point of G1 at all.
    /// @param epoch The epoch's number.
    /// @param anchor Hash of the epoch's boundary block.
    error InvalidSignature(uint256 epoch, bytes32 anchor);

    /// @param enigma_ The Enigma contract.
    /// @param publicKey_ A point in G2, 256 bytes, as EIP-2537 encodes it.
    constructor(address enigma_, bytes memory publicKey_) BlsKey(publicKey_) {
        enigma = enigma_;
    }

    /// @inheritdoc IBeacon
    function seed(uint256 epoch, bytes32 anchor, bytes calldata proof) external view returns (uint256) {
        if (proof.length != SIGNATURE_BYTES) revert WrongProofLength(proof.length, SIGNATURE_BYTES);
        if (!_isSigned(message(epoch, anchor), proof)) revert InvalidSignature(epoch, anchor);
        return uint176(uint256(keccak256(proof)));
    }

    /// @notice What the Principal signs for an epoch.
    /// @param epoch The epoch's number.
    /// @param anchor Hash of the epoch's boundary block.
    /// @return The 32 bytes that are signed.
    function message(uint256 epoch, bytes32 anchor) public view returns (bytes32) {
        return keccak256(abi.encode(keccak256("enigma.seed.v1"), block.chainid, enigma, epoch, anchor));
    }
}
