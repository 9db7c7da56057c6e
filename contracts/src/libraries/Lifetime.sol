// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters} from "../interfaces/IEnigma.sol";
import {LAST_EPOCH} from "../types/Seat.sol";

/// How long a quote is good for.
library Lifetime {
    /// @dev LIFE from now, or as many epochs as the collateral lasts if none is longer than stated, whichever ends sooner.
    function exitEpoch(Parameters storage p, uint256 validUntil, uint256 currentEpoch) internal view returns (uint256) {
        uint256 secondsLeft = validUntil + p.collateralGraceSeconds - block.timestamp;
        uint256 epochsLeft = secondsLeft / p.secondsPerEpoch;
        if (epochsLeft > p.lifeEpochs) epochsLeft = p.lifeEpochs;
        uint256 exit = currentEpoch + epochsLeft;
        return exit > LAST_EPOCH ? LAST_EPOCH : exit;
    }
}
