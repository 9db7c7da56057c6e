// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Enigma} from "../../src/Enigma.sol";
import {IAttestationVerifier} from "../../src/interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {Observation, Parameters} from "../../src/interfaces/IEnigma.sol";
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
    ) external returns (Enigma made) {
        bytes memory arguments = abi.encode(p, observation, beacon, verifier, measurements, simulated, governance);
        bytes memory code = abi.encodePacked(vm.getCode("Enigma.sol:Enigma"), arguments);
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
