// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IBeacon} from "./IBeacon.sol";

/**
 * @title What the governor and the guardian may change
 * @notice Implemented in `EnigmaSeats.sol`. The governor is meant to be a timelock. The guardian can only take away, at once: revoke
 * measurements, freeze joins (IKeyRegistry) and pause new tasks for a while. Neither can touch what settles, cancels or pays out.
 */
interface IEnigmaGovernance {
    /* EVENTS */

    /// @notice From now on no seat of this code takes part in an epoch, nor settles a task drawn before, nor is any taken.
    event MeasurementRevoked(uint8 indexed id, bytes32 measurement);

    /// @notice From now on seats of this code may be taken.
    event MeasurementAdmitted(uint8 indexed id, bytes32 measurement);
    /// @notice Epochs that start from now on are priced at this level: see `EpochView`.
    event PriceLevelSet(uint8 level);
    /// @notice Epochs that start from now on take their seed from there.
    event BeaconSet(IBeacon beacon);
    /// @notice Quotes shown from now on are verified by it, under its policy.
    event AttestationVerifierSet(IAttestationVerifier verifier, bytes32 policyHash);
    /// @notice No new task is taken until then (seconds since 1970), or until the epoch that is current then ends.
    event Paused(uint256 until);
    event Unpaused();

    /* ERRORS */

    /// @notice Only the guardian or the governor.
    error OnlyGuardian(address caller);
    error OnlyGovernor(address caller);
    /// @notice A pause may last 14 days, and the guardian's next one may begin 14 days after the last one's end.
    error PauseTooLong(uint256 until, uint256 limit);
    error PauseTooSoon(uint256 fromTimestamp, uint256 timestamp);
    error NotPaused();
    /// @notice 0 to 63.
    error InvalidPriceLevel(uint256 level);
    /// @notice There is no measurement with this id.
    error UnknownMeasurementId(uint256 id);

    /* GOVERNANCE */

    /// @notice Ends at once what seats of this code may do, in epochs that have begun too: the ranks behind move up. For good. The
    /// guardian or the governor. Bonds leave after the cool-down, as ever.
    function revokeMeasurement(uint8 id) external;

    /// @notice Admits the code of another version. Governor. At most 32 in a network's life; each change of observers counts those
    /// that stand once more. While one is announced, both networks admit it.
    function admitMeasurement(bytes32 measurement) external returns (uint8 id);

    /// @notice Prices of computation in epochs that start from now on: those at deployment times 2^((level - 32) / 4). Governor.
    function setPriceLevel(uint8 level) external;

    /// @notice Another source of seeds, for epochs that start from now on. Governor.
    function setBeacon(IBeacon beacon) external;

    /// @notice Another verifier of quotes: another policy, or another root. Governor. Seats that stand, stand until they are renewed.
    function setAttestationVerifier(IAttestationVerifier verifier) external;

    /// @notice Takes no new tasks for a while. Guardian or governor. It never stops what settles, cancels or pays out.
    function pause(uint256 until) external;

    /// @notice Ends a pause. The governor; the guardian, if he began it.
    function unpause() external;

    /* VIEWS */

    /// @notice The measurement with this id (0..31), or zero.
    function measurement(uint8 id) external view returns (bytes32);
    /// @notice Bit i: measurement i is revoked.
    function revokedMeasurements() external view returns (uint32);
    /// @notice Seconds since 1970; 0 if never.
    function pausedUntil() external view returns (uint256);
    function priceLevel() external view returns (uint8);
}
