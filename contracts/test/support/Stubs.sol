// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier} from "../../src/interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";

/// Takes any proof but "wrong", and derives the seed from it, so that a test chooses its lottery.
contract StubBeacon is IBeacon {
    error WrongProof(uint256 epoch, bytes32 anchor);

    function seed(uint256 epoch, bytes32 anchor, bytes calldata proof) external pure returns (uint256) {
        if (keccak256(proof) == keccak256("wrong")) revert WrongProof(epoch, anchor);
        return uint256(keccak256(abi.encode(epoch, anchor, proof)));
    }
}

/// Believes what the evidence says the quote says.
contract StubVerifier is IAttestationVerifier {
    function verify(bytes calldata, bytes calldata evidence) external pure returns (Attestation memory) {
        return abi.decode(evidence, (Attestation));
    }
}
