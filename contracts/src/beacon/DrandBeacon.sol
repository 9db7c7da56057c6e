// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {BlockHeader} from "../libraries/BlockHeader.sol";
import {BlsKey} from "./BlsKey.sol";

/**
 * The seed of an epoch from drand's public randomness: a network of the scheme bls-unchained-g1-rfc9380, such as quicknet.
 *
 * An epoch's round follows from its anchor alone. The proof is the signature of that round, then the header that hashes to the
 * anchor; the header's timestamp names the round: the first that is published `delaySeconds` after it, or later. There is one
 * header for an anchor, one round for a timestamp and one signature for a round: nobody has a choice. docs/decisions/0030 says
 * what the delay is for, and why the anchor itself is not hashed into the seed.
 */
contract DrandBeacon is IBeacon, BlsKey {
    bytes32 private constant DOMAIN = keccak256("enigma.drand.v1");

    /// @notice The network whose seeds these are.
    address public immutable enigma;
    /// @notice When round 1 was published, in Unix time.
    uint256 public immutable genesisTime;
    /// @notice Time from one round to the next.
    uint256 public immutable periodSeconds;
    /// @notice Least time from a boundary block's timestamp to its epoch's round.
    uint256 public immutable delaySeconds;

    /// @dev Without a period there are no rounds; without a delay a round may be out before the block that names it.
    /// @param periodSeconds The period given.
    /// @param delaySeconds The delay given.
    error InvalidSchedule(uint256 periodSeconds, uint256 delaySeconds);
    /// @notice It begins with a signature.
    /// @param length Bytes of the proof.
    /// @param least The least bytes.
    error ProofTooShort(uint256 length, uint256 least);
    /// @notice The header is not the boundary block's.
    /// @param hash keccak256 of the header given.
    /// @param anchor What it must be.
    error WrongHeader(bytes32 hash, bytes32 anchor);
    /// @dev The block, with the delay, is older than drand's network.
    /// @param time The block's timestamp with the delay.
    /// @param genesisTime When round 1 was published.
    error BeforeGenesis(uint256 time, uint256 genesisTime);
    /// @dev Another key or round; or no point of G1 at all.
    /// @param round drand's round.
    error InvalidSignature(uint64 round);

    /// @param enigma_ The Enigma contract.
    /// @param publicKey_ A point in G2, 256 bytes, as EIP-2537 encodes it.
    /// @param genesisTime_ When round 1 was published, Unix time.
    /// @param periodSeconds_ Time from one round to the next.
    /// @param delaySeconds_ Least time from a boundary block's timestamp to its epoch's round.
    constructor(
        address enigma_,
        bytes memory publicKey_,
        uint64 genesisTime_,
        uint32 periodSeconds_,
        uint32 delaySeconds_
    ) BlsKey(publicKey_) {
        if (periodSeconds_ == 0 || delaySeconds_ == 0) {
            revert InvalidSchedule(periodSeconds_, delaySeconds_);
        }
        enigma = enigma_;
        genesisTime = genesisTime_;
        periodSeconds = periodSeconds_;
        delaySeconds = delaySeconds_;
    }

    /// @inheritdoc IBeacon
    function seed(uint256 epoch, bytes32 anchor, bytes calldata proof) external view returns (uint256) {
        if (proof.length < SIGNATURE_BYTES) revert ProofTooShort(proof.length, SIGNATURE_BYTES);
        bytes calldata signature = proof[:SIGNATURE_BYTES];
        bytes calldata header = proof[SIGNATURE_BYTES:];
        bytes32 hash = keccak256(header);
        if (hash != anchor) revert WrongHeader(hash, anchor);
        uint64 round = roundAt(BlockHeader.timestampOf(header));
        if (!_isSigned(message(round), signature)) revert InvalidSignature(round);
        // Two networks, and two epochs of a fast chain, may share a round; what they draw shall not be alike.
        return uint176(uint256(keccak256(abi.encode(DOMAIN, block.chainid, enigma, epoch, keccak256(signature)))));
    }

    /// @notice The round of an epoch whose boundary block has `timestamp`: the first published `delaySeconds` later, or after.
    /// @param timestamp That of the boundary block, Unix time.
    /// @return The round's number.
    function roundAt(uint40 timestamp) public view returns (uint64) {
        uint256 time = timestamp + delaySeconds;
        if (time < genesisTime) revert BeforeGenesis(time, genesisTime);
        return uint64((time - genesisTime + periodSeconds - 1) / periodSeconds + 1);
    }

    /// @notice What drand signs for a round.
    /// @param round drand's round.
    /// @return SHA-256 of the round's number in 8 bytes.
    function message(uint64 round) public pure returns (bytes32) {
        return sha256(abi.encodePacked(round));
    }
}
