// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats} from "../../src/interfaces/IEnigmaSeats.sol";
import {IKeyRegistry} from "../../src/interfaces/IKeyRegistry.sol";
import {Vm} from "../support/Vm.sol";
import {Ledger} from "./Ledger.sol";

/// What happened to the network secret, as told by the events.
abstract contract SecretLedger is Ledger {
    IKeyRegistry internal registry;
    uint32 internal maskGranted;
    uint32 private lastFinal;
    mapping(uint32 generation => bytes32) internal finalCommitments;
    mapping(uint256 seat => bool) internal waits;
    /// The last generation that a signer made or was given.
    mapping(address signer => uint32) private given;

    function _readSecret(Vm.Log memory log) internal override {
        bytes32 kind = log.topics[0];
        if (kind == IEnigmaSeats.SeatTaken.selector) waits[uint256(log.topics[1])] = lastFinal != 0;
        if (kind == IEnigmaSeats.SeatRelocated.selector) waits[uint256(log.topics[2])] = false;
        if (log.emitter != address(registry)) return;
        if (kind == IKeyRegistry.GenerationCommitted.selector) {
            _give(uint256(log.topics[2]), uint32(uint256(log.topics[1])));
        }
        if (kind == IKeyRegistry.KeyGranted.selector) _readGrant(log);
        if (kind == IKeyRegistry.GenerationFinal.selector) _readFinality(uint32(uint256(log.topics[1])));
    }

    function _readGrant(Vm.Log memory log) private {
        (uint256 seat, uint256 donor) = (uint256(log.topics[1]), uint256(log.topics[2]));
        uint32 generation = uint32(uint256(log.topics[3]));
        assertTrue(given[enigma.seat(donor).signer] >= generation, "S14: granted by one who has nothing to give");
        waits[seat] = false;
        _give(seat, generation);
    }

    function _readFinality(uint32 generation) private {
        assertEq(generation, lastFinal + 1, "S14: each generation follows the one before");
        lastFinal = generation;
        finalCommitments[generation] = registry.generation(generation).commitment;
    }

    function _give(uint256 seat, uint32 generation) private {
        address signer = enigma.seat(seat).signer;
        if (given[signer] < generation) given[signer] = generation;
        maskGranted |= uint32(1 << enigma.seat(seat).measurementId);
    }
}
