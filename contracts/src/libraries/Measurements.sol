// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "../interfaces/IEnigmaGovernance.sol";
import {IEnigmaSeats} from "../interfaces/IEnigmaSeats.sol";
import {Epoch, EPOCHS_KEPT} from "../types/Epoch.sol";

/**
 * Which code may take a seat, and how it is shut out.
 *
 * A measurement's number is 1 + its id, so that zero means unknown; a revoked one's bears a mark above, and costs those who
 * take and renew seats no further load.
 */
library Measurements {
    uint256 private constant REVOKED = 1 << 255;

    /// @dev Of code that is admitted and not revoked.
    function idOf(mapping(bytes32 measurement => uint256) storage numbers, bytes32 measurement)
        internal
        view
        returns (uint256)
    {
        uint256 number = numbers[measurement];
        if (number == 0) revert IEnigmaSeats.UnknownMeasurement(measurement);
        if (number & REVOKED != 0) revert IEnigmaSeats.RevokedMeasurement((number ^ REVOKED) - 1);
        return number - 1;
    }

    /// @dev Returns the mask with the measurement in it.
    function revoke(
        mapping(bytes32 measurement => uint256) storage numbers,
        bytes32 measurement,
        uint256 id,
        uint32 revokedMask
    ) internal returns (uint32) {
        if (measurement == 0) revert IEnigmaGovernance.UnknownMeasurementId(id);
        if (numbers[measurement] & REVOKED != 0) revert IEnigmaSeats.RevokedMeasurement(id);
        numbers[measurement] |= REVOKED;
        return revokedMask | uint32(1 << id);
    }

    /// @dev Takes the seats of revoked measurements out of the `kept` latest epochs, the current one included, that have started.
    function takeOut(Epoch[EPOCHS_KEPT] storage epochs, uint256 currentEpoch, uint256 kept, uint32 revokedMask)
        internal
    {
        for (uint256 age; age < kept && age <= currentEpoch; ++age) {
            uint256 number = currentEpoch - age;
            Epoch word = epochs[number % EPOCHS_KEPT];
            if (word.isStarted(number)) epochs[number % EPOCHS_KEPT] = word.withRevoked(revokedMask);
        }
    }
}
