// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Observation} from "../types/Parameters.sol";

/**
 * @title How a network comes to other observers
 * @notice Implemented in `EnigmaObservers.sol`. A change is announced, and takes place when an epoch begins. Seats are taken anew:
 * those of enclaves that run with the next observers, from the announcement on, and of no lottery before the change; those
 * of the others are of no lottery from then on. What was drawn before they still settle, and their bonds leave as ever.
 *
 * Each admitted measurement gets another id for the next network, so a seat's measurement id tells which one it belongs to.
 */
interface IEnigmaObservers {
    /* EVENTS */

    /// @notice From `switchEpoch` on these are the observers, in the order in which `networkHash` has them. Measurements are
    /// admitted anew for them: see `MeasurementAdmitted`.
    /// @param networkHash The network's hash with them.
    /// @param switchEpoch Their first epoch.
    /// @param serial How often the observers will have been changed.
    /// @param observers Their addresses.
    /// @param threshold How many of them must sign for a header.
    /// @param depth Blocks on top of a block before they sign for it.
    event ObserversAnnounced(
        bytes32 indexed networkHash,
        uint256 indexed switchEpoch,
        uint256 indexed serial,
        address[] observers,
        uint256 threshold,
        uint256 depth
    );
    /// @notice They are not coming. Whoever took a seat for them leaves with the bond.
    /// @param networkHash The network's hash that it would have been.
    event ObserversCalledOff(bytes32 indexed networkHash);
    /// @notice They are in force from the current epoch on.
    /// @param networkHash The network's hash with them.
    /// @param serial How often the observers have been changed.
    event ObserversSwitched(bytes32 indexed networkHash, uint256 indexed serial);

    /* ERRORS */

    /// @notice One change at a time: call it off, or let it take place.
    /// @param networkHash The announced network's hash.
    /// @param switchEpoch Its first epoch.
    error ChangeAnnounced(bytes32 networkHash, uint256 switchEpoch);
    /// @notice There is no change to call off or to put in force.
    error NoChangeAnnounced();
    /// @notice Before this epoch the operators of seats with one bond could not take it along; later than the last epoch is never.
    /// @param switchEpoch The epoch that was named.
    /// @param least The first that may be.
    /// @param most The last that may be.
    error SwitchOutOfBounds(uint256 switchEpoch, uint256 least, uint256 most);
    /// @notice The announced observers are not in force before their epoch.
    /// @param switchEpoch Their first epoch.
    /// @param currentEpoch The epoch of this block.
    error SwitchNotDue(uint256 switchEpoch, uint256 currentEpoch);
    /// @notice From its epoch on a change takes place.
    /// @param switchEpoch That epoch.
    /// @param currentEpoch The epoch of this block.
    error SwitchDue(uint256 switchEpoch, uint256 currentEpoch);

    /* CHANGE */

    /**
     * @notice Announces other observers. Governor.
     * @param next They, their threshold and their depth.
     * @param switchEpoch From when on they are in force. At least the current epoch + 2 + COOL + 2: time to leave, to be paid the bond,
     * and to take a seat of the next network with it.
     */
    function announceObservers(Observation calldata next, uint256 switchEpoch) external;

    /// @notice Before the switch epoch. Governor. Seats that were taken for the next network take part in nothing, and as those of a
    /// revoked measurement let anyone open the next generation of the network secret, which they may hold.
    function callOffObservers() external;

    /// @notice Puts the announced ones in force, from the switch epoch on. Anyone; the first seed from then on does it too. Seats of the
    /// former network count as those of a revoked measurement: anyone may open the next generation of the network secret once.
    function switchObservers() external;

    /* VIEWS */

    /// @notice How often the observers were changed.
    /// @return Times.
    function serial() external view returns (uint256);

    /// @notice Whether this contract's network has, had or was announced to have this networkHash.
    /// @param networkHash A network's hash.
    /// @return Whether it has, had or was to have it.
    function knowsNetwork(bytes32 networkHash) external view returns (bool);

    /// @notice What is announced; zeros if nothing is.
    /// @return networkHash The announced network's hash.
    /// @return switchEpoch Its first epoch.
    /// @return measurementIds Bit i: seats of measurement i belong to the next network.
    function announcedObservers()
        external
        view
        returns (bytes32 networkHash, uint256 switchEpoch, uint32 measurementIds);
}
