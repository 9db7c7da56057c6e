// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyRegistry} from "../interfaces/IKeyRegistry.sol";
import {Receipts} from "./Receipts.sol";

/**
 * What enclaves sign about the network secret: EIP-712 in Enigma's domain.
 *
 * Twin of packages/protocol/src/key-messages.ts; `packages/protocol/vectors/key-messages.json` holds the two together.
 */
library KeyMessages {
    bytes32 internal constant COMMIT_TYPE_HASH = keccak256(
        "Commit(bytes32 networkHash,uint256 seat,uint32 generation,bytes32 commitment,address networkSigner)"
    );
    bytes32 internal constant JOIN_TYPE_HASH = keccak256("Join(bytes32 networkHash,uint256 seat,bytes32 joinKey)");
    bytes32 internal constant GRANT_TYPE_HASH =
        keccak256("Grant(bytes32 networkHash,uint256 seat,bytes32 joinKey,uint32 generation,bytes32 ciphertextHash)");
    bytes32 internal constant HOLDS_TYPE_HASH =
        keccak256("Holds(bytes32 networkHash,uint32 generation,bytes32 commitment)");
    bytes32 internal constant CONTRACT_KEY_TYPE_HASH =
        keccak256("ContractKey(address dApp,bytes32 codeHash,uint32 generation,bytes32 publicKey)");

    function commit(bytes32 networkHash, uint256 seat, uint32 generation, bytes32 commitment, address networkSigner)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(COMMIT_TYPE_HASH, networkHash, seat, generation, commitment, networkSigner));
    }

    function join(bytes32 networkHash, uint256 seat, bytes32 joinKey) internal pure returns (bytes32) {
        return keccak256(abi.encode(JOIN_TYPE_HASH, networkHash, seat, joinKey));
    }

    function grant(bytes32 networkHash, uint256 seat, bytes32 joinKey, uint32 generation, bytes32 ciphertextHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(GRANT_TYPE_HASH, networkHash, seat, joinKey, generation, ciphertextHash));
    }

    function holds(bytes32 networkHash, uint32 generation, bytes32 commitment) internal pure returns (bytes32) {
        return keccak256(abi.encode(HOLDS_TYPE_HASH, networkHash, generation, commitment));
    }

    function contractKey(address dApp, bytes32 codeHash, uint32 generation, bytes32 publicKey)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(CONTRACT_KEY_TYPE_HASH, dApp, codeHash, generation, publicKey));
    }

    /// @dev `expected` signed the message whose struct hash this is.
    function requireSigned(bytes32 domain, bytes32 structHash, address expected, bytes32 r, bytes32 vs) internal pure {
        address recovered = Receipts.recover(Receipts.typedDigest(domain, structHash), r, vs);
        if (recovered != expected) revert IKeyRegistry.WrongSigner(recovered, expected);
    }
}
