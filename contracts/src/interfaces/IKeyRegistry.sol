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
    /// @param generation The generation's number, from 1 on.
    event GenerationOpened(uint32 indexed generation);
    /// @notice A seat made a secret. Until a second seat holds it, nothing uses it.
    /// @param generation The generation's number, from 1 on.
    /// @param seat The seat's index.
    /// @param commitment HKDF of the secret: docs/protocol/keys.md.
    /// @param networkSigner The address that signs dApps' keys.
    event GenerationCommitted(
        uint32 indexed generation, uint256 indexed seat, bytes32 commitment, address networkSigner
    );
    /// @notice A second seat holds the generation's secret: from this block on it is the one that seals.
    /// @param generation The generation's number, from 1 on.
    /// @param seat The seat's index.
    event GenerationFinal(uint32 indexed generation, uint256 indexed seat);
    /// @notice Generations below are neither handed on nor opened any more.
    /// @param minGeneration The least generation in force from now on.
    event MinGenerationRaised(uint32 minGeneration);
    /// @notice A seat asks for the secrets of all generations in force, sealed to `joinKey` (X25519).
    /// @param seat The seat's index.
    /// @param joinKey The X25519 key that secrets are sealed to.
    /// @param r First half of the seat's signature.
    /// @param vs Second half of the signature, as in EIP-2098.
    event JoinRequested(uint256 indexed seat, bytes32 joinKey, bytes32 r, bytes32 vs);
    /// @notice `seat` was given the secrets up to `generation`. The list of these is who holds what.
    /// @param seat Who was given them.
    /// @param donorSeat The seat that hands on the secret.
    /// @param generation The highest that was in it.
    /// @param joinKey The X25519 key that secrets are sealed to.
    /// @param ciphertext The secrets, sealed to the join key.
    event KeyGranted(
        uint256 indexed seat, uint256 indexed donorSeat, uint32 indexed generation, bytes32 joinKey, bytes ciphertext
    );
    /// @notice No seat joins that never held a generation, until false.
    /// @param frozen Whether they are frozen from now on.
    event JoinsFrozen(bool frozen);
    /// @notice There is another guardian from now on.
    /// @param guardian The new guardian; zero: none.
    event GuardianSet(address guardian);
    /// @notice A dApp's key is wanted.
    /// @param dApp The dApp's address.
    /// @param codeHash EXTCODEHASH of the dApp that the key is for.
    /// @param generation The generation's number, from 1 on.
    event KeyRequested(address indexed dApp, bytes32 indexed codeHash, uint32 indexed generation);
    /// @notice A dApp's key of this generation (X25519). `r` and `vs` are the network signer's.
    /// @param dApp The dApp's address.
    /// @param codeHash EXTCODEHASH of the dApp that the key is for.
    /// @param generation The generation's number, from 1 on.
    /// @param publicKey The X25519 key.
    /// @param r First half of the signature.
    /// @param vs Second half of the signature, as in EIP-2098.
    event KeyPublished(
        address indexed dApp,
        bytes32 indexed codeHash,
        uint32 indexed generation,
        bytes32 publicKey,
        bytes32 r,
        bytes32 vs
    );

    /* ERRORS */

    /// @notice Only the governor.
    /// @param caller Who called.
    error OnlyGovernor(address caller);
    /// @notice Only the guardian or the governor.
    /// @param caller Who called.
    error OnlyGuardian(address caller);
    /// @notice Only the Enigma contract.
    /// @param caller Who called.
    error OnlyEnigma(address caller);
    /// @notice No generation is open, or this one is not the open one.
    /// @param generation The one named.
    /// @param openGeneration The one that is open.
    error GenerationNotOpen(uint256 generation, uint256 openGeneration);
    /// @notice One generation at a time: the open one has to become final first.
    /// @param openGeneration The one that is open.
    error GenerationStillOpen(uint256 openGeneration);
    /// @notice A commitment stands until it found no second holder for one whole epoch.
    /// @param generation The generation's number, from 1 on.
    /// @param replaceableFromEpoch When another seat may commit.
    error CommitmentStands(uint256 generation, uint256 replaceableFromEpoch);
    /// @notice Commitment and network signer must both be given.
    error ZeroCommitment();
    /// @notice No commitment stands for this generation yet.
    /// @param generation The generation's number, from 1 on.
    error NotCommitted(uint256 generation);
    /// @notice The seat that committed cannot be its own second holder, nor can another seat of its signer or machine.
    /// @param seat The seat's index.
    error SameHolder(uint256 seat);
    /// @notice Another signed, or the signature is over something else.
    /// @param recovered Whom the signature is of.
    /// @param expected Who had to sign.
    error WrongSigner(address recovered, address expected);
    /// @notice The seat takes part in no epoch from now on, or its measurement is revoked; where it must commit, hold or grant, it
    /// takes part in the current epoch.
    /// @param seat The seat's index.
    error SeatCannotHold(uint256 seat);
    /// @notice This seat's signer neither committed to this generation, nor was it given it.
    /// @param seat The seat's index.
    /// @param generation The generation's number, from 1 on.
    error NotAHolder(uint256 seat, uint256 generation);
    /// @notice Joins are frozen, and this seat's signer never held a generation.
    /// @param seat The seat's index.
    error Frozen(uint256 seat);
    /// @notice The key to seal to must be given.
    error ZeroJoinKey();
    /// @notice The seat waits for a grant already: only its operator may have it wait under another key.
    /// @param seat The seat's index.
    /// @param joinKey The key that it waits under.
    error JoinWaits(uint256 seat, bytes32 joinKey);
    /// @notice The seat asked under another key, was served already, or never asked.
    /// @param seat The seat's index.
    /// @param joinKey The key that the grant was for.
    error NoJoin(uint256 seat, bytes32 joinKey);
    /// @notice Neither in force nor the one that is open.
    /// @param generation The number given.
    error InvalidGeneration(uint256 generation);
    /// @notice There is nothing to ask or to publish any more.
    /// @param dApp The dApp's address.
    /// @param codeHash EXTCODEHASH of the dApp that the key is for.
    /// @param generation The generation's number, from 1 on.
    error KeyAlreadyPublished(address dApp, bytes32 codeHash, uint256 generation);
    /// @notice No generation is final yet.
    error NoSecretYet();
    /// @notice Keys are for contracts.
    /// @param dApp The address named.
    error NotAContract(address dApp);

    /* GENERATIONS */

    /// @notice Asks for the next generation. The governor; or anyone once a measurement is revoked that held a secret.
    function openGeneration() external;

    /// @notice A live seat commits to the open generation's secret. Signed: `Commit(bytes32 networkHash,uint256 seat,
    /// uint32 generation,bytes32 commitment,address networkSigner)`, by the seat's signer.
    /// @param seat The seat's index.
    /// @param generation The generation's number, from 1 on.
    /// @param commitment HKDF of the secret: docs/protocol/keys.md.
    /// @param networkSigner The address that signs dApps' keys.
    /// @param r First half of the signature.
    /// @param vs Second half of the signature, as in EIP-2098.
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
    /// @param seat The seat's index.
    /// @param generation The generation's number, from 1 on.
    /// @param r First half of the signature.
    /// @param vs Second half of the signature, as in EIP-2098.
    function confirmHolder(uint256 seat, uint32 generation, bytes32 r, bytes32 vs) external;

    /// @notice Only the governor; only upwards, at most to the last final generation.
    /// @param minGeneration The least generation in force from now on.
    function raiseMinGeneration(uint32 minGeneration) external;

    /// @notice The guardian freezes, the governor freezes and ends it.
    /// @param frozen Whether they shall be frozen.
    function freezeJoins(bool frozen) external;

    /// @notice Another guardian, here and for the Enigma contract; zero: none. The governor alone.
    /// @param guardian The new guardian; zero: none.
    function setGuardian(address guardian) external;

    /// @notice Only Enigma: quotes are verified under this policy from now on.
    /// @param policyHash keccak256 of the ABI-encoded policy.
    function setPolicyHash(bytes32 policyHash) external;

    /// @notice Only Enigma: seats of this measurement belong to the network with this hash.
    /// @param measurementId The measurement's number, 0 to 31.
    /// @param networkHash The network's hash.
    function setNetworkHash(uint8 measurementId, bytes32 networkHash) external;

    /* HANDOFF */

    /// @notice Asks for the secrets. Signed: `Join(bytes32 networkHash,uint256 seat,bytes32 joinKey)`, by the seat's signer.
    /// @param seat The seat's index.
    /// @param joinKey The X25519 key that secrets are sealed to.
    /// @param r First half of the signature.
    /// @param vs Second half of the signature, as in EIP-2098.
    function requestJoin(uint256 seat, bytes32 joinKey, bytes32 r, bytes32 vs) external;

    /**
     * @notice Gives them. Signed: `Grant(bytes32 networkHash,uint256 seat,bytes32 joinKey,uint32 generation,
     * bytes32 ciphertextHash)`, by the donor seat's signer. The first grant to a seat pays its join fee to the donor, and makes it
     * live from the current epoch + 2 where it waited for that. A seat whose signer holds the generation already, from a seat before,
     * may be its own donor; any other donor is live.
     * @param generation The highest that is in it: the last final one, or the open one once it has a commitment.
     * @param seat Who is given them.
     * @param donorSeat The seat that hands on the secret.
     * @param joinKey The X25519 key that secrets are sealed to.
     * @param ciphertext The secrets, sealed to the join key.
     * @param r First half of the signature.
     * @param vs Second half of the signature, as in EIP-2098.
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
    /// @param dApp The dApp's address.
    function requestKey(address dApp) external;

    /// @notice Publishes it. Signed: `ContractKey(address dApp,bytes32 codeHash,uint32 generation,bytes32 publicKey)`, by the
    /// generation's network signer.
    /// @param dApp The dApp's address.
    /// @param codeHash EXTCODEHASH of the dApp that the key is for.
    /// @param generation The generation's number, from 1 on.
    /// @param publicKey The X25519 key.
    /// @param r First half of the signature.
    /// @param vs Second half of the signature, as in EIP-2098.
    function publishKey(address dApp, bytes32 codeHash, uint32 generation, bytes32 publicKey, bytes32 r, bytes32 vs)
        external;

    /* VIEWS */

    /// @notice The Enigma contract.
    /// @return Its address.
    function enigma() external view returns (address);
    /// @notice May what the guardian may, opens generations, raises the least one, ends a freeze. Zero: nobody.
    /// @return The governor.
    function governor() external view returns (address);
    /// @notice Revokes measurements (`IEnigma.revokeMeasurement`) and freezes joins, at once. Zero: nobody.
    /// @return The guardian.
    function guardian() external view returns (address);
    /// @notice The networkHash under which seats of this measurement sign and are attested.
    /// @param measurementId The measurement's number, 0 to 31.
    /// @return The hash.
    function networkHashOf(uint8 measurementId) external view returns (bytes32);
    /// @notice How far the network is.
    /// @return How far it is.
    function state() external view returns (RegistryState memory);
    /// @notice What stands of one generation.
    /// @param number The generation's, from 1 on.
    /// @return All zero where there is none.
    function generation(uint32 number) external view returns (Generation memory);
    /// @notice The key that the seat asked under and was not served yet; zero if none.
    /// @param seat The seat's index.
    /// @return X25519.
    function joinKeyOf(uint256 seat) external view returns (bytes32);
    /// @notice The last generation that this signer committed to or was given; 0 if none.
    /// @param signer A seat's signer.
    /// @return The generation's number.
    function heldBy(address signer) external view returns (uint32);
    /// @notice A dApp's X25519 public key; zero until it is published.
    /// @param dApp The dApp's address.
    /// @param codeHash EXTCODEHASH of the dApp that the key is for.
    /// @param generation The generation's number, from 1 on.
    /// @return The key.
    function contractKey(address dApp, bytes32 codeHash, uint32 generation) external view returns (bytes32);
    /// @notice keccak256 of the attestation verifier's ABI-encoded policy: donors hold joiners' quotes against it.
    /// @return The hash.
    function policyHash() external view returns (bytes32);
}
