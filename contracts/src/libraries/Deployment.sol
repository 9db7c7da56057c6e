// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {IBeacon} from "../interfaces/IBeacon.sol";
import {IEnigmaNetwork} from "../interfaces/IEnigmaNetwork.sol";
import {ITimelock} from "../interfaces/ITimelock.sol";
import {Observation, Parameters} from "../types/Parameters.sol";
import {EPOCHS_KEPT} from "../types/Epoch.sol";
import {Identity} from "./Identity.sol";
import {PlatformSeats} from "./PlatformSeats.sol";
import {Selection} from "./Selection.sol";

/// Refuses what a deployment would regret: parameters and parts are fixed for ever.
library Deployment {
    /// A worker's view of a task's block must still be provable by an ordinary node, which keeps 128 states.
    uint256 private constant PROOF_WINDOW_BLOCKS = 128;

    /// As many as the mask of revoked measurements has bits.
    uint256 private constant MAX_MEASUREMENTS = 32;

    /// As many as an enclave looks at signatures.
    uint256 private constant MAX_OBSERVERS = 32;

    /// As far back as the history contract knows a block's hash (EIP-2935).
    uint256 private constant HISTORY_BLOCKS = 8191;

    /// As in Timelock.sol.
    uint256 private constant LEAST_DELAY = 7 days;

    /// @dev What observers' depth asks of the parameters; that of no network is below 0.
    function requireDepth(Parameters memory p, uint256 depth) internal pure {
        // A seed is posted once its boundary block is observed: in the block behind that one at the earliest. The epoch is longer than the cut.
        _require(p.cutBlocks > depth, "cutBlocks is not above depth");
        // Rank 0 needs a block of its own: no anchor exists in the task's block, and no observer vouches for it before depth.
        _require(p.windowBlocks >= depth + 2, "windowBlocks is below depth + 2");
    }

    function requireSound(Parameters memory p, uint256 noticeEpochs) internal pure {
        // A fallback is posted after the cut, before the epoch ends.
        uint256 cutBlocks = p.cutBlocks;
        _require(cutBlocks + 1 < p.epochBlocks, "cutBlocks + 1 is not below an epoch");
        // As long as a seed is taken, the chain knows its anchor: the boundary until the cut, the cut until the epoch ends.
        _require(cutBlocks <= HISTORY_BLOCKS, "cutBlocks exceeds 8191");
        _require(p.epochBlocks - 1 - cutBlocks <= HISTORY_BLOCKS, "an epoch ends more than 8191 blocks behind its cut");
        _require(p.secondsPerEpoch != 0, "secondsPerEpoch is zero");
        _require(p.bondGwei != 0, "bondGwei is zero");
        _require(
            p.seatsPerPlatform != 0 && p.seatsPerPlatform <= PlatformSeats.MAX_SEATS, "seatsPerPlatform is not 1 to 10"
        );
        uint256 windowsBlocks = Selection.RANKS * p.windowBlocks;
        _require(windowsBlocks < PROOF_WINDOW_BLOCKS, "three windows reach 128 blocks");
        _require(p.graceBlocks <= p.epochBlocks, "graceBlocks exceeds an epoch");
        _require(p.lifeEpochs > noticeEpochs, "lifeEpochs ends before a seat is active");
        // The last task drawn in an epoch is requested GRACE after its end and settled within three windows: until then
        // neither may the epoch's word be overwritten, nor a seat that left at its end be paid out or taken again.
        uint256 afterlifeBlocks = p.graceBlocks + windowsBlocks;
        _require(afterlifeBlocks <= uint256(p.coolEpochs) * p.epochBlocks, "coolEpochs ends before the last task");
        _require(afterlifeBlocks <= (EPOCHS_KEPT - 1) * p.epochBlocks, "epochBlocks too short for grace and windows");
    }

    /// @dev Returns the network's hash.
    function bind(Observation memory o, bool simulated) internal returns (bytes32 networkHash) {
        requireObservers(o);
        emit IEnigmaNetwork.ObserversSet(o.observers, o.threshold, o.depth, Identity.FIRST_SERIAL);
        return Identity.networkHash(o, simulated, Identity.FIRST_SERIAL);
    }

    /// @dev Whoever names them sorts: then one comparison with the one before also finds repeated and zero
    /// addresses, and the list that is announced is the list that was hashed.
    function requireObservers(Observation memory o) internal pure {
        uint256 count = o.observers.length;
        _require(count != 0, "no observer");
        _require(count <= MAX_OBSERVERS, "more than 32 observers");
        _require(o.threshold != 0 && o.threshold <= count, "threshold is not 1 to the number of observers");
        address before;
        for (uint256 i; i < count; ++i) {
            _require(o.observers[i] > before, "observers do not ascend");
            before = o.observers[i];
        }
    }

    /// @dev The measurement with id i becomes `numbers[measurement] = i + 1`, so that zero means unknown.
    function admit(bytes32[] memory measurements, mapping(bytes32 measurement => uint256) storage numbers) internal {
        _require(measurements.length != 0, "no measurement");
        for (uint256 i; i < measurements.length; ++i) {
            admitOne(measurements[i], numbers, i);
        }
    }

    /// @dev As the one with this id.
    function admitOne(bytes32 measurement, mapping(bytes32 measurement => uint256) storage numbers, uint256 id)
        internal
        returns (uint8)
    {
        _require(measurement != 0, "a measurement is zero");
        _require(numbers[measurement] == 0, "a measurement stands twice");
        numbers[measurement] = id + 1;
        return checkedId(id);
    }

    function checkedId(uint256 id) internal pure returns (uint8) {
        _require(id < MAX_MEASUREMENTS, "more than 32 measurements");
        return uint8(id);
    }

    function requireBeacon(IBeacon beacon) internal view {
        _require(address(beacon).code.length != 0, "beacon is not a contract");
    }

    /// @dev A network is real or simulated as a whole: quotes of simulated hardware are anyone's.
    function requireVerifier(IAttestationVerifier verifier, bool simulated) internal view {
        _require(address(verifier).code.length != 0, "attestation verifier is not a contract");
        _require(verifier.simulated() == simulated, "attestation verifier and network differ in simulated");
    }

    /// @dev Of a real network: nobody, or what answers as its timelock. It refuses a mistake; that the code is Timelock's, whoever
    /// relies on the network compares.
    function requireGovernor(address governor, bool simulated) internal view {
        if (simulated || governor == address(0)) return;
        uint256 delay = _ask(governor, abi.encodeCall(ITimelock.delay, ()));
        _require(delay >= LEAST_DELAY, "governor is no timelock of 7 days");
        uint256 enigma = _ask(governor, abi.encodeCall(ITimelock.enigma, ()));
        _require(enigma == uint160(address(this)), "governor is a timelock of another network");
    }

    /// @dev Zero where it answers with anything but a word.
    function _ask(address account, bytes memory question) private view returns (uint256) {
        (bool ok, bytes memory answer) = account.staticcall(question);
        return ok && answer.length == 32 ? uint256(bytes32(answer)) : 0;
    }

    function _require(bool condition, string memory reason) private pure {
        if (!condition) revert IEnigmaNetwork.InvalidParameters(reason);
    }
}
