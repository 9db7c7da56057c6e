// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IBeacon} from "./interfaces/IBeacon.sol";
import {IEnigmaSeats} from "./interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "./interfaces/IEnigmaTasks.sol";
import {Deployment} from "./libraries/Deployment.sol";
import {Fees} from "./libraries/Fees.sol";
import {Identity} from "./libraries/Identity.sol";
import {Lifetime} from "./libraries/Lifetime.sol";
import {Measurements} from "./libraries/Measurements.sol";
import {PlatformEntry} from "./libraries/PlatformSeats.sol";
import {Seating} from "./libraries/Seating.sol";
import {Selection} from "./libraries/Selection.sol";
import {Epoch, EPOCHS_KEPT, wordOf} from "./types/Epoch.sol";
import {Lanes} from "./types/Lanes.sol";
import {Parameters} from "./types/Parameters.sol";
import {MAX_CREDIT_GWEI, Roster, Seat, SeatHolder, SeatTerm, Successor} from "./types/Seat.sol";
import {SlotRecord} from "./types/Slot.sol";
import {TaskTarget} from "./types/Task.sol";

/**
 * What the two halves of the Enigma contract share: the storage, which is Enigma's, and the parameters, which each has in its code.
 *
 * Enigma takes and settles tasks. What is rarer (seats, what dApps set, governance) does EnigmaSeats, by DELEGATECALL on Enigma's
 * storage and under Enigma's address, because code may have 24,576 bytes (EIP-170). Which one that is, is fixed at deployment.
 */
