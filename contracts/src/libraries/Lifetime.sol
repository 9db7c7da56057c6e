// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation} from "../interfaces/IAttestationVerifier.sol";
import {LAST_EPOCH, SeatTerm} from "../types/Seat.sol";

/// How long a quote is good for.
library Lifetime {
    struct Limits {
        uint256 lifeEpochs;
        /// The most that an epoch lasts.
        uint256 secondsPerEpoch;
        uint256 collateralGraceSeconds;
    }

    /// @dev Of a quote that `Identity.check` let pass: nothing behind it has expired.
    function term(
        Limits memory limits,
        Attestation memory found,
        uint256 measurementId,
        uint256 currentEpoch,
        uint256 noticeEpochs
    ) internal view returns (SeatTerm memory) {
        return SeatTerm({
            measurementId: uint8(measurementId),
            activeEpoch: currentEpoch + noticeEpochs,
            exitEpoch: _exitEpoch(limits, found, currentEpoch),
            platformId: found.platformId,
            platformHash: found.platformHash
        });
    }

    /**
     * @dev LIFE from now, or as many epochs as collateral and certificates last if none is longer than stated, whichever ends sooner.
     * Only collateral has a grace: nobody can issue a machine's certificate anew in a hurry, and none holds beyond its end.
     */
    function _exitEpoch(Limits memory limits, Attestation memory found, uint256 currentEpoch)
        private
        view
        returns (uint256)
    {
        uint256 until = _min(uint256(found.collateralUntil) + limits.collateralGraceSeconds, found.certificateUntil);
        uint256 epochsLeft = _min((until - block.timestamp) / limits.secondsPerEpoch, limits.lifeEpochs);
        return _min(currentEpoch + epochsLeft, LAST_EPOCH);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
