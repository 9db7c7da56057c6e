// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyRegistry} from "../src/interfaces/IKeyRegistry.sol";
import {KeyMessages} from "../src/libraries/KeyMessages.sol";
import {SecretWorld} from "./support/SecretWorld.sol";
import {vm} from "./support/Vm.sol";

/// CONTRACT KEYS: a dApp's public key stands on chain once the network signer vouched for it.
contract ContractKeysTest is SecretWorld {
    bytes32 private constant PUBLIC_KEY = keccak256("a dApp's public key");

    function test_requestKey_asksForTheCodeOfNow_inTheLastFinalGeneration() public {
        makeFirstSecret();
        vm.prank(governor);
        registry.openGeneration();
        commit("alice", 0, 2); // not final: nothing seals with it
        vm.expectEmit(address(registry));
        emit IKeyRegistry.KeyRequested(address(dapp), address(dapp).codehash, 1);
        registry.requestKey(address(dapp));
    }

    function test_requestKey_revertsWhen_thereIsNoSecret_noCode_orTheKeyAlready() public {
        vm.expectRevert(IKeyRegistry.NoSecretYet.selector);
        registry.requestKey(address(dapp));
        makeFirstSecret();
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.NotAContract.selector, user));
        registry.requestKey(user); // has ether, hence the hash of no code
        address nobody = account("nobody");
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.NotAContract.selector, nobody));
        registry.requestKey(nobody);
        _publish(1);
        bytes32 codeHash = address(dapp).codehash;
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.KeyAlreadyPublished.selector, address(dapp), codeHash, 1));
        registry.requestKey(address(dapp));
    }

    function test_publishKey_keepsWhatTheNetworkSignerSigned() public {
        makeFirstSecret();
        bytes32 codeHash = address(dapp).codehash;
        (bytes32 r, bytes32 vs) = _signed("network signer", codeHash, 1, PUBLIC_KEY);
        vm.expectEmit(address(registry));
        emit IKeyRegistry.KeyPublished(address(dapp), codeHash, 1, PUBLIC_KEY, r, vs);
        registry.publishKey(address(dapp), codeHash, 1, PUBLIC_KEY, r, vs);
        assertEq(registry.contractKey(address(dapp), codeHash, 1), PUBLIC_KEY, "kept");
        assertEq(registry.contractKey(address(dapp), codeHash, 2), bytes32(0), "of this generation only");
        assertEq(registry.contractKey(address(dapp), keccak256("other code"), 1), bytes32(0), "of this code only");
    }

    function test_S14_publishKey_revertsWhen_anotherSigned_orAFieldWasChanged() public {
        makeFirstSecret();
        bytes32 codeHash = address(dapp).codehash;
        // A seated enclave alone is not the network.
        (bytes32 r, bytes32 vs) = _signed("alice", codeHash, 1, PUBLIC_KEY);
        bytes memory refusal =
            abi.encodeWithSelector(IKeyRegistry.WrongSigner.selector, account("alice"), account("network signer"));
        vm.expectRevert(refusal);
        registry.publishKey(address(dapp), codeHash, 1, PUBLIC_KEY, r, vs);
        (r, vs) = _signed("network signer", codeHash, 1, PUBLIC_KEY);
        vm.expectRevert();
        registry.publishKey(address(dapp), codeHash, 1, keccak256("a host's own key"), r, vs);
        vm.expectRevert();
        registry.publishKey(user, codeHash, 1, PUBLIC_KEY, r, vs);
        vm.expectRevert();
        registry.publishKey(address(dapp), keccak256("other code"), 1, PUBLIC_KEY, r, vs);
    }

    function test_S14_publishKey_revertsWhen_theGenerationIsNotInForce() public {
        startNetwork();
        commit("alice", 0, 1);
        _refuses(1); // committed, not final
        _refuses(0); // its signer would be zero, whom any broken signature recovers to
        join("bob", 1);
        grant("bob", 1, "alice", 0, 1);
        hold("bob", 1, 1);
        vm.prank(governor);
        registry.openGeneration();
        commit("alice", 0, 2);
        join("bob", 1);
        grant("bob", 1, "alice", 0, 2);
        hold("bob", 1, 2);
        _publish(1); // still in force
        vm.prank(governor);
        registry.raiseMinGeneration(2);
        _refuses(1);
        _publish(2);
    }

    function test_publishKey_revertsWhen_publishedAlready() public {
        makeFirstSecret();
        _publish(1);
        bytes32 codeHash = address(dapp).codehash;
        (bytes32 r, bytes32 vs) = _signed("network signer", codeHash, 1, PUBLIC_KEY);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.KeyAlreadyPublished.selector, address(dapp), codeHash, 1));
        registry.publishKey(address(dapp), codeHash, 1, PUBLIC_KEY, r, vs);
    }

    function _publish(uint32 generation) private {
        bytes32 codeHash = address(dapp).codehash;
        (bytes32 r, bytes32 vs) = _signed("network signer", codeHash, generation, PUBLIC_KEY);
        registry.publishKey(address(dapp), codeHash, generation, PUBLIC_KEY, r, vs);
    }

    function _refuses(uint32 generation) private {
        bytes32 codeHash = address(dapp).codehash;
        (bytes32 r, bytes32 vs) = _signed("network signer", codeHash, generation, PUBLIC_KEY);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistry.InvalidGeneration.selector, generation));
        registry.publishKey(address(dapp), codeHash, generation, PUBLIC_KEY, r, vs);
    }

    function _signed(string memory name, bytes32 codeHash, uint32 generation, bytes32 publicKey)
        private
        view
        returns (bytes32, bytes32)
    {
        return sign(name, KeyMessages.contractKey(address(dapp), codeHash, generation, publicKey));
    }
}
