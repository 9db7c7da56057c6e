// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats} from "../interfaces/IEnigmaSeats.sol";
import {Observation} from "../types/Parameters.sol";

/// What an enclave's quote must say to vouch for a worker: exactly this identity, of this network, a moment ago.
library Identity {
    bytes32 private constant NETWORK_TYPE = keccak256("enigma.network.v1");
    /// Raised by each change of observers.
    uint256 internal constant FIRST_SERIAL = 0;
    bytes32 private constant WORKER_TYPE = keccak256("enigma.worker.v1");

    /// @dev An enclave started with other observers has another networkHash, hence no quote that this contract takes.
    function networkHash(Observation memory o, bool simulated, uint256 serial) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                NETWORK_TYPE, block.chainid, address(this), o.observers, o.threshold, o.depth, simulated, serial
            )
        );
    }

    /// @dev First half of report_data.
    function hash(bytes32 network, address operator, address signer, bytes32 inputKey, uint256 identityBlock)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(WORKER_TYPE, network, operator, signer, inputKey, identityBlock));
    }

    /// @dev Refuses a quote made for another identity, one that is too old, and one that rests on what has expired.
    function check(Attestation memory found, bytes32 identity, uint256 identityBlock) internal view {
        if (found.identity != identity) revert IEnigmaSeats.WrongIdentity(found.identity, identity);
        // BLOCKHASH is zero outside the last 256 blocks: that is the age limit.
        bytes32 blockHash = blockhash(identityBlock);
        if (blockHash == 0 || found.freshness != blockHash) revert IEnigmaSeats.StaleQuote(identityBlock, block.number);
        uint256 validUntil =
            found.collateralUntil < found.certificateUntil ? found.collateralUntil : found.certificateUntil;
        if (validUntil < block.timestamp) revert IEnigmaSeats.CollateralExpired(validUntil, block.timestamp);
    }
}
