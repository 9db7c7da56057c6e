// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../interfaces/IEnigmaTasks.sol";

/// The hash of a past block: BLOCKHASH for the last 256, the history contract of EIP-2935 for the last 8,191.
library BlockHashes {
    address internal constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// @dev Zero if the chain no longer knows it, or not yet.
    function get(uint256 number) internal view returns (bytes32 hash) {
        hash = blockhash(number);
        if (hash != 0 || number >= block.number) return hash;
        (bool ok, bytes memory answer) = HISTORY.staticcall(abi.encode(number));
        if (ok && answer.length == 32) hash = bytes32(answer);
    }

    /// @dev As `get`, of a block whose hash the chain must still know.
    function known(uint256 number) internal view returns (bytes32 hash) {
        hash = get(number);
        if (hash == 0) revert IEnigmaTasks.AnchorUnavailable(number);
    }
}
