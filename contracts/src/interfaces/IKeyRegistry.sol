// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;


/// @notice Who may change what nobody else may.
struct Governance {
    /// Opens generations, raises the least one, ends a freeze. Zero: nobody.
    address governor;
    /// Revokes measurements and freezes joins, at once. Zero: nobody.
    address guardian;
}

/// @notice What stands on chain of a generation's secret.
struct Generation {
    /// HKDF of the secret: docs/protocol/keys.md. Zero until a seat commits.
    bytes32 commitment;
    /// Its address signs `ContractKey`.
    address networkSigner;
    /// The seat that committed.
    uint32 seat;
    /// Epoch of the commitment.
    uint32 epoch;
}

/// @notice How far the network is.
struct RegistryState {
    /// The last final generation; 0 before the first.
    uint32 generation;
    /// What lies below is neither handed on nor opened.
    uint32 minGeneration;
    /// The one that a commitment is wanted or awaited for, `generation` + 1; equal to `generation` if none is.
    uint32 openGeneration;
    bool isFrozen;
    /// Bit i: a seat of measurement i made a secret or was given one.
    uint32 heldMask;
    /// Bit i: a generation was opened because measurement i had been revoked.
    uint32 rotatedMask;
    /// Bit i: seats of measurement i belong to a network with later observers than the first.
    uint32 laterMask;
}

/**
 * @title What the chain knows of the network secret
 * @notice Generations and their commitments, who was given them, and the public keys of dApps that follow from them. Enigma's
 * constructor creates it, as its first contract. All signatures are EIP-712 in Enigma's domain, in EIP-2098's form, and may be
 * relayed by anyone. Their networkHash is that of the seat that signs: `networkHashOf`.
 */
interface IKeyRegistry {
    /* EVENTS */

    /// @notice A secret is wanted for `generation`: any seat may commit to one.
    event GenerationOpened(uint32 indexed generation);
    /// @notice A seat made a secret. Until a second seat holds it, nothing uses it.
    event GenerationCommitted(
        uint32 indexed generation, uint256 indexed seat, bytes32 commitment, address networkSigner
    );
    /// @notice A second seat holds the generation's secret: from this block on it is the one that seals.
    event GenerationFinal(uint32 indexed generation, uint256 indexed seat);
    event MinGenerationRaised(uint32 minGeneration);
    /// @notice A seat asks for the secrets of all generations in force, sealed to `joinKey` (X25519).
    event JoinRequested(uint256 indexed seat, bytes32 joinKey, bytes32 r, bytes32 vs);
    /// @notice `seat` was given the secrets up to `generation`. The list of these is who holds what.
    event KeyGranted(
        uint256 indexed seat, uint256 indexed donorSeat, uint32 indexed generation, bytes32 joinKey, bytes ciphertext
    );
    /// @notice No seat joins that never held a generation, until false.
    event JoinsFrozen(bool frozen);
    event GuardianSet(address guardian);
    /// @notice A dApp's key is wanted.
    event KeyRequested(address indexed dApp, bytes32 indexed codeHash, uint32 indexed generation);
    /// @notice A dApp's key of this generation (X25519). `r` and `vs` are the network signer's.
    event KeyPublished(
        address indexed dApp,
        bytes32 indexed codeHash,
        uint32 indexed generation,
        bytes32 publicKey,
        bytes32 r,
        bytes32 vs
    );

    /* ERRORS */

    error OnlyGovernor(address caller);
    error OnlyGuardian(address caller);
    error OnlyEnigma(address caller);
    /// @notice No generation is open, or this one is not the open one.
    error GenerationNotOpen(uint256 generation, uint256 openGeneration);
    /// @notice One generation at a time: the open one has to become final first.
    error GenerationStillOpen(uint256 openGeneration);
    /// @notice A commitment stands until it found no second holder for one whole epoch.
    error CommitmentStands(uint256 generation, uint256 replaceableFromEpoch);
    /// @notice Commitment and network signer must both be given.
    error ZeroCommitment();
    /// @notice No commitment stands for this generation yet.
    error NotCommitted(uint256 generation);
    /// @notice The seat that committed cannot be its own second holder, nor can another seat of its signer or machine.
    error SameHolder(uint256 seat);
    error WrongSigner(address recovered, address expected);
    /// @notice The seat takes part in no epoch from now on, or its measurement is revoked; where it must commit, hold or grant, it
    /// takes part in the current epoch.
    error SeatCannotHold(uint256 seat);
    /// @notice This seat's signer neither committed to this generation, nor was it given it.
    error NotAHolder(uint256 seat, uint256 generation);
    /// @notice Joins are frozen, and this seat's signer never held a generation.
    error Frozen(uint256 seat);
    error ZeroJoinKey();
    /// @notice The seat waits for a grant already: only its operator may have it wait under another key.
    error JoinWaits(uint256 seat, bytes32 joinKey);
    /// @notice The seat asked under another key, was served already, or never asked.
    error NoJoin(uint256 seat, bytes32 joinKey);
    /// @notice Neither in force nor the one that is open.
    error InvalidGeneration(uint256 generation);
    error KeyAlreadyPublished(address dApp, bytes32 codeHash, uint256 generation);
    error NoSecretYet();
    error NotAContract(address dApp);

