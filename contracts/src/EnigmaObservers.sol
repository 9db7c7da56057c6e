// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaStorage} from "./EnigmaStorage.sol";
import {IEnigmaGovernance} from "./interfaces/IEnigmaGovernance.sol";
import {IEnigmaObservers} from "./interfaces/IEnigmaObservers.sol";
import {IKeyRegistry} from "./interfaces/IKeyRegistry.sol";
import {Deployment} from "./libraries/Deployment.sol";
import {Identity} from "./libraries/Identity.sol";
import {Measurements} from "./libraries/Measurements.sol";
import {Observation} from "./types/Parameters.sol";
import {LAST_EPOCH, OBSERVERS_CHANGE} from "./types/Seat.sol";

/**
 * The change of observers, a part of EnigmaSeats. What each function promises stands in IEnigmaObservers; here stands how.
 *
 * A task's lottery costs nothing more for it: measurement ids tell the networks apart, and of each epoch's word one network's
 * are left out, as revoked ones are. No epoch mixes them: inputs are sealed for one network.
 */
abstract contract EnigmaObservers is EnigmaStorage, IEnigmaObservers {
    modifier onlyGovernor() {
        if (msg.sender != keyRegistry().governor()) revert IEnigmaGovernance.OnlyGovernor(msg.sender);
        _;
    }

    function announceObservers(Observation calldata next, uint256 switchEpoch) external onlyGovernor {
        if (_isChanging()) revert ChangeAnnounced(_nextNetworkHash, _switchEpoch);
        Deployment.requireObservers(next);
        Deployment.requireDepth(_parameters, next.depth);
        uint256 least = _currentEpoch() + NOTICE_EPOCHS + COOL_EPOCHS + NOTICE_EPOCHS;
        if (switchEpoch < least || switchEpoch >= LAST_EPOCH) {
            revert SwitchOutOfBounds(switchEpoch, least, LAST_EPOCH - 1);
        }

        bytes32 hash = Identity.networkHash(next, SIMULATED, _serial + 1);
        (_nextNetworkHash, _switchEpoch) = (hash, uint24(switchEpoch));
        _roster.marks |= OBSERVERS_CHANGE;
        emit ObserversAnnounced(hash, switchEpoch, _serial + 1, next.observers, next.threshold, next.depth);
        uint32 left = _roster.revokedMask;
        uint256 count = _measurements.length;
        for (uint256 id; id < count; ++id) {
            if ((left >> id) & 1 == 0) _admitToNext(_measurements[id]);
        }
    }

    function callOffObservers() external onlyGovernor {
        if (!_isChanging()) revert NoChangeAnnounced();
        if (_currentEpoch() >= _switchEpoch) revert SwitchDue(_switchEpoch, _currentEpoch());
        emit ObserversCalledOff(_nextNetworkHash);
        _roster.revokedMask |= _nextIds;
        _endChange();
    }

    function switchObservers() external {
        if (!_isChanging()) revert NoChangeAnnounced();
        if (_currentEpoch() < _switchEpoch) revert SwitchNotDue(_switchEpoch, _currentEpoch());
        uint32 nextIds = _nextIds;
        uint256 count = _measurements.length;
        uint32 former = uint32((1 << count) - 1) & ~nextIds;
        for (uint256 id; id < count; ++id) {
            if ((nextIds >> id) & 1 == 1) Measurements.renumber(_measurementNumbers, _measurements[id], id);
        }
        _roster.revokedMask |= former;
        _networkHash = _nextNetworkHash;
        emit ObserversSwitched(_networkHash, ++_serial);
        _endChange();
    }

    function serial() external view returns (uint256) {
        return _serial;
    }

    function knowsNetwork(bytes32 hash) external view returns (bool known) {
        for (uint256 id; id < _measurements.length && !known; ++id) {
            known = keyRegistry().networkHashOf(uint8(id)) == hash;
        }
    }

    function announcedObservers() external view returns (bytes32, uint256, uint32) {
        return (_nextNetworkHash, _switchEpoch, _nextIds);
    }

    /// @dev The first contract that Enigma created: keccak256(rlp([enigma, 1])) (EIP-161, Yellow Paper section 7).
    /// @return The registry.
    function keyRegistry() public view virtual returns (IKeyRegistry) {
        bytes32 place = keccak256(abi.encodePacked(hex"d694", address(this), hex"01"));
        return IKeyRegistry(address(uint160(uint256(place))));
    }

    function _isChanging() internal view returns (bool) {
        return _roster.marks & OBSERVERS_CHANGE != 0;
    }

    function _admitToNext(bytes32 measurement) internal {
        uint8 id = Deployment.checkedId(_measurements.length);
        _measurements.push(measurement);
        _nextIds |= uint32(1 << id);
        keyRegistry().setNetworkHash(id, _nextNetworkHash);
        emit IEnigmaGovernance.MeasurementAdmitted(id, measurement);
    }

    function _endChange() private {
        (_nextNetworkHash, _nextIds, _switchEpoch) = (0, 0, 0);
        _roster.marks &= ~OBSERVERS_CHANGE;
    }
}
