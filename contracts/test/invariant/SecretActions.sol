// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {Generation, IKeyRegistry, RegistryState} from "../../src/interfaces/IKeyRegistry.sol";
import {KeyMessages} from "../../src/libraries/KeyMessages.sol";
import {Receipts} from "../../src/libraries/Receipts.sol";
import {vm} from "../support/Vm.sol";
import {SeatMoves} from "./SeatMoves.sol";

/// Secrets are made, handed on and follow each other; joins are frozen, code is revoked. Which attempts must be refused, and
/// with which error, is reckoned here.
abstract contract SecretActions is SeatMoves {
    bytes private constant CIPHERTEXT = "sealed";
    address private constant NETWORK_SIGNER = address(0x5163e4);

    function commit(uint256 seatChoice, uint256 salt) external recorded {
        (uint256 id,) = _anySeat(seatChoice);
        _commit(id, salt);
    }

    function join(uint256 seatChoice, uint256 keyChoice) external recorded {
        (uint256 id,) = _anySeat(seatChoice);
        _join(id, keyChoice);
    }

    function grant(uint256 seatChoice, uint256 donorChoice) external recorded {
        (uint256 id,) = _anySeat(seatChoice);
        (uint256 donor,) = _anySeat(donorChoice);
        _grant(id, donor, donorChoice % 2 == 0);
    }

    function hold(uint256 seatChoice) external recorded {
        (uint256 id,) = _anySeat(seatChoice);
        _hold(id);
    }

    /// @dev The next step that would bring the network further, by the first seats that may take it.
    function advanceSecret(uint256 choice) external recorded {
        RegistryState memory s = registry.state();
        bool isOpen = s.openGeneration != s.generation;
        if (isOpen && registry.generation(s.openGeneration).commitment == 0) {
            return _commit(_firstLive(choice), choice);
        }
        (bool isFound, uint256 donor) = _firstHolder(isOpen ? s.openGeneration : s.generation);
        if (!isFound) return _commit(_firstLive(choice), choice);
        for (uint256 i; i < enigma.seatCount(); ++i) {
            uint256 id = (choice % 16 + i) % enigma.seatCount();
            if (id == donor || enigma.seat(id).signer == enigma.seat(donor).signer) continue;
            if (registry.joinKeyOf(id) == 0) _join(id, choice);
            _grant(id, donor, isOpen);
            if (isOpen) _hold(id);
            if (choice % 3 != 0) return;
            choice /= 3;
        }
    }

    /// @dev As Surface does for its seat: has those that wait be given the secret, by a live holder or, if it is one, by itself.
    function admit(uint256 choice) external recorded {
        uint32 g = registry.state().generation;
        if (g == 0) return;
        for (uint256 id; id < enigma.seatCount(); ++id) {
            SeatView memory held = enigma.seat(id);
            if (held.joinFeeGwei == 0 || held.exitEpoch <= enigma.currentEpoch()) continue;
            if (registry.joinKeyOf(id) == 0) _join(id, choice);
            bool isOwn = registry.heldBy(held.signer) >= g && choice % 2 == 0;
            (bool isFound, uint256 donor) = _firstHolder(g);
            if (isOwn) ++counts["own donor"];
            if (isOwn || isFound) _grant(id, isOwn ? id : donor, false);
        }
    }

    /// @dev The governor opens the next one; anyone, where a holder's code was revoked; and the least one rises.
    function rotate(uint256 choice) external recorded {
        RegistryState memory s = registry.state();
        bytes memory call = abi.encodeCall(registry.openGeneration, ());
        if (s.openGeneration != s.generation) {
            return _denied(_governor(), call, IKeyRegistry.GenerationStillOpen.selector);
        }
        bool isAnyones = s.heldMask & enigma.revokedMeasurements() & ~s.rotatedMask != 0;
        if (!isAnyones) _denied(user, call, IKeyRegistry.OnlyGovernor.selector);
        if (!isAnyones && choice % 4 != 0) return;
        vm.prank(isAnyones ? user : _governor());
        registry.openGeneration();
        ++counts[isAnyones ? "opened by anyone" : "opened by the governor"];
        uint32 least = s.minGeneration + 1;
        call = abi.encodeCall(registry.raiseMinGeneration, (least));
        if (least > s.generation) return _denied(_governor(), call, IKeyRegistry.InvalidGeneration.selector);
        if (choice % 8 >= 4) return;
        vm.prank(_governor());
        registry.raiseMinGeneration(least);
        ++counts["least raised"];
    }

    function freeze(uint256 choice) external recorded {
        bytes memory end = abi.encodeCall(registry.freezeJoins, (false));
        _denied(_guardian(), end, IKeyRegistry.OnlyGovernor.selector);
        bool isFrozen = choice % 3 == 0;
        vm.prank(isFrozen ? _guardian() : _governor());
        registry.freezeJoins(isFrozen);
        if (isFrozen) ++counts["frozen"];
    }

    /// @dev S24: one code in eight calls, as long as three remain; whoever ran it runs another from now on.
    function revokeCode(uint256 choice) external recorded {
        uint256 left = CODES;
        for (uint256 i; i < CODES; ++i) {
            if (isCodeRevoked[i]) --left;
        }
        uint8 id = uint8(codeNow[vm.addr(_signerKey(choice))]);
        if (left <= 3 || choice % 4 != 0) return;
        vm.prank(choice % 8 == 0 ? _guardian() : _governor());
        enigma.revokeMeasurement(id);
        uint256 next = id;
        while (next == id || (enigma.revokedMeasurements() >> next) & 1 == 1) next = (next + 1) % CODES;
        for (uint256 i; i < signerKeys.length; ++i) {
            address signer = vm.addr(signerKeys[i]);
            if (codeNow[signer] == id) codeNow[signer] = next;
        }
    }

    /* STEPS, each with what must refuse it */

    function _commit(uint256 id, uint256 salt) private {
        RegistryState memory s = registry.state();
        uint32 g = s.openGeneration;
        Generation memory stored = registry.generation(g);
        bytes32 commitment = keccak256(abi.encode(salt, g));
        SeatView memory held = enigma.seat(id);
        bytes32 message = KeyMessages.commit(enigma.networkHash(), id, g, commitment, NETWORK_SIGNER);
        (bytes32 r, bytes32 vs) = _sign(held.signer, message);
        bytes memory call = abi.encodeCall(registry.commitGeneration, (id, g, commitment, NETWORK_SIGNER, r, vs));
        if (g == s.generation) return _denied(user, call, IKeyRegistry.GenerationNotOpen.selector);
        bool isReplaced = stored.commitment != 0;
        if (!_isLive(id)) {
            bool stands = isReplaced && enigma.currentEpoch() < stored.epoch + 2;
            bytes4 refusal = stands ? IKeyRegistry.CommitmentStands.selector : IKeyRegistry.SeatCannotHold.selector;
            return _deniedEither(call, refusal, IKeyRegistry.SeatCannotHold.selector);
        }
        if (isReplaced && enigma.currentEpoch() < stored.epoch + 2) {
            return _denied(user, call, IKeyRegistry.CommitmentStands.selector);
        }
        if (g > 1 && s.isFrozen && registry.heldBy(held.signer) == 0) {
            return _denied(user, call, IKeyRegistry.Frozen.selector);
        }
        (r, vs) = _sign(user, message);
        bytes memory forged = abi.encodeCall(registry.commitGeneration, (id, g, commitment, NETWORK_SIGNER, r, vs));
        _denied(user, forged, IKeyRegistry.WrongSigner.selector);
        _done(user, call);
        ++counts[isReplaced ? "commitment replaced" : "committed"];
    }

    function _join(uint256 id, uint256 keyChoice) private {
        SeatView memory held = enigma.seat(id);
        bytes32 joinKey = keccak256(abi.encode("join key", keyChoice));
        (bytes32 r, bytes32 vs) = _sign(held.signer, KeyMessages.join(enigma.networkHash(), id, joinKey));
        bytes memory call = abi.encodeCall(registry.requestJoin, (id, joinKey, r, vs));
        bytes4 refusal = _mayNotJoin(held);
        if (refusal != 0) return _denied(user, call, refusal);
        bytes memory forged = abi.encodeCall(registry.requestJoin, (id, keccak256("a host's own key"), r, vs));
        _denied(held.operator, forged, IKeyRegistry.WrongSigner.selector);
        if (registry.joinKeyOf(id) != 0) _denied(user, call, IKeyRegistry.JoinWaits.selector);
        _done(held.operator, call);
        ++counts["joined"];
    }

    function _grant(uint256 id, uint256 donor, bool isOpen) private {
        RegistryState memory s = registry.state();
        uint32 g = isOpen ? s.openGeneration : s.generation;
        SeatView memory held = enigma.seat(id);
        bytes32 joinKey = registry.joinKeyOf(id);
        bytes memory call = _grantCall(id, donor, joinKey, g, enigma.seat(donor).signer);
        if (g == 0) return _denied(user, call, IKeyRegistry.InvalidGeneration.selector);
        if (g != s.generation && registry.generation(g).commitment == 0) {
            return _denied(user, call, IKeyRegistry.NotCommitted.selector);
        }
        if (joinKey == 0) return _denied(user, call, IKeyRegistry.NoJoin.selector);
        bytes4 refusal = _mayNotJoin(held);
        if (refusal != 0) return _denied(user, call, refusal);
        if (donor != id && !_isLive(donor)) return _denied(user, call, IKeyRegistry.SeatCannotHold.selector);
        if (registry.heldBy(enigma.seat(donor).signer) < g) {
            return _denied(user, call, IKeyRegistry.NotAHolder.selector);
        }
        _denied(user, _grantCall(id, donor, joinKey, g, user), IKeyRegistry.WrongSigner.selector);

        uint256 earnedGwei = _earnings(donor);
        _done(user, call);
        bool isWaiting = held.joinFeeGwei != 0;
        assertEq(
            _earnings(donor), earnedGwei + (isWaiting ? JOIN_FEE_GWEI : 0), "S22: the join fee is the donor's, once"
        );
        _denied(user, call, IKeyRegistry.NoJoin.selector);
        if (isWaiting) assertEq(enigma.seat(id).activeEpoch, enigma.currentEpoch() + 2, "S7: live after two epochs");
        else assertEq(enigma.seat(id).activeEpoch, held.activeEpoch, "S7: live as it was");
        ++counts["granted"];
        if (isWaiting) ++counts["seat activated"];
        if (g != s.generation) ++counts["granted the open one"];
    }

    function _hold(uint256 id) private {
        RegistryState memory s = registry.state();
        uint32 g = s.openGeneration;
        Generation memory stored = registry.generation(g);
        SeatView memory held = enigma.seat(id);
        bytes32 message = KeyMessages.holds(enigma.networkHash(), g, stored.commitment);
        (bytes32 r, bytes32 vs) = _sign(held.signer, message);
        bytes memory call = abi.encodeCall(registry.confirmHolder, (id, g, r, vs));
        if (g == s.generation) return _denied(user, call, IKeyRegistry.GenerationNotOpen.selector);
        if (stored.commitment == 0) return _denied(user, call, IKeyRegistry.NotCommitted.selector);
        if (!_isHolder(stored.seat, g) || !_isHolder(id, g)) {
            return _deniedEither(call, IKeyRegistry.SeatCannotHold.selector, IKeyRegistry.NotAHolder.selector);
        }
        bool isSame = machineOfSeat[id] == machineOfSeat[stored.seat] || enigma.seat(stored.seat).signer == held.signer;
        if (isSame) return _denied(user, call, IKeyRegistry.SameHolder.selector);
        _done(user, call);
        assertEq(registry.state().generation, g, "S14: final");
        ++counts["held"];
    }

    /* HELPERS */

    /// @dev Zero if it may.
    function _mayNotJoin(SeatView memory held) private returns (bytes4) {
        bool isOver = held.exitEpoch <= enigma.currentEpoch() || isCodeRevoked[held.measurementId];
        if (isOver) return IKeyRegistry.SeatCannotHold.selector;
        if (!registry.state().isFrozen || registry.heldBy(held.signer) != 0) return 0;
        ++counts["shut out by the freeze"];
        return IKeyRegistry.Frozen.selector;
    }

    function _isLive(uint256 id) private view returns (bool) {
        SeatView memory held = enigma.seat(id);
        uint256 current = enigma.currentEpoch();
        return held.activeEpoch <= current && current < held.exitEpoch && !_isOut(id);
    }

    function _isHolder(uint256 id, uint32 generation) private view returns (bool) {
        return _isLive(id) && registry.heldBy(enigma.seat(id).signer) >= generation;
    }

    function _firstLive(uint256 choice) private view returns (uint256 id) {
        for (uint256 i; i < enigma.seatCount(); ++i) {
            id = (choice % 16 + i) % enigma.seatCount();
            if (_isLive(id)) return id;
        }
    }

    function _firstHolder(uint32 generation) private view returns (bool, uint256) {
        for (uint256 id; id < enigma.seatCount(); ++id) {
            if (_isHolder(id, generation)) return (true, id);
        }
        return (false, 0);
    }

    /// @dev What the seat has earned, where its 48 bits could not hold it too.
    function _earnings(uint256 id) private view returns (uint256) {
        SeatView memory held = enigma.seat(id);
        return held.creditGwei + enigma.owedGwei(held.operator);
    }

    function _grantCall(uint256 id, uint256 donor, bytes32 joinKey, uint32 g, address signer)
        private
        view
        returns (bytes memory)
    {
        bytes32 ciphertextHash = keccak256(CIPHERTEXT);
        bytes32 message = KeyMessages.grant(enigma.networkHash(), id, joinKey, g, ciphertextHash);
        (bytes32 r, bytes32 vs) = _sign(signer, message);
        return abi.encodeCall(registry.grantKey, (id, donor, joinKey, g, CIPHERTEXT, r, vs));
    }

    /// @dev A stranger's signature where the signer is none of ours.
    function _sign(address signer, bytes32 message) private view returns (bytes32 r, bytes32 vs) {
        return vm.signCompact(_keyOf(signer), Receipts.typedDigest(enigma.domainSeparator(), message));
    }

    function _done(address by, bytes memory call) private {
        vm.prank(by);
        (bool ok,) = address(registry).call(call);
        assertTrue(ok, "what is sound was refused");
    }

    function _denied(address by, bytes memory call, bytes4 refusal) private {
        _refusedBy(address(registry), by, call, refusal);
        ++counts["secret refused"];
    }

    function _deniedEither(bytes memory call, bytes4 one, bytes4 other) private {
        (bool ok, bytes memory answer) = address(registry).call(call);
        assertTrue(!ok, "what must be refused went through");
        assertTrue(bytes4(answer) == one || bytes4(answer) == other, "refused with another error");
        ++counts["secret refused"];
    }

    function _governor() internal pure returns (address) {
        return account("governor");
    }

    function _guardian() internal pure returns (address) {
        return account("guardian");
    }
}
