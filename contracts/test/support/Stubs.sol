// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier, Standing} from "../../src/interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";

/// Takes any proof but "wrong", and derives the seed from it, so that a test chooses its lottery.
contract StubBeacon is IBeacon {
    error WrongProof(uint256 epoch, bytes32 anchor);

    function seed(uint256 epoch, bytes32 anchor, bytes calldata proof) external pure returns (uint256) {
        if (keccak256(proof) == keccak256("wrong")) revert WrongProof(epoch, anchor);
        return uint256(keccak256(abi.encode(epoch, anchor, proof)));
    }
}

/// Believes what the quote says, and a record that is known. How platforms stand is the test's to say.
contract StubVerifier is IAttestationVerifier {
    bool public immutable simulated;
    mapping(bytes32 platformHash => Standing) public standing;

    constructor(bool simulated_) {
        simulated = simulated_;
    }

    function setStanding(bytes calldata record, Standing standing_) external {
        standing[keccak256(record)] = standing_;
    }

    function verify(bytes calldata quote, bytes calldata evidence, bytes32 platformHash)
        external
        pure
        returns (Attestation memory)
    {
        bool isKnown = evidence.length != 192 || keccak256(evidence) == platformHash;
        if (!isKnown) revert AttestationRefused("PLATFORM_RECORD");
        return abi.decode(quote, (Attestation));
    }

    function policyHash() external pure returns (bytes32) {
        return keccak256("policy");
    }

    function recheck(bytes calldata record) external view returns (Standing) {
        return standing[keccak256(record)];
    }
}

/// The contract of EIP-2935 with invented hashes.
contract StubHistory {
    fallback(bytes calldata number) external returns (bytes memory) {
        return abi.encode(keccak256(number));
    }
}
