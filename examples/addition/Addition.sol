// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";

/// Adds two numbers that nobody else sees. The sum is public.
contract Addition is EnigmaDapp {
    uint256 public sum;

    constructor(IEnigma enigma) EnigmaDapp(enigma) {}

    /// Runs in private, inside the enclave.
    function add(uint256 a, uint256 b) external pure returns (uint256) {
        return a + b;
    }

    /// Receives what `add` returned.
    function added(uint256 result) external onlyEnigma {
        sum = result;
    }

    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.add.selector ? this.added.selector : bytes4(0);
    }
}
