// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "./interfaces/IEnigma.sol";
import {Generation, Governance, IKeyRegistry, RegistryState} from "./interfaces/IKeyRegistry.sol";
import {KeyMessages} from "./libraries/KeyMessages.sol";
import {Receipts} from "./libraries/Receipts.sol";
import {Seat} from "./types/Seat.sol";

/**
 * What the chain knows of the network secret, in the order of a secret's life: GENERATIONS · HANDOFF · CONTRACT KEYS · VIEWS.
 * What each function promises stands in IKeyRegistry; here stands how. It holds no money.
 *
 * The chain keeps the books; confidentiality does not hang on them alone. An enclave that hands on a secret verifies the other
 * one by itself, and one that receives it compares it with the commitment that stands here.
 */
contract KeyRegistry is IKeyRegistry {
    /// A commitment that found no second holder for one whole epoch may be replaced: the epoch it was made in has a rest.
    uint256 private constant REPLACEABLE_EPOCHS = 2;
    bytes32 private constant EMPTY_CODE_HASH = keccak256("");

    address public immutable enigma;
    IEnigma private immutable ENIGMA;
    address public immutable governor;
    bytes32 private immutable NETWORK_HASH;
    bytes32 private immutable DOMAIN;

    /// @dev The first six storage slots are the protocol's: enclaves have their words proven (packages/protocol/src/key-registry.ts).
    RegistryState private _state;
    mapping(uint256 number => Generation) private _generations;
    mapping(uint256 seat => bytes32) public joinKeyOf;
    mapping(address signer => uint32) public heldBy;
    mapping(bytes32 place => bytes32 publicKey) private _contractKeys;
    bytes32 public policyHash;
    address public guardian;
    /// @dev Of measurement ids that a change of observers brought. Proven to enclaves too.
    mapping(uint256 measurementId => bytes32) private _networkHashes;

    /// @dev Enigma creates it; of that nothing can be asked before its constructor has ended.
    /// @param governance Governor and guardian.
    /// @param networkHash That of Enigma.
    /// @param domain Enigma's EIP-712 domain separator.
    /// @param policyHash_ That of the first verifier's policy.
    constructor(Governance memory governance, bytes32 networkHash, bytes32 domain, bytes32 policyHash_) {
        (enigma, ENIGMA) = (msg.sender, IEnigma(msg.sender));
        (governor, guardian) = (governance.governor, governance.guardian);
        (NETWORK_HASH, DOMAIN) = (networkHash, domain);
        policyHash = policyHash_;
        _state.openGeneration = 1;
        emit GenerationOpened(1);
    }

    /* GENERATIONS */

    function openGeneration() external {
        RegistryState memory s = _state;
        if (s.openGeneration != s.generation) revert GenerationStillOpen(s.openGeneration);
        uint32 exposedMask = s.heldMask & ENIGMA.revokedMeasurements() & ~s.rotatedMask;
        if (exposedMask == 0) _requireGovernor();
        s.openGeneration = s.generation + 1;
        s.rotatedMask |= exposedMask;
        _state = s;
        emit GenerationOpened(s.openGeneration);
    }

    function commitGeneration(
        uint256 seat,
        uint32 generation_,
        bytes32 commitment,
        address networkSigner,
        bytes32 r,
        bytes32 vs
    ) external {
        RegistryState memory s = _state;
        _requireOpen(s, generation_);
        if (commitment == 0 || networkSigner == address(0)) revert ZeroCommitment();
        Generation storage stored = _generations[generation_];
        (Seat committer, uint256 current) = _requireLive(seat);
        uint256 replaceableFrom = stored.epoch + REPLACEABLE_EPOCHS;
        if (stored.commitment != 0 && current < replaceableFrom) revert CommitmentStands(generation_, replaceableFrom);
        address signer = committer.signer();
        // The first generation has no former holder: there a freeze stops joins, hence its second holder.
        if (s.generation != 0) _requireUnfrozen(s, seat, signer);
        bytes32 message = KeyMessages.commit(_networkOf(s, committer), seat, generation_, commitment, networkSigner);
        KeyMessages.requireSigned(DOMAIN, message, signer, r, vs);

        _generations[generation_] = Generation(commitment, networkSigner, uint32(seat), uint32(current));
        _noteHolder(s, committer, generation_);
        emit GenerationCommitted(generation_, seat, commitment, networkSigner);
    }

    function confirmHolder(uint256 seat, uint32 generation_, bytes32 r, bytes32 vs) external {
        RegistryState memory s = _state;
        _requireOpen(s, generation_);
        Generation memory committed = _generations[generation_];
        if (committed.commitment == 0) revert NotCommitted(generation_);
        Seat first = _requireHolder(committed.seat, generation_);
        Seat second = _requireHolder(seat, generation_);
        bool isSame = first.signer() == second.signer() || _machineTag(committed.seat) == _machineTag(seat);
        if (isSame) revert SameHolder(seat);
        bytes32 message = KeyMessages.holds(_networkOf(s, second), generation_, committed.commitment);
        KeyMessages.requireSigned(DOMAIN, message, second.signer(), r, vs);

        bool isFirst = generation_ == 1;
        _state.generation = generation_;
        if (isFirst) _state.minGeneration = 1;
        if (isFirst) emit MinGenerationRaised(1);
        emit GenerationFinal(generation_, seat);
        if (isFirst) ENIGMA.markSecretFinal();
    }

    function raiseMinGeneration(uint32 minGeneration) external {
        _requireGovernor();
        RegistryState memory s = _state;
        if (minGeneration <= s.minGeneration || minGeneration > s.generation) revert InvalidGeneration(minGeneration);
        _state.minGeneration = minGeneration;
        emit MinGenerationRaised(minGeneration);
    }

    function freezeJoins(bool frozen) external {
        if (!frozen) _requireGovernor();
        if (msg.sender != guardian && msg.sender != governor) revert OnlyGuardian(msg.sender);
        _state.isFrozen = frozen;
        emit JoinsFrozen(frozen);
    }

    function setGuardian(address guardian_) external {
        _requireGovernor();
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    function setPolicyHash(bytes32 policyHash_) external {
        if (msg.sender != enigma) revert OnlyEnigma(msg.sender);
        policyHash = policyHash_;
    }

    function setNetworkHash(uint8 measurementId, bytes32 networkHash) external {
        if (msg.sender != enigma) revert OnlyEnigma(msg.sender);
        _networkHashes[measurementId] = networkHash;
        _state.laterMask |= uint32(1 << measurementId);
    }

    /// @dev Most networks never change their observers: the mask stands in a word that is loaded anyway.
    function _networkOf(RegistryState memory s, Seat seat) private view returns (bytes32) {
        uint8 id = seat.measurementId();
        return (s.laterMask >> id) & 1 == 0 ? NETWORK_HASH : _networkHashes[id];
    }

    function _requireGovernor() private view {
        if (msg.sender != governor) revert OnlyGovernor(msg.sender);
    }

    function _requireOpen(RegistryState memory s, uint32 number) private pure {
        if (number != s.openGeneration || number == s.generation) revert GenerationNotOpen(number, s.openGeneration);
    }

    /* HANDOFF */

    function requestJoin(uint256 seat, bytes32 joinKey, bytes32 r, bytes32 vs) external {
        if (joinKey == 0) revert ZeroJoinKey();
        RegistryState memory s = _state;
        Seat joiner = _requireMayJoin(s, seat);
        bytes32 message = KeyMessages.join(_networkOf(s, joiner), seat, joinKey);
        KeyMessages.requireSigned(DOMAIN, message, joiner.signer(), r, vs);
        // A Join may be sent again by anyone. An old one must not push aside the one that waits.
        bytes32 waiting = joinKeyOf[seat];
        if (waiting != 0 && msg.sender != ENIGMA.seat(seat).operator) revert JoinWaits(seat, waiting);

        joinKeyOf[seat] = joinKey;
        emit JoinRequested(seat, joinKey, r, vs);
    }

    function grantKey(
        uint256 seat,
        uint256 donorSeat,
        bytes32 joinKey,
        uint32 generation_,
        bytes calldata ciphertext,
        bytes32 r,
        bytes32 vs
    ) external {
        RegistryState memory s = _state;
        _requireGrantable(s, generation_);
        if (joinKey == 0 || joinKeyOf[seat] != joinKey) revert NoJoin(seat, joinKey);
        Seat joiner = _requireMayJoin(s, seat);
        // A seat whose signer holds it already needs no other: else nothing would revive a network whose seats have all ended.
        Seat donor =
            donorSeat == seat ? _requireHeldBy(joiner, seat, generation_) : _requireHolder(donorSeat, generation_);
        bytes32 ciphertextHash = Receipts.hash(ciphertext);
        bytes32 message = KeyMessages.grant(_networkOf(s, donor), seat, joinKey, generation_, ciphertextHash);
        KeyMessages.requireSigned(DOMAIN, message, donor.signer(), r, vs);

        joinKeyOf[seat] = 0;
        _noteHolder(s, joiner, generation_);
        emit KeyGranted(seat, donorSeat, generation_, joinKey, ciphertext);
        ENIGMA.markSeatGranted(seat, donorSeat);
    }

    /// @dev The last final one, or the open one once there is something to compare it with.
    function _requireGrantable(RegistryState memory s, uint32 number) private view {
        bool isOpen = number == s.openGeneration && number != s.generation;
        if (isOpen && _generations[number].commitment == 0) revert NotCommitted(number);
        if (number == 0 || !isOpen && number != s.generation) revert InvalidGeneration(number);
    }

    /// @dev Who was given a later one keeps that: grants may arrive in any order.
    function _noteHolder(RegistryState memory s, Seat holder, uint32 number) private {
        address signer = holder.signer();
        if (heldBy[signer] < number) heldBy[signer] = number;
        uint32 heldMask = s.heldMask | uint32(1 << holder.measurementId());
        if (heldMask != s.heldMask) _state.heldMask = heldMask;
    }

    /// @dev It may be taken before it is live: then it waits for this. But it must not have ended.
    function _requireMayJoin(RegistryState memory s, uint256 seat) private view returns (Seat joiner) {
        uint256 current;
        (joiner, current) = _requireAdmitted(seat);
        if (joiner.exitEpoch() <= current) revert SeatCannotHold(seat);
        _requireUnfrozen(s, seat, joiner.signer());
    }

    function _requireUnfrozen(RegistryState memory s, uint256 seat, address signer) private view {
        if (s.isFrozen && heldBy[signer] == 0) revert Frozen(seat);
    }

    function _requireHolder(uint256 seat, uint32 number) private view returns (Seat) {
        (Seat live,) = _requireLive(seat);
        return _requireHeldBy(live, seat, number);
    }

    function _requireHeldBy(Seat holder, uint256 seat, uint32 number) private view returns (Seat) {
        if (heldBy[holder.signer()] < number) revert NotAHolder(seat, number);
        return holder;
    }

    /// @dev In the current epoch, whether or not that has a seed yet.
    function _requireLive(uint256 seat) private view returns (Seat live, uint256 current) {
        (live, current) = _requireAdmitted(seat);
        bool isLive = live.activeEpoch() <= current && current < live.exitEpoch();
        if (!isLive) revert SeatCannotHold(seat);
    }

    /// @dev A seat that was never taken has ended in epoch 0.
    function _requireAdmitted(uint256 seat) private view returns (Seat, uint256 current) {
        uint256 word;
        bool isRevoked;
        (word, isRevoked, current) = ENIGMA.seatWord(seat);
        if (isRevoked) revert SeatCannotHold(seat);
        return (Seat.wrap(word), current);
    }

    function _machineTag(uint256 seat) private view returns (uint24) {
        return ENIGMA.seat(seat).platformTag;
    }

    /* CONTRACT KEYS */

    function requestKey(address dApp) external {
        uint32 last = _state.generation;
        if (last == 0) revert NoSecretYet();
        bytes32 codeHash = dApp.codehash;
        if (codeHash == 0 || codeHash == EMPTY_CODE_HASH) revert NotAContract(dApp);
        _requireUnpublished(dApp, codeHash, last);
        emit KeyRequested(dApp, codeHash, last);
    }

    function publishKey(address dApp, bytes32 codeHash, uint32 generation_, bytes32 publicKey, bytes32 r, bytes32 vs)
        external
    {
        RegistryState memory s = _state;
        bool isInForce = generation_ != 0 && s.minGeneration <= generation_ && generation_ <= s.generation;
        if (!isInForce) revert InvalidGeneration(generation_);
        bytes32 place = _requireUnpublished(dApp, codeHash, generation_);
        bytes32 message = KeyMessages.contractKey(dApp, codeHash, generation_, publicKey);
        KeyMessages.requireSigned(DOMAIN, message, _generations[generation_].networkSigner, r, vs);

        _contractKeys[place] = publicKey;
        emit KeyPublished(dApp, codeHash, generation_, publicKey, r, vs);
    }

    function _requireUnpublished(address dApp, bytes32 codeHash, uint32 number) private view returns (bytes32 place) {
        place = _placeOf(dApp, codeHash, number);
        if (_contractKeys[place] != 0) revert KeyAlreadyPublished(dApp, codeHash, number);
    }

    function _placeOf(address dApp, bytes32 codeHash, uint32 number) private pure returns (bytes32) {
        return keccak256(abi.encode(dApp, codeHash, number));
    }

    /* VIEWS */

    function state() external view returns (RegistryState memory) {
        return _state;
    }

    function networkHashOf(uint8 measurementId) external view returns (bytes32) {
        return (_state.laterMask >> measurementId) & 1 == 0 ? NETWORK_HASH : _networkHashes[measurementId];
    }

    function generation(uint32 number) external view returns (Generation memory) {
        return _generations[number];
    }

    function contractKey(address dApp, bytes32 codeHash, uint32 generation_) external view returns (bytes32) {
        return _contractKeys[_placeOf(dApp, codeHash, generation_)];
    }
}