    /* GENERATIONS */

    /// @notice Asks for the next generation. The governor; or anyone once a measurement is revoked that held a secret.
    function openGeneration() external;

    /// @notice A live seat commits to the open generation's secret. Signed: `Commit(bytes32 networkHash,uint256 seat,
    /// uint32 generation,bytes32 commitment,address networkSigner)`, by the seat's signer.
    function commitGeneration(
        uint256 seat,
        uint32 generation,
        bytes32 commitment,
        address networkSigner,
        bytes32 r,
        bytes32 vs
    ) external;

    /// @notice A second seat was given the open generation's secret and holds it: now it is final. Both seats are live. Signed: `Holds(bytes32 networkHash,
    /// uint32 generation,bytes32 commitment)`, by that seat's signer.
    function confirmHolder(uint256 seat, uint32 generation, bytes32 r, bytes32 vs) external;

    /// @notice Only the governor; only upwards, at most to the last final generation.
    function raiseMinGeneration(uint32 minGeneration) external;

    /// @notice The guardian freezes, the governor freezes and ends it.
    function freezeJoins(bool frozen) external;

    /// @notice Another guardian, here and for the Enigma contract; zero: none. The governor alone.
    function setGuardian(address guardian) external;

    /// @notice Only Enigma: quotes are verified under this policy from now on.
    function setPolicyHash(bytes32 policyHash) external;

    /// @notice Only Enigma: seats of this measurement belong to the network with this hash.
    function setNetworkHash(uint8 measurementId, bytes32 networkHash) external;

    /* HANDOFF */

    /// @notice Asks for the secrets. Signed: `Join(bytes32 networkHash,uint256 seat,bytes32 joinKey)`, by the seat's signer.
    function requestJoin(uint256 seat, bytes32 joinKey, bytes32 r, bytes32 vs) external;

    /**
     * @notice Gives them. Signed: `Grant(bytes32 networkHash,uint256 seat,bytes32 joinKey,uint32 generation,
     * bytes32 ciphertextHash)`, by the donor seat's signer. The first grant to a seat pays its join fee to the donor, and makes it
     * live from the current epoch + 2 where it waited for that. A seat whose signer holds the generation already, from a seat before,
     * may be its own donor; any other donor is live.
     * @param generation The highest that is in it: the last final one, or the open one once it has a commitment.
     */
    function grantKey(
        uint256 seat,
        uint256 donorSeat,
        bytes32 joinKey,
        uint32 generation,
        bytes calldata ciphertext,
        bytes32 r,
        bytes32 vs
    ) external;

    /* CONTRACT KEYS */

    /// @notice Asks for a dApp's key of the last final generation, by its code of now. Anyone, once.
    function requestKey(address dApp) external;

    /// @notice Publishes it. Signed: `ContractKey(address dApp,bytes32 codeHash,uint32 generation,bytes32 publicKey)`, by the
    /// generation's network signer.
    function publishKey(address dApp, bytes32 codeHash, uint32 generation, bytes32 publicKey, bytes32 r, bytes32 vs)
        external;

    /* VIEWS */

    function enigma() external view returns (address);
    /// @notice May what the guardian may, opens generations, raises the least one, ends a freeze. Zero: nobody.
    function governor() external view returns (address);
    /// @notice Revokes measurements (`IEnigma.revokeMeasurement`) and freezes joins, at once. Zero: nobody.
    function guardian() external view returns (address);
    /// @notice The networkHash under which seats of this measurement sign and are attested.
    function networkHashOf(uint8 measurementId) external view returns (bytes32);
    function state() external view returns (RegistryState memory);
    function generation(uint32 number) external view returns (Generation memory);
    /// @notice The key that the seat asked under and was not served yet; zero if none.
    function joinKeyOf(uint256 seat) external view returns (bytes32);
    /// @notice The last generation that this signer committed to or was given; 0 if none.
    function heldBy(address signer) external view returns (uint32);
    /// @notice A dApp's X25519 public key; zero until it is published.
    function contractKey(address dApp, bytes32 codeHash, uint32 generation) external view returns (bytes32);
    /// @notice keccak256 of the attestation verifier's ABI-encoded policy: donors hold joiners' quotes against it.
    function policyHash() external view returns (bytes32);
}
