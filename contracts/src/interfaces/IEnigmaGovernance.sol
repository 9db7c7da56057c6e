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
    /// @param id The measurement's number, 0 to 31.
    /// @param measurement MRENCLAVE of the code.
    event MeasurementRevoked(uint8 indexed id, bytes32 measurement);

    /// @notice From now on seats of this code may be taken.
    /// @param id The measurement's number, 0 to 31.
    /// @param measurement MRENCLAVE of the code.
    event MeasurementAdmitted(uint8 indexed id, bytes32 measurement);
    /// @notice Epochs that start from now on are priced at this level: see `EpochView`.
    /// @param level The price level, 0 to 63; 32 is that of deployment.
    event PriceLevelSet(uint8 level);
    /// @notice Epochs that start from now on take their seed from there.
    /// @param beacon The new beacon.
    event BeaconSet(IBeacon beacon);
    /// @notice Quotes shown from now on are verified by it, under its policy.
    /// @param verifier The new verifier.
    /// @param policyHash keccak256 of the ABI-encoded policy.
    event AttestationVerifierSet(IAttestationVerifier verifier, bytes32 policyHash);
    /// @notice No new task is taken until then (seconds since 1970), or until the epoch that is current then ends.
    /// @param until When it ends, Unix seconds.
    event Paused(uint256 until);
    /// @notice Tasks are taken again.
    event Unpaused();

    /* ERRORS */

    /// @notice Only the guardian or the governor.
    /// @param caller Who called.
    error OnlyGuardian(address caller);
    /// @notice Only the governor.
    /// @param caller Who called.
    error OnlyGovernor(address caller);
    /// @notice A pause may last 14 days, and the guardian's next one may begin 14 days after the last one's end.
    /// @param until The end asked for, Unix seconds.
    /// @param limit The latest end, Unix seconds.
    error PauseTooLong(uint256 until, uint256 limit);
    /// @notice The guardian must leave time between two pauses.
    /// @param fromTimestamp From when on it may, Unix seconds.
    /// @param timestamp That of this block, Unix seconds.
    error PauseTooSoon(uint256 fromTimestamp, uint256 timestamp);
    /// @notice There is nothing to end.
    error NotPaused();
    /// @notice 0 to 63.
    /// @param level The price level, 0 to 63; 32 is that of deployment.
    error InvalidPriceLevel(uint256 level);
    /// @notice There is no measurement with this id.
    /// @param id The number given.
    error UnknownMeasurementId(uint256 id);

    /* GOVERNANCE */

    /// @notice Ends at once what seats of this code may do, in epochs that have begun too: the ranks behind move up. For good. The
    /// guardian or the governor. Bonds leave after the cool-down, as ever.
    /// @param id The measurement's number, 0 to 31.
    function revokeMeasurement(uint8 id) external;

    /// @notice Admits the code of another version. Governor. At most 32 in a network's life; each change of observers counts those
    /// that stand once more. While one is announced, both networks admit it.
    /// @param measurement MRENCLAVE of the code.
    /// @return id The number that it has from now on.
    function admitMeasurement(bytes32 measurement) external returns (uint8 id);

    /// @notice Prices of computation in epochs that start from now on: those at deployment times 2^((level - 32) / 4). Governor.
    /// @param level The price level, 0 to 63; 32 is that of deployment.
    function setPriceLevel(uint8 level) external;

    /// @notice Another source of seeds, for epochs that start from now on. Governor.
    /// @param beacon The new beacon.
    function setBeacon(IBeacon beacon) external;

    /// @notice Another verifier of quotes: another policy, or another root. Governor. Seats that stand, stand until they are renewed.
    /// @param verifier The new verifier.
    function setAttestationVerifier(IAttestationVerifier verifier) external;

    /// @notice Takes no new tasks for a while. Guardian or governor. It never stops what settles, cancels or pays out.
    /// @param until When it shall end, Unix seconds.
    function pause(uint256 until) external;

    /// @notice Ends a pause. The governor; the guardian, if he began it.
    function unpause() external;

    /* VIEWS */

    /// @notice The measurement with this id (0..31), or zero.
    /// @param id The measurement's number, 0 to 31.
    /// @return MRENCLAVE.
    function measurement(uint8 id) external view returns (bytes32);
    /// @notice Bit i: measurement i is revoked.
    /// @return 32 bits.
    function revokedMeasurements() external view returns (uint32);
    /// @notice Seconds since 1970; 0 if never.
    /// @return The end of the latest pause.
    function pausedUntil() external view returns (uint256);
    /// @notice The level at which epochs that start from now on are priced.
    /// @return 0 to 63.
    function priceLevel() external view returns (uint8);
}