abstract contract EnigmaStorage {
    uint256 internal constant RANKS = Selection.RANKS;
    /// Joining, leaving and changing lanes take effect this many epochs later, before anyone can know that epoch's seed.
    uint256 internal constant NOTICE_EPOCHS = 2;

    uint256 internal immutable EPOCH_BLOCKS;
    uint256 internal immutable WINDOW_BLOCKS;
    uint256 internal immutable GRACE_BLOCKS;
    uint256 internal immutable CUT_BLOCKS;
    uint256 internal immutable COOL_EPOCHS;
    uint256 internal immutable BOND_GWEI;
    uint256 internal immutable JOIN_FEE_GWEI;
    uint256 internal immutable FLOOR_GWEI;
    uint256 internal immutable COMPUTE_GWEI_PER_MGAS;
    uint256 private immutable LIFE_EPOCHS;
    uint256 private immutable SECONDS_PER_EPOCH;
    uint256 private immutable COLLATERAL_GRACE_SECONDS;
    uint256 private immutable SEATS_PER_PLATFORM;
    uint256 internal immutable GENESIS_BLOCK;
    bool internal immutable SIMULATED;

    /// @dev The first five storage slots are the protocol's: enclaves have their words proven. In the first stand the tasks.
    mapping(address requester => mapping(uint32 slot => SlotRecord)) internal _slots;
    mapping(uint256 id => Seat) internal _seats;
    mapping(uint256 id => SeatHolder) internal _holders;
    bytes32[] internal _measurements;
    Roster internal _roster;
    /// @dev A ring: epoch e stands at e mod EPOCHS_KEPT.
    Epoch[EPOCHS_KEPT] internal _epochs;
    mapping(address dApp => Lanes) internal _lanes;
    mapping(address operator => uint256) internal _owedGwei;
    /// @dev See Measurements.sol.
    mapping(bytes32 measurement => uint256 number) internal _measurementNumbers;
    Parameters internal _parameters;
    mapping(uint256 id => bytes32) internal _platformHashes;
    /// @dev See PlatformSeats.sol.
    mapping(uint24 platformTag => uint256 list) internal _platformSeats;
    IBeacon internal _beacon;
    IAttestationVerifier internal _verifier;
    /// @dev How often the observers were changed; beside the verifier, which whoever shows a quote loads anyway.
    uint32 internal _serial;
    /// @dev The ids of measurements whose seats belong to the network that is announced; zero: none is. And from when on it is in force.
    uint32 internal _nextIds;
    uint24 internal _switchEpoch;
    /// @dev The first one is also in the code of Enigma.
    bytes32 internal _networkHash;
    /// @dev Of a seat whose escrow is Rotated.
    mapping(uint256 id => Successor) internal _successors;
    bytes32 internal _nextNetworkHash;
    /// @dev A whole word, zero or one: a bool would be loaded again before it is written.
    uint256 internal transient _locked;

    /// @param p Blocks, epochs, seconds and money, for ever.
    /// @param genesisBlock First block of epoch 0.
    /// @param simulated Whether hardware is simulated.
    constructor(Parameters memory p, uint256 genesisBlock, bool simulated) {
        Deployment.requireSound(p, NOTICE_EPOCHS);
        EPOCH_BLOCKS = p.epochBlocks;
        WINDOW_BLOCKS = p.windowBlocks;
        GRACE_BLOCKS = p.graceBlocks;
        CUT_BLOCKS = p.cutBlocks;
        COOL_EPOCHS = p.coolEpochs;
        BOND_GWEI = p.bondGwei;
        JOIN_FEE_GWEI = p.joinFeeGwei;
        FLOOR_GWEI = p.floorGwei;
        COMPUTE_GWEI_PER_MGAS = p.computeGweiPerMgas;
        LIFE_EPOCHS = p.lifeEpochs;
        SECONDS_PER_EPOCH = p.secondsPerEpoch;
        COLLATERAL_GRACE_SECONDS = p.collateralGraceSeconds;
        SEATS_PER_PLATFORM = p.seatsPerPlatform;
        _parameters = p;
        (GENESIS_BLOCK, SIMULATED) = (genesisBlock, simulated);
    }

    /// @dev On all that settles or pays out. `requestTask` stays open: a callback may ask for the next computation.
    modifier locked() {
        if (_locked != 0) revert IEnigmaTasks.Reentered();
        _locked = 1;
        _;
        _locked = 0;
    }

    /// @dev Each half has it where it comes cheapest.
    function _network() internal view virtual returns (bytes32);

    /// @dev In assembly, because it stands in most functions, some more than once: checks against what cannot be (a block before the
    /// first, epochs without blocks) would cost it three times as much.
    function _currentEpoch() internal view returns (uint256 current) {
        (uint256 genesisBlock, uint256 epochBlocks) = (GENESIS_BLOCK, EPOCH_BLOCKS);
        assembly ("memory-safe") {
            current := div(sub(number(), genesisBlock), epochBlocks)
        }
    }

    /// @dev As many epochs as tasks drawn in them may still be pending, with the current one.
    function _epochsInUse() internal view returns (uint256) {
        return 1 + (GRACE_BLOCKS + RANKS * WINDOW_BLOCKS + EPOCH_BLOCKS - 1) / EPOCH_BLOCKS;
    }

    /// @dev A fee that the seat's 48 bits cannot hold is owed beside, so that no fee makes a task impossible to settle.
    function _credit(uint256 id, Seat held, uint256 feeGwei) internal {
        uint256 creditGwei = held.creditGwei() + feeGwei;
        if (creditGwei <= MAX_CREDIT_GWEI) _seats[id] = held.withCredit(creditGwei);
        else _owedGwei[_holders[id].operator] += feeGwei;
    }

    function _isCool(Seat held) internal view returns (bool) {
        return Seating.isCool(held, COOL_EPOCHS, _currentEpoch());
    }

    /// @dev No seat that was ever taken has the zero signer.
    function _requireSeat(uint256 id) internal view returns (Seat held) {
        held = _seats[id];
        if (held.signer() == address(0)) revert IEnigmaSeats.UnknownSeat(id);
    }

    /// @dev The quote must be genuine, of an admitted measurement, and made for exactly this identity a moment ago.
    function _attest(
        bytes32 knownPlatform,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) internal view returns (SeatTerm memory) {
        if (inputKey == 0) revert IEnigmaSeats.ZeroInputKey();
        Attestation memory found = _verifier.verify(quote, evidence, knownPlatform);
        bytes32 identity = Identity.hash(_network(), msg.sender, signer, inputKey, identityBlock);
        uint256 measurementId = Measurements.idOf(_measurementNumbers, found.measurement);
        if (_nextIds != 0) {
            bytes32 next = Identity.hash(_nextNetworkHash, msg.sender, signer, inputKey, identityBlock);
            if (found.identity == next) {
                (identity, measurementId) = (next, Measurements.idAmong(_measurements, _nextIds, found.measurement));
            }
        }
        Identity.check(found, identity, identityBlock);
        Lifetime.Limits memory limits = Lifetime.Limits(LIFE_EPOCHS, SECONDS_PER_EPOCH, COLLATERAL_GRACE_SECONDS);
        return Lifetime.term(limits, found, measurementId, _currentEpoch(), NOTICE_EPOCHS);
    }

    function _escrowGwei(uint256 id) internal view returns (uint256) {
        return _holders[id].escrow.heldGwei(BOND_GWEI, JOIN_FEE_GWEI);
    }

    function _entry(uint256 id) internal view returns (PlatformEntry memory) {
        return PlatformEntry(id, _holders[id].platformTag, SEATS_PER_PLATFORM, _currentEpoch());
    }

    function _requireOperator(uint256 id) internal view returns (Seat held) {
        held = _requireSeat(id);
        address operator = _holders[id].operator;
        if (msg.sender != operator) revert IEnigmaSeats.NotOperator(msg.sender, operator);
    }

    function _requireStarted(uint256 number) internal view returns (Epoch word) {
        word = wordOf(_epochs, number);
        if (!word.isStarted(number)) revert IEnigmaTasks.SeedNotPosted(number);
    }

    function _select(uint256 number, address dApp, uint256 lane, uint256 rank) internal view returns (uint256, Seat) {
        return Selection.find(_seats, _requireStarted(number), dApp, lane, rank);
    }

    function _quote(TaskTarget target, uint256 baseFeeWei, uint8 level) internal view returns (uint256) {
        return Fees.quote(target, baseFeeWei, FLOOR_GWEI, COMPUTE_GWEI_PER_MGAS, level);
    }
}
