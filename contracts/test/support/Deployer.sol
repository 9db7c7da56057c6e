// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../../src/interfaces/IEnigma.sol";
import {IAttestationVerifier} from "../../src/interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {Observation, Parameters} from "../../src/types/Parameters.sol";
import {Governance} from "../../src/interfaces/IKeyRegistry.sol";
import {vm} from "./Vm.sol";

/// Deploys by the artifact, because code that holds Enigma's would exceed the size that code may have; reverts as the
/// constructor does.
contract Deployer {
    function deploy(
        Parameters memory p,
        Observation memory observation,
        IBeacon beacon,
        IAttestationVerifier verifier,
        bytes32[] memory measurements,
        bool simulated,
        Governance memory governance
    ) external returns (IEnigma) {
        address seats = _create("EnigmaSeats.sol:EnigmaSeats", abi.encode(p, simulated));
        bytes memory arguments = abi.encode(seats, observation, beacon, verifier, measurements, governance);
        return IEnigma(_create("Enigma.sol:Enigma", arguments));
    }

    function _create(string memory artifact, bytes memory arguments) private returns (address made) {
        bytes memory code = abi.encodePacked(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
            if iszero(made) {
                let answer := mload(0x40)
                returndatacopy(answer, 0, returndatasize())
                revert(answer, returndatasize())
            }
        }
    }
}
