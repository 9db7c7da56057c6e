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

    /// @dev The one of `ids` that stands for this code, which is admitted to both networks or to neither.
    function idAmong(bytes32[] storage measurements, uint32 ids, bytes32 measurement) internal view returns (uint256) {
        for (uint256 id; ids >> id != 0; ++id) {
            if ((ids >> id) & 1 == 1 && measurements[id] == measurement) return id;
        }
        revert IEnigmaSeats.UnknownMeasurement(measurement);
    }

    /// @dev Returns the mask of all ids that stand for this code.
    function revoke(
        mapping(bytes32 measurement => uint256) storage numbers,
        bytes32[] storage measurements,
        bytes32 measurement,
        uint256 id
    ) internal returns (uint32 ids) {
        if (measurement == 0) revert IEnigmaGovernance.UnknownMeasurementId(id);
        if (isRevoked(numbers, measurement)) revert IEnigmaSeats.RevokedMeasurement(id);
        numbers[measurement] |= REVOKED;
        for (uint256 i; i < measurements.length; ++i) {
            if (measurements[i] == measurement) ids |= uint32(1 << i);
        }
    }

    function isRevoked(mapping(bytes32 measurement => uint256) storage numbers, bytes32 measurement)
        internal
        view
        returns (bool)
    {
        return numbers[measurement] & REVOKED != 0;
    }

    /// @dev From now on this code has that id; once revoked it has none.
    function renumber(mapping(bytes32 measurement => uint256) storage numbers, bytes32 measurement, uint256 id) internal {
        if (!isRevoked(numbers, measurement)) numbers[measurement] = id + 1;
    }

    /// @dev Takes the seats of these measurements out of the `kept` latest epochs, the current one included, that have started.
    function takeOut(Epoch[EPOCHS_KEPT] storage epochs, uint256 currentEpoch, uint256 kept, uint32 ids) internal {
        for (uint256 age; age < kept && age <= currentEpoch; ++age) {
            uint256 number = currentEpoch - age;
            Epoch word = epochs[number % EPOCHS_KEPT];
            if (word.isStarted(number)) epochs[number % EPOCHS_KEPT] = word.withRevoked(ids);
        }
    }
}
