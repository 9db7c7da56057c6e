// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Generation, RegistryState} from "../src/interfaces/IKeyRegistry.sol";
import {KeyMessages} from "../src/libraries/KeyMessages.sol";
import {Receipts} from "../src/libraries/Receipts.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {VectorReader} from "./support/Vectors.sol";
import {vm} from "./support/Vm.sol";

/// What enclaves prove to themselves of the network secret stands where they look for it, and they sign what is verified here.
contract KeyVectorsTest is SecretWorld, VectorReader {
    function test_S14_messages_equalEveryVector() public {
        open("key-messages");
        for (uint256 i; goTo("cases", i); ++i) {
            bytes32 digest = _digest();
            assertEq(_typeHash(), word("typeHash"), text("name"));
            assertEq(digest, word("digest"), text("name"));
            assertEq(Receipts.recover(digest, word("r"), word("vs")), addressOf("signer"), text("name"));
        }
        for (uint256 i; goTo("failures", i); ++i) {
            if (!has("message")) continue; // no type of ours holds these
            bytes32 digest = _digest();
            assertEq(digest, word("digest"), text("name"));
            assertTrue(Receipts.recover(digest, word("r"), word("vs")) != addressOf("signer"), text("name"));
        }
    }

    function test_S14_keyRegistry_isWhereEveryVectorPutsIt() public {
        open("key-registry");
        for (uint256 i; goTo("cases", i); ++i) {
            assertEq(_firstCreatedBy(addressOf("enigma")), addressOf("keyRegistry"), text("name"));
        }
        assertEq(address(registry), _firstCreatedBy(address(enigma)), "Enigma's own");
    }

    function test_S14_state_isPackedAsInEveryVector() public {
        open("key-registry");
        for (uint256 i; goTo("stateCases", i); ++i) {
            vm.store(address(registry), 0, word("word"));
            RegistryState memory s = registry.state();
            assertEq(s.generation, number("generation"), "generation");
            assertEq(s.minGeneration, number("minGeneration"), "minGeneration");
            assertEq(s.openGeneration, number("openGeneration"), "openGeneration");
            assertTrue(s.isFrozen == flag("isFrozen"), "isFrozen");
            assertEq(s.heldMask, number("heldMask"), "heldMask");
            assertEq(s.rotatedMask, number("rotatedMask"), "rotatedMask");
        }
    }

    /// A value put where the vector says is what the view answers.
    function test_S14_registrysWords_standWhereEveryVectorPutsThem() public {
        open("key-registry");
        for (uint256 i; goTo("slotCases", i); ++i) {
            (uint32 generation, uint256 seat, address dApp) =
                (uint32(number("generation")), number("seat"), addressOf("dApp"));
            _put(address(registry), "slotCommitment", keccak256("commitment"));
            bytes32 second = bytes32(uint256(word("slotCommitment")) + 1);
            vm.store(address(registry), second, bytes32(uint256(5) << 192 | uint256(7) << 160 | uint160(user)));
            Generation memory kept = registry.generation(generation);
            assertEq(kept.commitment, keccak256("commitment"), "commitment");
            assertEq(kept.networkSigner, user, "networkSigner");
            assertEq(kept.seat, 7, "seat");
            assertEq(kept.epoch, 5, "epoch");
            _put(address(registry), "slotJoinKey", keccak256("join key"));
            assertEq(registry.joinKeyOf(seat), keccak256("join key"), "joinKey");
            _put(address(registry), "slotHeldBy", bytes32(uint256(9)));
            assertEq(registry.heldBy(addressOf("signer")), 9, "heldBy");
            _put(address(registry), "slotContractKey", keccak256("public key"));
            assertEq(registry.contractKey(dApp, word("codeHash"), generation), keccak256("public key"), "contractKey");
            assertEq(vm.load(address(registry), word("slotPolicyHash")), registry.policyHash(), "policyHash");
            assertEq(uint256(word("slotState")), 0, "state");
        }
    }

    function test_S14_enigmasWords_standWhereEveryVectorPutsThem() public {
        startNetwork();
        vm.prank(guardian);
        enigma.revokeMeasurement(1);
        open("key-registry");
        for (uint256 i; goTo("slotCases", i); ++i) {
            _put(address(enigma), "enigmaSlotSeat", bytes32(uint256(123)));
            (uint256 seatWord,,) = enigma.seatWord(number("seat"));
            assertEq(seatWord, 123, "seat");
            uint256 revoked = uint32(uint256(vm.load(address(enigma), word("enigmaSlotRevoked"))));
            assertEq(revoked, enigma.revokedMeasurements(), "revoked");
            uint8 id = uint8(number("measurementId"));
            bytes32 kept = vm.load(address(enigma), word("enigmaSlotMeasurement"));
            assertEq(kept, enigma.measurement(id), "measurement");
            // `seat` asks for a signer, which the word above has.
            _put(address(enigma), "enigmaSlotHolder", bytes32(uint256(uint160(user))));
            assertEq(enigma.seat(number("seat")).operator, user, "operator");
        }
    }

    /// @dev keccak256(rlp([creator, 1])).
    function _firstCreatedBy(address creator) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", creator, uint8(1))))));
    }

    function _put(address where, string memory field, bytes32 value) private {
        vm.store(where, word(field), value);
    }

    function _digest() private returns (bytes32) {
        vm.chainId(number("chainId"));
        bytes32 domain = Receipts.domainSeparator("Enigma", addressOf("enigma"));
        assertEq(domain, word("domainSeparator"), "domain");
        return Receipts.typedDigest(domain, _structHash());
    }

    function _structHash() private view returns (bytes32) {
        bytes32 kind = keccak256(bytes(text("message")));
        if (kind == keccak256("ContractKey")) {
            return KeyMessages.contractKey(
                addressOf("dApp"), word("codeHash"), uint32(number("generation")), word("publicKey")
            );
        }
        bytes32 network = word("networkHash");
        if (kind == keccak256("Join")) return KeyMessages.join(network, number("seat"), word("joinKey"));
        uint32 generation = uint32(number("generation"));
        if (kind == keccak256("Holds")) return KeyMessages.holds(network, generation, word("commitment"));
        uint256 seat = number("seat");
        if (kind == keccak256("Grant")) {
            return KeyMessages.grant(network, seat, word("joinKey"), generation, word("ciphertextHash"));
        }
        return KeyMessages.commit(network, seat, generation, word("commitment"), addressOf("networkSigner"));
    }

    function _typeHash() private view returns (bytes32) {
        bytes32 kind = keccak256(bytes(text("message")));
        if (kind == keccak256("ContractKey")) return KeyMessages.CONTRACT_KEY_TYPE_HASH;
        if (kind == keccak256("Join")) return KeyMessages.JOIN_TYPE_HASH;
        if (kind == keccak256("Holds")) return KeyMessages.HOLDS_TYPE_HASH;
        if (kind == keccak256("Grant")) return KeyMessages.GRANT_TYPE_HASH;
        return KeyMessages.COMMIT_TYPE_HASH;
    }
}
