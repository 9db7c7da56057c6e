// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Text} from "./Text.sol";

// One error for every refusal, with the code that the TypeScript verifier throws for the same fault.

/// @dev In assembly because it stands in a hundred places: Solidity's own `revert` makes each of them three times as
/// long.
function refuse(bytes32 code) pure {
    uint256 selector = uint32(IAttestationVerifier.AttestationRefused.selector);
    assembly ("memory-safe") {
        mstore(0x00, selector)
        mstore(0x20, code)
        revert(0x1c, 0x24)
    }
}

/// @dev The code of a fault that several parts may have: `refuse("PCK_CA", "_EXPIRED")`.
function refuse(bytes32 subject, bytes32 fault) pure {
    refuse(subject | (fault >> Text.bitsIn(subject)));
}
