// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyRegistry} from "../../src/interfaces/IKeyRegistry.sol";
import {KeyMessages} from "../../src/libraries/KeyMessages.sol";
import {Receipts} from "../../src/libraries/Receipts.sol";
import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// The steps of a secret's life in the words of the tests. Seats 0, 1 and 2 are Alice's, Bob's and Carol's; Mallory's enclave is
/// of the other measurement.
abstract contract SecretWorld is World {
    bytes internal constant CIPHERTEXT = "the secrets, sealed to the join key";

    IKeyRegistry internal registry;
    address internal governor = account("governor");
    address internal guardian = account("guardian");

    function setUp() public virtual override {
        super.setUp();
        registry = enigma.keyRegistry();
    }

    function measurementOf(address signer) internal pure override returns (bytes32) {
        return signer == account("mallory") ? OTHER_MEASUREMENT : MEASUREMENT;
    }

    function keyOf(address signer) internal pure virtual override returns (uint256) {
        return signer == account("mallory") ? key("mallory") : super.keyOf(signer);
    }

    /* GENERATIONS */

    function commitmentOf(uint32 generation) internal pure returns (bytes32) {
        return keccak256(abi.encode("commitment", generation));
    }

    function networkSigner() internal pure returns (address) {
        return account("network signer");
    }

    function commit(string memory name, uint256 seat, uint32 generation) internal {
        bytes32 commitment = commitmentOf(generation);
        (bytes32 r, bytes32 vs) = signedCommit(name, seat, generation, commitment);
        registry.commitGeneration(seat, generation, commitment, networkSigner(), r, vs);
    }

    function signedCommit(string memory name, uint256 seat, uint32 generation, bytes32 commitment)
        internal
        view
        returns (bytes32 r, bytes32 vs)
    {
        return sign(name, KeyMessages.commit(enigma.networkHash(), seat, generation, commitment, networkSigner()));
    }

    function hold(string memory name, uint256 seat, uint32 generation) internal {
        (bytes32 r, bytes32 vs) = signedHold(name, generation);
        registry.confirmHolder(seat, generation, r, vs);
    }

    function signedHold(string memory name, uint32 generation) internal view returns (bytes32 r, bytes32 vs) {
        return
            sign(name, KeyMessages.holds(enigma.networkHash(), generation, registry.generation(generation).commitment));
    }

    /* HANDOFF */

    function joinKeyOf(string memory name) internal pure returns (bytes32) {
        return keccak256(abi.encode("join key", name));
    }

    function join(string memory name, uint256 seat) internal {
        (bytes32 r, bytes32 vs) = signedJoin(name, seat, joinKeyOf(name));
        registry.requestJoin(seat, joinKeyOf(name), r, vs);
    }

    function signedJoin(string memory name, uint256 seat, bytes32 joinKey) internal view returns (bytes32, bytes32) {
        return sign(name, KeyMessages.join(enigma.networkHash(), seat, joinKey));
    }

    /// @dev To the seat of `name`, under the key that it asked under.
    function grant(string memory name, uint256 seat, string memory donor, uint256 donorSeat, uint32 generation)
        internal
    {
        (bytes32 r, bytes32 vs) = signedGrant(donor, seat, joinKeyOf(name), generation);
        registry.grantKey(seat, donorSeat, joinKeyOf(name), generation, CIPHERTEXT, r, vs);
    }

    function signedGrant(string memory donor, uint256 seat, bytes32 joinKey, uint32 generation)
        internal
        view
        returns (bytes32 r, bytes32 vs)
    {
        bytes32 ciphertextHash = keccak256(CIPHERTEXT);
        return sign(donor, KeyMessages.grant(enigma.networkHash(), seat, joinKey, generation, ciphertextHash));
    }

    /// @dev Alice makes the first secret, Bob is its second holder.
    function makeFirstSecret() internal {
        startNetwork();
        commit("alice", 0, 1);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
    }

    /* SIGNATURES */

    function sign(string memory name, bytes32 message) internal view returns (bytes32 r, bytes32 vs) {
        return vm.signCompact(key(name), Receipts.typedDigest(enigma.domainSeparator(), message));
    }
}
